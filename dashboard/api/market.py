"""/api/performance/{symbol}: averages of a symbol's closes over windows, and how they moved."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from dashboard.api import measured_shapes as shapes
from dashboard.api.queries import Between, Parameters, WindowName, read_time
from dashboard.api.replies import may_say, reply
from dashboard.errors import BadChoice, NotThere
from dashboard.history.market import HOUR, WINDOWS, Averages, MarketWindow, load_symbols, load_windows
from dashboard.history.market import Symbol as StoredSymbol
from sql.rows import Db

router = APIRouter()
Symbol = Annotated[str, Path(pattern=r"^[^\s/]{1,40}$", description="BTCUSDT", examples=["BTCUSDT"])]
USUAL_LENGTH = timedelta(days=7)


@router.get("/performance", responses=may_say(shapes.Windows), summary="Every symbol's windows")
def every_symbol(request: Request, asked: Annotated[Parameters, Query()]) -> Response:
    """The newest windows of an hour, a day and a week of every symbol."""
    return reply(request, asked, lambda db, _: _newest(db, load_symbols(db), list(WINDOWS.values())))


@router.get("/performance/{symbol}", responses=may_say(shapes.Windows), summary="A symbol's windows")
def one_symbol(request: Request, symbol: Symbol, asked: Annotated[Parameters, Query()]) -> Response:
    """The newest windows of an hour, a day and a week of a symbol."""
    return reply(request, asked, lambda db, _: _newest(db, [_find(db, symbol)], list(WINDOWS.values())))


@router.get("/performance/{symbol}/{window}", responses=may_say(shapes.Window), summary="A symbol's window")
def one_window(request: Request, symbol: Symbol, window: WindowName, asked: Annotated[Parameters, Query()]) -> Response:
    """The newest window of a symbol."""
    return reply(request, asked, lambda db, _: _newest(db, [_find(db, symbol)], [WINDOWS[window]]).windows[0])


@router.get(
    "/history/performance/{symbol}/{window}", responses=may_say(shapes.WindowHistory), summary="A window's history"
)
def history(request: Request, symbol: Symbol, window: WindowName, asked: Annotated[Between, Query()]) -> Response:
    """How a symbol's window moved from hour to hour."""
    start, end = read_time(asked.start_time, "start_time"), read_time(asked.end_time, "end_time")
    if start and end and start > end:
        raise BadChoice("start_time comes after end_time.")
    return reply(
        request, asked, lambda db, _: _history(db, _find(db, symbol), WINDOWS[window], (start, end), asked.limit)
    )


def _history(
    db: Db, symbol: StoredSymbol, window: MarketWindow, times: tuple[datetime | None, datetime | None], limit: int
) -> shapes.WindowHistory:
    until = times[1] or symbol.last + HOUR
    since = times[0] or until - USUAL_LENGTH
    rows = load_windows(db, [symbol.symbol], window, since, until, limit + 1)
    return shapes.WindowHistory(
        symbol=symbol.symbol,
        window=window.name,
        windows=[_window(row, window) for row in rows[:limit]],
        next_start_time=rows[limit].window_end if len(rows) > limit else None,
    )


def _newest(db: Db, symbols: Iterable[StoredSymbol], windows: list[MarketWindow]) -> shapes.Windows:
    ends: dict[datetime, list[str]] = {}
    for symbol in symbols:
        ends.setdefault(symbol.last + HOUR, []).append(symbol.symbol)
    return shapes.Windows(
        windows=[
            _window(row, window)
            for end, names in ends.items()
            for window in windows
            for row in load_windows(db, names, window, end, end)
        ]
    )


def _window(row: Averages, window: MarketWindow) -> shapes.Window:
    return shapes.Window(**row._asdict(), window=window.name, closes_expected=window.closes)


def _find(db: Db, symbol: str) -> StoredSymbol:
    for found in load_symbols(db):
        if found.symbol == symbol:
            return found
    raise NotThere("That symbol's market is not stored. The list is at /api/performance.")
