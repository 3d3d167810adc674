"""Requests of the WebSocket API as they come, in JSON: numbers stay the text that they were written as, for they are signed so."""

import json
import re
from collections.abc import Sequence
from typing import Any

from paper.wire.binance.refusals import illegal_text, invalid
from paper.wire.binance.request import Wanted
from paper.wire.refusal import Refusal

DOOR = frozenset(["apiKey", "returnRateLimits"])  # parameters of every method, beside those of signing
IDENTITY = re.compile(r"-?[0-9]{1,19}", re.ASCII)
LONGEST_IDENTITY = 64
NOT_JSON = Refusal(-1135, "Invalid JSON Request")
BAD_IDENTITY = Refusal(-1135, "Invalid 'id' in JSON request; expected an integer, a string, or null.")
BAD_METHOD = Refusal(-1135, "Invalid 'method' in JSON request; expected a string.")
BAD_PARAMETERS = Refusal(-1135, "Invalid 'params' in JSON request; expected an object.")


class Figure(str):
    """A number, as it was written."""

    __slots__ = ()


class Object(tuple[tuple[str, Any], ...]):
    """The names and values of an object, as often as they were written."""

    __slots__ = ()


def read_object(text: str) -> Object:
    """The object that a frame is. Raises Refusal."""
    try:
        found = json.loads(
            text, parse_int=Figure, parse_float=Figure, parse_constant=_refuse_constant, object_pairs_hook=Object
        )
    except (ValueError, RecursionError):
        raise NOT_JSON from None
    if not isinstance(found, Object):
        raise NOT_JSON
    return found


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no number")


def read_identity(frame: Object) -> str:
    """A request's own id as JSON, to be sent back. Raises Refusal."""
    found = dict(frame).get("id")
    if found is None:
        return "null"
    is_figure = isinstance(found, Figure) and IDENTITY.fullmatch(found)
    if is_figure or (type(found) is str and len(found) <= LONGEST_IDENTITY):
        return str(found) if is_figure else json.dumps(found)
    raise BAD_IDENTITY


def read_method(frame: Object) -> str:
    """What is asked for, without the version that may stand before it. Raises Refusal."""
    method = dict(frame).get("method")
    if type(method) is not str:
        raise BAD_METHOD
    return method.removeprefix("v3/")


def read_parameters(frame: Object) -> list[tuple[str, str]]:
    """The parameters as text. Raises Refusal."""
    found = dict(frame).get("params", Object())
    if not isinstance(found, Object):
        raise BAD_PARAMETERS
    return [(name, _write(name, value)) for name, value in found]


def _write(name: str, value: Any) -> str:
    """A value as it is signed."""
    if isinstance(value, str):
        if not _is_text(value):
            raise illegal_text(name)
        return str(value)
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, list) and all(type(one) is str and _is_text(one) for one in value):
        return json.dumps(value, separators=(",", ":"))
    raise invalid(name)


def _is_text(value: str) -> bool:
    """Whether it is one that can be written in UTF-8."""
    return not any("\ud800" <= sign <= "\udfff" for sign in value)


def make_wanted(pairs: Sequence[tuple[str, str]], session_key: str, address: str = "") -> Wanted:
    """What is asked with these parameters on a connection from an address that has proven the key `session_key`, or none."""
    sent = dict(pairs)
    signed = sorted((name, value) for name, value in sent.items() if name != "signature")
    is_trusted = bool(session_key) and "signature" not in sent and sent.get("apiKey", session_key) == session_key
    return Wanted(
        key=session_key if is_trusted else sent.get("apiKey", ""),
        address=address,
        pairs=tuple(pairs),
        payload="&".join(f"{name}={value}" for name, value in signed),
        beside=DOOR,
        is_trusted=is_trusted,
    )
