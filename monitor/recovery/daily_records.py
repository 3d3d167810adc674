"""Rebuilt midnights beside what the exchange itself recorded at the end of those days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import ZERO
from finance.observed import DailyBalances
from monitor.recovery.filling import Rebuilder
from monitor.recovery.store.rebuilt import load_held_elsewhere, load_rebuilt_holdings
from monitor.snapshots.cross_checks import CrossCheck, check_day

LONGEST = timedelta(days=29)
SECOND = timedelta(seconds=1)


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


async def compare_days(work: Rebuilder, since: datetime) -> Compared:
    """Compare rebuilt midnights since `since` with the exchange's records of the spot wallet. Raises ExchangeError.

    Only coins that the account holds nowhere else: what is rebuilt is not told apart by wallets.
    """
    since = max(since, work.now - LONGEST)
    days = await work.client.open_account(work.account).fetch_daily_balances(since, work.now)
    elsewhere = load_held_elsewhere(work.db, work.account.id, {day.wallet for day in days})
    compared, largest, largest_at = 0, None, None
    for day in days:
        hour = (day.at + SECOND).replace(minute=0, second=0, microsecond=0)
        checks = _check(work, day, hour, elsewhere)
        compared += checks is not None
        for check in checks or ():
            if check.ours != check.theirs and (largest is None or abs(check.difference) > abs(largest.difference)):
                largest, largest_at = check, hour
    return Compared(days=compared, largest=largest, at=largest_at)


def _check(
    work: Rebuilder, day: DailyBalances, hour: datetime, elsewhere: frozenset[str]
) -> tuple[CrossCheck, ...] | None:
    held = load_rebuilt_holdings(work.db, work.account.id, hour)
    if not held:
        return None
    ours: dict[str, Decimal] = {asset: quantity for asset, quantity, _ in held if asset not in elsewhere}
    prices = {asset: price or ZERO for asset, _, price in held}
    return check_day(ours, [balance for balance in day.balances if balance.asset not in elsewhere], prices)
