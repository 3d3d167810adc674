"""Round trips in any of their orders, those that a text is looked for in, and where a list of them goes on."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from dashboard.history.round_trips import FoundTrip, TripNumber

# By what they are sorted: the value, and its kind as a cursor has it. The first is the usual one.
SORTS: Mapping[str, tuple[Callable[[FoundTrip], Any], str]] = {
    "exit_time": (lambda one: one.trip.left_at, "timestamptz"),
    "entry_time": (lambda one: one.trip.entered_at, "timestamptz"),
    "symbol": (lambda one: one.symbol, "text"),
    "side": (lambda one: one.side, "text"),
    "exit_type": (lambda one: one.trip.exit_kind, "text"),
    "quantity": (lambda one: one.trip.quantity, "numeric"),
    "entry_price": (lambda one: one.entry_price, "numeric"),
    "exit_price": (lambda one: one.exit_price, "numeric"),
    "entry_value": (lambda one: one.trip.entry_value, "numeric"),
    "exit_value": (lambda one: one.trip.exit_value, "numeric"),
    "gain": (lambda one: one.trip.gain, "numeric"),
}


class TripPlace(NamedTuple):
    """Where a list goes on: after the one of that number, which has `value` in the list's order; None: it has none."""

    value: Any
    number: TripNumber


def find_place(one: FoundTrip, sort: str) -> TripPlace:
    """Where it stands in that order."""
    return TripPlace(SORTS[sort.removeprefix("-")][0](one), one.number_of_all)


def find_text(trips: Iterable[FoundTrip], text: str) -> list[FoundTrip]:
    """Those in which it is, large letters or small."""
    return [one for one in trips if text.lower() in _describe(one).lower()]


def order_trips(trips: Iterable[FoundTrip], sort: str, after: TripPlace | None = None) -> list[FoundTrip]:
    """In that order, with a minus from the largest, without a value last; from the first one `after` a place on."""
    is_falling = sort.startswith("-")
    placed = [(find_place(one, sort), one) for one in trips]
    known = sorted((pair for pair in placed if pair[0].value is not None), key=lambda pair: pair[0], reverse=is_falling)
    others = sorted(
        (pair for pair in placed if pair[0].value is None), key=lambda pair: pair[0].number, reverse=is_falling
    )
    if after is None:
        return [one for _, one in (*known, *others)]
    if after.value is None:
        return [
            one for place, one in others if (place.number < after.number if is_falling else place.number > after.number)
        ]
    known = [pair for pair in known if (pair[0] < after if is_falling else pair[0] > after)]
    return [one for _, one in (*known, *others)]


def _describe(one: FoundTrip) -> str:
    trip = one.trip
    times = (f"{at:%Y-%m-%d %H:%M}" for at in (trip.entered_at, trip.left_at))
    return " ".join(
        (one.symbol, trip.asset, one.side, trip.exit_kind, trip.trade, trip.entry_row, trip.exit_row, *times)
    )
