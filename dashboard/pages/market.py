"""Market: what is held and the benchmark's assets, averaged over an hour, a day and a week."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from dashboard.charts.windows import COLUMNS, NARROW_COLUMNS, PLOT, Closes, draw_windows, measure_height
from dashboard.frame import Frame
from dashboard.history.market import HOUR, WINDOWS, Averages, load_closes, load_symbols, load_windows
from dashboard.page import Chart, Model, Page
from dashboard.pages.readout import lay_whole
from dashboard.reading import Reading, read_closes, round_hour
from look import figures
from sql.rows import Db

WEEK = timedelta(days=7)
STILL_READ = timedelta(days=1)  # a symbol without a newer hour is no longer read
MOST_DRAWN = 24


def make_market(db: Db, frame: Frame) -> Model:
    """Every symbol that is still read, its three windows, and a week of its closes."""
    symbols = load_symbols(db)
    last = max((symbol.last for symbol in symbols), default=None)
    names = [symbol.symbol for symbol in symbols if last and symbol.last > last - STILL_READ]
    if last is None:
        return {"lines": [], "closes": None, "alt": "", "height": 0, "last": None, "readout": None}
    windows = {
        name: {row.symbol: row for row in load_windows(db, names, window, last + HOUR, last + HOUR)}
        for name, window in WINDOWS.items()
    }
    closes = _load_closes(db, names[:MOST_DRAWN], last + HOUR - WEEK, last)
    return {
        "lines": [{"symbol": name} | {window: windows[window].get(name) for window in WINDOWS} for name in names],
        "closes": closes,
        "alt": _describe(windows["1w"], closes.symbols),
        "height": measure_height(len(closes.symbols)),
        "readout": lay_whole(closes.since, closes.until, (PLOT, PLOT), columns=f"{COLUMNS} {NARROW_COLUMNS}"),
        "last": last + HOUR,
    }


def _load_closes(db: Db, names: list[str], since: Any, until: Any) -> Closes:
    symbols: dict[str, list[tuple[Any, float]]] = {}
    for row in load_closes(db, names, since):
        symbols.setdefault(row.symbol, []).append((row.hour, row.close))
    return Closes(since=since, until=until, symbols={name: symbols[name] for name in names if name in symbols})


def _describe(weeks: Mapping[str, Averages], drawn: Mapping[str, object]) -> str:
    changes = [
        f"{name} {figures.percent(row.change_percent / 100)}"
        for name, row in weeks.items()
        if name in drawn and row.change_percent is not None
    ]
    return (
        f"Small line charts of the last seven days of {len(drawn)} symbols. A week's average against the week before: "
        f"{', '.join(changes) or 'not known yet'}."
    )


def _read_closes(_: Db, __: Frame, facts: Callable[[], Model], moment: datetime) -> Reading:
    closes: Closes | None = facts()["closes"]
    return read_closes(closes.symbols if closes else {}, round_hour(moment))


MARKET = Page(
    name="market",
    title="Market",
    path="/market",
    make=make_market,
    charts=(
        Chart(
            name="windows",
            load=make_market,
            part="closes",
            draw=lambda model, theme: draw_windows(model["closes"], theme),
            read=_read_closes,
        ),
    ),
)
