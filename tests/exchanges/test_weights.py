"""Budgets: waiting before a limit, each account's own apart from the machine's."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from monitor.exchanges.binance.dialect import ACCOUNT_BUDGET, DIALECT, ENDPOINT_BUDGET
from monitor.exchanges.http.dialect import Budgets
from monitor.exchanges.http.limits import Weights
from monitor.snapshots import snapshot
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, patch_budgets


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
    weights = Weights(minutes, DIALECT.budgets)
    reading = ("uid fiat orders", ACCOUNT_BUDGET // 4, "one")

    assert spend(weights, minutes, *[reading] * 4)
    assert not spend(weights, minutes, reading)
    minutes.now += timedelta(minutes=1)
    assert spend(weights, minutes, reading)


def test_a_minute_ends_although_the_clock_stands() -> None:
    minutes, seconds = Minutes(), [0.0]
    weights = Weights(minutes, DIALECT.budgets, lambda: seconds[0])

    assert spend(weights, minutes, ("api", 5_000, None))
    seconds[0] = 59.0
    assert not spend(weights, minutes, ("api", 1, None))
    seconds[0] = 60.0
    assert spend(weights, minutes, ("api", 1, None))


def test_stretches_may_be_shorter_than_a_minute_and_differ_by_bucket() -> None:
    minutes = Minutes()
    budgets = Budgets(by_bucket={"totals": 1}, endpoint=5, account=3, seconds=10, seconds_by_bucket={"totals": 1})
    weights = Weights(minutes, budgets)

    assert spend(weights, minutes, ("totals", 1, "one"), ("totals", 1, "two"), ("assets", 3, "one"))
    assert not spend(weights, minutes, ("totals", 1, "one"))
    assert not spend(weights, minutes, ("assets", 1, "one"))
    minutes.now += timedelta(seconds=1)
    assert spend(weights, minutes, ("totals", 1, "one"))
    assert not spend(weights, minutes, ("assets", 1, "one"))
    minutes.now += timedelta(seconds=9)
    assert spend(weights, minutes, ("assets", 3, "one"))


def test_every_account_has_a_budget_of_its_own() -> None:
    minutes = Minutes()
    weights = Weights(minutes, DIALECT.budgets)

    assert spend(weights, minutes, *[("uid pay", ACCOUNT_BUDGET, account) for account in ("one", "two", "three")])
    assert weights.take_used() == {"uid pay": 3 * ACCOUNT_BUDGET}


def test_accounts_share_the_budget_of_the_machines_address() -> None:
    minutes = Minutes()
    weights = Weights(minutes, DIALECT.budgets)

    assert spend(weights, minutes, ("sapi p2p", ENDPOINT_BUDGET, None))
    assert not spend(weights, minutes, ("sapi p2p", 1, None))


REWARDS = ("flexible Earn rewards", "flexible Earn bonuses")
NAMES = ("one", "two", "three")
STORY = "".join(
    f"""
+0m account {name} key key-{name}-0123456789 secret secret-{name}-0123456789
+0m deposit 1000 USDT
+5m transfer 500 USDT from spot to earn_flexible
+10m reward 1 USDT flexible BONUS
"""
    for name in NAMES
)


def test_the_first_readings_of_many_accounts_are_spread_over_runs_and_no_hour_waits_for_them(
    open_venue: VenueOpener, open_worker: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch_budgets(monkeypatch, endpoint=950)  # rewards of two accounts, 450 each
    monkeypatch.setattr(snapshot, "INCOME_SECONDS", 1)
    venue = open_venue(STORY)
    worker = open_worker(venue)
    for name in NAMES:
        worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
    unread = []
    for _ in range(3):
        result = worker.run(venue.now())
        assert [outcome.status for outcome in result.outcomes] == ["COMPLETE"] * len(NAMES)
        read = worker.rows("select from flow_cursors where kind = any(%(rewards)s)", rewards=list(REWARDS))
        unread.append(len(NAMES) * len(REWARDS) - len(read))
        venue.advance(hours=1)

    warned = worker.rows(
        "select from system_logs where run_id = 1 and message like '%%flexible Earn %%unexplained until%%'"
    )
    assert len(warned) == unread[0]
    assert 0 < unread[0] < len(NAMES) * len(REWARDS)
    assert unread[-1] == 0
    assert len(worker.rows("select from income")) == len(NAMES)
