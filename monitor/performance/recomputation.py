"""History computed again: after a benchmark was added, where figures differed, where they are marked, and of disabled
accounts whose withdrawals have their fees elsewhere by now.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from finance.moments import hour_of
from finance.portfolios import is_portfolio
from monitor.accounts.client import AccountRun, ExchangeClient, TrackedAccount
from monitor.accounts.store.portfolios import load_exchange
from monitor.database.containment import gathered
from monitor.database.runs import record_log
from monitor.errors import MonitorError
from monitor.ledger.store.unsettled import DisabledAccount, load_disabled_with_fees
from monitor.market.known_prices import Fetched
from monitor.market.missing_prices import with_prices
from monitor.performance.changes import take_recomputation
from monitor.performance.derivation import derive_again, derive_changes
from monitor.performance.portfolio_hours import PortfolioRun, update_portfolio
from monitor.performance.store.changes import load_marked_accounts
from monitor.performance.withdrawal_fees import turn_fees_of_disabled
from sql.rows import Db
from sql.vault import NOBODY

DOING = "Computing figures again"
TURNING = "Placing the fees of withdrawals of disabled accounts"


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
    """Compute one account again; what the exchange can't answer now is logged and waits."""

    def write(fetched: Fetched) -> None:
        derive_changes(db, account_id, fetched, take_recomputation(db, account_id), at=now, run_id=run_id)

    try:
        await with_prices(db, client.at(load_exchange(db, account_id) or client.exchange), None, write)
    except MonitorError as failure:
        message = f"Figures that are out of date could not be computed again yet: {failure}"
        record_log(db, at=now, level="warning", message=message, run_id=run_id, account_id=account_id)


async def turn_disabled_accounts(db: Db, client: ExchangeClient, run_id: int, now: datetime) -> tuple[str, ...]:
    """Let fees of withdrawals be where the settings say in accounts that are not read. Returns what broke, in words."""
    broken: list[str] = []
    disabled: Sequence[DisabledAccount] = ()
    with gathered(TURNING, broken):
        disabled = load_disabled_with_fees(db)
    for account in disabled:
        with gathered(TURNING, broken):
            await _turn(db, client, account, run_id, now)
    return tuple(broken)


async def _turn(db: Db, client: ExchangeClient, account: DisabledAccount, run_id: int, now: datetime) -> None:
    """What the exchange can't answer now is logged and waits."""
    own = client.at(account.exchange)
    tracked = TrackedAccount(
        id=account.id,
        label=account.label,
        exchange=account.exchange,
        credentials=NOBODY,
        withdrawal_fee=own.withdrawal_fee,
    )
    run = AccountRun(db=db, client=own, account=tracked, now=now, hour=hour_of(now), run_id=run_id)

    def write(fetched: Fetched) -> None:
        derive_changes(db, account.id, fetched, turn_fees_of_disabled(run), at=now, run_id=run_id)

    try:
        await with_prices(db, own, None, write)
    except MonitorError as failure:
        run.log("warning", f"{TURNING} is not done yet: {failure}")


async def recompute_history(
    db: Db, client: ExchangeClient, account_ids: Iterable[int], since: datetime, now: datetime
) -> None:
    """Units, benchmarks and flow values of `account_ids` from `since` on, each account in a transaction of its own.

    Prices and fills that nobody has looked up yet are fetched. Raises ExchangeError when they can't be, and MonitorError
    when a benchmark's asset has no price at a time that needs one.
    """
    for account_id in account_ids:

        def write(fetched: Fetched, account: int = account_id) -> None:
            if is_portfolio(account):
                update_portfolio(db, account, fetched, PortfolioRun(at=now), since=since)
            else:
                derive_again(db, account, fetched, since=since)

        exchange = None if is_portfolio(account_id) else load_exchange(db, account_id)
        await with_prices(db, client.at(exchange or client.exchange), None, write)
