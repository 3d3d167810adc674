"""WebSockets of any dialect: what is told waits for its turn, and who does not read is cut off."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from time import monotonic
from typing import Any

Message = MutableMapping[str, Any]
MOST_BEHIND = 2**20  # bytes that a reader has not taken
LONGEST_LIFE = 24 * 3600.0  # seconds
UNSERVED, GOING_AWAY = 1008, 1001
# What uvicorn is told of them: a ping every 20 s that is to be answered within a minute, and no larger frames than requests.
SERVED: dict[str, Any] = {
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 60.0,
    "ws_max_size": 64 * 1024,
    "proxy_headers": False,  # uvicorn believes whoever asks from this machine; we believe named proxies alone
}


class Socket:
    """One connection. Whatever is told it is sent in order; nobody waits for that."""

    def __init__(
        self, scope: Any, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        self.path: str = scope["path"]
        self.query: str = scope["query_string"].decode("latin-1")
        self.address: str = (scope.get("client") or ("",))[0]
        self.farewell: Callable[[], str] | None = None  # what it is told before the exchange stops
        self._receive, self._send = receive, send
        self._waiting: deque[str] = deque()
        self._behind = 0
        self._is_told = asyncio.Event()
        self._is_closing = False

    async def refuse(self) -> None:
        """Let the connection not come about."""
        await self._send({"type": "websocket.close"})

    async def serve(self, hear: Callable[[str], Awaitable[None]]) -> None:
        """Give everything that comes to `hear`, until either side ends it or its day is over."""
        if (await self._receive())["type"] != "websocket.connect":
            return
        await self._send({"type": "websocket.accept"})
        writer = asyncio.create_task(self._write())
        try:
            async with asyncio.timeout(LONGEST_LIFE):
                while not self._is_closing and (message := await self._receive())["type"] == "websocket.receive":
                    await hear(message.get("text") or "")
            await writer if self._is_closing else None
        except TimeoutError:
            await self._send({"type": "websocket.close", "code": GOING_AWAY})
        finally:
            self._is_closing = True
            writer.cancel()

    @staticmethod
    def heard_at() -> float:
        """Seconds of this machine's clock: messages are counted by real time, though the venue's may stand."""
        return monotonic()

    def tell(self, text: str) -> None:
        """Send a text after all that was told before. Who is too far behind is cut off."""
        if self._is_closing:
            return
        self._waiting.append(text)
        self._behind += len(text)
        self._is_told.set()
        if self._behind > MOST_BEHIND:
            self.cut()

    def close(self) -> None:
        """End it, after what was told."""
        self._is_closing = True
        self._is_told.set()

    def cut(self) -> None:
        """End it at once, whatever was told."""
        self._is_closing = True
        self._send.__self__.transport.abort()  # type: ignore[attr-defined]  # uvicorn's connection, the owner of `send`

    async def _write(self) -> None:
        while self._waiting or not self._is_closing:
            await self._is_told.wait()
            while self._waiting:
                text = self._waiting.popleft()
                await self._send({"type": "websocket.send", "text": text})
                self._behind -= len(text)
            self._is_told.clear()
        await self._send({"type": "websocket.close", "code": UNSERVED})
