"""What the exchange itself recorded at the end of days, beside our own midnights: once a day, and of rebuilt hours.

Never in the way of the hour, and dear: 2,400 of 12,000 a minute, so it is a few accounts' turn in each run. Days that
were missed are compared with the next ones.

Something may come or go that no history shows: these records say on which day. Then that day stays open and the rest of
an outage can be rebuilt, backwards to it and, without what came, before it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from finance.attribution.hour import SMALLEST_UNIT
from finance.decimals import ZERO, exact
from finance.flow_values import Move
from finance.moments import SECOND, hour_of
from finance.observed import DailyBalances
from finance.valuation import sum_quantities
from monitor.accounts.client import AccountRun
from monitor.errors import ExchangeError, ExchangePaused
from monitor.ledger.store.entries import load_flows_between
from monitor.ledger.store.events import load_moves
from monitor.recovery.reconstruction import Quantities
from monitor.recovery.store.reconstructed_hours import load_held_elsewhere, load_reconstructed_holdings
from monitor.snapshots.cross_checks import CrossCheck, check_day
from monitor.snapshots.store.cross_checks import load_days_asked, load_wallet_at, record_cross_checks, record_days_asked
from sql.rows import Db

FIRST_HOUR = 6  # UTC: by then the exchange has written the day down
LONGEST = timedelta(days=29)
MOST_ACCOUNTS = 3  # of a run: within a minute's weight, and 54 a day
RESOLUTION = timedelta(microseconds=1)
Span = tuple[datetime, datetime]
Reconstruct = Callable[[Sequence[datetime]], Mapping[datetime, Quantities]]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrecorded:
    """What came (+) or went (-) between two moments."""

    asset: str
    quantity: Decimal
    since: datetime
    until: datetime

    def holds(self, hour: datetime) -> bool:
        """Whether nobody knows if the account had it at `hour`."""
        return self.since < hour < self.until

    def move(self) -> Move:
        """As if it had come at once, or gone at last: nothing that was done with it in between contradicts it."""
        at = self.since if self.quantity > 0 else self.until - RESOLUTION
        return Move(at=at, asset=self.asset, quantity=self.quantity)

    def __str__(self) -> str:
        """In words."""
        return f"{self.quantity.normalize():+f} {self.asset} came or went on that day, which no history shows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Midnight:
    """What the exchange recorded at the end of a day, beside what was rebuilt without the unrecorded."""

    at: datetime
    recorded: Quantities
    reconstructed: Quantities


async def find_unrecorded(
    run: AccountRun, span: Span, unrecorded: Quantities, reconstruct: Reconstruct
) -> tuple[Unrecorded, ...]:
    """Between which midnights in `span` each of `unrecorded` came or went; nothing if no record shows it. Raises ExchangePaused.

    Only coins that the account holds in no other wallet than the recorded one can be compared.
    """
    since, until = span
    days = await _fetch_days(run, span) if since.date() < until.date() else ()
    elsewhere = load_held_elsewhere(run.db, run.account_id, {day.wallet for day in days})
    if not days or elsewhere & unrecorded.keys():
        return ()
    moments = [hour_of(day.at + SECOND) for day in days]
    reconstructed = reconstruct(moments)
    midnights = [
        Midnight(
            at=at,
            recorded={one.asset: one.quantity for one in day.balances if one.asset not in elsewhere},
            reconstructed={asset: held for asset, held in reconstructed[at].items() if asset not in elsewhere},
        )
        for at, day in zip(moments, days, strict=True)
    ]
    return bracket_unrecorded(unrecorded, midnights, span)


async def _fetch_days(run: AccountRun, span: Span) -> Sequence[DailyBalances]:
    try:
        days = await run.connect().fetch_daily_balances(*span)
    except ExchangePaused:
        raise
    except ExchangeError:
        return ()
    return [day for day in days if span[0] < day.at < span[1] - SECOND]


@exact
def bracket_unrecorded(unrecorded: Quantities, midnights: Sequence[Midnight], span: Span) -> tuple[Unrecorded, ...]:
    """Between which of `midnights`, in time order, each of `unrecorded` came or went; nothing if the records say otherwise.

    At a midnight before it the rebuilt quantity is too high by what came, after it the record agrees.
    """
    found = []
    for asset in {*unrecorded, *(asset for one in midnights for asset in (*one.recorded, *one.reconstructed))}:
        came = unrecorded.get(asset, ZERO)
        beyond = [one.reconstructed.get(asset, ZERO) - one.recorded.get(asset, ZERO) for one in midnights]
        waits = [_is_near(excess, came) and bool(came) for excess in beyond]
        if not all(wait or _is_near(excess, ZERO) for wait, excess in zip(waits, beyond, strict=True)):
            return ()
        if waits != sorted(waits, reverse=True):
            return ()
        if came:
            edges = [span[0], *(one.at for one in midnights), span[1]]
            place = sum(waits)
            found.append(Unrecorded(asset=asset, quantity=came, since=edges[place], until=edges[place + 1]))
    return tuple(sorted(found, key=lambda one: one.asset))


def _is_near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= SMALLEST_UNIT
