"""What other currencies cost, hour by hour: from the ticker of a run, of past hours from klines."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

from finance.prices import OTHER_CURRENCIES
from monitor.accounts.opening import open_client
from monitor.market.rates import fill_rates
from paper.market.klines import Market
from tests.market import SteppedMarket, at
from tests.venue import MARKET, START, Opener, RunningVenue
from tests.worker import Opener as OpenWorker
from tests.worker import Worker

HOUR = timedelta(hours=1)
KLINES = "/api/v3/klines"


def rates(worker: Worker, currency: str) -> list[tuple[int, Decimal | None, str]]:
    """Hours after the start, rates and sources, oldest first."""
    found = worker.rows("select * from rates where currency = %(c)s order by hour", c=currency)
    return [((row["hour"] - START) // HOUR, row["rate"], row["source"]) for row in found]


def fill(worker: Worker, venue: RunningVenue) -> int:
    """What `backfill` does about rates; returns how many hours it read."""

    async def read() -> int:
        client = open_client(worker.settings)
        try:
            return await fill_rates(worker.db, client, venue.now())
        finally:
            await client.close()

    return asyncio.run(read())


def price(symbol: str, hours: int, minutes: int = 0) -> Decimal:
    """What a symbol costs at a minute, as the venue's market says."""
    kline = MARKET.minute(symbol, START + timedelta(hours=hours, minutes=minutes))
    assert kline
    return Decimal(kline.open)


def asked(venue: RunningVenue) -> list[dict[str, Any]]:
    return [one for one in venue.requests() if one["path"] == KLINES and "interval=1h" in one["asked"]]


def test_the_first_hour_is_read_from_klines_and_each_later_one_comes_with_the_ticker(
    worker: Worker, venue: RunningVenue
) -> None:
    worker.run(venue.now())
    for currency in OTHER_CURRENCIES:
        assert rates(worker, currency) == [(1, price(f"{currency}USDT", 1), "kline")]
    venue.advance(hours=1)
    venue.control("/requests", method="DELETE")
    worker.run(venue.now())

    for currency in OTHER_CURRENCIES:
        (hour, rate, source) = rates(worker, currency)[-1]
        assert (hour, source) == (2, "ticker")
        assert rate == price(f"{currency}USDT", 2, minutes=2)
    assert not asked(venue)  # the ticker brought them all


def test_hours_that_a_run_lacks_are_read_with_one_call_a_run(open_venue: Opener, open_worker: OpenWorker) -> None:
    jumped = {f"{currency}USDT": (at("0:00", "2"), at("2:01", "9"), at("3:00", "2")) for currency in ("EUR", "USDC")}
    venue = open_venue(market=SteppedMarket(START, jumped))
    worker = open_worker(venue)
    worker.add()
    worker.run(venue.now())
    for hour, missing in ((2, ["USDC"]), (3, [])):
        venue.advance(hours=1)
        venue.control("/requests", method="DELETE")
        worker.run(venue.now())
        known = [
            currency for currency in OTHER_CURRENCIES if hour in [found for found, _, _ in rates(worker, currency)]
        ]
        assert [currency for currency in OTHER_CURRENCIES if currency not in known] == missing
        assert len(asked(venue)) == 1

    assert rates(worker, "USDC") == [(1, 2, "kline"), (2, 2, "kline"), (3, 2, "ticker")]


def test_a_rate_that_jumped_is_not_believed_but_read_from_the_klines(
    open_venue: Opener, open_worker: OpenWorker
) -> None:
    market: Market = SteppedMarket(START, {"EURUSDT": (at("0:00", "1.10"), at("2:01", "5.00"))})
    venue = open_venue(market=market)
    worker = open_worker(venue)
    worker.add()
    worker.run(venue.now())
    venue.advance(hours=1)
    worker.run(venue.now())

    assert rates(worker, "EUR") == [(1, Decimal("1.10"), "kline"), (2, Decimal("1.10"), "kline")]


def test_backfill_reads_every_valued_hour_once(worker: Worker, venue: RunningVenue) -> None:
    worker.run(venue.now())
    venue.advance(hours=30)
    worker.run(venue.now())
    owner_hours = {(row["hour"] - START) // HOUR for row in worker.hours() if row["unit_price"] is not None}
    fill(worker, venue)

    assert {hour for hour, _, _ in rates(worker, "EUR")} == owner_hours
    venue.control("/requests", method="DELETE")
    assert fill(worker, venue) == 0
    assert not asked(venue)


def test_a_pair_that_the_exchange_does_not_have_is_asked_for_once(open_venue: Opener, open_worker: OpenWorker) -> None:
    market = SteppedMarket(START, {})
    market.symbols = {name: symbol for name, symbol in MARKET.symbols.items() if name != "EURUSDT"}
    venue = open_venue(market=market)
    worker = open_worker(venue)
    worker.add()
    worker.run(venue.now())

    assert rates(worker, "EUR") == [(1, None, "kline")]
    assert fill(worker, venue) == 0
