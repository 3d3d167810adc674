"""Live prices: a venue that lives by what another one shows everybody, over its own protocol."""

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from paper.clock import VenueClock
from paper.engine.live import LiveMarket
from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.ledger.balances import OUTSIDE
from paper.market.simulated import SimulatedMarket
from paper.storage.group import Known
from paper.storage.journal import GroupJournal, Numbers
from paper.trading.ladder import Quote
from paper.trading.orders import Order, OrderType, Reason, Rejected, Status
from paper.wire.binance import upstream
from paper.wire.binance.pulse import Pulse
from paper.wire.binance.upstream import Unreachable, Upstream
from tests.venue import START, RunningVenue

PAIR, MINUTE = "BTCUSDT", timedelta(minutes=1)
MOST_SECONDS = 15


class Two:
    """A venue, and a second one that lives by its prices."""

    def __init__(self, real: RunningVenue, market: LiveMarket, clock: VenueClock) -> None:
        self.real, self.market, self.clock = real, market, clock
        self.venue = Venue(market, clock)
        account = Account(name="Ann", uid=1, key="k", secret="s", created_at=clock.now())
        self.venue.accounts["Ann"] = account
        for asset in ("BTC", "USDT"):
            self.venue.ledger.move(asset, Decimal(10**9), OUTSIDE, ("Ann", "spot"))
        self.numbers = count(10**6)

    def ask(self, path: str) -> Any:
        with urllib.request.urlopen(self.real.url + path, timeout=10) as answer:
            return json.load(answer)

    def place(self, quantity: str, price: Decimal, *, is_buy: bool) -> Order:
        now = self.venue.catch_up()
        order = Order(
            id=next(self.numbers),
            owner="Ann",
            symbol=PAIR,
            type=OrderType.LIMIT,
            is_buy=is_buy,
            quantity=Decimal(quantity),
            price=price,
            at=now,
            changed_at=now,
        )
        self.venue.open_market.require_open(PAIR)
        self.venue.open_market.look_at(PAIR, now)
        self.venue.note_trades(self.venue.open_market.desk.place(order, now), now, "Ann")
        return order


@asynccontextmanager
async def two() -> AsyncIterator[Two]:
    real = RunningVenue(SimulatedMarket(7), "", START, START + timedelta(hours=1, minutes=2))
    upstream, clock = Upstream.at(real.url), VenueClock()
    try:
        market = LiveMarket(await upstream.list_symbols([PAIR, "ETHBTC"]), clock.now)
        market.remember(PAIR, await upstream.list_minutes(PAIR))
        following = asyncio.create_task(upstream.follow(market))
        pair = Two(real, market, clock)
        await until(lambda: bool(market.displayed(PAIR) and market.displayed(PAIR)[0]))  # type: ignore[index]
        yield pair
        following.cancel()
    finally:
        with suppress(RuntimeError):  # a life may have stopped it
            await asyncio.to_thread(real.stop)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(MOST_SECONDS):
        while not is_so():  # noqa: ASYNC110 - it happens at another venue
            await asyncio.sleep(0.02)


def run(life: Callable[[Two], Awaitable[None]]) -> None:
    async def lived() -> None:
        async with two() as both:
            await life(both)

    asyncio.run(lived())


