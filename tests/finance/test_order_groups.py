"""What the orders of a trade were given for: by links, names, plans, inference and the owner's word; and the stop at entry."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.order_evidence import TradeFacts, Words
from finance.order_groups import OrderGroup, group_orders
from finance.order_plans import OrderPlan, number_targets
from finance.order_roles import RoleSource, find_by_name, parse_order_names, parse_role
from finance.orders import OrderRecord, OrderState
from finance.records import OrderRole, read_role
from finance.trades import MoveKind, list_exits
from tests.finance.test_trades import book, trade
from tests.monitor.notation import D

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG = TradeFacts(
    is_short=False,
    opened_at=NOON,
    closed_at=NOON + timedelta(hours=9),
    entry_price=D(100),
    entered_by={"1"},
    exited_by=set(),
)


def order(number: int, side: str = "sell", kind: str = "trigger", at: float = 0, **fields: Any) -> OrderRecord:
    """An order that was given `at` hours after noon and ended unfilled with the trade; a price in `trigger` is its trigger."""
    price, trigger = fields.pop("price", None), fields.pop("trigger", None)
    known: dict[str, Any] = {
        "market": "spot",
        "symbol": "BTCUSDT",
        "base_asset": "BTC",
        "quote_asset": "USDT",
        "quantity": D(1),
        "executed_quantity": D(0),
        "state": OrderState.CANCELLED,
        "ordered_at": NOON + timedelta(hours=at),
        "updated_at": NOON + timedelta(hours=9),
        "price": None if price is None else D(price),
        "trigger_price": None if trigger is None else D(trigger),
    }
    return OrderRecord(exchange_id=str(number), side=side, type=kind, **known | fields)


def done(number: int, side: str, at: float, price: int, **fields: Any) -> OrderRecord:
    """A market order that was filled at once."""
    moment = NOON + timedelta(hours=at)
    filled: dict[str, Any] = {
        "executed_quantity": D(1),
        "executed_quote": D(price),
        "state": OrderState.FILLED,
        "updated_at": moment,
    }
    return order(number, side, "market", at, **filled | fields)


def roles(group: OrderGroup) -> list[tuple[str, str, str]]:
    return [(one.order_id, one.role.name, str(one.source)) for one in group.orders]


ENTRY = done(1, "buy", 0, 100)


def test_two_orders_of_which_one_ends_the_other_are_a_profit_and_a_stop() -> None:
    """An OCO list (Binance): the one that waits takes the profit, the one with the trigger stops the loss."""
    orders = [
        ENTRY,
        order(2, kind="limit_maker", price=110, list_id="7", executed_quantity=D(1), state=OrderState.FILLED),
        order(3, kind="stop_loss_limit", trigger=95, price=94, list_id="7"),
    ]
    group = group_orders(replace(LONG, exited_by={"2"}), orders, Words())
    assert roles(group) == [("1", "ENTRY", "exchange"), ("2", "TP1", "exchange"), ("3", "SL", "exchange")]
    assert (group.stop, group.stop_source) == (95, RoleSource.EXCHANGE)


def test_an_order_that_brings_two_others_about_is_the_entry_also_where_it_was_given_long_before() -> None:
    """An OTOCO list (Binance): its three orders share the list; they were given two days before the entry was filled."""
    before: dict[str, Any] = {"list_id": "8", "at": -48}
    orders = [
        done(1, "buy", -48, 100, list_id="8", updated_at=NOON),
        order(2, kind="limit_maker", price=120, **before),
        order(3, kind="stop_loss", trigger=90, **before),
        order(4, "buy", "limit", price=97, **before),  # what else was to enter in that list
    ]
    group = group_orders(LONG, orders, Words())
    assert [one[:2] for one in roles(group)] == [("1", "ENTRY"), ("4", "ENTRY"), ("2", "TP1"), ("3", "SL")]
    assert group.stop == 90


def test_prices_that_were_given_with_the_entry_are_a_profit_and_a_stop() -> None:
    """Preset prices (Bitget): of what has become an order of its own only that counts."""
    entry = replace(ENTRY, take_profit=D(130), stop_loss=D(92))
    group = group_orders(LONG, [entry], Words())
    assert [(one.order_id, one.role.name, one.price, one.is_preset) for one in group.orders] == [
        ("1", "ENTRY", 100, False),
        ("1", "TP1", 130, True),
        ("1", "SL", 92, True),
    ]
    assert (group.stop, group.stop_source) == (92, RoleSource.EXCHANGE)
    assert set(group.find_roles()) == {"1"}

    own = order(5, trigger=92, parent_id="1", became_id="6", state=OrderState.TRIGGERED)
    sold = done(6, "sell", 3, 91, parent_id="5")
    group = group_orders(replace(LONG, exited_by={"6"}), [entry, own, sold], Words())
    assert [(one.order_id, one.role.name, one.price) for one in group.orders] == [
        ("1", "ENTRY", 100),
        ("1", "TP1", 130),
        ("5", "SL", 92),
        ("6", "SL", 92),  # what the trigger became has its role, and the price that it waited for
    ]


def test_orders_with_triggers_are_inferred_by_their_distance() -> None:
    orders = [ENTRY, order(2, trigger=120), order(3, trigger=110), order(4, trigger=90), order(5, "buy", trigger=130)]
    group = group_orders(LONG, orders, Words())
    assert roles(group) == [
        ("1", "ENTRY", "exchange"),
        ("3", "TP1", "inferred"),
        ("2", "TP2", "inferred"),
        ("4", "SL", "inferred"),
    ]
    short = replace(LONG, is_short=True)
    mirrored = [replace(one, side="buy" if one.side == "sell" else "sell") for one in orders]
    assert roles(group_orders(short, mirrored, Words())) == [
        ("1", "ENTRY", "exchange"),
        ("4", "TP1", "inferred"),
        ("2", "SL", "inferred"),
        ("3", "SL", "inferred"),
    ]


def test_what_only_waits_or_waited_at_another_time_is_none_of_its_orders() -> None:
    before = order(2, trigger=90, at=-5, updated_at=NOON - timedelta(hours=1))
    after = order(3, trigger=90, at=9)
    limit = order(4, kind="limit", price=110)
    assert [one[0] for one in roles(group_orders(LONG, [ENTRY, before, after, limit], Words()))] == ["1"]


def test_a_wrong_inference_is_corrected_by_the_owners_word() -> None:
    """A stop that was moved above the entry looks like a profit; the number of the others follows."""
    orders = [ENTRY, order(2, trigger=105), order(3, trigger=110)]
    assert [one[1] for one in roles(group_orders(LONG, orders, Words()))] == ["ENTRY", "TP1", "TP2"]
    words = Words(notes={"2": parse_role("sl")})
    assert roles(group_orders(LONG, orders, words))[1:] == [("3", "TP1", "inferred"), ("2", "SL", "note")]


def test_the_first_that_says_something_counts() -> None:
    plan = OrderPlan(
        id="p1", planned_at=NOON - timedelta(hours=1), symbol="BTCUSDT", side="buy", order_id="1", stop=D(93),
        targets=number_targets("buy", [(D(108), None), (D("110.05"), None)]),
    )  # fmt: skip
    one = order(2, trigger=110, client_id="sl-7")
    words = Words(
        notes={"2": parse_role("TP3")},
        rules=parse_order_names("tp*=TP1 sl-*=SL"),
        plans=[plan],
        legacy={"2": parse_role("TP9")},
    )
    expected = [("TP3", "note"), ("SL", "client_id"), ("TP2", "plan"), ("TP9", "legacy"), ("TP1", "inferred")]
    weaker = [words, replace(words, notes={}), replace(words, notes={}, rules=()), Words(legacy=words.legacy), Words()]
    assert [roles(group_orders(LONG, [ENTRY, one], said))[1][1:] for said in weaker] == expected
    own_kind = replace(one, type="stop_market")
    assert roles(group_orders(LONG, [ENTRY, own_kind], replace(words, notes={})))[1][1:] == ("SL", "exchange")


def test_an_exit_of_which_nothing_is_known_was_closed_by_hand() -> None:
    group = group_orders(replace(LONG, exited_by={"2", "9"}), [ENTRY, done(2, "sell", 4, 120)], Words())
    assert roles(group)[1:] == [("9", "MANUAL", "unknown"), ("2", "MANUAL", "unknown")]  # 9 was not read


def test_a_stop_that_was_moved_after_the_entry_is_not_the_one_at_entry() -> None:
    first = order(2, kind="stop_loss", trigger=90, at=0.1, updated_at=NOON + timedelta(hours=1))
    moved = order(3, kind="stop_loss", trigger=99, at=1)
    assert group_orders(LONG, [ENTRY, first, moved], Words()).stop == 90
    assert group_orders(LONG, [ENTRY, moved], Words()).stop is None
    in_place = replace(first, trigger_price=D(98))  # the same order, at another price
    assert group_orders(LONG, [ENTRY, in_place], Words(), {"2": D(91)}).stop == 91
    on_the_winning_side = replace(first, trigger_price=D(101))
    assert group_orders(LONG, [ENTRY, on_the_winning_side], Words()).stop is None


def test_what_an_order_is_by_its_kind_is_also_what_closed_a_coin_that_it_was_paid_in() -> None:
    """BTC went by buying ETH with it, by a stop: an exit of BTC at a price that is none of BTC; one that sells ETH for BTC is none."""
    kinds = [read_role(kind, "") for kind in ("stop_loss_limit", "take_profit", "limit", "limit_maker")]
    assert kinds == [OrderRole.STOP_LOSS, OrderRole.TAKE_PROFIT, None, None]
    assert read_role("limit_maker", "17") is OrderRole.TAKE_PROFIT
    pair: dict[str, Any] = {"symbol": "ETHBTC", "base_asset": "ETH", "quote_asset": "BTC"}
    bought = replace(done(2, "buy", 3, 1, **pair), type="stop_loss_limit", trigger_price=D("0.05"))
    sold = order(3, "sell", trigger=200, **pair)
    group = group_orders(replace(LONG, asset="BTC", exited_by={"2"}), [ENTRY, bought, sold], Words())
    assert [(one.order_id, one.role.name, one.price) for one in group.orders] == [
        ("1", "ENTRY", 100),
        ("2", "SL", None),
    ]
    waited = replace(bought, type="trigger")  # nothing says more of it: where its price lies says nothing of BTC
    group = group_orders(replace(LONG, asset="BTC", exited_by={"2"}), [ENTRY, waited], Words())
    assert roles(group)[1:] == [("2", "MANUAL", "unknown")]


def test_a_stop_that_followed_the_price_took_a_profit() -> None:
    """Its kind is what it was given for, whatever it gained; a liquidation is none of an order."""
    found = book([trade("+2 BTC at 100", 1), trade("-1 BTC at 120", 2), trade("-1 BTC at 90", 3)])
    moves = [replace(one, order=name) for one, name in zip(found.moves, ("1", "2", "3"), strict=True)]
    stop = dict.fromkeys(("2", "3"), OrderRole.STOP_LOSS)
    assert [(one.kind, one.stop_in_profit) for one in list_exits(moves, stop)] == [("sl", True), ("sl", False)]
    assert {one.kind for one in list_exits(moves, dict.fromkeys(("2", "3"), OrderRole.BY_HAND))} == {"manual"}
    taken = [replace(one, kind=MoveKind.LIQUIDATION) for one in moves]
    assert {one.kind for one in list_exits(taken, stop)} == {"liquidation"}


def test_a_plan_has_the_stop_that_it_had_when_the_trade_began() -> None:
    def planned(hours: float, stop: int, order_id: str = "") -> OrderPlan:
        at = NOON + timedelta(hours=hours)
        return OrderPlan(id="p1", planned_at=at, symbol="BTCUSDT", side="buy", order_id=order_id, stop=D(stop))

    before, moved = planned(-2, 80), planned(-1, 85)
    linked_later = planned(2, 95, "1")
    group = group_orders(LONG, [ENTRY], Words(plans=[before, moved, linked_later]))
    assert (group.stop, group.stop_source) == (85, RoleSource.PLAN)
    assert group_orders(LONG, [ENTRY], Words(plans=[linked_later])).stop is None
    assert group_orders(LONG, [ENTRY], Words(plans=[before, planned(2, 95, "77")])).stop is None


def test_a_profit_that_was_moved_has_the_number_that_it_had() -> None:
    moved = order(2, kind="take_profit", trigger=110, updated_at=NOON + timedelta(hours=1))
    orders = [ENTRY, moved, order(3, kind="take_profit", trigger=112, at=1), order(4, kind="take_profit", trigger=120)]
    assert [one[:2] for one in roles(group_orders(LONG, orders, Words()))[1:]] == [
        ("2", "TP1"),
        ("3", "TP1"),
        ("4", "TP2"),
    ]


def test_a_price_in_another_coin_is_compared_with_what_was_entered_in_it() -> None:
    in_btc: dict[str, Any] = {"symbol": "ETHBTC", "quote_asset": "BTC"}
    entry = replace(ENTRY, executed_quantity=D(10), executed_quote=D("0.5"), **in_btc)
    orders = [entry, order(2, trigger="0.06", **in_btc), order(3, trigger="0.04", **in_btc)]
    group = group_orders(LONG, orders, Words())
    assert [one[1] for one in roles(group)] == ["ENTRY", "TP1", "SL"]
    assert group.stop is None  # R is in dollars
    bought_elsewhere = replace(LONG, entered_by={"9"})
    assert [one[1] for one in roles(group_orders(bought_elsewhere, orders[1:], Words()))] == ["ENTRY"]


def test_roles_and_rules_are_read_as_they_are_written() -> None:
    assert [parse_role(name).name for name in ("tp2", " SL", "Entry", "TP", "manual")] == [
        "TP2",
        "SL",
        "ENTRY",
        "TP",
        "MANUAL",
    ]
    for wrong in ("", "SL2", "TP0", "stop"):
        with pytest.raises(ValueError, match="is no role"):
            parse_role(wrong)
    rules = parse_order_names("x-tp1*=TP1 x-*=ENTRY")
    assert [one and one.name for one in (find_by_name(n, rules) for n in ("x-tp1a", "x-", "y", ""))] == [
        "TP1",
        "ENTRY",
        None,
        None,
    ]
    for wrong in ("*=SL", "a", "a=b"):
        with pytest.raises(ValueError, match="is no r"):
            parse_order_names(wrong)


PRICES = st.integers(min_value=50, max_value=150).map(Decimal)


@st.composite
def waiting(draw: st.DrawFn) -> list[OrderRecord]:
    """Orders that wait in a trade, of any kind and at any price."""
    found = []
    for number in range(draw(st.integers(min_value=1, max_value=6))):
        kind = draw(st.sampled_from(["trigger", "limit", "limit_maker", "stop_loss", "take_profit"]))
        fields = {"price": draw(PRICES)} if kind.startswith("limit") else {"trigger": draw(PRICES)}
        side, list_id = draw(st.sampled_from(["buy", "sell"])), draw(st.sampled_from(["", "7"]))
        found.append(order(number + 2, side, kind, draw(st.integers(-2, 8)), list_id=list_id, **fields))
    return found


def turn(orders: Iterable[OrderRecord]) -> list[OrderRecord]:
    """The same for who is short: each price as far on the other side of the entry."""
    other = {"buy": "sell", "sell": "buy"}
    return [
        replace(
            one,
            side=other[one.side],
            price=one.price and 200 - one.price,
            trigger_price=one.trigger_price and 200 - one.trigger_price,
        )
        for one in orders
    ]


@given(waiting(), st.randoms(use_true_random=False), st.sampled_from([D("0.001"), D(7)]))
def test_roles_know_no_order_no_side_and_no_scale(orders: list[OrderRecord], random: Any, scale: Decimal) -> None:
    group = group_orders(LONG, [ENTRY, *orders], Words())
    shuffled = [*orders, ENTRY]
    random.shuffle(shuffled)
    assert group_orders(LONG, shuffled, Words()) == group
    short = group_orders(replace(LONG, is_short=True), turn([ENTRY, *orders]), Words())
    assert roles(short) == roles(group)
    assert (short.stop is None) == (group.stop is None)
    scaled = [replace(one, price=one.price and one.price * scale, trigger_price=one.trigger_price and one.trigger_price * scale)
              for one in orders]  # fmt: skip
    assert roles(group_orders(replace(LONG, entry_price=100 * scale), [ENTRY, *scaled], Words())) == roles(group)


@given(waiting())
def test_profits_are_numbered_without_a_gap_and_stops_lose(orders: list[OrderRecord]) -> None:
    group = group_orders(LONG, [ENTRY, *orders], Words())
    profits = sorted((one.price, one.role.level) for one in group.orders if one.role.name.startswith("TP"))
    assert [level for _, level in profits] == sorted(level or 0 for _, level in profits)
    assert {level for _, level in profits} == set(range(1, len({price for price, _ in profits}) + 1))
    assert group.stop is None or group.stop < 100
    assert len({one.order_id for one in group.orders}) == len(group.orders)


@given(waiting(), st.sampled_from(["SL", "TP2", "MANUAL", "ENTRY"]), st.integers(0, 5))
def test_the_owners_word_always_stands(orders: list[OrderRecord], name: str, index: int) -> None:
    number = orders[index % len(orders)].exchange_id
    group = group_orders(LONG, [ENTRY, *orders], Words(notes={number: parse_role(name)}))
    assert [(one.role.name, one.source) for one in group.orders if one.order_id == number] == [(name, RoleSource.NOTE)]
