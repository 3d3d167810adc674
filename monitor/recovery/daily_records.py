"""What the exchange itself recorded at the end of days, beside our own midnights: once a day, and of rebuilt hours.

Never in the way of the hour, and dear: 2,400 of 12,000 a minute, so it is a few accounts' turn in each run. Days that
were missed are compared with the next ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import ZERO
from finance.moments import SECOND, hour_of
from finance.observed import DailyBalances
from finance.valuation import sum_quantities
from monitor.accounts.account_run import AccountRun
from monitor.errors import ExchangeError
from monitor.ledger.store.entries import load_flows_between
from monitor.ledger.store.events import load_moves
from monitor.recovery.store.reconstructed_hours import load_held_elsewhere, load_reconstructed_holdings
from monitor.snapshots.cross_checks import CrossCheck, check_day
from monitor.snapshots.store.cross_checks import load_days_asked, load_wallet_at, record_cross_checks, record_days_asked
from sql.rows import Db

FIRST_HOUR = 6  # UTC: by then the exchange has written the day down
LONGEST = timedelta(days=29)
MOST_ACCOUNTS = 3  # of a run: within a minute's weight, and 54 a day


async def check_days(runs: Sequence[AccountRun], now: datetime) -> None:
    """Compare the days since the last comparison of those whose today's has not been made. Raises no ExchangeError."""
    due = [run for run in runs if _is_due(load_days_asked(run.db, run.account_id), now)]
    for run in due[:MOST_ACCOUNTS]:
        await _check_account(replace(run, now=now))


def _is_due(asked: datetime | None, now: datetime) -> bool:
    return now.hour >= FIRST_HOUR and (asked is None or asked.date() != now.date())


async def _check_account(run: AccountRun) -> None:
    asked = load_days_asked(run.db, run.account_id)
    midnight = run.now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = max(asked, run.now - LONGEST) if asked else midnight - timedelta(days=1)
    try:
        days = await run.connect().fetch_daily_balances(since, run.now)
    except ExchangeError as failure:
        run.log("warning", f"The exchange's daily records could not be compared: {failure}")
        run.note_pause(failure)
        return
    with run.db.transaction():
        for day in days:
            _record_day(run, day)
        record_days_asked(run.db, run.account_id, run.now)


def _record_day(run: AccountRun, day: DailyBalances) -> None:
    midnight = day.at + SECOND
    hour = hour_of(midnight)
    held = load_wallet_at(run.db, run.account_id, day.wallet, hour)
    if held is None:
        return
    since = _sum_since(run.db, run.account_id, midnight, held.taken_at)
    quantities = sum_quantities([*held.quantities.items(), *((asset, -moved) for asset, moved in since.items())])
    checks = check_day(quantities, day.balances, held.prices)
    record_cross_checks(run.db, run.account_id, hour, checks, run_id=run.run_id, now=run.now)


def _sum_since(db: Db, account_id: int, midnight: datetime, taken_at: datetime) -> dict[str, Decimal]:
    """What is known to have come and gone between the exchange's record and our reading, minutes later."""
    flows = [(entry.asset, entry.quantity) for entry in load_flows_between(db, [account_id], midnight, taken_at)]
    moves = [(move.asset, move.quantity) for move in load_moves(db, account_id, midnight, taken_at)]
    return sum_quantities([*flows, *moves])


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How many midnights were compared, and where they differ most."""

    days: int
    largest: CrossCheck | None = None
    at: datetime | None = None

    def __str__(self) -> str:
        """In words."""
        if not self.days:
            return "the exchange has no daily records of that time"
        if self.largest is None or self.at is None:
            return f"{self.days} days agree with the exchange's own daily records"
        one = self.largest
        return (
            f"{self.days} days beside the exchange's own daily records: the largest difference is {one.subject} at "
            f"{self.at:%Y-%m-%d}, {one.ours.normalize():f} rebuilt and {one.theirs.normalize():f} recorded, "
            f"{one.difference:+,.2f} USDT"
        )


async def compare_days(run: AccountRun, since: datetime) -> Compared:
    """Compare rebuilt midnights since `since` with the exchange's records of the spot wallet. Raises ExchangeError.

    Only coins that the account holds nowhere else: what is rebuilt is not divided by wallets.
    """
    since = max(since, run.now - LONGEST)
    days = await run.connect().fetch_daily_balances(since, run.now)
    elsewhere = load_held_elsewhere(run.db, run.account_id, {day.wallet for day in days})
    compared, largest, largest_at = 0, None, None
    for day in days:
        hour = hour_of(day.at + SECOND)
        checks = _check(run, day, hour, elsewhere)
        compared += checks is not None
        for check in checks or ():
            if check.ours != check.theirs and (largest is None or abs(check.difference) > abs(largest.difference)):
                largest, largest_at = check, hour
    return Compared(days=compared, largest=largest, at=largest_at)


def _check(
    run: AccountRun, day: DailyBalances, hour: datetime, elsewhere: frozenset[str]
) -> tuple[CrossCheck, ...] | None:
    held = load_reconstructed_holdings(run.db, run.account_id, hour)
    if not held:
        return None
    ours: dict[str, Decimal] = {one.asset: one.quantity for one in held if one.asset not in elsewhere}
    prices = {one.asset: one.price or ZERO for one in held}
    return check_day(ours, [balance for balance in day.balances if balance.asset not in elsewhere], prices)
