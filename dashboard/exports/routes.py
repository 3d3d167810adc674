"""/export: files to take away. Each is made whole before it is sent, from one state of the database."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import IO

from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from starlette.background import BackgroundTask

from dashboard.api.portfolio import find_day_end
from dashboard.errors import BadChoice, NotThere
from dashboard.exports.csv_file import write_csv
from dashboard.exports.printing import print_html, print_pdf
from dashboard.exports.report import make_report
from dashboard.frame import Frame
from dashboard.history.tables import stream_rows
from dashboard.periods import read_period
from dashboard.site import Site
from dashboard.tables import TABLES, begin
from dashboard.view import read_view

READING = ["GET", "HEAD"]
CHUNK = 2**16
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
        return _send_file(*_write_day_end(site, request.query_params))

    @app.api_route("/export/report.{kind}", methods=READING)
    def report(request: Request, kind: str) -> Response:
        return _send_report(site, request.query_params, kind, now())

    @app.api_route("/export/{name}.csv", methods=READING)
    def table(request: Request, name: str) -> Response:
        return _send_file(*_write_table(site, request.query_params, name))


def _write_table(site: Site, parameters: Mapping[str, str], name: str) -> tuple[IO[bytes], str]:
    if name not in TABLES:
        raise NotThere(f"There is no such table. There are {', '.join(TABLES)}.")
    table = TABLES[name]
    with site.reading(read_view(parameters)) as (db, frame):
        _require_account(frame)
        rows = stream_rows(db, name, begin(table, frame))
        return write_csv(list(table.row.model_fields), rows), _name(frame, name, "csv")


def _write_day_end(site: Site, parameters: Mapping[str, str]) -> tuple[IO[bytes], str]:
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
    return write_csv(DAY_END, rows), _name(frame, f"end-of-{last_day}", "csv")


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


def _send_file(file: IO[bytes], name: str) -> Response:
    length = file.seek(0, 2)
    file.seek(0)
    headers = _headers(name, "attachment") | {"Content-Length": str(length)}
    return StreamingResponse(_chunks(file), media_type=CSV, headers=headers, background=BackgroundTask(file.close))


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _headers(name: str, disposition: str) -> dict[str, str]:
    return {"Content-Disposition": f'{disposition}; filename="{name}"', "Cache-Control": "no-store"}


def _name(frame: Frame, what: str, kind: str) -> str:
    period = frame.view.period
    span = f"{period.first_day}-to-{period.last_day}" if period.key == "dates" else period.key
    return f"portfolio-{frame.account_id}-{what}-{span}.{kind}"


def _require_account(frame: Frame) -> None:
    if frame.account is None:
        raise NotThere("There are no accounts yet. Add one: python -m monitor account add LABEL")
