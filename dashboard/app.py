"""The routes over a site: one for each page, the charts, health, the style sheet; and what is said when they fail."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from dashboard.access import THIS_MACHINE, Access, Login
from dashboard.access.login import LOGIN, STRANGER
from dashboard.cache import make_response
from dashboard.errors import BadChoice, Busy, NotThere
from dashboard.guard import Guard
from dashboard.history import Database
from dashboard.later import Later
from dashboard.page import Page
from dashboard.pages import PAGES
from dashboard.remembered import recall, remember
from dashboard.render import render_message
from dashboard.sending import NO_STORE, REVALIDATE, send
from dashboard.site import Site
from dashboard.view import read_view
from look.pages import STATIC, find_type
from sql.errors import DatabaseAway

RETRY_SECONDS = "10"
FOR_A_DAY = "max-age=86400, immutable"  # addresses with a version in them
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # a chart opened by itself: its styles are its own


def make_app(
    database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC), access: Access = THIS_MACHINE
) -> Guard:
    """The application over one database; `now` is the clock that ages and sessions are measured against."""
    site = Site(database, now, has_login=bool(access.password_hash))
    app = Starlette(
        routes=_make_routes(site, now),
        exception_handlers={
            BadChoice: _say(400, "This address has a mistake in it"),
            NotThere: _say(404, "There is no such page"),
            DatabaseAway: _say(503, "The database is away"),
            Busy: _say(503, "Busy"),
            404: _say(404, "There is no such page"),
        },
    )
    pages = {page.path for page in PAGES} | {"/api/docs"}
    if not access.password_hash:
        return Guard(app, pages, access.names)
    return Guard(Login(app, access.password_hash, pages, now), pages | {LOGIN}, access.names, takes_forms=True)


def _make_routes(site: Site, now: Callable[[], datetime]) -> list[BaseRoute]:
    shared = {name: make_response(content, find_type(name)) for name, content in STATIC.items()}
    aside = ThreadPoolExecutor(1, "health")  # pages that wait may have all the others

    def chart(request: Request) -> Response:
        drawn = site.chart(request.path_params["name"], request.path_params["theme"], request.query_params)
        return send(request, drawn, REVALIDATE, {"Content-Security-Policy": SVG_POLICY})

    async def health(request: Request) -> Response:
        is_stranger = STRANGER in request.scope
        return await asyncio.get_running_loop().run_in_executor(aside, _serve_health, site, is_stranger)

    async def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in shared:
            raise NotThere("There is no such file.")
        return send(request, shared[name], FOR_A_DAY if "v" in request.query_params else REVALIDATE)

    return [
        *(Route(page.path, _serve(site, page)) for page in PAGES),
        Route("/charts/{theme}/{name}.svg", chart),
        Route("/health", health),
        Route("/static/{name}", static),
        Mount("/api", Later(lambda: _make_api(site))),
        Mount("/export", Later(lambda: _make_exports(site, now))),
    ]


def _make_api(site: Site) -> ASGIApp:
    from dashboard.api import Api

    return Api(site)


def _make_exports(site: Site, now: Callable[[], datetime]) -> ASGIApp:
    from dashboard.exports import make_exports

    return make_exports(site, now)


def _serve_health(site: Site, is_stranger: bool) -> Response:
    try:
        is_fresh, payload = site.health()
    except DatabaseAway as away:
        is_fresh, payload = False, {"status": "away", "newest_hour": None, "reason": str(away)}
    if is_stranger:
        payload = {"status": payload["status"]}
    return JSONResponse(payload, 200 if is_fresh else 503, headers={"Cache-Control": NO_STORE})


def _serve(site: Site, page: Page) -> Callable[[Request], Response]:
    def serve(request: Request) -> Response:
        view = read_view(recall(request))
        response = send(request, site.page(page, view), NO_STORE, {"Vary": "Accept-Encoding, Cookie"})
        remember(request, response, view.display)
        return response

    return serve


def _say(status: int, heading: str) -> Callable[[Request, Exception], Response]:
    def said(request: Request, error: Exception) -> Response:
        if request.url.path.startswith("/api/"):  # an address that not even the API's own routes know: %0A
            from dashboard.api import describe_fault

            return describe_fault(request, error)
        known = isinstance(error, (BadChoice, NotThere, DatabaseAway, Busy))
        message = str(error) if known else "Nothing is at this address."
        headers = {"Cache-Control": NO_STORE} | ({"Retry-After": RETRY_SECONDS} if status == 503 else {})
        return HTMLResponse(render_message(heading, message), status, headers=headers)

    return said
