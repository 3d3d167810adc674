"""An unmodified ccxt.pro and plain WebSockets at a paper exchange; only addresses, and the clock of stamps, are the venue's."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import ccxt.pro
import websockets

from tests.venue import KEY, SECRET, RunningVenue

LONGEST_WAIT = 20.0


def run(talk: Callable[[], Awaitable[None]]) -> None:
    """Hold a conversation, which may not last for ever."""

    async def timed() -> None:
        async with asyncio.timeout(LONGEST_WAIT * 3):
            await talk()

    asyncio.run(timed())


@asynccontextmanager
async def connect(venue: RunningVenue, key: str = KEY, secret: str = SECRET) -> AsyncIterator[Any]:
    """A client of ccxt.pro's with its markets loaded."""
    client = ccxt.pro.binance(
        {"apiKey": key, "secret": secret, "options": {"fetchMarkets": ["spot"], "fetchCurrencies": False}}
    )
    client.has["fetchCurrencies"] = False
    client.urls["api"] = {
        name: address.replace("https://api.binance.com", venue.url) if isinstance(address, str) else address
        for name, address in client.urls["api"].items()
    }
    sockets = venue.url.replace("http", "ws")
    client.urls["api"]["ws"]["ws-api"]["spot"] = f"{sockets}/ws-api/v3"
    client.urls["api"]["ws"]["spot"] = f"{sockets}/ws"
    client.nonce = lambda: int(venue.exchange.venue.clock.now().timestamp() * 1000)
    try:
        await client.load_markets()
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def open_socket(venue: RunningVenue, path: str = "/ws-api/v3") -> AsyncIterator[Any]:
    """A WebSocket with nothing in between."""
    async with websockets.connect(venue.url.replace("http", "ws") + path, max_size=None) as socket:
        yield socket


async def ask(socket: Any, method: str, **parameters: Any) -> dict[str, Any]:
    """What is answered to a request."""
    await socket.send(json.dumps({"id": 1, "method": method, "params": parameters}))
    return await hear(socket)


async def hear(socket: Any) -> dict[str, Any]:
    """The next message."""
    told: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), LONGEST_WAIT))
    return told


def sign(venue: RunningVenue, key: str = KEY, secret: str = SECRET, **parameters: Any) -> dict[str, Any]:
    """Parameters as the documentation has them signed: sorted, each as its text."""
    stamp = int(venue.exchange.venue.clock.now().timestamp() * 1000)
    told = {"apiKey": key, "timestamp": stamp} | parameters
    text = "&".join(f"{name}={json.dumps(v) if isinstance(v, bool) else v}" for name, v in sorted(told.items()))
    return told | {"signature": hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()}
