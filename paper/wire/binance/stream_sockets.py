"""A connection to the market's streams: `/ws` tells what they say as it is, `/stream` with the name of each."""

import json
import re
from typing import Any
from urllib.parse import parse_qs

from paper.engine.venue import Venue
from paper.wire.binance.frames import Figure, Object, read_object
from paper.wire.binance.market_streams import MarketStreams, is_stream
from paper.wire.binance.user_events import write_shutdown
from paper.wire.limits import RecentCalls
from paper.wire.refusal import Refusal
from paper.wire.sockets import Socket

RAW, COMBINED = "/ws", "/stream"
MOST_STREAMS = 1_024
MOST_MESSAGES = 5  # a second
IDENTITY = re.compile(r"[A-Za-z0-9\-_]{0,36}", re.ASCII)
METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")
BAD_IDENTITY = Refusal(2, "Invalid request: request ID must be an unsigned integer")
NO_METHOD = Refusal(2, "Invalid request: missing field `method`")
NOT_TEXTS = Refusal(2, "Invalid request: params must be an array of strings")
BAD_STREAM = Refusal(2, "Invalid request: invalid stream")
TOO_MANY_STREAMS = Refusal(2, "Invalid request: too many streams")
TOO_MANY = Refusal(2, "Invalid request: too many parameters")
NO_NAME = Refusal(2, "Invalid request: property name must be a string")
NO_PROPERTY = Refusal(0, "Unknown property")
NO_FLAG = Refusal(1, "Invalid value type: expected Boolean")
NOT_JSON = Refusal(3, "Invalid JSON: expected value at line 1 column 1")


def is_path(path: str) -> bool:
    """Whether a connection to a path is one to the market's streams."""
    return path.rstrip("/") in (RAW, COMBINED) or path.startswith(f"{RAW}/")


class StreamSocket:
    """One connection, and the streams that it listens to."""

    def __init__(self, streams: MarketStreams, venue: Venue, socket: Socket) -> None:
        self._streams, self._venue, self._socket = streams, venue, socket
        self._heard = RecentCalls(1.0)
        self._names: dict[str, None] = {}  # in the order in which they were asked for
        self._is_combined = socket.path.startswith(COMBINED)

    def begin(self) -> None:
        """Listen to the streams that the address names."""
        if self._is_combined:
            named = parse_qs(self._socket.query).get("streams", [""])[0]
        else:
            named = self._socket.path.removeprefix(RAW)
        self._subscribe([name for name in named.split("/") if is_stream(name)][:MOST_STREAMS])

    def end(self) -> None:
        """Nothing more can be told."""
        self._unsubscribe([*self._names])

    def say_farewell(self) -> str:
        """What is told before the exchange stops."""
        event = json.dumps(write_shutdown(self._venue.clock.now()))
        return self._wrap("!serverShutdown", event)

    async def hear(self, text: str) -> None:
        """Answer a request; who asks too often is cut off."""
        if self._heard.count("", self._socket.heard_at()) > MOST_MESSAGES:
            self._socket.close()
            return
        identity: Any = None
        try:
            frame = _read(text)
            identity = _read_identity(frame)
            answer: dict[str, Any] = {"result": self._do(frame), "id": identity}
        except Refusal as refusal:
            answer = {"error": {"code": refusal.code, "msg": refusal.message}, "id": identity}
        self._socket.tell(json.dumps(answer))

    def _do(self, frame: Object) -> Any:
        """What a request is answered. Raises Refusal."""
        asked = dict(frame)
        if "method" not in asked:
            raise NO_METHOD
        method, parameters = asked["method"], asked.get("params", [])
        if method not in METHODS:
            known = ", ".join(f"`{name}`" for name in METHODS)
            raise Refusal(2, f"Invalid request: unknown variant `{str(method)[:50]}`, expected one of {known}")
        if method.endswith("PROPERTY"):
            return self._use_property(parameters, is_set=method.startswith("SET"))
        if method == "LIST_SUBSCRIPTIONS":
            return [*self._names]
        if not isinstance(parameters, list) or not all(type(one) is str for one in parameters):
            raise NOT_TEXTS
        if not parameters or not all(is_stream(name) for name in parameters):
            raise BAD_STREAM
        return self._subscribe(parameters) if method == "SUBSCRIBE" else self._unsubscribe(parameters)

    def _subscribe(self, names: list[str]) -> None:
        new = dict.fromkeys(name for name in names if name not in self._names)
        if len(self._names) + len(new) > MOST_STREAMS:
            raise TOO_MANY_STREAMS
        self._names |= new
        for name in new:
            self._streams.add(name, self._tell)

    def _unsubscribe(self, names: list[str]) -> None:
        for name in names:
            if name in self._names:
                del self._names[name]
                self._streams.remove(name, self._tell)

    def _use_property(self, parameters: Any, *, is_set: bool) -> Any:
        name, *rest = parameters if isinstance(parameters, list) and parameters else [None]
        if type(name) is not str:
            raise NO_NAME
        if name != "combined":
            raise NO_PROPERTY
        if len(rest) > is_set:
            raise TOO_MANY
        if not is_set:
            return self._is_combined
        if not rest or not isinstance(rest[0], bool):
            raise NO_FLAG
        self._is_combined = rest[0]
        return None

    def _tell(self, name: str, text: str) -> None:
        self._socket.tell(self._wrap(name, text))

    def _wrap(self, name: str, text: str) -> str:
        return f'{{"stream":{json.dumps(name)},"data":{text}}}' if self._is_combined else text


def _read(text: str) -> Object:
    try:
        return read_object(text)
    except Refusal:
        raise NOT_JSON from None


def _read_identity(frame: Object) -> Any:
    """A request's own id. Raises Refusal."""
    asked = dict(frame)
    found = asked.get("id", False)
    if isinstance(found, Figure) and found.isdigit() and int(found[:20]) < 2**63 and len(found) < 20:
        return int(found)
    if found is None or (type(found) is str and IDENTITY.fullmatch(found)):
        return found
    raise BAD_IDENTITY
