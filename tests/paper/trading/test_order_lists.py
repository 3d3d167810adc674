"""Orders that end or begin each other, where several things happen to them in one command."""

from decimal import Decimal

import pytest

from paper.trading.expiry import Expiry
from paper.trading.filters import Filters
from paper.trading.orders import Kind, Order, OrderType, Reason, Rejected, SelfTrade, Status, TimeInForce
from tests.paper.trading.pit import Pit, a_thousandth


@pytest.fixture
def pit() -> Pit:
    pit = Pit()
    for owner in ("Ann", "Ben", "Cid"):
        pit.fund(owner, BTC=10, USDT=1_000)
    pit.print(100, 1)
    return pit


def exits(pit: Pit, quantity: int = 2, **more: object) -> tuple[Order, Order]:
    """What takes Ann's profit at 110, and what stops her loss at 90 and asks for 85 then."""
    profit = pit.order("Ann", "sell", quantity, 110, type=OrderType.LIMIT_MAKER)
    return profit, pit.order("Ann", "sell", quantity, 85, trigger=90, type=OrderType.STOP_LOSS_LIMIT, **more)


def test_both_exits_wait_once_the_entry_is_filled(pit: Pit) -> None:
    profit, loss = exits(pit)
    pit.place_list(profit, loss, working=pit.order("Ann", "buy", 2, 100))
    pit.place("Ben", "sell", 1, 100)
    assert (profit.status, loss.status) == (Status.PENDING, Status.PENDING)
    pit.place("Ben", "sell", 1, 100)
    assert (profit.status, loss.status, pit.has("Ann", "BTC")) == (Status.NEW, Status.NEW, (10, 2))
    pit.print(90, 1)
    assert (profit.status, loss.status, pit.has("Ann", "BTC")) == (Status.EXPIRED, Status.NEW, (10, 2))


def test_what_expires_says_why(pit: Pit) -> None:
    """Each case as Binance's table of expiry reasons describes it."""
    profit, loss = exits(pit)
    pit.place_list(profit, loss, working=pit.order("Ann", "buy", 2, 100))
    pit.place("Ben", "sell", 2, 100)
    pit.print(90, 1)
    short, over = pit.order("Ann", "buy", 1, 95), pit.order("Ann", "sell", 1, 96, type=OrderType.LIMIT_MAKER)
    pit.show(bids={97: 5}, asks={98: 2})
    pit.place_list(over, working=short)
    pit.print(94, 1)
    waiting = pit.order("Ann", "sell", 1, 120)
    missed = pit.order("Ann", "buy", 5, 90, lasts=TimeInForce.FOK)
    pit.place_list(waiting, working=missed)
    part = pit.place("Ann", "buy", 4, 98, lasts=TimeInForce.IOC)
    nothing = pit.place("Ann", "buy", 1)

    assert [one.expiry for one in (profit, loss, short, over, missed, waiting, part, nothing)] == [
        Expiry.OCO_TRIGGER,
        None,
        None,
        Expiry.REJECTED,
        Expiry.UNFILLED_FOK_ORDER_EXPIRED,
        Expiry.OTO_PHASE_ONE_EXPIRED,
        Expiry.UNFILLED_IOC_QUANTITY_EXPIRED,
        Expiry.INSUFFICIENT_LIQUIDITY,
    ]


def test_exits_without_money_expire_and_nothing_more_happens_to_them() -> None:
    pit = Pit()
    pit.fund("Ann", USDT=200)
    pit.fund("Ben", BTC=2)
    profit, loss = exits(pit, quantity=3)
    pit.place_list(profit, loss, working=pit.order("Ann", "buy", 2, 100))
    pit.place("Ben", "sell", 2, 100)
    pit.print(90, 1)
    assert [one.kind for one in pit.reports if one.order in (profit, loss)] == [Kind.NEW, Kind.NEW] + [Kind.EXPIRED] * 2
    assert pit.has("Ann", "BTC") == (2, 0) and not pit.desk.floor.waiting.lists


def test_a_triggered_order_keeps_what_its_list_had_locked(pit: Pit) -> None:
    """The profit had locked for both; the loss waits in the book now and can be filled, whatever else its owner does."""
    profit, loss = exits(pit, quantity=10)
    pit.place_list(profit, loss)
    pit.print(80, 1)
    assert (profit.status, loss.held, pit.has("Ann", "BTC")) == (Status.EXPIRED, 10, (0, 10))
    with pytest.raises(Rejected):
        pit.place("Ann", "sell", 1)
    pit.print(85, 10, hits_bids=False)
    assert (loss.status, pit.has("Ann", "BTC")) == (Status.FILLED, (0, 0))


def test_two_of_which_one_ends_the_other_have_one_quantity(pit: Pit) -> None:
    """Binance's FAQ on amending: amending either order of an OCO affects both."""
    profit, loss = exits(pit, quantity=10)
    pit.place_list(profit, loss)
    pit.reports += pit.desk.amend(loss, Decimal(4), pit.now)
    assert (profit.quantity, loss.quantity, pit.has("Ann", "BTC")) == (4, 4, (6, 4))
    assert [one.order for one in pit.reports if one.kind is Kind.REPLACED] == [loss, profit]
    pit.print(80, 1)
    assert (loss.held, pit.has("Ann", "BTC")) == (4, (6, 4))


