"""Contracts over HTTP: what they were marked at in a minute, and every fill of a time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from finance.contracts import contract_size
from finance.records import ContractFill, ContractQuery
from monitor.accounts.client import ExchangeClient, TrackedAccount
from monitor.accounts.opening import open_client
from monitor.exchanges.adapters import load_adapter
from monitor.settings import read_settings
from paper.stories.futures import last_price, mark_price
from sql.vault import Credentials, Secret
from tests.exchanges.sample import answering, read_sample
from tests.monitor.notation import D, at
from tests.venue import KEY, SECRET, START, Opener, RunningVenue

T = TypeVar("T")
STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 50000 USDT
+0m deposit 2 BTC
+0m transfer 20000 USDT from spot to futures
+0m transfer 1 BTC from spot to coin_m
"""


def ask(venue: RunningVenue, question: Callable[[ExchangeClient], Awaitable[T]]) -> T:
    """What a question to the venue is answered with."""

    async def asked() -> T:
        client = open_client(read_settings({"BINANCE_BASE_URL": venue.url, "CALL_TIMEOUT_SECONDS": "5"}))
        try:
            await client.market.fetch_server_time()
            return await question(client)
        finally:
            await client.close()

    return asyncio.run(asked())


def read(venue: RunningVenue, wallet: str, symbol: str, since: datetime, until: datetime) -> tuple[ContractFill, ...]:
    account = TrackedAccount(
        id=1, label="test", exchange="binance", credentials=Credentials(key=Secret(KEY), secret=Secret(SECRET))
    )
    query = ContractQuery(wallet=wallet, symbol=symbol, since=since, until=until)
    return ask(venue, lambda client: client.open_account(account).fetch_contract_fills(query))


@pytest.mark.parametrize("contract", ["BTCUSDT", "ETHUSDT", "BTCUSD_PERP", "ETHUSD_PERP"])
def test_a_mark_price_is_that_of_its_minute_and_not_what_was_traded(contract: str, venue: RunningVenue) -> None:
    minutes = [START + timedelta(minutes=number) for number in (3, 17, 59)]

    found = ask(venue, lambda client: client.market.fetch_mark_prices(contract, minutes))

    books = venue.venue
    for minute in minutes:
        price = found[minute]
        assert price is not None and price.value == mark_price(books, contract, minute)
    assert any(mark_price(books, contract, minute) != last_price(books, contract, minute) for minute in minutes)


def test_a_contract_that_does_not_exist_has_neither_marks_nor_fills(venue: RunningVenue) -> None:
    found = ask(venue, lambda client: client.market.fetch_mark_prices("NOSUCHUSDT", [START]))

    assert found == {START: None}
    assert read(venue, "usd_m_futures", "NOSUCHUSDT", START, venue.now()) == ()


def told(fills: tuple[ContractFill, ...]) -> list[tuple[str, Any]]:
    return [(fill.side, fill.quantity) for fill in fills]


def test_every_fill_of_a_contract_is_told_with_its_side_and_direction(open_venue: Opener) -> None:
    venue = open_venue(STORY)
    venue.do("long 0.2 BTCUSDT")
    venue.do("long 5 BTCUSD_PERP")
    venue.advance(minutes=5)
    venue.do("close 0.05 BTCUSDT")
    venue.do("close BTCUSDT")
    venue.do("close BTCUSD_PERP")
    venue.do("hedge on")
    venue.do("short 0.1 BTCUSDT")
    venue.advance(minutes=5)
    now = venue.now()

    linear = read(venue, "usd_m_futures", "BTCUSDT", START, now)
    assert told(linear) == [("both", D("0.2")), ("both", D("-0.05")), ("both", D("-0.15")), ("short", D("-0.1"))]
    assert [fill.price for fill in linear] == [last_price(venue.venue, "BTCUSDT", fill.occurred_at) for fill in linear]
    assert told(read(venue, "coin_m_futures", "BTCUSD_PERP", START, now)) == [("both", D(5)), ("both", D(-5))]
    assert told(read(venue, "usd_m_futures", "BTCUSDT", linear[1].occurred_at, now)) == told(linear[1:])
    assert told(read(venue, "usd_m_futures", "BTCUSDT", START, linear[1].occurred_at)) == told(linear[:1])


def test_a_long_time_is_read_in_the_windows_that_the_exchange_allows(open_venue: Opener) -> None:
    venue = open_venue(STORY)
    for _ in range(4):
        venue.do("long 0.1 BTCUSDT")
        venue.do("long 1 BTCUSD_PERP")
        venue.advance(days=6)
    venue.do("unify")

    since, now = START, venue.now()
    assert told(read(venue, "portfolio_margin", "BTCUSDT", since, now)) == [("both", D("0.1"))] * 4
    assert told(read(venue, "portfolio_margin", "BTCUSD_PERP", since, now)) == [("both", D(1))] * 4


def test_a_thousand_fills_and_more_are_all_told(open_venue: Opener) -> None:
    venue = open_venue(STORY)
    books = venue.venue
    for _ in range(1_100):
        books.run("long 0.001 BTCUSDT", "test")
        books.clock.advance(timedelta(seconds=7))

    assert len(read(venue, "usd_m_futures", "BTCUSDT", START, venue.now())) == 1_100


SAMPLES = [
    ("fapi.v1.userTrades", "usd_m_futures", "2019-09-26 16:22:58", ("short", D("-0.002"), D("7819.01"))),
    ("dapi.v1.userTrades", "coin_m_futures", "2020-05-29 09:11:23", ("both", D(-1), D(8800))),
    ("papi.v1.um.userTrades", "portfolio_margin", "2023-04-05 09:55:57", ("both", D("-0.010"), D(28511))),
    ("papi.v1.cm.userTrades", "portfolio_margin", "2020-05-29 09:11:23", ("both", D(-1), D(8800))),
]


@pytest.mark.parametrize(("sample", "wallet", "when", "expected"), SAMPLES, ids=[name for name, *_ in SAMPLES])
def test_documented_trades_are_read_as_documented(
    sample: str, wallet: str, when: str, expected: tuple[Any, ...], venue: RunningVenue
) -> None:
    answer = read_sample(sample)
    venue.fault("/" + sample.replace(".", "/"), answering(answer))
    moment = at(when).replace(tzinfo=UTC)

    (fill,) = read(venue, wallet, answer[0]["symbol"], moment, moment + timedelta(hours=1))

    assert (fill.side, fill.quantity, fill.price) == expected
    assert fill.exchange_id == str(answer[0]["id"])


@pytest.mark.parametrize(
    ("exchange", "coin", "size"),
    [("binance", "BTC", 100), ("binance", "ETH", 10), ("gate", "BTC", 1), ("mexc", "ETH", 10)],
)
def test_while_no_profit_shows_it_a_contract_is_as_large_as_its_exchange_says(
    exchange: str, coin: str, size: int
) -> None:
    assert contract_size([], f"{coin}USD_PERP", coin, load_adapter(exchange).inverse_sizes) == size
