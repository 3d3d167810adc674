"""A paper exchange over HTTP for the tests: served from a thread, one venue a test."""

import asyncio
import json
import secrets
import threading
import urllib.request
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvicorn

from paper.clock import VenueClock
from paper.control import make_control
from paper.market.klines import Market
from paper.market.simulated import SimulatedMarket
from paper.platform.ports import address_of, listen_here
from paper.stories.lines import parse_story
from paper.stories.verbs import make_venue
from paper.wire.app import PaperExchange
from paper.wire.binance.weights import UsedWeights
from paper.wire.sockets import SERVED

KEY, SECRET = "key-of-the-test-account-0123456789", "secret-of-the-test-account-9876543210"
START = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 10000 USDT
+1m buy for 4000 BTCUSDT
+1m buy for 3000 ETHUSDT
"""
MARKET = SimulatedMarket(7)
CONTROL_SECONDS = 120  # it may still be rolling up a thousand days from minutes, for a worker that waited no longer


class PromptServer(uvicorn.Server):
    """Ends as soon as it is told to; uvicorn's own looks ten times a second, and then gives connections more time."""

    def __init__(self, config: uvicorn.Config, ended: asyncio.Event) -> None:
        super().__init__(config)
        self._ended = ended

    async def main_loop(self) -> None:
        """Serve until the end."""
        await self.on_tick(0)
        await self._ended.wait()

    async def shutdown(self, sockets: Any = None) -> None:
        """Close everything; calls that still wait for an answer are cut."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()


class Unlimited(UsedWeights):
    """Limits that are never reached: a minute of the venue's, whose clock stands, would never end."""

    def use(self, *_: object) -> dict[str, str]:
        """Nothing is counted but orders."""
        return {}


class RunningVenue:
    """A served paper exchange."""

    key, secret = KEY, SECRET
    beside: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()  # what runs where it is served

    def __init__(
        self,
        market: Market,
        story: str,
        start: datetime,
        stands: datetime,
        served: type[PaperExchange] = PaperExchange,
    ) -> None:
        self.venue = make_venue(market, VenueClock(stands, follows=False), parse_story(story, start))
        self.venue.catch_up()
        self.begin(served(self.venue))

    def begin(self, exchange: PaperExchange) -> None:
        """Serve an exchange from a thread."""
        self.exchange = exchange
        self.control_secret = secrets.token_urlsafe()
        apps = {name: self.exchange.port(name) for name in self.exchange.dialects}
        apps["control"] = make_control(self.exchange, self.control_secret)
        sockets = [listen_here(0) for _ in apps]
        self.urls = {name: address_of(bound) for name, bound in zip(apps, sockets, strict=True)}
        self.url, self.control_url = self.urls["binance"], self.urls["control"]
        self._loop, self._ended = asyncio.new_event_loop(), asyncio.Event()
        self._servers = [
            PromptServer(
                uvicorn.Config(app, log_level="error", access_log=False, lifespan="off", **SERVED), self._ended
            )
            for app in apps.values()
        ]
        self._thread = threading.Thread(target=self._serve, args=(sockets,), daemon=True)
        self._thread.start()

    def _serve(self, sockets: Any) -> None:
        async def serve() -> None:
            beside = [asyncio.create_task(one()) for one in self.beside]
            for server in self._servers:
                server.config.load()
            await asyncio.gather(*(s.serve(sockets=[b]) for s, b in zip(self._servers, sockets, strict=True)))
            for task in beside:
                task.cancel()

        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(serve())

    def call(self, act: Callable[[], object]) -> None:
        """Do something where the venue is served."""
        self._loop.call_soon_threadsafe(act)

    def stop(self) -> None:
        """Stop serving."""
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)

    def control(self, path: str, told: Any = None, method: str | None = None) -> Any:
        """Ask the control interface."""
        body = None if told is None else json.dumps(told).encode()
        secret = {"Authorization": f"Bearer {self.control_secret}"}
        request = urllib.request.Request(self.control_url + path, data=body, method=method, headers=secret)
        with urllib.request.urlopen(request, timeout=CONTROL_SECONDS) as response:
            return json.load(response)

    def now(self) -> datetime:
        """The venue's time."""
        return datetime.fromisoformat(self.control("/clock")["now"])

    def set_clock(self, moment: datetime) -> None:
        """Stand at a moment."""
        self.control("/clock", {"set": moment.isoformat()})

    def advance(self, **step: float) -> None:
        """Move the clock forward, as timedelta's arguments."""
        self.control("/clock", {"advance_seconds": timedelta(**step).total_seconds()})

    def do(self, line: str, account: str = "test") -> None:
        """Let a story's verb happen now."""
        self.control("/events", {"line": line, "account": account})

    def fault(self, path: str, fault: dict[str, Any], **when: int | str) -> None:
        """Break a path."""
        self.control("/faults", {"path": path, "fault": fault, **when})

    def clear_faults(self) -> None:
        """End all faults."""
        self.control("/faults", method="DELETE")

    def requests(self) -> list[dict[str, Any]]:
        """What was asked since the log was cleared."""
        found: list[dict[str, Any]] = self.control("/requests")
        return found

    def truth(self, account: str = "test") -> dict[str, Any]:
        """What the account really holds."""
        found: dict[str, Any] = self.control("/truth")["accounts"][account]
        return found


Opener = Callable[..., RunningVenue]


@pytest.fixture
def open_venue() -> Iterator[Opener]:
    """Opens venues with a market, story and start of the test's choice."""
    opened: list[RunningVenue] = []

    def opener(
        story: str = STORY, market: Market = MARKET, start: datetime = START, stands: datetime | None = None
    ) -> RunningVenue:
        opened.append(RunningVenue(market, story, start, stands or start + timedelta(hours=1, minutes=2)))
        return opened[-1]

    yield opener
    for venue in opened:
        venue.stop()


@pytest.fixture
def venue(open_venue: Opener) -> RunningVenue:
    """A venue with one account: USDT, BTC and ETH in spot, an hour and two minutes after the start."""
    return open_venue()
