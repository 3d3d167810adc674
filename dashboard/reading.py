"""What a chart says of a moment: the figures that its lines have there, in the reader's currency and by his clock. Pure."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.display import Display
from dashboard.frame import Span
from dashboard.history.track import RecordedHour
from dashboard.performance import measure_lead
from look import figures

Floats = NDArray[np.float64]
FRACTION = "fraction"
ACCOUNT, BENCHMARK, DIFFERENCE, FLOWS = "Account", "Benchmark", "Difference", "In and out"
HOUR, HALF = timedelta(hours=1), timedelta(minutes=30)
UNKNOWN = "not known of this moment"


class Value(NamedTuple):
    """One figure: of a line, or beside the lines."""

    name: str
    amount: Decimal
    unit: str  # a currency, FRACTION, or what it is a price of
    text: str  # as it is shown


class Reading(NamedTuple):
    """What is said of a moment; without any figure, why."""

    at: datetime  # the point of the chart that is nearest to what was asked for
    values: Sequence[Value]
    reason: str = ""


def round_hour(moment: datetime) -> datetime:
    """The full hour that is nearest."""
    later = moment.astimezone(UTC) + HALF
    return later.replace(minute=0, second=0, microsecond=0)


def read_amounts(found: RecordedHour | None, hour: datetime, span: Span, display: Display) -> Reading:
    """NAV of account and benchmark, the difference since the period's start, and the flows of an hour."""
    if found is None or found.unit_price is None or found.rate is None:
        return Reading(hour, (), _explain(found, display))
    lead = measure_lead(span.start)
    values = [Value(ACCOUNT, found.nav, display.currency, display.money(found.nav))]
    if found.benchmark_nav is not None:
        other = found.benchmark_nav + lead
        ahead = found.nav - found.invested - found.benchmark_nav + found.benchmark_invested - lead
        values.append(Value(BENCHMARK, other, display.currency, display.money(other)))
        values.append(Value(DIFFERENCE, ahead, display.currency, display.signed_money(ahead)))
    return Reading(hour, (*values, *_flows(found, display)))


def read_changes(found: RecordedHour | None, hour: datetime, span: Span, display: Display) -> Reading:
    """The same as changes since the period's start; amounts where returns can't be measured from there."""
    start, other_start = span.start.from_price, span.start.benchmark_from_price
    if not start or not other_start or found is None or found.rate is None:
        return read_amounts(found, hour, span, display)
    if found.unit_price is None or found.benchmark_unit_price is None:
        return read_amounts(found, hour, span, display)
    mine, other = found.unit_price / start - 1, found.benchmark_unit_price / other_start - 1
    return Reading(hour, (*compare_changes(mine, other), *_flows(found, display)))


def compare_changes(
    account: Decimal | None, benchmark: Decimal | None, write: Callable[[Decimal], str] = figures.percent
) -> list[Value]:
    """Fractions of both, as `write` writes them, and how far they are apart."""
    values = []
    if account is not None:
        values.append(Value(ACCOUNT, account, FRACTION, write(account)))
    if benchmark is not None:
        values.append(Value(BENCHMARK, benchmark, FRACTION, write(benchmark)))
    if account is not None and benchmark is not None:
        values.append(Value(DIFFERENCE, account - benchmark, FRACTION, figures.points(account - benchmark)))
    return values


def say_unexplained(marked: Sequence[datetime], at: datetime, step: timedelta, goes_on: bool) -> str:
    """What no record explains in the step up to a moment or, where the figures are since the start, before it; empty: nothing.

    `marked` are the hours with such a change.
    """
    inside = [hour for hour in marked if at - step < hour <= at]
    if inside:
        return f"Something came or went {'in this hour' if step <= HOUR else 'on this day'} that no record explains."
    before = sum(hour < at for hour in marked) if goes_on else 0
    return f"{figures.hours(before)} before it {'is' if before == 1 else 'are'} unexplained." if before else ""


def read_pair(
    moment: datetime,
    lines: tuple[NDArray[np.int64], Floats, Floats] | None,
    write: Callable[[Decimal], str] = figures.percent,
) -> Reading:
    """Two lines of fractions at the point that is nearest to a moment: epoch seconds in order, account, benchmark."""
    if lines is None or not lines[0].size:
        return Reading(moment, (), UNKNOWN)
    at, account, benchmark = lines
    place = find_nearest(at, moment.timestamp())
    values = compare_changes(measured(account[place].item()), measured(benchmark[place].item()), write)
    return Reading(datetime.fromtimestamp(at[place].item(), UTC), values, "" if values else UNKNOWN)


def measured(value: float | None) -> Decimal | None:
    """A measure's number with all of its digits; None for one that is no number."""
    return None if value is None or not math.isfinite(value) else Decimal(repr(value))


def find_nearest(at: NDArray[Any], moment: float) -> int:
    """The place of the number in `at`, which are in order, that is nearest."""
    after = int(np.searchsorted(at, moment))
    if after == 0:
        return 0
    if after == at.size:
        return int(at.size) - 1
    return after if at[after] - moment < moment - at[after - 1] else after - 1


def read_closes(symbols: Mapping[str, Sequence[tuple[datetime, float]]], hour: datetime) -> Reading:
    """What symbols closed at in an hour."""
    found = {name: dict(points).get(hour) for name, points in symbols.items()}
    known = ((name, measured(price)) for name, price in found.items())
    values = [Value(name, price, name, figures.price(price)) for name, price in known if price is not None]
    return Reading(hour, values, "" if values else "not recorded")


def read_shares(hours: Sequence[datetime], shares: Mapping[str, Floats], moment: datetime) -> Reading:
    """What share each asset had at the point that is nearest to a moment, the largest first."""
    place = find_nearest(np.array([hour.timestamp() for hour in hours]), moment.timestamp())
    known = sorted(((measured(line[place].item()) or Decimal(0), name) for name, line in shares.items()), reverse=True)
    return Reading(hours[place], [Value(name, share, FRACTION, figures.share(share)) for share, name in known if share])


def _explain(found: RecordedHour | None, display: Display) -> str:
    if found is None:
        return "not recorded"
    if found.unit_price is None:
        return found.reason or found.status.lower()
    return f"no rate of {display.currency} is known"


def _flows(found: RecordedHour, display: Display) -> list[Value]:
    if not found.flows:
        return []
    return [Value(FLOWS, found.flows, display.currency, display.signed_money(found.flows))]