def test_a_working_order_is_amended_by_itself(pit: Pit) -> None:
    entry, exit_ = pit.order("Ann", "buy", 4, 90), pit.order("Ann", "sell", 4, 110)
    pit.place_list(exit_, working=entry)
    pit.reports += pit.desk.amend(entry, Decimal(2), pit.now)
    pit.reports += pit.desk.amend(exit_, Decimal(3), pit.now)
    assert (entry.quantity, exit_.quantity, pit.has("Ann", "USDT")) == (2, 3, (820, 180))
    pit.cancel(exit_)
    with pytest.raises(Rejected) as refused:
        pit.desk.amend(entry, Decimal(1), pit.now)
    assert refused.value.reason is Reason.NO_ORDER and entry.quantity == 2


def test_an_order_that_only_makes_expires_where_it_would_take_by_then(pit: Pit) -> None:
    entry, exit_ = pit.order("Ann", "buy", 1, 95), pit.order("Ann", "sell", 1, 96, type=OrderType.LIMIT_MAKER)
    pit.place_list(exit_, working=entry)
    pit.show(bids={97: 5})
    pit.print(94, 1)
    assert (entry.status, exit_.status, exit_.filled) == (Status.FILLED, Status.EXPIRED, 0)


def test_what_one_order_loses_to_its_owners_own_is_still_there_for_the_other(pit: Pit) -> None:
    profit, loss = exits(pit, quantity=10)
    pit.place_list(profit, loss)
    pit.place("Ann", "buy", 4, 110, self_trade=SelfTrade.DECREMENT)
    assert (profit.left, loss.left, pit.has("Ann", "BTC")) == (6, 10, (0, 10))
    pit.print(80, 1)
    assert (loss.held, pit.has("Ann", "BTC")) == (10, (0, 10))


def test_two_lists_of_one_owner_trade_with_each_other_before_what_they_place() -> None:
    """What Ann's purchase places wants all the money that her sale has brought, whose commission is due before."""
    pit = Pit(a_thousandth)
    pit.fund("Ann", BTC=1, USDT=100)
    seller, again = pit.order("Ann", "sell", 1, 100), pit.order("Ann", "sell", "0.5", 120)
    pit.place_list(again, working=seller)
    buyer, more = pit.order("Ann", "buy", 1, 100, self_trade=SelfTrade.NONE), pit.order("Ann", "buy", 1, 100)
    pit.place_list(more, working=buyer)
    assert (seller.status, buyer.status, again.status, more.status) == (
        Status.FILLED,
        Status.FILLED,
        Status.NEW,
        Status.EXPIRED,
    )
    assert pit.has("Ann", "USDT") == (Decimal("99.9"), 0) and pit.has("Ann", "BTC") == (
        Decimal("0.499"),
        Decimal("0.5"),
    )


@pytest.mark.parametrize("of_list", [False, True])
def test_orders_of_a_list_have_different_client_ids(pit: Pit, of_list: bool) -> None:
    profit, loss = exits(pit, client_id="" if of_list else "a")
    if of_list:
        pit.place_list(*exits(pit), client_id="a")
    else:
        profit.client_id = "a"
    with pytest.raises(Rejected) as refused:
        pit.place_list(profit, loss, client_id="a" if of_list else "")
    assert refused.value.reason is Reason.SAME_CLIENT_ID
    assert pit.has("Ann", "BTC")[1] == (2 if of_list else 0)


@pytest.mark.parametrize(
    ("limits", "taken", "reason"),
    [
        ({"most_orders": 2}, 0, Reason.TOO_MANY_ORDERS),
        ({"most_orders": 5}, 1, Reason.TOO_MANY_ORDERS),
        ({"most_triggered": 1}, 1, Reason.TOO_MANY_TRIGGERED),
        ({"most_lists": 1}, 1, Reason.TOO_MANY_LISTS),
    ],
)
def test_every_order_of_a_list_counts(limits: dict[str, int], taken: int, reason: Reason) -> None:
    pit = Pit(filters=Filters(**limits))  # type: ignore[arg-type]
    pit.fund("Ann", BTC=10, USDT=1_000)
    for _ in range(taken):
        pit.place_list(*exits(pit), working=pit.order("Ann", "buy", 2, 100))
    with pytest.raises(Rejected) as refused:
        pit.place_list(*exits(pit), working=pit.order("Ann", "buy", 2, 100))
    assert refused.value.reason is reason and len(pit.desk.floor.waiting.orders) == 3 * taken


def test_exits_stand_on_both_sides_also_of_an_entry(pit: Pit) -> None:
    profit = pit.order("Ann", "sell", 2, 80, type=OrderType.LIMIT_MAKER)
    with pytest.raises(Rejected) as refused:
        pit.place_list(profit, exits(pit)[1], working=pit.order("Ann", "buy", 2, 70))
    assert refused.value.reason is Reason.BAD_LIST and not pit.desk.floor.waiting.orders