def test_what_is_shown_and_traded_there_is_shown_and_traded_here() -> None:
    async def life(both: Two) -> None:
        real = both.real.venue
        for _ in range(2):
            real.clock.advance(MINUTE)
            await until(lambda: both.market.last_price(PAIR, both.clock.now()) == last_trade(both))
        depth = both.ask(f"/api/v3/depth?symbol={PAIR}")
        await until(lambda: rows(both) == [depth["bids"][:20], depth["asks"][:20]])
        trades = both.ask(f"/api/v3/trades?symbol={PAIR}&limit=8")
        ticks = list(both.market.list_ticks(PAIR, both.clock.now() - MINUTE, both.clock.now()))
        heard = [(one.number, one.traded.price, one.traded.quantity, one.hits_bids) for one in ticks]
        told = [(one["id"], Decimal(one["price"]), Decimal(one["qty"]), one["isBuyerMaker"]) for one in trades]
        assert heard == told[-len(heard) :] and len(heard) == 8
        klines = both.ask(f"/api/v3/klines?symbol={PAIR}&interval=1m&limit=40")[:-3]
        for opened, *prices in ((row[0] // 60_000, row[1], row[2], row[3], row[4], row[5]) for row in klines):
            known = both.market.minute(PAIR, START.fromtimestamp(opened * 60, START.tzinfo))
            assert known and [known.open, known.high, known.low, known.close, known.volume] == prices
        info = both.ask(f"/api/v3/exchangeInfo?symbol={PAIR}")["symbols"][0]
        sizes = {one["filterType"]: one for one in info["filters"]}
        symbol = both.market.symbols[PAIR]
        assert symbol.tick == Decimal(sizes["PRICE_FILTER"]["tickSize"])
        assert symbol.step == Decimal(sizes["LOT_SIZE"]["stepSize"])
        assert symbol.least_value == Decimal(sizes["NOTIONAL"]["minNotional"])

    run(life)


def last_trade(both: Two) -> Decimal:
    return Decimal(both.ask(f"/api/v3/trades?symbol={PAIR}&limit=1")[0]["price"])


def rows(both: Two) -> list[list[list[str]]]:
    sides = both.market.displayed(PAIR) or ((), ())
    return [[[f"{one.price:.8f}", f"{one.quantity:.8f}"] for one in side] for side in sides]


def test_a_trade_there_fills_what_waits_here_and_never_more_than_it_was() -> None:
    async def life(both: Two) -> None:
        real = both.real.venue
        minute = real.market.minute(PAIR, real.clock.now().replace(second=0) + MINUTE)
        assert minute
        order = both.place("50", Decimal(minute.low) + 1, is_buy=True)
        assert order.filled < order.quantity  # no more than is displayed was there to be had
        real.clock.advance(2 * MINUTE)
        await until(lambda: last_heard(both) == last_trade(both))
        both.venue.catch_up()
        fills = both.venue.accounts["Ann"].fills
        ticks = list(both.market.list_ticks(PAIR, order.at, both.clock.now()))
        traded = sum(one.traded.quantity for one in ticks if one.traded.price <= order.price)
        made = sum(one.quantity for one in fills if one.is_maker)
        assert 0 < made <= traded
        assert all(one.price <= order.price for one in fills)

    run(life)


def last_heard(both: Two) -> Decimal | None:
    tick = both.market.last_tick(PAIR, both.clock.now())
    return tick.traded.price if tick else None


def test_while_it_is_silent_nothing_is_traded_and_what_waits_can_be_cancelled() -> None:
    async def life(both: Two) -> None:
        order = both.place("1", Decimal(10_000), is_buy=True)
        await asyncio.to_thread(both.real.stop)
        both.clock.advance(timedelta(seconds=60))
        with pytest.raises(Rejected) as refused:
            both.place("1", Decimal(1_000_000), is_buy=True)
        assert refused.value.reason is Reason.NOT_TRADING
        assert both.market.displayed(PAIR) is None
        both.venue.open_market.desk.cancel("Ann", PAIR, both.venue.catch_up(), number=order.id)
        assert order.status is Status.CANCELED and not order.held

    run(life)


def test_a_lost_connection_is_silence_until_it_is_there_again() -> None:
    async def life(both: Two) -> None:
        both.real.call(both.real.exchange.take_leave)
        await until(lambda: both.market.displayed(PAIR) is None)
        assert both.venue.market.is_halted(PAIR)
        await until(lambda: both.market.displayed(PAIR) is not None)
        assert not both.venue.market.is_halted(PAIR)

    run(life)


def test_the_start_says_what_it_could_not_read() -> None:
    with pytest.raises(ValueError, match="no address"):
        Upstream.at("127.0.0.1:8100")
    with pytest.raises(Unreachable, match="/api/v3/exchangeInfo"):
        asyncio.run(Upstream.at("http://127.0.0.1:9").list_symbols([PAIR]))


def trade(price: str, is_maker: object = True) -> str:
    """A trade as it is streamed."""
    return json.dumps({"stream": "btcusdt@trade", "data": {"t": 1, "p": price, "q": "1", "m": is_maker}})


NOTHING = ""  # is said, and no ping answered: a connection that is there no more, and has not ended


def test_whatever_comes_the_listening_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """One strange message a connection, then a connection that nobody holds any more; the last one is as it should be."""
    said = iter(
        [
            "[" * 200_000,
            trade("1e999999999"),
            trade("1" * 9_000),
            trade("NaN"),
            trade("7", "false"),
            NOTHING,
            trade("5"),
        ]
    )
    for name, seconds in (
        ("FIRST_WAIT", 0.01),
        ("LONGEST_WAIT", 0.01),
        ("PING_SECONDS", 0.05),
        ("SILENT_SECONDS", 0.5),
    ):
        monkeypatch.setattr(upstream, name, seconds)

    async def talk(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        if text := next(said):
            await socket.send_str(text)
        async for message in socket:
            if message.type is WSMsgType.PING and text:
                await socket.pong()
        return socket

    async def life() -> None:
        app = web.Application()
        app.router.add_get("/stream", talk)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        clock = VenueClock()
        market = LiveMarket({PAIR: SimulatedMarket(7).symbols[PAIR]}, clock.now)
        following = asyncio.create_task(Upstream.at(f"http://127.0.0.1:{runner.addresses[0][1]}").follow(market))
        await until(lambda: market.last_tick(PAIR, clock.now()) is not None)
        assert market.last_price(PAIR, clock.now()) == 5
        following.cancel()
        await runner.cleanup()

    asyncio.run(life())


def test_while_the_machine_s_clock_is_put_back_trades_still_fill(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told after a look comes after it: time stands, as well as it can, until the machine's has come so far again."""
    wall = [START]
    monkeypatch.setattr("paper.clock._real_now", lambda: wall[0])
    venue_clock = VenueClock()
    market = LiveMarket({PAIR: SimulatedMarket(7).symbols[PAIR]}, venue_clock.now)
    both = Two(None, market, venue_clock)  # type: ignore[arg-type]  # nobody is asked
    market.show(PAIR, [Quote(Decimal(99), Decimal(1))], [Quote(Decimal(101), Decimal(1))])
    order = both.place("1", Decimal(100), is_buy=True)
    for number, step in enumerate((0, -3_600)):
        wall[0] += timedelta(seconds=step)
        both.venue.catch_up()
        market.trade(PAIR, number, Quote(Decimal(100), Decimal("0.5")), hits_bids=True)
        both.venue.catch_up()
    assert order.status is Status.FILLED


def test_what_a_command_that_broke_off_has_moved_is_never_written_by_the_next_look() -> None:
    clock = VenueClock()
    market = LiveMarket({PAIR: SimulatedMarket(7).symbols[PAIR]}, clock.now)
    both = Two(None, market, clock)  # type: ignore[arg-type]  # nobody is asked
    venue = both.venue
    market.show(PAIR, [Quote(Decimal(99), Decimal(1))], [Quote(Decimal(101), Decimal(1))])
    both.place("1", Decimal(100), is_buy=True)
    known = Known(accounts={"Ann": 1})
    journal = GroupJournal(None, known, Numbers(), venue.ledger)  # type: ignore[arg-type]  # nothing comes so far
    venue.journal = journal

    async def life() -> None:
        venue.ledger.move("USDT", Decimal(1), OUTSIDE, ("Ann", "spot"))  # and no further
        market.trade(PAIR, 1, Quote(Decimal(100), Decimal("0.5")), hits_bids=True)
        Pulse(venue).follow(lambda _: None)
        await until(lambda: journal.has_ended)

    asyncio.run(life())
    assert venue.ledger.has_moved


def test_a_trade_that_is_told_twice_happened_once() -> None:
    clock = VenueClock(START, follows=False)
    market = LiveMarket({PAIR: SimulatedMarket(7).symbols[PAIR]}, clock.now)
    for number in (5, 5, 4, 6):
        clock.advance(timedelta(seconds=1))
        market.trade(PAIR, number, Quote(Decimal(100), Decimal(2)), hits_bids=True)

    assert [one.number for one in market.list_ticks(PAIR, START, clock.now())] == [5, 6]
    minute = market.minute(PAIR, START)
    assert minute and minute.volume == "4"
