"""Who trades with whom, at which price: price first, then time, never more than was shown."""

from decimal import Decimal

import pytest

from paper.trading.orders import Kind, OrderType, Reason, Rejected, SelfTrade, Status, TimeInForce
from tests.paper.trading.pit import Pit, a_thousandth


@pytest.fixture
def pit() -> Pit:
    pit = Pit()
    for owner in ("Ann", "Ben", "Cid"):
        pit.fund(owner, BTC=100, USDT=1_000_000)
    return pit


def test_two_users_trade_as_the_owners_document_has_it() -> None:
    """A buys 10 at 50,000, B sells 5 into it: A's order is half filled, and each has what the other gave."""
    pit = Pit()
    pit.fund("A", USDT=500_000)
    pit.fund("B", BTC=5)
    buy = pit.place("A", "buy", 10, 50_000)
    sell = pit.place("B", "sell", 5, 50_000)

    assert (buy.status, buy.filled, sell.status) == (Status.PARTIALLY_FILLED, 5, Status.FILLED)
    assert pit.has("A", "USDT") == (0, 250_000) and pit.has("A", "BTC") == (5, 0)
    assert pit.has("B", "USDT") == (250_000, 0) and pit.has("B", "BTC") == (0, 0)


def test_a_better_price_comes_first_and_then_the_earlier_order(pit: Pit) -> None:
    later, better, earlier = (
        pit.place("Ann", "sell", 1, 102),
        pit.place("Ben", "sell", 1, 100),
        pit.place("Cid", "sell", 1, 101),
    )
    same = pit.place("Ann", "sell", 1, 100)
    taker = pit.place("Ben", "buy", 3, 101, self_trade=SelfTrade.NONE)

    fills = [(one.order.id, one.fill.price) for one in pit.reports if one.fill and one.fill.is_maker]
    assert fills == [(better.id, 100), (same.id, 100), (earlier.id, 101)]
    assert taker.status is Status.FILLED and later.status is Status.NEW


def test_a_price_of_the_market_comes_before_a_worse_one_of_a_user(pit: Pit) -> None:
    pit.place("Ann", "sell", 1, 105)
    pit.show(asks={100: 2, 106: 5})
    taker = pit.place("Ben", "buy", 4)

    assert [(one.fill.price, one.fill.quantity) for one in pit.reports if one.fill and one.order is taker] == [
        (100, 2),
        (105, 1),
        (106, 1),
    ]


def test_what_was_ahead_is_traded_first(pit: Pit) -> None:
    pit.show(bids={100: 5})
    mine = pit.place("Ann", "buy", 2, 100)
    pit.print(100, 4)
    assert mine.filled == 0
    pit.print(100, 2)
    assert mine.filled == 1
    pit.print(99, 1)
    assert mine.status is Status.FILLED


def test_a_stop_sells_at_what_is_bid_after_the_trade_that_triggers_it(pit: Pit) -> None:
    pit.show(bids={100: 50})
    stop = pit.place("Ann", "sell", 2, trigger=95, type=OrderType.STOP_LOSS)
    pit.print(90, 1, bids={90: 50})
    assert (stop.status, stop.cost) == (Status.FILLED, 180)


def test_who_shows_less_leaves_no_more_ahead(pit: Pit) -> None:
    pit.show(bids={100: 5})
    mine = pit.place("Ann", "buy", 2, 100)
    pit.show(bids={100: 1})
    pit.print(100, 2)
    assert mine.filled == 1


def test_a_quantity_of_the_market_is_had_once_by_whomever(pit: Pit) -> None:
    pit.show(asks={100: 3})
    first, second = pit.place("Ann", "buy", 2), pit.place("Ben", "buy", 2)
    assert (first.filled, second.filled, second.status) == (2, 1, Status.EXPIRED)
    pit.show(asks={100: 9})
    assert pit.place("Cid", "buy", 9).filled == 6


