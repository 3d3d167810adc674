"""How refusals are answered: a status, and one shape of body for all of them."""

import json
import logging
import secrets
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from paper.engine.changes import JournalFull, NotCommitted
from paper.users.refusals import Absent, Busy, Conflict, Forbidden, Invalid, Refused, TooMany, Unfit, Unknown

STATUSES = {Invalid: 400, Unfit: 400, Unknown: 401, Forbidden: 403, Absent: 404, Conflict: 409, TooMany: 429, Busy: 503}
WORDS = {404: "Not found", 405: "Method not allowed"}
NOT_NOW_SECONDS = 2
log = logging.getLogger("paper.api")


def write(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    """An answer in JSON; letters that are halves of characters are escaped like all that are not ASCII."""
    if body is None:
        return Response(status_code=status, headers=headers)
    return Response(json.dumps(body), status, headers, "application/json")


def refuse(request: Request, refused: Exception) -> Response:
    """The answer of something that is not done."""
    assert isinstance(refused, Refused)
    status = STATUSES[type(refused)]
    body: dict[str, Any] = {"error": "Authentication required" if status == 401 else str(refused)}
    if isinstance(refused, Invalid) and refused.details:
        body["details"] = refused.details
    elif status == 401 and str(refused) != body["error"]:
        body["details"] = str(refused)
    if refused.action:
        body["action_required"] = refused.action
    if refused.code:
        body["code"] = refused.code
    headers = {"Connection": "close"} if isinstance(refused, Invalid) and not refused.details else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refused, (TooMany, Busy)):
        headers["Retry-After"] = str(refused.seconds)
    return write(status, body, headers)


def refuse_path(request: Request, fault: Exception) -> Response:
    """The answer of a path or a method that there is not."""
    assert isinstance(fault, HTTPException)
    headers = dict(fault.headers or {})
    return write(fault.status_code, {"error": WORDS.get(fault.status_code, fault.detail)}, headers)


def refuse_unkept(request: Request, lack: Exception) -> Response:
    """The answer where nothing was done because too much waits, or nobody knows whether it is kept."""
    told = (
        "Too much waits to be written: nothing was done. Try again in a few seconds."
        if isinstance(lack, JournalFull)
        else "Whether this was done is not known: it may not be kept. Look before you try again."
    )
    return write(503, {"error": told}, {"Retry-After": str(NOT_NOW_SECONDS)})


def fail(request: Request, fault: Exception) -> Response:
    """The answer of a fault of ours; its reference stands in the log beside what happened."""
    reference = secrets.token_hex(6)
    log.error("reference %s: %s %s", reference, request.method, request.url.path, exc_info=fault)
    return write(500, {"error": "Internal error", "reference": reference})


HANDLERS: dict[Any, Any] = {
    Refused: refuse,
    HTTPException: refuse_path,
    JournalFull: refuse_unkept,
    NotCommitted: refuse_unkept,
    Exception: fail,
}
