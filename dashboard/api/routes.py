"""The application behind /api: its routes, its OpenAPI document, and a page that lists them without any script."""

import json
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from dashboard.api import (
    alarms,
    charts,
    daily,
    lists,
    market,
    measures,
    members,
    one_trade,
    portfolio,
    round_trips,
    searched_lists,
    trade_metrics,
    trades,
)
from dashboard.api.replies import JSON, STATUSES, describe_fault
from dashboard.cache import make_response
from dashboard.facts import Facts
from dashboard.render import TEMPLATES
from dashboard.sending import NO_STORE, send

TITLE, VERSION = "Portfolio monitor", "1"
ABOUT = (
    "Everything the pages show. Amounts are decimal text, in USDT unless an asset is named; returns are fractions; "
    "times are UTC. What is unknown is null, never 0. Answers have ETags."
)


class Api:
    """The application as it is mounted; what is answered to GET is answered to HEAD, whose body the server drops."""

    def __init__(self, facts: Facts) -> None:
        self._app = _make_app(facts)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


def _make_app(facts: Facts) -> FastAPI:
    api = FastAPI(
        title=TITLE,
        description=ABOUT,
        version=VERSION,
        servers=[{"url": "/api"}],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    api.state.facts = facts
    for part in (
        portfolio,
        members,
        measures,
        charts,
        market,
        trades,
        round_trips,
        trade_metrics,
        daily,
        lists,
        searched_lists,
        alarms,
    ):
        api.include_router(part.router)
    api.include_router(one_trade.router)  # the last under /trades: an id may be any word
    for error in (*STATUSES, RequestValidationError, HTTPException):
        api.add_exception_handler(error, describe_fault)
    _forget_422(api.openapi())
    document = make_response(json.dumps(api.openapi()).encode(), JSON)
    reference = TEMPLATES.get_template("api.html").render(document=api.openapi())

    @api.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request) -> Response:
        return send(request, document)

    @api.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(reference, headers={"Cache-Control": NO_STORE})

    return api


def _forget_422(document: dict[str, Any]) -> None:
    """FastAPI documents its own answer to wrong parameters; ours is 400."""
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
