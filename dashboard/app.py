"""The routes: overview, charts, health, style sheet. Everything is computed once per run of the worker and kept."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from dashboard import history
from dashboard.charts import THEMES, draw_difference, draw_values
from dashboard.guard import Guard
from dashboard.pages import BENCHMARKS, STALE_AFTER, View, render_message, render_overview, since_of
from dashboard.performance import PERIODS
from sql.errors import DatabaseAway

CHARTS = {"values", "difference"}
STYLE = (Path(__file__).parent / "static" / "style.css").read_bytes()
POINTS = 400
MOST_KEPT = 64
DAY_SECONDS = 86_400


class BadRequest(ValueError):
    """A parameter that means nothing."""


class Kept:
    """Answers by key, the least recently used forgotten."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Any, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        """The answer of `key`, made if it is new. One is made at a time: the database has one connection."""
        with self._lock:
            if key not in self._answers:
                self._answers[key] = make()
            self._answers.move_to_end(key)
            while len(self._answers) > MOST_KEPT:
                self._answers.popitem(last=False)
            return self._answers[key]


def make_app(database: history.Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Guard:
    """The application over one database; `now` is the clock that ages are told by."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    kept, lock = Kept(), Lock()

    def read(work: Callable[[history.Db], Any]) -> Any:
        with lock, database.reading() as db:
            return work(db)

    @app.get("/", response_class=HTMLResponse)
    @app.get("/accounts/{account}", response_class=HTMLResponse)
    def overview(request: Request, account: str = "") -> Response:
        period, benchmark = _choices(request)
        moment = now()

        def page(db: history.Db) -> Response:
            found = _pick(history.load_accounts(db), account)
            if found is None:
                return _empty(account)
            path = f"/accounts/{found['account_id']}" if account else "/"
            view = View(account_id=found["account_id"], period=period, benchmark=benchmark, path=path)
            minute = moment.replace(second=0, microsecond=0)
            key = (view, history.load_version(db), minute)
            return HTMLResponse(kept.get(key, lambda: render_overview(db, view, found, minute)))

        answered: Response = read(page)
        return answered

    @app.get("/charts/{account}/{name}.svg")
    def chart(request: Request, account: str, name: str) -> Response:
        period, benchmark = _choices(request)
        kind, _, theme = name.partition("-")
        if kind not in CHARTS or theme not in THEMES:
            return _not_found()

        def draw(db: history.Db) -> Response:
            found = _pick(history.load_accounts(db), account)
            if found is None:
                return _not_found()
            key = (kind, theme, found["account_id"], period, benchmark, history.load_version(db))
            drawn = kept.get(key, lambda: _draw(db, found["account_id"], kind, theme, period, benchmark))
            return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": f"max-age={DAY_SECONDS}"})

        answered: Response = read(draw)
        return answered

    @app.get("/health")
    def health() -> Response:
        moment = now()

        def state(db: history.Db) -> Response:
            newest = max(
                (e["last"] for a in history.load_accounts(db) if (e := _edges(db, a)) and e["last"]), default=None
            )
            late = newest is None or moment - newest > STALE_AFTER
            told = {"status": "late" if late else "ok", "newest_hour": newest.isoformat() if newest else None}
            return JSONResponse(told, 503 if late else 200, headers={"Cache-Control": "no-store"})

        answered: Response = read(state)
        return answered

    @app.get("/static/style.css")
    def style() -> Response:
        return Response(STYLE, media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    app.add_exception_handler(BadRequest, _say(400, "That address means nothing here"))
    app.add_exception_handler(DatabaseAway, _say(503, "The database is away"))
    app.add_exception_handler(404, _say(404, "There is no such page"))
    return Guard(app)


def _edges(db: history.Db, account: dict[str, Any]) -> dict[str, Any] | None:
    return history.load_edges(db, account["account_id"])


def _choices(request: Request) -> tuple[str, str]:
    """Period and benchmark from the query. Raises BadRequest for anything else."""
    period, benchmark = request.query_params.get("period", "30d"), request.query_params.get("benchmark", "hold")
    if period not in PERIODS:
        raise BadRequest(f"The period is one of {', '.join(PERIODS)}.")
    if benchmark not in BENCHMARKS:
        raise BadRequest(f"The benchmark is one of {', '.join(BENCHMARKS)}.")
    return period, benchmark


def _pick(accounts: list[dict[str, Any]], account: str) -> dict[str, Any] | None:
    if not account:
        return accounts[0] if accounts else None
    return next((found for found in accounts if str(found["account_id"]) == account), None)


def _draw(db: history.Db, account_id: int, kind: str, theme: str, period: str, benchmark: str) -> bytes:
    edges = history.load_edges(db, account_id)
    end = edges["last"] if edges and edges["last"] else datetime.now(UTC)
    since = since_of(period, end)
    rows = history.load_series(db, account_id, benchmark, since, POINTS)
    if kind == "difference":
        return draw_difference(rows, THEMES[theme])
    return draw_values(rows, history.load_flows(db, account_id, max(since, end - timedelta(days=3650))), THEMES[theme])


def _empty(account: str) -> Response:
    if account:
        return HTMLResponse(render_message("There is no such account", "It may have been disabled."), 404)
    told = "Add one with a key that may only read. The first figures come within the hour."
    return HTMLResponse(render_message("No accounts yet", told, "python -m monitor account add main"))


def _not_found() -> Response:
    return HTMLResponse(render_message("There is no such page", "Go back to the overview."), 404)


def _say(status: int, heading: str) -> Callable[[Request, Exception], Response]:
    def said(request: Request, error: Exception) -> Response:
        message = "Go back to the overview." if status == 404 else str(error)
        return HTMLResponse(render_message(heading, message), status)

    return said
