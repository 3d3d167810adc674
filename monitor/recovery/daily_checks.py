"""Once a day: what the exchange recorded at midnight beside our own midnight hours.

Never in the way of the hour, and dear: 2,400 of 12,000 a minute, so it is a few accounts' turn in each run. Days that
were missed are compared with the next ones.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from finance.observed import DailyBalances
from finance.valuation import sum_quantities
from monitor.accounts.client import ExchangeClient
from monitor.accounts.registry import TrackedAccount
from monitor.database import Db
from monitor.database.runs import record_log, record_pause
from monitor.errors import ExchangeError, ExchangePaused
from monitor.ledger.store.entries import load_flows_between
from monitor.ledger.store.events import load_moves
from monitor.snapshots.cross_checks import check_day
from monitor.snapshots.store.cross_checks import load_days_asked, load_wallet_at, record_cross_checks, record_days_asked

FIRST_HOUR = 6  # UTC: by then the exchange has written the day down
LONGEST = timedelta(days=29)
MOST_ACCOUNTS = 3  # of a run: within a minute's weight, and 54 a day
SECOND = timedelta(seconds=1)


async def check_days(
    db: Db, client: ExchangeClient, accounts: Iterable[TrackedAccount], run_id: int, now: datetime
) -> None:
    """Compare the days since the last comparison of those whose today's has not been made. Raises no ExchangeError."""
    due = [account for account in accounts if _is_due(load_days_asked(db, account.id), now)]
    for account in due[:MOST_ACCOUNTS]:
        await _check_account(db, client, account, run_id, now)


def _is_due(asked: datetime | None, now: datetime) -> bool:
    return now.hour >= FIRST_HOUR and (asked is None or asked.date() != now.date())


async def _check_account(db: Db, client: ExchangeClient, account: TrackedAccount, run_id: int, now: datetime) -> None:
    asked = load_days_asked(db, account.id)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = max(asked, now - LONGEST) if asked else midnight - timedelta(days=1)
    try:
        days = await client.open_account(account).fetch_daily_balances(since, now)
    except ExchangeError as failure:
        message = f"The exchange's daily records could not be compared: {failure}"
        record_log(db, at=now, level="warning", message=message, run_id=run_id, account_id=account.id)
        if isinstance(failure, ExchangePaused):
            record_pause(db, client.exchange, failure)
        return
    with db.transaction():
        for day in days:
            _record_day(db, account.id, day, run_id, now)
        record_days_asked(db, account.id, now)


def _record_day(db: Db, account_id: int, day: DailyBalances, run_id: int, now: datetime) -> None:
    midnight = day.at + SECOND
    hour = midnight.replace(minute=0, second=0, microsecond=0)
    held = load_wallet_at(db, account_id, day.wallet, hour)
    if held is None:
        return
    since = _sum_since(db, account_id, midnight, held.taken_at)
    quantities = sum_quantities([*held.quantities.items(), *((asset, -moved) for asset, moved in since.items())])
    checks = check_day(quantities, day.balances, held.prices)
    record_cross_checks(db, account_id, hour, checks, run_id=run_id, now=now)


def _sum_since(db: Db, account_id: int, midnight: datetime, taken_at: datetime) -> dict[str, Decimal]:
    """What is known to have come and gone between the exchange's record and our reading, minutes later."""
    flows = [(entry.asset, entry.quantity) for entry in load_flows_between(db, [account_id], midnight, taken_at)]
    moves = [(move.asset, move.quantity) for move in load_moves(db, account_id, midnight, taken_at)]
    return sum_quantities([*flows, *moves])
