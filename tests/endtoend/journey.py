"""A story lived through hour by hour: the venue's clock moves, the worker runs, an onlooker of the venue takes notes."""

import asyncio
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from types import TracebackType

from monitor.accounts.client import ExchangeClient
from monitor.accounts.opening import open_client
from monitor.accounts.registry import load_accounts
from monitor.cycle.result import CycleResult
from monitor.cycle.run import run_cycle
from paper.faults import Faults
from paper.stories.futures import unrealised
from tests.independent.history import Sight
from tests.independent.positions import mark_positions
from tests.independent.story import read_moves
from tests.venue import RunningVenue
from tests.worker import Worker

HOUR = timedelta(hours=1)
MINUTES_PAST = timedelta(minutes=2)
INSTANT = timedelta(milliseconds=1)
SETTLED_IN = ("USDT", "BTC")


class Journey:
    """Leads a worker through a story. As a context manager, because it keeps the connections to the venue open."""

    def __init__(self, venue: RunningVenue, worker: Worker, story: str, start: datetime) -> None:
        self.venue, self.worker = venue, worker
        self.hour = start.replace(minute=0, second=0, microsecond=0)  # the last one that was run
        self.moves = read_moves(story, start)
        self.before: dict[datetime, Sight] = {}  # just before each move of money
        self.readings: dict[datetime, Sight] = {}  # by hour
        self.full_hours: dict[datetime, Sight] = {}  # at each hour's very beginning
        self.most_fill_calls = ExchangeClient.most_fill_calls
        self._weather: Faults | None = None  # only while the worker runs: the onlooker sees everything
        self._runner = asyncio.Runner()
        self._client: ExchangeClient | None = None

    def __enter__(self) -> "Journey":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reconnect()
        self._runner.close()

    def reconnect(self) -> None:
        """Let the next run open its connections anew, as every run of the real worker does."""
        if self._client:
            self._runner.run(self._client.close())
        self._client = None

    def run_hours(self, count: int) -> None:
        """Run the worker at two minutes past each of the next `count` hours."""
        for _ in range(count):
            self.skip_hours(1)
            self.run_here()

    def skip_hours(self, count: int) -> None:
        """Let `count` hours go by; the venue stands at two minutes past the last."""
        for _ in range(count):
            self.hour += HOUR
            self.watch_until(self.hour)
            self.full_hours[self.hour] = self.look(self.hour)
        self.watch_until(self.hour + MINUTES_PAST)
        self.readings[self.hour] = self.look()

    def brave(self, weather: Faults | None) -> None:
        """Let the worker's calls meet these faults from now on."""
        self._weather = weather

    def run_here(self) -> CycleResult:
        """Run the worker at the venue's time."""
        now, calm = self.venue.now(), self.venue.exchange.faults
        self.venue.exchange.faults = self._weather or calm
        try:
            return self._runner.run(self._run(now))
        finally:
            self.venue.exchange.faults = calm

    async def _run(self, now: datetime) -> CycleResult:
        self._client = self._client or open_client(self.worker.settings)
        self._client.second_look_seconds = 0
        self._client.most_fill_calls = self.most_fill_calls
        accounts = load_accounts(self.worker.db, self.worker.settings)
        return await run_cycle(self.worker.db, self._client, accounts, now=now, pid=os.getpid(), version="journey")

    def watch_until(self, moment: datetime) -> None:
        """Move to `moment`, looking at the accounts just before money moves."""
        here = self.venue.now()
        for at in sorted({move.at for move in self.moves if here < move.at <= moment}):
            self.venue.set_clock(at - INSTANT)
            self.before[at] = self.look(at)
        self.venue.set_clock(moment)

    def look(self, marked_at: datetime | None = None) -> Sight:
        """What every account holds now, by the venue's own books; open positions as they are told, or marked at a minute."""
        truth = self.venue.control("/truth")
        at = datetime.fromisoformat(truth["now"])
        books = self.venue.exchange.venue
        if marked_at:
            profits = {name: mark_positions(books, books.accounts[name], marked_at) for name in truth["accounts"]}
        else:
            profits = {name: self.look_at_profits(name, at) for name in truth["accounts"]}
        held = {name: _add_up(account, profits[name]) for name, account in truth["accounts"].items()}
        return Sight(at=at, held=held, profits=profits)

    def look_at_profits(self, name: str, at: datetime) -> dict[str, Fraction]:
        """Of an account's open positions, by the asset they are settled in."""
        venue = self.venue.exchange.venue
        account = venue.accounts[name]
        return {coin: Fraction(unrealised(venue, account, at, coin)) for coin in SETTLED_IN}


def _add_up(account: Mapping[str, object], profits: Mapping[str, Fraction]) -> dict[str, Fraction]:
    totals = dict(profits)
    wallets = account["wallets"]
    assert isinstance(wallets, dict)
    for wallet in wallets.values():
        for asset, quantity in wallet.items():
            totals[asset] = totals.get(asset, Fraction(0)) + Fraction(quantity)
    return totals