def test_an_order_that_the_market_crosses_is_filled_at_its_own_price(pit: Pit) -> None:
    mine = pit.place("Ann", "buy", 5, 100)
    pit.show(asks={99: 2, 100: 1, 101: 9})
    assert (mine.filled, mine.cost) == (3, 300)


def test_what_the_market_crosses_with_is_had_once(pit: Pit) -> None:
    first, second = pit.place("Ann", "buy", 2, 100), pit.place("Ben", "buy", 2, 99)
    pit.show(asks={98: 3})
    pit.show(asks={98: 3})
    assert (first.filled, second.filled) == (2, 1)


@pytest.mark.parametrize(("lasts", "filled", "status"), [("ioc", 2, Status.EXPIRED), ("fok", 0, Status.EXPIRED)])
def test_what_can_not_be_had_at_once_expires(pit: Pit, lasts: str, filled: int, status: Status) -> None:
    pit.show(asks={100: 2})
    order = pit.place("Ann", "buy", 3, 100, lasts=TimeInForce(lasts))
    assert (order.filled, order.status) == (filled, status)
    assert pit.has("Ann", "USDT")[1] == 0


def test_an_amount_buys_what_it_can(pit: Pit) -> None:
    pit.show(asks={3: 100})
    order = pit.place("Ann", "buy", amount=10)
    assert (order.filled, order.cost, order.status) == (Decimal("3.33333333"), Decimal("9.99999999"), Status.FILLED)


def test_only_a_maker_is_refused_what_it_would_take(pit: Pit) -> None:
    pit.place("Ann", "sell", 1, 100)
    with pytest.raises(Rejected) as refused:
        pit.place("Ben", "buy", 1, 100, type=OrderType.LIMIT_MAKER)
    assert refused.value.reason is Reason.WOULD_TAKE
    assert pit.has("Ben", "USDT") == (1_000_000, 0)


def test_who_has_too_little_is_refused_and_nothing_changes(pit: Pit) -> None:
    pit.place("Ann", "sell", 50, 30_000)
    for price in (30_000, 0):
        with pytest.raises(Rejected) as refused:
            pit.place("Ben", "buy", 40, price)
        assert refused.value.reason is Reason.NOT_ENOUGH
    assert pit.has("Ben", "USDT") == (1_000_000, 0) and not pit.desk.floor.waiting.own("Ben", "BTCUSDT")


def test_a_better_price_gives_back_what_was_locked_beyond_it(pit: Pit) -> None:
    pit.place("Ann", "sell", 1, 90)
    order = pit.place("Ben", "buy", 2, 100)
    assert (order.held, pit.has("Ben", "USDT")) == (100, (Decimal(1_000_000 - 90 - 100), 100))
    pit.cancel(order)
    assert pit.has("Ben", "USDT") == (1_000_000 - 90, 0)


def test_commissions_are_taken_of_what_is_received() -> None:
    pit = Pit(a_thousandth)
    pit.fund("Ann", BTC=1)
    pit.fund("Ben", USDT=100)
    pit.place("Ann", "sell", 1, 100)
    pit.place("Ben", "buy", 1, 100)
    assert pit.has("Ann", "USDT")[0] == Decimal("99.9") and pit.has("Ben", "BTC")[0] == Decimal("0.999")


def test_a_smaller_quantity_keeps_its_place(pit: Pit) -> None:
    first, second = pit.place("Ann", "sell", 5, 100), pit.place("Cid", "sell", 4, 100)
    pit.reports += pit.desk.amend(first, Decimal(3), pit.now)
    pit.place("Ben", "buy", 4, 100)
    assert (first.status, second.filled) == (Status.FILLED, 1)
    assert pit.has("Ann", "BTC") == (97, 0)
    for bad in (4, 5, 1):
        with pytest.raises(Rejected):
            pit.desk.amend(second, Decimal(bad), pit.now)


