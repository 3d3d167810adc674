"""The money of orders at its edges: eighth decimals, amounts of the quote, owners who have too little by then."""

from decimal import Decimal

import pytest

from paper.trading.filters import Filters, Range
from paper.trading.orders import Kind, OrderType, Reason, Rejected, SelfTrade, Status, TimeInForce
from tests.paper.trading.pit import Pit


@pytest.fixture
def pit() -> Pit:
    pit = Pit()
    for owner in ("Ann", "Ben", "Cid"):
        pit.fund(owner, BTC=10, USDT=1_000)
    return pit


@pytest.mark.parametrize("price", ["1.5", "0.5", "0.3333"])
def test_parts_never_cost_more_than_was_locked_for_the_whole(price: str) -> None:
    """Each part costs less than an eighth decimal more or less than what it should; the sum is never short."""
    pit = Pit()
    pit.fund("Ben", BTC=1)
    locked = (Decimal(price) * 3 * Decimal("1e-8")).quantize(Decimal("1e-8"), "ROUND_CEILING")
    pit.fund("Ann", USDT=str(locked))
    mine = pit.place("Ann", "buy", "3e-8", price)
    assert pit.has("Ann", "USDT") == (0, locked)
    for _ in range(3):
        pit.place("Ben", "sell", "1e-8", price)
    assert (mine.status, pit.has("Ann", "USDT")) == (Status.FILLED, (locked - mine.cost, 0))


def test_a_triggered_order_buys_what_its_owner_can_pay_by_then() -> None:
    pit = Pit()
    pit.fund("Ann", USDT=1_000)
    stop = pit.place("Ann", "buy", 10, trigger=100, type=OrderType.STOP_LOSS)
    pit.show(asks={200: 3, 201: 10})
    pit.print(100, 1, hits_bids=False)
    assert (stop.status, stop.filled, stop.cost) == (
        Status.EXPIRED,
        Decimal("4.99004975"),
        600 + 201 * Decimal("1.99004975"),
    )
    assert pit.has("Ann", "USDT") == (1_000 - stop.cost, 0)


def test_nobody_sells_more_for_an_amount_than_he_has() -> None:
    pit = Pit()
    pit.fund("Ann", BTC=3)
    pit.show(bids={100: 2, 50: 9})
    with pytest.raises(Rejected) as refused:
        pit.place("Ann", "sell", amount=251)
    assert refused.value.reason is Reason.NOT_ENOUGH and pit.has("Ann", "BTC") == (3, 0)
    sold = pit.place("Ann", "sell", amount=250)
    assert (sold.status, sold.filled, sold.cost, pit.has("Ann", "BTC")) == (Status.FILLED, 3, 250, (0, 0))


@pytest.mark.parametrize(("amount", "status"), [(300, Status.FILLED), (301, Status.EXPIRED), (299, Status.FILLED)])
def test_an_amount_is_filled_if_it_was_spent(pit: Pit, amount: int, status: Status) -> None:
    pit.show(asks={100: 3})
    order = pit.place("Ann", "buy", amount=amount)
    assert (order.status, order.cost, order.quantity) == (status, min(amount, 300), order.filled)
    assert pit.reports[-1].status is status


def test_what_buys_no_step_any_more_is_not_asked_for() -> None:
    pit = Pit(filters=Filters(quantity=Range(step=Decimal(1))))
    pit.fund("Ann", USDT=1_000)
    pit.show(asks={100: 1, 150: 1})
    order = pit.place("Ann", "buy", amount=240)
    assert (order.status, order.filled, pit.reports[-1].status) == (Status.FILLED, 1, Status.FILLED)


