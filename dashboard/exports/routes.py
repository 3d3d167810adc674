"""/export: files to take away, each from one state of the database."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta

from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse

from dashboard.api.portfolio import find_day_end
from dashboard.errors import BadChoice, NotThere
from dashboard.exports.csv_file import write_csv
from dashboard.exports.growing import GrowingFile
from dashboard.exports.printing import print_html, print_pdf
from dashboard.exports.report import make_report
from dashboard.frame import Frame
from dashboard.history.tables import stream_rows
from dashboard.periods import read_period
from dashboard.site import Site
from dashboard.tables import TABLES, Table, begin
from dashboard.view import View, read_view

READING = ["GET", "HEAD"]
CSV = "text/csv; charset=utf-8"
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
PRINTERS = {"html": (print_html, "text/html; charset=utf-8"), "pdf": (print_pdf, "application/pdf")}
DAY_END = (
    "day_ended_at", "hour_used", "taken_at", "account_nav", "benchmark_nav", "account_id", "label", "wallet", "asset",
    "free", "locked", "owed", "quantity", "unrealised", "price", "route", "value",
)  # fmt: skip


def add_exports(app: FastAPI, site: Site, now: Callable[[], datetime]) -> None:
    """The routes of files, in an application that tells BadChoice, NotThere and DatabaseAway."""

    @app.api_route("/export/day-end.csv", methods=READING)
    def day_end(request: Request) -> Response:
        text, filename = _write_day_end(site, request.query_params)
        return Response(text, media_type=CSV, headers=_headers(filename, "attachment"))

    @app.api_route("/export/report.{kind}", methods=READING)
    def report(request: Request, kind: str) -> Response:
        return _send_report(site, request.query_params, kind, now())

    @app.api_route("/export/{name}.csv", methods=READING)
    def table(request: Request, name: str) -> Response:
        return _send_table(site, read_view(request.query_params), name)


def _send_table(site: Site, view: View, name: str) -> Response:
    """A table on its way; what keeps it from its first line is told, what breaks it off later breaks off the answer."""
    if name not in TABLES:
        raise NotThere(f"There is no such table. There are {', '.join(TABLES)}.")
    with site.reading(view) as (_, frame):
        _require_account(frame)
    file = GrowingFile(_write_table(site, view, TABLES[name]))
    file.wait()
    return StreamingResponse(file.read(), media_type=CSV, headers=_headers(_name(frame, name, "csv"), "attachment"))


def _write_table(site: Site, view: View, table: Table) -> Iterator[bytes]:
    with site.reading(view) as (db, frame):
        yield from write_csv(list(table.row.model_fields), stream_rows(db, table.name, begin(table, frame)))


def _write_day_end(site: Site, parameters: Mapping[str, str]) -> tuple[bytes, str]:
    date = parameters.get("date", "")
    if not date:
        raise BadChoice("Give the day whose end is meant: date=2026-12-31.")
    last_day = read_period({"from": date, "to": date}).last_day
    assert last_day
    choice = {name: parameters.get(name, "") for name in ("account", "benchmark")}
    with site.reading(read_view(choice)) as (db, frame):
        _require_account(frame)
        found = find_day_end(db, frame, datetime.combine(last_day, time(), UTC) + timedelta(days=1)).model_dump()
    shared = {name: found[name] for name in DAY_END[:3]} | {
        "account_nav": found["nav"],
        "benchmark_nav": found["benchmark_nav"],
    }
    held = found["holdings"] or [{}]  # an empty account has a value too
    rows = [dict.fromkeys(DAY_END) | shared | holding for holding in held]
    return b"".join(write_csv(DAY_END, rows)), _name(frame, f"end-of-{last_day}", "csv")


def _send_report(site: Site, parameters: Mapping[str, str], kind: str, now: datetime) -> Response:
    if kind not in PRINTERS:
        raise NotThere("A report is report.html or report.pdf.")
    with site.reading(read_view(parameters)) as (db, frame):
        _require_account(frame)
        if frame.span is None:
            raise NotThere("There is nothing to report of this period: no hour of it has a figure.")
        report = make_report(db, frame)
    printer, media_type = PRINTERS[kind]
    headers = _headers(_name(frame, "report", kind), "inline") | {"Content-Security-Policy": REPORT_POLICY}
    return Response(printer(report, now), media_type=media_type, headers=headers)


def _headers(name: str, disposition: str) -> dict[str, str]:
    return {"Content-Disposition": f'{disposition}; filename="{name}"', "Cache-Control": "no-store"}


def _name(frame: Frame, what: str, kind: str) -> str:
    period = frame.view.period
    span = f"{period.first_day}-to-{period.last_day}" if period.key == "dates" else period.key
    return f"portfolio-{frame.account_id}-{what}-{span}.{kind}"


def _require_account(frame: Frame) -> None:
    if frame.account is None:
        raise NotThere("There are no accounts yet. Add one: python -m monitor account add LABEL")
