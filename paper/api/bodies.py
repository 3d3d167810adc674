"""The JSON of a request, read strictly: one object, no name twice, no figure that is none, and no field that nobody reads."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from starlette.requests import ClientDisconnect, Request

from paper.users.refusals import Invalid

LARGEST_BODY = 64 * 1024
MOST_DETAILS, LONGEST_NAME = 20, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What a field of a body or a query takes: `read` returns its value, or raises ValueError with what is wrong."""

    read: Callable[[Any], Any]
    is_needed: bool = True
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})  # JSON Schema, for the description


async def read_body(request: Request) -> bytes:
    """The body of a request. Raises Invalid for one that is too large or is not JSON."""
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_BODY:
                raise Invalid({}, f"The body has more than {LARGEST_BODY:,} bytes.")
    except ClientDisconnect:
        raise Invalid({}, "The body broke off.") from None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != "application/json":  # what a page of another site may send without asking is never JSON
        raise Invalid({}, "The body has to be JSON: Content-Type: application/json")
    return body


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; none is an empty one. Raises Invalid."""
    if not body:
        return {}
    try:
        found = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_refuse, parse_float=Decimal)
    except (ValueError, RecursionError) as fault:
        raise Invalid({}, f"The body is no JSON that can be read: {_told(fault)}") from None
    if not isinstance(found, dict):
        raise Invalid({}, "The body has to be one JSON object.")
    return found


def read_fields(given: Mapping[str, Any], taken: Mapping[str, Field]) -> dict[str, Any]:
    """The values of all fields that were sent. Raises Invalid, which says of each field what is wrong with it."""
    details = {name: "is not known here" for name in given if name not in taken}
    details |= {name: "is needed" for name, one in taken.items() if one.is_needed and name not in given}
    values: dict[str, Any] = {}
    for name, one in taken.items():
        if name not in given:
            continue
        try:
            values[name] = one.read(given[name])
        except ValueError as fault:
            details[name] = str(fault)
    if details:
        raise Invalid({name[:LONGEST_NAME]: told for name, told in list(details.items())[:MOST_DETAILS]})
    return values


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError("a name stands twice in one object")
        found[name] = value
    return found


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _told(fault: Exception) -> str:
    if isinstance(fault, RecursionError):
        return "it is nested too deep"
    if isinstance(fault, json.JSONDecodeError):
        return f"{fault.msg} at character {fault.pos}"
    return "it is not UTF-8" if isinstance(fault, UnicodeDecodeError) else str(fault)
