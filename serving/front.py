"""Connections of strangers: each may take so much time and memory, and all together so many may be open.

uvicorn's own protocol serves what is asked; here stands what it lacks. A connection that sends nothing, a request that
does not end, one that is too large and a row of requests sent without waiting are closed. When too many connections are
open, the one that has been without a request for longest makes room, so that whoever comes is served.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a connection may take."""

    request_seconds: float = 10.0  # from a connection, or a request's first byte, to the request's last
    idle_seconds: float = 5.0  # between an answer and the next request
    unread_seconds: float = 20.0  # until what was sent must have been taken
    most_bytes: int = 32 * 2**10  # of a request, headers and body
    most_waiting: int = 8  # requests that were sent before the answer to the one before
    most_connections: int = 100


class FrontProtocol(HttpToolsProtocol):
    """One connection."""

    limits = Limits()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._received = 0  # bytes of a request that has not ended
        self._since = 0.0  # when it was opened, or the last answer was made

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; another one goes if this is one too many."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._begin_wait()
        ours = [other for other in self.connections if isinstance(other, FrontProtocol)]
        if len(ours) > self.limits.most_connections:
            min(ours, key=lambda other: (other.is_working, other._since)).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._end_wait()
        super().connection_lost(exc)

    @property
    def is_working(self) -> bool:
        """Whether an answer is being made or sent."""
        is_made = self.cycle is None or self.cycle.response_complete
        return not is_made or self.transport.get_write_buffer_size() > 0

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        if self._deadline is None:
            self._begin_wait()
        self._received += len(data)
        super().data_received(data)
        if self._received > self.limits.most_bytes:
            self.transport.abort()

    def on_message_begin(self) -> None:
        """A request begins. An error in here is the client's, and ends the connection."""
        if len(self.pipeline) >= self.limits.most_waiting:
            raise ValueError("too many requests at once")
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """A request has ended."""
        self._end_wait()
        self._received = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer was made."""
        self._since = self.loop.time()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        """From here on it is a WebSocket, which lives as long as it likes."""
        self._end_wait()
        super().handle_websocket_upgrade()

    def _begin_wait(self) -> None:
        self._deadline = self.loop.call_later(self.limits.request_seconds, self.transport.abort)

    def _end_wait(self) -> None:
        if self._deadline:
            self._deadline.cancel()
        self._deadline = None
