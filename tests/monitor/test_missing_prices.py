"""What work on figures asks for by PricesNeeded is fetched between its transactions, within bounds."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from finance.flow_values import ValuationPrice
from monitor.accounts.opening import open_client
from monitor.errors import ExchangeError
from monitor.exchanges.binance.dialect import DIALECT
from monitor.exchanges.http import limits
from monitor.exchanges.http.limits import Weights
from monitor.exchanges.public import Ticker
from monitor.market import missing_prices
from monitor.market.known_prices import Fetched, PriceKey, PricesNeeded, find_prices
from monitor.market.missing_prices import MOST_ROUNDS, with_prices
from tests.worker import Worker

LIMIT_SECONDS = 0.2
NOW = datetime(2026, 5, 1, tzinfo=UTC)
BTC, GONE = ("BTC", NOW), ("GONE", NOW)
PRICE = ValuationPrice(value=Decimal(50_000), route="BTCUSDT")


class Minutes:
    """The exchange's clock, whose next minute begins when the test says so."""

    now = NOW


async def fetch_btc(_db: object, _client: object, _ticker: object, keys: Iterable[PriceKey]) -> object:
    """Prices of the past of an exchange that knows BTC alone."""
    return {key: PRICE if key[0] == "BTC" else None for key in keys}


def run(worker: Worker, patch: pytest.MonkeyPatch, write: Callable[[Fetched], object], fetch: object) -> object:
    """What `write` returns, done with prices that `fetch` fetches."""

    async def write_it() -> object:
        client = open_client(worker.settings)
        client.deadline_seconds = LIMIT_SECONDS  # type: ignore[assignment]
        try:
            return await with_prices(worker.db, client, Ticker(at=NOW, prices={}), write)
        finally:
            await client.close()

    patch.setattr(missing_prices, "find_minute_prices", fetch)
    return asyncio.run(write_it())


def test_what_is_missing_is_fetched_recorded_and_the_work_begins_anew(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Fetched] = []

    def write(fetched: Fetched) -> object:
        begun.append(fetched)
        return find_prices(worker.db, fetched, {BTC, GONE})

    assert run(worker, monkeypatch, write, fetch_btc) == {BTC: PRICE}
    assert [one.asked for one in begun] == [frozenset(), {BTC, GONE}]
    assert [row["asset"] for row in worker.rows("select asset from minute_prices")] == ["BTC"]


def test_many_prices_are_fetched_some_at_a_time(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    async def fetch(*asked: object) -> object:
        sizes.append(len(asked[3]))  # type: ignore[arg-type]
        return await fetch_btc(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(missing_prices, "MOST_PRICES", 4)
    keys = {("BTC", NOW + number * timedelta(minutes=1)) for number in range(10)}

    found = run(worker, monkeypatch, lambda fetched: find_prices(worker.db, fetched, keys), fetch)

    assert sizes == [4, 4, 2] and found == dict.fromkeys(keys, PRICE)


def test_work_that_always_asks_for_more_ends(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[PriceKey] = []

    def write(_: Fetched) -> object:
        asked.append(("BTC", NOW + len(asked) * timedelta(minutes=1)))
        raise PricesNeeded(asked[-1:])

    with pytest.raises(AssertionError):
        run(worker, monkeypatch, write, fetch_btc)
    assert len(asked) == MOST_ROUNDS


def test_waiting_for_the_shared_budget_is_no_failure(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.01)
    minutes = Minutes()

    async def fetch(*asked: object) -> object:
        weights = Weights(lambda: minutes.now, DIALECT.budgets)
        await weights.spend("klines", DIALECT.budgets.endpoint)

        async def turn() -> None:
            await asyncio.sleep(3 * LIMIT_SECONDS)
            minutes.now += timedelta(minutes=1)

        turning = asyncio.create_task(turn())
        await weights.spend("klines", 1)
        await turning
        return await fetch_btc(*asked)  # type: ignore[arg-type]

    assert run(worker, monkeypatch, lambda fetched: find_prices(worker.db, fetched, {BTC}), fetch) == {BTC: PRICE}


def test_prices_that_take_too_long_to_read_are_a_failure(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fetch(*_: object) -> object:
        await asyncio.sleep(60)
        return None

    with pytest.raises(ExchangeError, match="took longer"):
        run(worker, monkeypatch, lambda fetched: find_prices(worker.db, fetched, {BTC}), fetch)
