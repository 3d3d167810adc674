"""From slices of time to a line: lowest and highest of each slice, exact ends, and a break wherever an hour is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from dashboard.charts.paper import GAP
from dashboard.history.slices import Slice

Slices = Sequence[Slice]
EPOCH, DAY = datetime(1970, 1, 1, tzinfo=UTC), timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Points of a line; a NaN breaks it."""

    places: list[float]  # moments as days, along the bottom
    values: list[float]


def trace(slices: Slices, name: str, start: tuple[datetime, Decimal], end: tuple[datetime, Decimal]) -> Line:
    """The line of `name` (`account`, `benchmark`, `difference`) through its slices, from the exact start to the exact end."""
    line = Line(places=[place(start[0])], values=[float(start[1])])
    middle = line.values[0]
    for part in slices:
        low, high = getattr(part, f"{name}_low"), getattr(part, f"{name}_high")
        if low is None:
            _add(line, part.first, GAP)
            continue
        is_rising = (low + high) / 2 >= middle  # the order inside a column of pixels: as the line goes
        middle = (low + high) / 2
        _add(line, part.first, low if is_rising else high)
        _add(line, part.last, high if is_rising else low)
        if part.gaps:
            _add(line, part.last, GAP)
    if end[0] > start[0]:
        _add(line, end[0], float(end[1]))
    return line


def shift(line: Line, by: Decimal) -> Line:
    """The line, moved up."""
    return Line(places=line.places, values=[value + float(by) for value in line.values])


def grow(line: Line, start: Decimal) -> Line:
    """The line as its change since `start`, in percent."""
    return Line(places=line.places, values=[(value / float(start) - 1) * 100 for value in line.values])


def _add(line: Line, moment: datetime, value: float) -> None:
    at = place(moment)
    if at == line.places[-1] and value == line.values[-1]:
        return
    line.places.append(at)
    line.values.append(value)


def place(moment: datetime) -> float:
    """Where a moment lies along the bottom of a chart: days since 1970, as `date2num` has them, in a tenth of its time."""
    return (moment - EPOCH) / DAY


def reconstructed(slices: Slices) -> list[tuple[float, float]]:
    """Stretches whose hours were rebuilt from the exchange's records instead of being measured."""
    stretches: list[tuple[float, float]] = []
    was = False
    for part in slices:
        if part.reconstructed:
            first = stretches.pop()[0] if was else place(part.first)
            stretches.append((first, place(part.last)))
        was = bool(part.reconstructed)
    return stretches
