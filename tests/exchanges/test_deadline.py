"""An account's time limit counts reading, not waiting for the limits that all accounts share."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from monitor.exchanges.binance.dialect import DIALECT, ENDPOINT_BUDGET
from monitor.exchanges.http import limits
from monitor.exchanges.http.limits import Weights, reading_deadline

BUDGETS = DIALECT.budgets
LIMIT_SECONDS = 0.2


class Minute:
    """The exchange's clock: its next minute begins when the test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def minute(monkeypatch: pytest.MonkeyPatch) -> Minute:
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.01)
    return Minute()


async def wait_for_the_next_minute(minute: Minute, *beside: float) -> None:
    """Two calls of one account: one waits for three times the limit, the other takes `beside` seconds, if any."""
    weights = Weights(minute, BUDGETS)
    await weights.spend("sapi flexible", ENDPOINT_BUDGET)

    async def turn() -> None:
        await asyncio.sleep(3 * LIMIT_SECONDS)
        minute.now += timedelta(minutes=1)

    turning = asyncio.create_task(turn())
    async with reading_deadline(LIMIT_SECONDS):
        await asyncio.gather(weights.spend("sapi flexible", 150), *map(asyncio.sleep, beside))
        await turning


def test_waiting_for_the_shared_budget_uses_up_no_time(minute: Minute) -> None:
    asyncio.run(wait_for_the_next_minute(minute))


def test_several_calls_that_wait_stop_the_limit_once_and_start_it_once(minute: Minute) -> None:
    async def two() -> None:
        weights = Weights(minute, BUDGETS)
        await weights.spend("a", ENDPOINT_BUDGET)
        await weights.spend("b", ENDPOINT_BUDGET)

        async def turn() -> None:
            await asyncio.sleep(3 * LIMIT_SECONDS)
            minute.now += timedelta(minutes=1)

        turning = asyncio.create_task(turn())
        async with reading_deadline(LIMIT_SECONDS):
            await asyncio.gather(weights.spend("a", 1), weights.spend("b", 1))
            await turning
            await asyncio.sleep(LIMIT_SECONDS * 2)

    with pytest.raises(TimeoutError):
        asyncio.run(two())


def test_reading_itself_ends_at_the_limit(minute: Minute) -> None:
    async def read() -> None:
        async with reading_deadline(LIMIT_SECONDS):
            await Weights(minute, BUDGETS).spend("a", 1)
            await asyncio.sleep(10)

    with pytest.raises(TimeoutError):
        asyncio.run(read())


def test_time_that_was_used_before_the_wait_counts(minute: Minute) -> None:
    async def read() -> None:
        weights = Weights(minute, BUDGETS)
        await weights.spend("a", ENDPOINT_BUDGET)

        async def turn() -> None:
            await asyncio.sleep(3 * LIMIT_SECONDS)
            minute.now += timedelta(minutes=1)

        turning = asyncio.create_task(turn())
        async with reading_deadline(LIMIT_SECONDS):
            await asyncio.sleep(LIMIT_SECONDS * 0.7)
            await weights.spend("a", 1)
            await turning
            await asyncio.sleep(LIMIT_SECONDS * 0.7)

    with pytest.raises(TimeoutError):
        asyncio.run(read())