@pytest.mark.parametrize(
    ("mode", "status", "filled", "prevented", "of_maker"),
    [
        (SelfTrade.NONE, Status.FILLED, 3, 0, Status.FILLED),
        (SelfTrade.EXPIRE_MAKER, Status.FILLED, 3, 0, Status.EXPIRED_IN_MATCH),
        (SelfTrade.EXPIRE_TAKER, Status.EXPIRED_IN_MATCH, 1, 2, Status.NEW),
        (SelfTrade.EXPIRE_BOTH, Status.EXPIRED_IN_MATCH, 1, 2, Status.EXPIRED_IN_MATCH),
        (SelfTrade.DECREMENT, Status.FILLED, 2, 1, Status.EXPIRED_IN_MATCH),
    ],
)
def test_an_amount_meets_its_owners_own_order(
    pit: Pit, mode: SelfTrade, status: Status, filled: int, prevented: int, of_maker: Status
) -> None:
    pit.place("Ben", "sell", 1, 100)
    own = pit.place("Ann", "sell", 1, 100)
    pit.place("Cid", "sell", 5, 100)
    order = pit.place("Ann", "buy", amount=300, self_trade=mode)
    assert (order.status, order.filled, order.prevented, own.status) == (status, filled, prevented, of_maker)
    assert order.quantity == filled + prevented


@pytest.mark.parametrize("mode", [SelfTrade.EXPIRE_TAKER, SelfTrade.EXPIRE_BOTH, SelfTrade.DECREMENT])
def test_all_or_nothing_is_nothing_where_an_own_order_stands_between(pit: Pit, mode: SelfTrade) -> None:
    pit.place("Ben", "sell", 1, 100)
    own = pit.place("Ann", "sell", 1, 101)
    pit.place("Cid", "sell", 5, 102)
    order = pit.place("Ann", "buy", 2, 102, lasts=TimeInForce.FOK, self_trade=mode)
    assert (order.status, order.filled, order.prevented, own.status) == (Status.EXPIRED, 0, 0, Status.NEW)


def test_an_order_that_only_makes_does_not_take_behind_its_owners_own(pit: Pit) -> None:
    pit.place("Ben", "sell", 1, 101)
    own = pit.place("Ann", "sell", 1, 100)
    with pytest.raises(Rejected) as refused:
        pit.place("Ann", "buy", 2, 101, type=OrderType.LIMIT_MAKER, self_trade=SelfTrade.DECREMENT)
    assert refused.value.reason is Reason.WOULD_TAKE and own.status is Status.NEW


def test_what_was_taken_stays_taken_where_nothing_was_seen_of_it_for_a_while(pit: Pit) -> None:
    pit.show(asks={100: 1, 101: 2})
    pit.place("Ann", "buy", 3, 101)
    pit.show(asks={100: 1})
    pit.show(asks={100: 1, 101: 2})
    assert pit.place("Ben", "buy", 1, 101).filled == 0


def test_no_more_stands_before_an_order_than_is_offered(pit: Pit) -> None:
    pit.show(bids={100: 5})
    mine = pit.place("Ann", "buy", 1, 100)
    pit.place("Ben", "sell", 3, 100)
    pit.show(bids={100: 4})
    later = pit.place("Cid", "buy", 1, 100)
    assert (mine.ahead, later.ahead) == (1, 1)


def test_an_order_that_has_ended_is_not_amended(pit: Pit) -> None:
    order = pit.place("Ann", "buy", 5, 100)
    pit.cancel(order)
    with pytest.raises(Rejected) as refused:
        pit.desk.amend(order, Decimal(3), pit.now)
    assert refused.value.reason is Reason.NO_ORDER and order.quantity == 5


def test_a_smaller_quantity_is_held_against_the_filters_too() -> None:
    pit = Pit(filters=Filters(notional=Range(least=Decimal(100)), quantity=Range(step=Decimal(1))))
    pit.fund("Ann", USDT=1_000)
    order = pit.place("Ann", "buy", 5, 50)
    with pytest.raises(Rejected) as refused:
        pit.desk.amend(order, Decimal(1), pit.now)
    assert refused.value.reason is Reason.NOTIONAL and order.quantity == 5
    pit.reports += pit.desk.amend(order, Decimal(2), pit.now)
    assert [one.kind for one in pit.reports] == [Kind.NEW, Kind.REPLACED]
