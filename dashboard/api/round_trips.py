"""/api/trades/round-trips: for those who are never flat, what was sold beside what had come first; also as CSV."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from dashboard.api.csv_answer import send_csv
from dashboard.api.queries import Shown, Text
from dashboard.api.replies import may_say, reply_framed, require_history
from dashboard.api.trade_places import read_trip_place, write_trip_place
from dashboard.fields import Moment, Number, Shape
from dashboard.frame import Frame
from dashboard.history.round_trips import FoundTrip, load_round_trips
from dashboard.history.trip_orders import SORTS, find_place, find_text, order_trips
from finance.decimals import total
from sql.rows import Db

router = APIRouter()


class RoundTrip(Shape):
    """Units that came with one move and went with another, first in, first out, before fees. It is no trade, but part of one."""

    symbol: str
    side: str
    quantity: Number
    entry_time: Moment
    exit_time: Moment
    entry_price: Number | None
    exit_price: Number | None
    entry_value: Number
    exit_value: Number
    gain: Number
    exit_type: str
    entry_record: str | None
    exit_record: str | None
    trade_id: str
    account_id: int


class RoundTrips(Shape):
    """A page of those of a period, usually the newest first; the totals are of all that are looked for."""

    round_trips: list[RoundTrip]
    total_round_trips: int
    total_gain: Number
    next_cursor: str | None


class Wanted(Shown):
    """Round trips that ended in a period."""

    symbol: Text = Field("", description="Only of this symbol or coin: ETHUSDT, or ETH.")
    q: Text = Field("", description="A text within symbols, coins, sides, ids, records or times of a round trip.")
    sort: Annotated[str, Field(pattern=rf"^-?({'|'.join(SORTS)})$")] = Field(
        "-exit_time", description=f"One of {', '.join(SORTS)}; with a minus from the largest."
    )


class WantedPage(Wanted):
    """A page of them."""

    limit: Annotated[int, Field(ge=1, le=2000)] = Field(500, description="Most round trips of an answer.")
    cursor: Annotated[str, Field(min_length=1, max_length=600)] | None = Field(
        None, description="`next_cursor` of the page before."
    )


@router.get("/trades/round-trips", responses=may_say(RoundTrips), summary="Round trips, which are no trades")
def round_trips(request: Request, asked: Annotated[WantedPage, Query()]) -> Response:
    """For those who are never flat: what was sold beside what had come first. /api/trades/round-trips.csv has all of them."""
    return reply_framed(request, asked, asked.view, lambda db, frame: _answer(db, require_history(frame), asked))


@router.get("/trades/round-trips.csv", include_in_schema=False)
async def round_trips_file(request: Request, asked: Annotated[Wanted, Query()]) -> Response:
    """All of them as a file."""

    def rows(db: Db, frame: Frame) -> Iterator[dict[str, Any]]:
        found = order_trips(_load(db, require_history(frame), asked), asked.sort)
        yield from (dict(_describe(one)) for one in found)

    return await send_csv(request, asked.view, RoundTrip, rows)


def _answer(db: Db, frame: Frame, asked: WantedPage) -> RoundTrips:
    found = _load(db, frame, asked)
    after = read_trip_place(asked.sort, asked.cursor) if asked.cursor else None
    rest = order_trips(found, asked.sort, after)
    shown = rest[: asked.limit]
    return RoundTrips(
        round_trips=[_describe(one) for one in shown],
        total_round_trips=len(found),
        total_gain=total(one.trip.gain for one in found),
        next_cursor=write_trip_place(asked.sort, find_place(shown[-1], asked.sort)) if len(rest) > len(shown) else None,
    )


def _load(db: Db, frame: Frame, asked: Wanted) -> list[FoundTrip]:
    span = frame.shown
    found = load_round_trips(db, frame.account_id, span.start.hour, span.end.hour, symbol=asked.symbol)
    return find_text(found, asked.q)


def _describe(one: FoundTrip) -> RoundTrip:
    trip = one.trip
    return RoundTrip(
        symbol=one.symbol,
        side=one.side,
        quantity=trip.quantity,
        entry_time=trip.entered_at,
        exit_time=trip.left_at,
        entry_price=one.entry_price,
        exit_price=one.exit_price,
        entry_value=trip.entry_value,
        exit_value=trip.exit_value,
        gain=trip.gain,
        exit_type=trip.exit_kind.upper(),
        entry_record=trip.entry_row or None,
        exit_record=trip.exit_row or None,
        trade_id=trip.trade,
        account_id=one.account_id,
    )
