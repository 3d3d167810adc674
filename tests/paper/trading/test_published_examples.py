"""Every numeric example of Binance's FAQs on self trade prevention, trailing stops, amending and commissions.

Source: github.com/binance/binance-spot-api-docs, faqs: stp_faq.md, trailing-stop-faq.md, order_amend_keep_priority.md,
commission_faq.md.
"""

from decimal import Decimal

import pytest

from paper.engine.commissions import Commissions
from paper.histories.accounts import Account
from paper.trading.orders import Order, OrderType, SelfTrade, Status
from tests.paper.trading.pit import START, Pit

NEW, FILLED, EXPIRED, IN_MATCH = Status.NEW, Status.FILLED, Status.EXPIRED, Status.EXPIRED_IN_MATCH


@pytest.fixture
def pit() -> Pit:
    pit = Pit()
    pit.fund("you", BTC=20_000, USDT=10_000_000)
    for other in ("A", "B", "C"):
        pit.fund(other, BTC=100, USDT=1_000_000)
    return pit


THREE = (("1.2", "1.2"), ("1.3", "1.1"), ("8.1", "1"))


@pytest.mark.parametrize(
    ("makers", "taker", "mode", "ends", "end", "prevented"),
    [
        pytest.param((("1", "1"),), ("1", "1"), "NONE", [(FILLED, "0")], FILLED, "0", id="A"),
        pytest.param(
            THREE,
            ("3", "1"),
            "EXPIRE_MAKER",
            [(IN_MATCH, "1.2"), (IN_MATCH, "1.3"), (IN_MATCH, "8.1")],
            NEW,
            "0",
            id="B",
        ),
        pytest.param(THREE, ("3", "1"), "EXPIRE_TAKER", [(NEW, "0")] * 3, IN_MATCH, "3", id="C"),
        pytest.param((("1", "1"),), ("3", "1"), "EXPIRE_BOTH", [(IN_MATCH, "1")], IN_MATCH, "3", id="D"),
        pytest.param((("1", "1"),), ("1", "1"), "EXPIRE_TAKER", [(NEW, "0")], IN_MATCH, "1", id="E"),
        pytest.param((("1", "1"),), ("1", 0), "EXPIRE_MAKER", [(IN_MATCH, "1")], EXPIRED, "0", id="F"),
        pytest.param((("6", "2"),), ("2", "2"), "DECREMENT", [(NEW, "2")], IN_MATCH, "2", id="G"),
    ],
)
def test_self_trade_prevention(
    pit: Pit,
    makers: tuple[tuple[str, str], ...],
    taker: tuple[str, str],
    mode: str,
    ends: list[tuple[Status, str]],
    end: Status,
    prevented: str,
) -> None:
    of_maker = SelfTrade.EXPIRE_MAKER if (mode, len(makers), prevented) == ("EXPIRE_TAKER", 1, "1") else SelfTrade.NONE
    resting = [pit.place("you", "buy", *one, self_trade=of_maker) for one in makers]
    order = pit.place("you", "sell", *taker, self_trade=SelfTrade[mode])

    assert [(one.status, one.prevented) for one in resting] == [(one, Decimal(lost)) for one, lost in ends]
    assert (order.status, order.prevented) == (end, Decimal(prevented))
    assert order.filled == (1 if mode == "NONE" else 0)
    matches = {one.prevented.id: one.prevented for one in pit.reports if one.prevented}.values()
    shown = [(one.maker, one.taker, one.price) for one in matches]
    prices = [Decimal(price) for _, price in makers]
    expected = [] if mode == "NONE" else [(one.id, order.id, p) for one, p in zip(resting, prices, strict=True)]
    assert shown == (expected if mode == "EXPIRE_MAKER" else expected[:1])
    assert sum(one.held for one in resting) == pit.has("you", "USDT")[1]


STOP, PROFIT = OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT


