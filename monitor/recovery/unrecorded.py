"""Something came or went that no history shows: the exchange's end-of-day records say on which day.

Then that day stays open and the rest of the outage can be rebuilt, backwards to it and, without what came, before it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from finance.attribution.hour import SMALLEST_UNIT
from finance.decimals import ZERO, exact
from finance.flow_values import Move
from finance.moments import SECOND, hour_of
from finance.observed import DailyBalances
from monitor.accounts.account_run import AccountRun
from monitor.errors import ExchangeError, ExchangePaused
from monitor.recovery.reconstruction import Quantities
from monitor.recovery.store.reconstructed_hours import load_held_elsewhere

RESOLUTION = timedelta(microseconds=1)
Span = tuple[datetime, datetime]
Reconstruct = Callable[[Sequence[datetime]], Mapping[datetime, Quantities]]


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
