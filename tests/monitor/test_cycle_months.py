"""The monthly benchmark at the turn of a month, in whole runs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.decimals import exact, stored
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

MIDNIGHT = datetime(2026, 4, 1, tzinfo=UTC)


def basket(worker: Worker, name: str, account: int = 1) -> list[dict[str, Any]]:
    return worker.rows(
        "select h.* from benchmark_history h join benchmark_configs c on c.id = h.benchmark_id"
        " where c.account_id = %(account)s and c.name = %(name)s order by hour",
        account=account,
        name=name,
    )


OF_RUN = "select asset, price from ticker_prices where at = %(at)s"
OF_MINUTE = "select asset, price from minute_prices where at = %(at)s"


def prices_at(worker: Worker, moment: datetime, statement: str = OF_RUN) -> tuple[Decimal, Decimal]:
    rows = worker.rows(statement, at=moment)
    found = {row["asset"]: row["price"] for row in rows}
    return found["BTC"], found["ETH"]


@exact
def worth(quantities: list[Decimal], prices: tuple[Decimal, Decimal]) -> Decimal:
    return sum((quantity * price for quantity, price in zip(quantities, prices, strict=True)), Decimal(0))


@exact
def rebalanced(value: Decimal, prices: tuple[Decimal, Decimal]) -> list[Decimal]:
    return [stored(value / 2 / price) for price in prices]


@pytest.fixture
def evening(open_worker: Opener, open_venue: VenueOpener) -> tuple[Worker, RunningVenue]:
    """A worker whose account opened at 22:02 on the last day of March."""
    start = MIDNIGHT - timedelta(hours=3)
    venue = open_venue(start=start, stands=start + timedelta(hours=1, minutes=2))
    worker = open_worker(venue)
    worker.add()
    worker.run(venue.now())
    return worker, venue


@pytest.mark.parametrize("hours", [(1, 1, 1), (3,), (50,)], ids=["every hour", "asleep", "asleep for days"])
def test_the_monthly_basket_is_rebalanced_at_the_prices_of_midnight(
    hours: tuple[int, ...], evening: tuple[Worker, RunningVenue]
) -> None:
    worker, venue = evening
    for step in hours:
        venue.advance(hours=step)
        worker.run(venue.now())

    monthly, hold = basket(worker, "monthly"), basket(worker, "hold")
    before = [row["quantities"] for row in monthly if row["taken_at"] <= MIDNIGHT]  # a rebuilt hour is on the stroke
    after = [row["quantities"] for row in monthly if row["taken_at"] > MIDNIGHT]
    prices = prices_at(worker, MIDNIGHT, OF_MINUTE)
    assert all(quantities == before[0] for quantities in before)
    assert all(quantities == rebalanced(worth(before[0], prices), prices) != before[0] for quantities in after)
    assert len({tuple(row["quantities"]) for row in hold}) == 1


def test_rebalancing_changes_what_is_held_and_not_what_it_is_worth(evening: tuple[Worker, RunningVenue]) -> None:
    worker, venue = evening
    venue.advance(hours=2)
    worker.run(venue.now())

    before, _, after = basket(worker, "monthly")
    prices = prices_at(worker, MIDNIGHT, OF_MINUTE)
    assert abs(worth(before["quantities"], prices) - worth(after["quantities"], prices)) < Decimal("1e-12")
    assert (before["units"], before["invested"]) == (after["units"], after["invested"])
    (row,) = worker.rows("select prices_at from nav_history where account_id = 1 and hour = %(hour)s", hour=MIDNIGHT)
    assert after["nav"] == worth(after["quantities"], prices_at(worker, row["prices_at"]))


def test_a_reading_on_the_stroke_of_midnight_is_followed_by_one_rebalancing(
    open_worker: Opener, open_venue: VenueOpener
) -> None:
    start = MIDNIGHT - timedelta(hours=2)
    venue = open_venue(start=start, stands=start + timedelta(hours=1))
    worker = open_worker(venue)
    worker.add()
    for _ in range(3):
        worker.run(venue.now())
        venue.advance(hours=1)

    first, midnight, last = [row["quantities"] for row in basket(worker, "monthly")]
    prices = prices_at(worker, MIDNIGHT, OF_MINUTE)
    assert worker.hours()[1]["taken_at"] == MIDNIGHT
    assert midnight == first and last == rebalanced(worth(first, prices), prices)


def test_a_deposit_told_late_from_before_midnight_is_rebalanced_too(evening: tuple[Worker, RunningVenue]) -> None:
    worker, venue = evening
    venue.advance(minutes=30)
    deposited = venue.now()
    venue.do("deposit 5000 USDT shown after 4h")
    for _ in range(6):
        venue.advance(hours=1)
        worker.run(venue.now())

    opened, *_, last = basket(worker, "monthly")
    at_deposit = prices_at(worker, deposited.replace(second=0, microsecond=0), OF_MINUTE)
    at_midnight = prices_at(worker, MIDNIGHT, OF_MINUTE)
    (flow,) = worker.rows(
        "select value from flow_valuations where account_id = 1 and occurred_at >= %(at)s", at=deposited
    )
    bought = rebalanced(flow["value"], at_deposit)
    held = [quantity + more for quantity, more in zip(opened["quantities"], bought, strict=True)]
    assert last["quantities"] == rebalanced(worth(held, at_midnight), at_midnight)


def test_the_combined_row_is_rebalanced_like_its_only_account(evening: tuple[Worker, RunningVenue]) -> None:
    worker, venue = evening
    venue.advance(hours=2)
    worker.run(venue.now())

    for name in ("monthly", "hold"):
        one, whole = basket(worker, name), basket(worker, name, account=0)
        assert [row["quantities"] for row in one] == [row["quantities"] for row in whole]
        assert [row["nav"] for row in one] == [row["nav"] for row in whole]