@pytest.mark.parametrize(
    ("side", "kind", "trigger", "delta", "limit", "path"),
    [
        pytest.param("buy", STOP, 44_000, 500, 45_000, [37_000, 44_000, 45_000, 46_000, 42_000, 44_100], id="A"),
        pytest.param("sell", STOP, 39_000, 1000, 38_000, [41_500, 39_000, 37_000, 41_000, 36_900], id="B"),
        pytest.param("buy", PROFIT, 38_000, 850, 38_500, [42_000, 38_000, 37_000, 39_000, 38_000, 40_145], id="C"),
        pytest.param(
            "sell", PROFIT, 42_000, 750, 41_000, [41_500, 39_000, 42_000, 45_000, 44_000, 46_500, "43012.5"], id="D"
        ),
        pytest.param("sell", STOP, 0, 700, 39_000, [42_000, 39_500, 45_500, 42_315], id="E"),
    ],
)
@pytest.mark.parametrize("short_by", ["0", "0.01"])
def test_trailing_stops(
    pit: Pit, side: str, kind: OrderType, trigger: int, delta: int, limit: int, path: list[int], short_by: str
) -> None:
    """The last trade triggers it and none before, nor one that is a cent short of it."""
    pit.print(40_000, 1)
    order = pit.place("you", side, 1, limit, type=kind, trigger=trigger, trailing=delta)
    for price in path[:-1]:
        pit.print(price, "0.1")
        assert order.working_at is None
    last = Decimal(path[-1]) - Decimal(short_by) * (1 if side == "buy" else -1)
    pit.print(str(last), "0.1")
    assert (order.working_at is not None) is (short_by == "0")
    assert order.filled == 0 and order.status is NEW


def book_of(pit: Pit) -> list[tuple[str, int, Decimal]]:
    """Who buys, at what, how much: in the order in which they are traded."""
    offers = pit.desk.floor.books["BTCUSDT"].list_offers(is_buy=False, at=pit.now)
    return [(one.maker.owner, int(one.price), one.quantity) for one in offers if one.maker]


@pytest.fixture
def yours(pit: Pit) -> Order:
    """The FAQ's book: order 15, the second of four."""
    pit.place("A", "buy", "1.00", 87_000)
    order = pit.place("you", "buy", "5.50", 87_000)
    pit.place("B", "buy", "4.00", 87_000)
    pit.place("C", "buy", "2.00", 86_999)
    return order


def test_an_amended_order_keeps_its_priority(pit: Pit, yours: Order) -> None:
    pit.reports += pit.desk.amend(yours, Decimal("5.00"), pit.now)
    assert book_of(pit) == [("A", 87_000, 1), ("you", 87_000, 5), ("B", 87_000, 4), ("C", 86_999, 2)]


def test_an_order_that_replaces_another_is_the_last(pit: Pit, yours: Order) -> None:
    pit.cancel(yours)
    pit.place("you", "buy", "5.00", 87_000)
    assert book_of(pit) == [("A", 87_000, 1), ("B", 87_000, 4), ("you", 87_000, 5), ("C", 86_999, 2)]


STANDARD = Decimal("0.00000020") + Decimal("0.00000040")  # of one who takes, and sells
TAX = Decimal("0.00000114") + Decimal("0.00000116")
SPECIAL = Decimal("0.02000000") + Decimal("0.04000000")


def test_a_commission_is_taken_of_what_a_sale_brought() -> None:
    """All three rates of the example, by a venue that charges them: 0.01049475 + 0.04022988 + 1049.475 USDT."""

    def charge(order: Order, asset: str, amount: Decimal, at: object, is_maker: bool) -> tuple[str, Decimal]:
        parts = [(amount * rate).quantize(Decimal("1e-8")) for rate in (STANDARD, TAX, SPECIAL)]
        assert is_maker or parts == [Decimal("0.01049475"), Decimal("0.04022988"), Decimal("1049.47500000")]
        return asset, Decimal(0) if is_maker else sum(parts, Decimal(0))

    pit = Pit(charge)
    pit.fund("A", USDT=35_000)
    pit.fund("you", BTC=1)
    pit.place("A", "buy", 1, 35_000)
    pit.place("you", "sell", "0.49975")
    assert pit.has("you", "USDT")[0] == Decimal("17491.25000000") - Decimal("1049.52572463")
    assert pit.has("you", "BTC")[0] == Decimal("0.50025")


@pytest.mark.parametrize(("bnb", "asset"), [("1", "BNB"), ("0.00001", "USDT")])
def test_a_commission_in_bnb_is_less_and_needs_enough_of_it(pit: Pit, bnb: str, asset: str) -> None:
    """The example's sale at our rates, with its price of 260 USDT for a BNB: a quarter less, or the whole of what was received."""
    account = Account(name="you", exchange="binance", key="", secret="", uid=1, created_at=START)
    account.pays_in = "BNB"
    pit.fund("you", BNB=bnb)
    charge = Commissions({"you": account}, pit.ledger, lambda coin, at: Decimal(260 if coin == "BNB" else 1))
    order = pit.order("you", "sell", "0.49975")
    worth = Decimal("17491.25")
    expected = {
        "BNB": (worth * Decimal("0.001") * Decimal("0.75") / 260).quantize(Decimal("1e-8"), "ROUND_UP"),
        "USDT": Decimal("17.49125"),
    }
    assert charge(order, "USDT", worth, pit.now, False) == (asset, expected[asset])
