"""Budgets: waiting before a limit, each account's own apart from the machine's."""

import asyncio
from datetime import UTC, datetime, timedelta

from monitor.exchanges.weights import ACCOUNT_BUDGET, ENDPOINT_BUDGET, Weights


class Minutes:
    """A clock that moves on when it is told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, tzinfo=UTC)
        self.asked = 0

    def __call__(self) -> datetime:
        self.asked += 1
        if self.asked > 20:
            raise TimeoutError("it waits for the next minute")
        return self.now


def spend(weights: Weights, minutes: Minutes, *spent: tuple[str, int, object]) -> bool:
    """Whether all of it can be spent without waiting."""
    minutes.asked = 0

    async def all_of_it() -> None:
        async with asyncio.timeout(0.2):
            for bucket, weight, account in spent:
                await weights.spend(bucket, weight, account)

    try:
        asyncio.run(all_of_it())
    except TimeoutError:
        return False
    return True


def test_four_readings_of_fiat_orders_fit_in_an_accounts_minute_and_a_fifth_waits() -> None:
    minutes = Minutes()
    weights = Weights(minutes)
    reading = ("uid fiat orders", ACCOUNT_BUDGET // 4, "one")

    assert spend(weights, minutes, *[reading] * 4)
    assert not spend(weights, minutes, reading)
    minutes.now += timedelta(minutes=1)
    assert spend(weights, minutes, reading)


def test_every_account_has_a_budget_of_its_own() -> None:
    minutes = Minutes()
    weights = Weights(minutes)

    assert spend(weights, minutes, *[("uid pay", ACCOUNT_BUDGET, account) for account in ("one", "two", "three")])
    assert weights.take_used() == {"uid pay": 3 * ACCOUNT_BUDGET}


def test_accounts_share_the_budget_of_the_machines_address() -> None:
    minutes = Minutes()
    weights = Weights(minutes)

    assert spend(weights, minutes, ("sapi p2p", ENDPOINT_BUDGET, None))
    assert not spend(weights, minutes, ("sapi p2p", 1, None))
