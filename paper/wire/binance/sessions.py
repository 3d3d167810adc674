"""A connection to the WebSocket API: the operations of the spot API, and what belongs to the connection itself."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from paper.engine.changes import JournalFull, NotCommitted
from paper.engine.venue import Venue
from paper.wire.binance.frames import make_wanted, read_identity, read_method, read_object, read_parameters
from paper.wire.binance.operations import METHODS, Operation, gives_orders
from paper.wire.binance.refusals import UNAUTHORIZED, UNSUPPORTED, invalid
from paper.wire.binance.request import Asked, milliseconds
from paper.wire.binance.signing import find_key
from paper.wire.binance.subscriptions import Subscriptions
from paper.wire.binance.user_events import write_shutdown
from paper.wire.binance.user_streams import UserStreams
from paper.wire.binance.weights import list_limits
from paper.wire.dialect import Postponed
from paper.wire.refusal import Refusal
from paper.wire.sockets import Socket

if TYPE_CHECKING:
    from paper.wire.binance import Binance

FLAGS = {"true": True, "false": False}
RATES = "returnRateLimits"
CONNECTING = 2  # what a connection weighs


class Session:
    """One connection, and the key that it has logged on with."""

    def __init__(self, dialect: "Binance", venue: Venue, socket: Socket, streams: UserStreams) -> None:
        self._dialect, self._venue, self._socket = dialect, venue, socket
        self._connected_at = venue.catch_up()
        self._key, self._authorized_at = "", None  # type: str, datetime | None
        self._tells_limits = parse_qs(socket.query).get(RATES, ["true"])[0] != "false"
        self._identity, self._shows_limits = "null", self._tells_limits  # of the frame that is answered
        self._giver = ""  # whose orders count in it
        self._subscriptions = Subscriptions(streams, venue, socket)
        self._session_subscription: int | None = None  # the one that ends with the session
        self._own = {
            "session.logon": self._method(self._logon, signed=True),
            "session.status": self._method(self._status),
            "session.logout": self._method(self._logout),
            "session.subscriptions": self._method(self._subscriptions.list),
            "userDataStream.subscribe": self._method(self._subscribe),
            "userDataStream.subscribe.signature": self._method(self._subscribe_signed, signed=True),
            "userDataStream.unsubscribe": self._method(self._subscriptions.end, "subscriptionId"),
        }
        dialect.limits.use(self._method(self._status), self._connected_at, socket.address)

    def _method(self, answered: Callable[[Asked], Any], reads: str = "", *, signed: bool = False) -> Operation:
        return Operation(answer=answered, weight=2, bucket="api", signed=signed, reads=frozenset(reads.split()))

    async def hear(self, text: str) -> None:
        """Answer a frame, once all is kept that the answer may say."""
        now = self._venue.clock.now()
        self._identity, self._giver, self._shows_limits = "null", "", self._tells_limits
        try:
            status, said = self._answer(text)
            await self._venue.journal.committed()
            if isinstance(said.get("result"), Postponed):
                status, said = await asyncio.to_thread(_complete, said["result"], now)
        except (JournalFull, NotCommitted) as lack:
            status, said = _refuse(self._dialect.unkept(lack), now)
        self._socket.tell(self._write(status, said))

    def _answer(self, text: str) -> tuple[int, dict[str, Any]]:
        now = self._connected_at
        try:
            frame = read_object(text)
            self._identity = read_identity(frame)
            self._venue.journal.require_room()
            now = self._venue.catch_up()
            operation = self._find(read_method(frame))
            pairs = read_parameters(frame)
            self._shows_limits = _read_flag(dict(pairs), self._tells_limits)
            self._dialect.limits.use(operation, now, self._socket.address)
            wanted = make_wanted(pairs, self._key, self._socket.address)
            key = self._dialect.find_key(self._venue, operation, wanted, now)
            self._giver = key.account.name if key and gives_orders(operation) else ""
            return 200, {"result": self._dialect.do(self._venue, operation, wanted, key, now)}
        except Refusal as refusal:
            return _refuse(refusal, now)

    def _find(self, method: str) -> Operation:
        if found := METHODS.get(method) or self._own.get(method):
            return found
        raise UNSUPPORTED

    def _write(self, status: int, said: dict[str, Any]) -> str:
        rest: dict[str, Any] = {"status": status} | said
        if self._shows_limits:
            now, limits = self._venue.clock.now(), self._dialect.limits
            rest["rateLimits"] = list_limits(limits, self._giver, now, self._socket.address)
        return f'{{"id":{self._identity},{json.dumps(rest, separators=(",", ":"))[1:]}'

    def _logon(self, asked: Asked) -> dict[str, Any]:
        key = asked.parameters["apiKey"] if "apiKey" in asked.parameters else self._key
        if not asked.used_key.public_key:  # a secret can't log on
            raise UNSUPPORTED
        self._key, self._authorized_at = key, asked.now
        return self._status(asked)

    def _logout(self, asked: Asked) -> dict[str, Any]:
        self._key, self._authorized_at = "", None
        if self._session_subscription is not None:
            self._subscriptions.end_one(self._session_subscription, asked.now)
            self._session_subscription = None
        return self._status(asked)

    def _subscribe(self, asked: Asked) -> dict[str, Any]:
        if not self._key:
            raise UNAUTHORIZED
        found = self._subscriptions.begin(find_key(self._venue, self._key, self._socket.address))
        self._session_subscription = found
        return {"subscriptionId": found}

    def _subscribe_signed(self, asked: Asked) -> dict[str, Any]:
        return {"subscriptionId": self._subscriptions.begin(asked.used_key)}

    def begin(self) -> None:
        """Nothing is told before it is asked."""

    def say_farewell(self) -> str:
        """What is told before the exchange stops."""
        return json.dumps({"event": write_shutdown(self._venue.clock.now())})

    def end(self) -> None:
        """Nothing more can be told."""
        self._subscriptions.forget()

    def _status(self, asked: Asked) -> dict[str, Any]:
        return {
            "apiKey": self._key or None,
            "authorizedSince": milliseconds(self._authorized_at) if self._authorized_at else None,
            "connectedSince": milliseconds(self._connected_at),
            "returnRateLimits": self._tells_limits,
            "serverTime": milliseconds(asked.now),
            "userDataStream": self._subscriptions.are_any,
        }


def _read_flag(sent: dict[str, str], default: bool) -> bool:
    if RATES not in sent:
        return default
    if sent[RATES] not in FLAGS:
        raise invalid(RATES)
    return FLAGS[sent[RATES]]


def _complete(postponed: Postponed, now: datetime) -> tuple[int, dict[str, Any]]:
    try:
        return 200, {"result": postponed.make()}
    except Refusal as refusal:
        return _refuse(refusal, now)


def _refuse(refusal: Refusal, now: datetime) -> tuple[int, dict[str, Any]]:
    """Status, code and words of a refusal; what has to be waited for is told as a moment."""
    data = refusal.data
    if wait := refusal.headers.get("Retry-After"):
        data = {"serverTime": milliseconds(now), "retryAfter": milliseconds(now) + int(wait) * 1_000}
    error: dict[str, Any] = {"code": refusal.code, "msg": refusal.message}
    return refusal.status, {"error": error | ({"data": data} if data else {})}
