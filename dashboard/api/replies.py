"""From a question to its reply: asked of the database once, cached while it stays true, sent with an ETag."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from dashboard.api.queries import Parameters
from dashboard.api.shapes import Fault
from dashboard.errors import BadChoice, Busy, NotThere
from dashboard.facts import Facts
from dashboard.fields import Shape
from dashboard.frame import Frame
from dashboard.sending import send
from dashboard.view import View
from sql.errors import DatabaseAway
from sql.rows import Db

JSON = "application/json"
STATUSES: Mapping[type[Exception], int] = {BadChoice: 400, NotThere: 404, Busy: 503, DatabaseAway: 503}


def facts_of(request: Request) -> Facts:
    """The facts that the application was made for."""
    facts = request.app.state.facts
    assert isinstance(facts, Facts)
    return facts


def reply(request: Request, asked: Parameters, make: Callable[[Db, str], Shape]) -> Response:
    """What `make` says of the database and its version."""
    key = (request.url.path, asked.model_dump_json())
    answer = facts_of(request).answer(key, JSON, lambda db, version: make(db, version).model_dump_json().encode())
    return send(request, answer)


def reply_framed(request: Request, asked: Parameters, view: View, make: Callable[[Db, Frame], Shape]) -> Response:
    """What `make` says of an account's history. Raises NotThere when there is none."""
    facts = facts_of(request)

    def framed(db: Db, version: str) -> Shape:
        return make(db, require_account(facts.frame(db, view, version)))

    return reply(request, asked, framed)


def require_account(frame: Frame) -> Frame:
    """The frame, if there is an account. Raises NotThere."""
    if frame.account is None:
        raise NotThere("There are no accounts yet. Add one: python -m monitor account add LABEL")
    return frame


def require_history(frame: Frame) -> Frame:
    """The frame, if its period has a valued hour. Raises NotThere."""
    if frame.span is None:
        known = f" The history goes from {frame.history[0]} to {frame.history[1]}." if frame.history else ""
        raise NotThere(f"There is no valued hour in this period.{known}")
    return frame


def may_say(shape: type[Shape]) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of a route's answers."""
    responses: dict[int | str, dict[str, Any]] = {200: {"model": shape}}
    responses[304] = {"description": "Not changed since the ETag of If-None-Match."}
    for status, what in (
        (400, "A parameter has a value that is not possible."),
        (404, "It does not exist."),
        (503, "The database is away, or too much is asked for at once."),
    ):
        responses[status] = {"model": Fault, "description": what}
    return responses


def describe_fault(request: Request, error: Exception) -> Response:
    """An error as JSON."""
    if isinstance(error, RequestValidationError):
        return _fault(400, "; ".join(_describe_invalid(wrong) for wrong in error.errors()))
    if isinstance(error, HTTPException):
        known = {404: "There is no such address. The list is at /api/docs.", 405: "This dashboard only reads."}
        return _fault(error.status_code, known.get(error.status_code, "The request can't be answered."))
    return _fault(STATUSES[type(error)], str(error))


def _describe_invalid(wrong: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in wrong["loc"][1:]) or "the query"
    if wrong["type"] == "extra_forbidden":
        return f"{name[:60]}: there is no such parameter"
    return f"{name[:60]}: {wrong['msg']}"


def _fault(status: int, message: str) -> Response:
    body = Fault(error=message.encode("utf-8", "replace").decode()).model_dump_json()
    return Response(body, status, media_type=JSON, headers={"Cache-Control": "no-store"})
