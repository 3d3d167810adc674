"""What `verify --recompute` and `trades rebuild` do alike: histories derived again from what is stored, and their trades grouped."""

from collections.abc import Iterable
from datetime import datetime

from finance.moments import EPOCH
from monitor.accounts.opening import find_first_exchange, using_client
from monitor.performance.recomputation import recompute_history
from monitor.settings import Settings
from monitor.trading.groups import group_all
from sql.rows import Db


async def recompute_accounts(db: Db, settings: Settings, account_ids: Iterable[int], now: datetime) -> None:
    """The whole histories of accounts and portfolios, these after their accounts. Prices that nobody has looked up are fetched."""
    async with using_client(settings, find_first_exchange(db)) as client:
        await recompute_history(db, client, account_ids, EPOCH, now)


def regroup(db: Db, settings: Settings) -> None:
    """Group the orders of all trades that are marked."""
    while group_all(db, settings.order_names):
        pass
