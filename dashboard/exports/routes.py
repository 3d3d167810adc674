"""/export: files to take away, each from one state of the database."""

from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from matplotlib.figure import Figure
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, Router

from dashboard.api.portfolio import find_day_end
from dashboard.charts.canvas import Theme
from dashboard.errors import BadChoice, NotThere
from dashboard.exports.printing import print_html, print_pdf
from dashboard.exports.report import Picture, make_report
from dashboard.facts import Facts
from dashboard.files.answer import FileAnswer, Turns
from dashboard.files.csv_file import write_csv
from dashboard.files.growing import Chunks, Make, OnWait
from dashboard.frame import Frame
from dashboard.history.rates import USDT
from dashboard.history.tables import stream_rows
from dashboard.periods import read_period
from dashboard.tables import TABLES, Table, begin
from dashboard.view import View, read_view

CSV = "text/csv; charset=utf-8"
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
PICKED = (
    "portfolio", "account", "period", "from", "to", "benchmark", "scale", "refresh", "currency", "zone",
)  # fmt: skip
PRINTERS = {"html": (print_html, "text/html; charset=utf-8"), "pdf": (print_pdf, "application/pdf")}
DAY_END = (
    "day_ended_at", "hour_used", "taken_at", "account_nav", "benchmark_nav", "account_id", "label", "wallet", "asset",
    "free", "locked", "owed", "quantity", "unrealised", "price", "route", "value", "currency",
)  # fmt: skip


def make_exports(facts: Facts, now: Callable[[], datetime]) -> Router:
    """The routes of files, for an application that answers BadChoice, NotThere, Busy and DatabaseAway."""

    def day_end(request: Request) -> Response:
        return _send_day_end(facts, request)

    async def report(request: Request) -> Response:
        kind = request.path_params["kind"]
        if kind not in PRINTERS:
            raise NotThere("A report is report.html or report.pdf.")
        view = read_view(_read_known(request, PICKED))
        frame = await run_in_threadpool(_find_frame, facts, view)
        headers = _headers(_name(frame, "report", kind), "inline") | {"Content-Security-Policy": REPORT_POLICY}
        return _send(
            request,
            facts.turns,
            lambda on_wait: _print_report(facts, view, kind, now(), on_wait),
            PRINTERS[kind][1],
            headers,
        )

    async def table(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in TABLES:
            raise NotThere(f"There is no such table. There are {', '.join(TABLES)}.")
        view = read_view(_read_known(request, PICKED))
        frame = await run_in_threadpool(_find_frame, facts, view)
        headers = _headers(_name(frame, name, "csv"), "attachment")
        return _send(
            request, facts.turns, lambda on_wait: _write_table(facts, view, TABLES[name], on_wait), CSV, headers
        )

    return Router([Route("/day-end.csv", day_end), Route("/report.{kind}", report), Route("/{name}.csv", table)])


def _send(request: Request, turns: Turns, make: Make, media_type: str, headers: dict[str, str]) -> Response:
    """A file on its way; who asks for its headers alone gets them without any being made."""
    if request.method == "HEAD":
        return StreamingResponse((), media_type=media_type, headers=headers)
    return FileAnswer(turns, make, media_type=media_type, headers=headers)


def _find_frame(facts: Facts, view: View) -> Frame:
    with facts.reading(view) as (_, frame):
        if frame.account is None:
            raise NotThere("There are no accounts yet. Add one: python -m monitor account add LABEL")
        return frame


def _write_table(facts: Facts, view: View, table: Table, on_wait: OnWait) -> Chunks:
    with facts.reading(view, on_wait) as (db, frame), closing(stream_rows(db, table.name, begin(table, frame))) as rows:
        yield from write_csv(list(table.row.model_fields), rows)


def _read_known(request: Request, known: Collection[str]) -> Mapping[str, str]:
    """The parameters of a request. Raises BadChoice for one that is not known: a mistyped name would silently change the file."""
    if unknown := request.query_params.keys() - set(known):
        raise BadChoice(f"{min(unknown)[:60]}: there is no such parameter. There are {', '.join(known)}.")
    return request.query_params


def _send_day_end(facts: Facts, request: Request) -> Response:
    day = _read_known(request, ("date", "portfolio", "account", "benchmark")).get("date", "")
    if not day:
        raise BadChoice("Give the day whose end is meant: date=2026-12-31.")
    last_day = read_period({"from": day, "to": day}).last_day
    assert last_day
    view = read_view({name: request.query_params.get(name, "") for name in ("portfolio", "account", "benchmark")})
    headers = _headers(_name(_find_frame(facts, view), f"end-of-{last_day}", "csv"), "attachment")
    if request.method == "HEAD":
        return StreamingResponse((), media_type=CSV, headers=headers)
    return Response(_write_day_end(facts, view, last_day), media_type=CSV, headers=headers)


def _write_day_end(facts: Facts, view: View, last_day: date) -> bytes:
    with facts.reading(view) as (db, frame):
        found = find_day_end(db, frame, datetime.combine(last_day, time(), UTC) + timedelta(days=1)).model_dump()
    shared = {name: found[name] for name in DAY_END[:3]} | {
        "account_nav": found["nav"],
        "benchmark_nav": found["benchmark_nav"],
        "currency": USDT,
    }
    held = found["holdings"] or [{}]  # an empty account has a value too
    rows = [dict.fromkeys(DAY_END) | shared | holding for holding in held]
    return b"".join(write_csv(DAY_END, rows))


def _print_report(facts: Facts, view: View, kind: str, now: datetime, on_wait: OnWait) -> Chunks:
    with facts.reading(view, on_wait) as (db, frame):
        if frame.span is None:
            raise NotThere("There is nothing to report of this period: no hour of it has a figure.")
        report = make_report(db, frame, now)
    yield PRINTERS[kind][0](
        replace(report, pictures=[_interruptible(picture, on_wait) for picture in report.pictures]), now
    )


def _interruptible(picture: Picture, on_wait: OnWait) -> Picture:
    """The picture, which is not drawn for nobody."""

    def draw(theme: Theme) -> Figure:
        on_wait()
        return picture.draw(theme)

    return replace(picture, draw=draw)


def _headers(name: str, disposition: str) -> dict[str, str]:
    return {"Content-Disposition": f'{disposition}; filename="{name}"', "Cache-Control": "no-store"}


def _name(frame: Frame, what: str, kind: str) -> str:
    period = frame.view.period
    span = f"{period.first_day}-to-{period.last_day}" if period.key == "dates" else period.key
    number = frame.account_id
    shown = frame.account.portfolio if frame.account and number < 0 else number
    return f"portfolio-{shown}-{what}-{span}.{kind}"
