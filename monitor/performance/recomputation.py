"""History computed again: after a benchmark was added, where figures differed, and where they are marked."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from monitor.accounts.client import ExchangeClient
from monitor.accounts.store.portfolios import is_portfolio
from monitor.database import Db
from monitor.database.containment import gathered
from monitor.database.runs import record_log
from monitor.errors import MonitorError
from monitor.market.price_rounds import fetch_needed
from monitor.market.scope import PricesNeeded, Scope
from monitor.performance.booking import recompute
from monitor.performance.combined import Telling, update_combined
from monitor.performance.derivation import derive_again, derive_history
from monitor.performance.store.changes import record_history_change
from monitor.performance.store.recomputations import load_marked_accounts

DOING = "Computing figures again"


async def complete_recomputations(db: Db, client: ExchangeClient, run_id: int, now: datetime) -> tuple[str, ...]:
    """Compute again what is still marked of accounts, before portfolios. Returns what broke, in words."""
    broken: list[str] = []
    marked: Sequence[int] = ()
    with gathered(DOING, broken):
        marked = load_marked_accounts(db)
    for account_id in marked:
        if not is_portfolio(account_id):
            with gathered(DOING, broken):
                await _complete(db, client, account_id, run_id, now)
    return tuple(broken)


async def _complete(db: Db, client: ExchangeClient, account_id: int, run_id: int, now: datetime) -> None:
    """Compute one account again; what the exchange can't tell now is logged and waits."""

    def write(scope: Scope) -> None:
        for change in recompute(db, scope.account_id):
            derive_history(db, scope, since=change.at)
            record_history_change(db, scope.account_id, since=change.at, reason=change.reason, at=now, run_id=run_id)

    try:
        await write_each(db, client, [account_id], write)
    except MonitorError as failure:
        message = f"Figures that are out of date could not be computed again yet: {failure}"
        record_log(db, at=now, level="warning", message=message, run_id=run_id, account_id=account_id)


async def recompute_history(
    db: Db, client: ExchangeClient, account_ids: Iterable[int], since: datetime, now: datetime
) -> None:
    """Units, benchmarks and flow values of `account_ids` from `since` on, each account in a transaction of its own.

    Prices and fills that nobody has looked up yet are fetched. Raises ExchangeError when they can't be, and MonitorError
    when a benchmark's asset has no price at a time that needs one.
    """

    def write(scope: Scope) -> None:
        if is_portfolio(scope.account_id):
            update_combined(db, scope, Telling(at=now), since=since)
        else:
            derive_again(db, scope, since=since)

    await write_each(db, client, account_ids, write)


async def write_each(
    db: Db, client: ExchangeClient, account_ids: Iterable[int], write: Callable[[Scope], None]
) -> None:
    """Do `write` for each account or portfolio in a transaction, again with the prices and fills it asks for.

    Raises ExchangeError when they can't be fetched, and whatever `write` raises.
    """
    ticker = None
    for account_id in account_ids:
        scope = Scope(account_id=account_id, exchange=client.exchange, fetched={})
        while missing := _try(db, scope, write):
            ticker = ticker or await client.market.fetch_ticker()
            await fetch_needed(db, client, ticker, scope, missing)


def _try(db: Db, scope: Scope, write: Callable[[Scope], None]) -> PricesNeeded | None:
    try:
        with db.transaction():
            write(scope)
    except PricesNeeded as needed:
        return needed
    return None
