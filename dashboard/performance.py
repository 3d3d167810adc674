"""Returns from stored unit prices. Pure: figures in, figures out."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from dashboard.history.track import Point
from dashboard.rounding import CENT, to_cent

TOTAL_LOSS = Decimal(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFigures:
    """Account against benchmark over one period."""

    started_at: datetime
    ended_at: datetime
    account: Decimal | None  # time-weighted return, as a fraction
    benchmark: Decimal | None
    active: Decimal | None  # account minus benchmark
    value: Decimal  # what the account gained more than the benchmark
    cent: Decimal = CENT  # the smallest amount that is shown

    @property
    def standing(self) -> str:
        """Where the account stands beside the benchmark, to the cent."""
        cents = to_cent(self.value, self.cent)
        return "ahead of" if cents > 0 else "behind" if cents < 0 else "level with"


def time_weighted_return(start: Decimal, end: Decimal) -> Decimal | None:
    """Growth of the unit price, end / start - 1 (unitisation); None when it started at nothing."""
    return end / start - 1 if start > 0 else None


def measure_lead(at: Point) -> Decimal:
    """What the account has gained more (+) or less (-) than the benchmark since the history began, USDT.

    Both had the same money, so it is the difference of NAVs; a benchmark that pays out the same fraction instead of the
    same amount has had other flows than the account, and they are nobody's gain.
    """
    account, benchmark = at.nav - at.invested, at.benchmark_nav - at.benchmark_invested
    lead: Decimal = account - benchmark
    return lead


def compare(start: Point, end: Point, cent: Decimal = CENT) -> PeriodFigures:
    """Account and benchmark between the ends of a period; returns are measured from when something was invested."""
    account = benchmark = None
    if start.from_price is not None:
        account = TOTAL_LOSS  # whatever was paid in later
        if end.losses == start.losses:
            account = time_weighted_return(start.from_price, end.unit_price)
        benchmark = _grow_benchmark(start, end)
    active = account - benchmark if account is not None and benchmark is not None else None
    return PeriodFigures(
        started_at=start.hour,
        ended_at=end.hour,
        account=account,
        benchmark=benchmark,
        active=active,
        value=measure_lead(end) - measure_lead(start),
        cent=cent,
    )


def _grow_benchmark(start: Point, end: Point) -> Decimal | None:
    """The benchmark's return; None where it had nothing all along, which made neither a gain nor a loss."""
    was_empty = start.benchmark_units == end.benchmark_units == 0 and start.benchmark_episode == end.benchmark_episode
    if was_empty or start.benchmark_from_price is None:
        return None
    return time_weighted_return(start.benchmark_from_price, end.benchmark_unit_price)