def test_one_of_two_ends_the_other_and_only_one_is_locked_for(pit: Pit) -> None:
    pit.print(100, 1)
    profit = pit.order("Ann", "sell", 60, 110, type=OrderType.LIMIT_MAKER)
    loss = pit.order("Ann", "sell", 60, trigger=90, type=OrderType.STOP_LOSS)
    pit.place_list(profit, loss)
    assert pit.has("Ann", "BTC") == (40, 60)

    pit.show(bids={89: 100})
    pit.print(90, 1)
    assert (profit.status, loss.status, loss.cost) == (Status.EXPIRED, Status.FILLED, 60 * 89)
    assert pit.has("Ann", "BTC") == (40, 0) and not pit.desk.floor.waiting.lists


def test_a_filled_order_places_those_that_waited_for_it(pit: Pit) -> None:
    pit.print(100, 1)
    entry = pit.order("Ann", "buy", 2, 100)
    profit = pit.order("Ann", "sell", 2, 110, type=OrderType.LIMIT_MAKER)
    loss = pit.order("Ann", "sell", 2, trigger=90, type=OrderType.STOP_LOSS)
    pit.place_list(profit, loss, working=entry)
    assert (profit.status, pit.has("Ann", "BTC")) == (Status.PENDING, (100, 0))

    pit.place("Ben", "sell", 2, 100)
    assert (entry.status, profit.status, pit.has("Ann", "BTC")) == (Status.FILLED, Status.NEW, (100, 2))
    pit.place("Cid", "buy", 2, 110)
    assert (profit.status, loss.status) == (Status.FILLED, Status.EXPIRED)


def test_an_order_that_is_cancelled_takes_those_with_it_that_waited_for_it(pit: Pit) -> None:
    entry, exit_ = pit.order("Ann", "buy", 2, 100), pit.order("Ann", "sell", 2, 110)
    pit.place_list(exit_, working=entry)
    pit.cancel(entry)
    assert (entry.status, exit_.status) == (Status.CANCELED, Status.CANCELED)
    assert pit.has("Ann", "USDT") == (1_000_000, 0) and not pit.desk.floor.waiting.orders


@pytest.mark.parametrize(
    ("mode", "makers", "taker", "prevented"),
    [
        (SelfTrade.NONE, [Status.FILLED, Status.PARTIALLY_FILLED], Status.FILLED, 0),
        (SelfTrade.EXPIRE_MAKER, [Status.EXPIRED_IN_MATCH, Status.EXPIRED_IN_MATCH], Status.NEW, 0),
        (SelfTrade.EXPIRE_TAKER, [Status.NEW, Status.NEW], Status.EXPIRED_IN_MATCH, 3),
        (SelfTrade.EXPIRE_BOTH, [Status.EXPIRED_IN_MATCH, Status.NEW], Status.EXPIRED_IN_MATCH, 3),
        (SelfTrade.DECREMENT, [Status.EXPIRED_IN_MATCH, Status.NEW], Status.EXPIRED_IN_MATCH, 3),
    ],
)
def test_nobody_trades_with_himself_unless_he_says_so(
    pit: Pit, mode: SelfTrade, makers: list[Status], taker: Status, prevented: int
) -> None:
    """Scenarios of Binance's FAQ on self trade prevention: bids of 1.2 at 1.2 and 3 at 1, of whom sells 3 at 1."""
    resting = [pit.place("Ann", "buy", "1.2", "1.2"), pit.place("Ann", "buy", 3, 1)]
    order = pit.place("Ann", "sell", 3, 1, self_trade=mode)
    assert [one.status for one in resting] == makers
    assert (order.status, order.prevented) == (taker, prevented)
    assert sum(one.held for one in resting) == pit.has("Ann", "USDT")[1]


def test_a_report_says_how_the_order_stood_then(pit: Pit) -> None:
    pit.place("Ann", "sell", 1, 100)
    taker = pit.place("Ben", "buy", 3, 100)
    mine = [(one.kind, one.status, one.filled) for one in pit.reports if one.order is taker]
    assert mine == [(Kind.NEW, Status.NEW, 0), (Kind.TRADE, Status.PARTIALLY_FILLED, 1)]
