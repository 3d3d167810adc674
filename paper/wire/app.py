"""What the ports share: the venue, the bad days that are planned, and what was asked; each port is one dialect's."""

from asyncio import sleep, to_thread
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from time import monotonic
from typing import Any

from paper.engine.changes import JournalFull, NotCommitted
from paper.engine.venue import Venue
from paper.faults import Faults, answer, strike
from paper.wire.dialect import Dialect, Postponed, Reply
from paper.wire.request import Sent
from paper.wire.sockets import Socket
from serving.addresses import Network, find_client

LARGEST_BODY = 64 * 1024
App = Callable[[Any, Any, Any], Awaitable[None]]


class PaperExchange:
    """One venue, and the exchanges whose accounts it has: a dialect for each."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.faults = Faults()
        self.sockets: set[Socket] = set()
        self.log: deque[dict[str, Any]] = deque(maxlen=5_000)
        self.proxies: frozenset[Network] = frozenset()  # whose X-Forwarded-For is believed
        self.dialects: dict[str, Dialect] = {name: _load(name) for name in venue.exchanges}
        for dialect in self.dialects.values():
            dialect.start(venue)

    def port(self, name: str) -> App:
        """The ASGI application of one exchange's port."""
        dialect = self.dialects[name]

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                await self.serve(dialect, scope, receive, send)
            elif scope["type"] == "websocket":
                socket = Socket(scope, receive, send)
                socket.address = self._address(scope)
                await self._converse(dialect, socket)

        return app

    def forget_calls(self) -> None:
        """Let nothing be used of any dialect's limits."""
        for dialect in self.dialects.values():
            dialect.limits = dialect.new_limits()

    async def serve(self, dialect: Dialect, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request to a dialect's port."""
        began = monotonic()
        if self.faults.latency_seconds:
            await sleep(self.faults.latency_seconds)
        sent = replace(_read_head(scope, began), address=self._address(scope))
        if (fault := self.faults.pick(dialect.name, sent.path, _what(dialect, sent))) and await strike(fault, send):
            self._note(dialect, sent, "fault", 0)
            return
        sent = replace(sent, body=await _read_body(receive))
        status, headers, body = await self._answer(dialect, sent)
        self._note(dialect, sent, status, len(body))
        await answer(send, {"status": status, "headers": headers, "body": body})

    async def _answer(self, dialect: Dialect, sent: Sent) -> Reply:
        """The answer, once all is kept that it may say."""
        try:
            self.venue.journal.require_room()
            reply = self._respond(dialect, sent)
            await self.venue.journal.committed()
            if isinstance(reply, Postponed):
                reply = await to_thread(reply.make)
        except (JournalFull, NotCommitted) as lack:
            return dialect.respond_unkept(self.venue, sent, lack)
        return reply  # type: ignore[no-any-return]  # what tests bend is a reply, too

    async def _converse(self, dialect: Dialect, socket: Socket) -> None:
        self.sockets.add(socket)
        try:
            await dialect.converse(self.venue, socket)
        finally:
            self.sockets.discard(socket)

    def take_leave(self) -> None:
        """Tell every open connection that the exchange is about to stop."""
        for socket in self.sockets:
            if socket.farewell:
                socket.tell(socket.farewell())

    def _address(self, scope: Any) -> str:
        forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        return find_client((scope.get("client") or ("",))[0], forwarded, self.proxies)

    def _respond(self, dialect: Dialect, sent: Sent) -> Any:
        return dialect.respond(self.venue, sent)

    def _note(self, dialect: Dialect, sent: Sent, status: object, size: int) -> None:
        route = dialect.find_route(sent)
        asked = f"{sent.query}&{sent.body}".strip("&")
        entry: dict[str, Any] = {"exchange": dialect.name, "method": sent.method, "path": sent.path, "asked": asked}
        entry |= {"status": status, "weight": route.weight if route else 0, "bytes": size}
        self.log.append(entry | {"began": sent.heard_at, "ended": monotonic()})


def _load(name: str) -> Dialect:
    """The dialect of one exchange: what its folder calls `make_dialect`. Raises ValueError without one."""
    if find_spec(f"paper.wire.{name}") is None:
        raise ValueError(f"the paper exchange does not speak as {name} does")
    made: Dialect = import_module(f"paper.wire.{name}").make_dialect()
    return made


def _what(dialect: Dialect, sent: Sent) -> str:
    """What distinguishes calls of one path: the query, and whose key it is."""
    return f"{sent.query} {key_of(dialect, sent.headers)}"


def key_of(dialect: Dialect, headers: dict[str, str]) -> str:
    """The key that was sent; empty without one."""
    return next((headers[name] for name in dialect.key_headers if headers.get(name)), "")


def _read_head(scope: Any, heard_at: float) -> Sent:
    return Sent(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        body="",
        heard_at=heard_at,
    )


async def _read_body(receive: Any) -> str:
    body, more = b"", True
    while more and len(body) <= LARGEST_BODY:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body[:LARGEST_BODY].decode("latin-1")
