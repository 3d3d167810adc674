"""Prices of the past that a transaction asks for: waiting for the request budget that all share is no failure."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from monitor.market.price_rounds import write_priced
from monitor.market.scope import PricesNeeded, Scope

from monitor.accounts.client import ExchangeClient
from monitor.errors import ExchangeError
from monitor.exchanges.binance.dialect import DIALECT
from monitor.exchanges.http import limits
from monitor.exchanges.http.limits import Weights
from monitor.exchanges.public import Ticker
from monitor.market import price_rounds
from tests.venue import RunningVenue
from tests.worker import Worker

LIMIT_SECONDS = 0.2
NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Minutes:
    """The exchange's clock, whose next minute begins when the test says so."""

    now = NOW


def run(worker: Worker, venue: RunningVenue, fetch: object, patch: pytest.MonkeyPatch) -> int:
    """A transaction that asks once for prices, which `fetch` fetches; returns how often it was begun."""
    begun: list[int] = []
    scope = Scope(account_id=1, exchange="binance", fetched={})

    def write() -> int:
        begun.append(1)
        if len(begun) == 1:
            raise PricesNeeded({("BTC", NOW)})
        return len(begun)

    async def write_it() -> int:
        client = ExchangeClient(worker.settings)
        client.deadline_seconds = LIMIT_SECONDS  # type: ignore[assignment]
        try:
            return await write_priced(worker.db, client, Ticker(at=NOW, prices={}), scope, write)
        finally:
            await client.close()

    patch.setattr(price_rounds, "fetch_needed", fetch)
    return asyncio.run(write_it())


def test_waiting_for_the_shared_budget_is_no_failure(
    worker: Worker, venue: RunningVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.01)
    minutes = Minutes()

    async def fetch(*_: object) -> None:
        weights = Weights(lambda: minutes.now, DIALECT.budgets)
        await weights.spend("klines", DIALECT.budgets.endpoint)

        async def turn() -> None:
            await asyncio.sleep(3 * LIMIT_SECONDS)
            minutes.now += timedelta(minutes=1)

        turning = asyncio.create_task(turn())
        await weights.spend("klines", 1)
        await turning

    assert run(worker, venue, fetch, monkeypatch) == 2


def test_prices_that_take_too_long_to_read_are_a_failure(
    worker: Worker, venue: RunningVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetch(*_: object) -> None:
        await asyncio.sleep(60)

    with pytest.raises(ExchangeError, match="took longer"):
        run(worker, venue, fetch, monkeypatch)
