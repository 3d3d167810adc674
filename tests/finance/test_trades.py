"""Trades from flat to flat: cases of the field, traps others fell into, and the law that they add up to what was realised."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from finance.attribution.events import Event, Flow, Income
from finance.attribution.explanation import Gain, Part
from finance.attribution.gains import open_inventories
from finance.attribution.hour import explain_hour
from finance.decimals import CONTEXT
from finance.records import FillMarket, FillRecord, IncomeKind
from finance.trade_book import TradeBook
from finance.trades import Fee, MoveKind, OpenedBy, Trade, TradeMove, list_exits
from tests.finance.gains import compute_gains
from tests.finance.test_explanation import END, EXACT, START, after, events, fill, prices, quantities, standing
from tests.monitor.notation import D, at

CLOSING = {"USDT": D(1), "BTC": D(100), "ETH": D(10), "BNB": D(5)}


def order(name: str, *fills: FillRecord) -> list[FillRecord]:
    return [replace(one, order_id=name) for one in fills]


def trade(text: str, minute: int, fee: str = "", number: int = 0, market: FillMarket = FillMarket.SPOT) -> FillRecord:
    """A fill of an order of its own, as in trade("+2 BTC at 100", 5)."""
    units, asset, _, price = text.split()
    paid = -D(units) * D(price)
    found = fill(f"{units} {asset}", f"{paid} USDT", f"2026-05-01 10:{minute:02}", fee)
    return replace(found, number=number or minute, order_id=f"order {minute}", market=market)


def flow(text: str, minute: int, value: str) -> Flow:
    units, asset = text.split()
    return Flow(
        asset=asset, quantity=D(units), value=D(value), occurred_at=at(f"2026-05-01 10:{minute:02}"), number=minute
    )


def book(happened: Sequence[Event], held: dict[str, Decimal] | None = None) -> TradeBook:
    """The book of one hour in which all of it `happened`."""
    before = standing(START, {"USDT": D(100_000)} | (held or {}), CLOSING)
    explained = explain_hour(before, after(before, happened, CLOSING), happened)
    found = TradeBook.begin(before)
    found.book(explained.changes, END)
    return found


def trades_of(happened: Sequence[Event], held: dict[str, Decimal] | None = None) -> list[Trade]:
    return list(book(happened, held).trades.values())


def exits_of(happened: Sequence[Event]) -> list[tuple[MoveKind, Decimal, Decimal, Decimal]]:
    return [(one.kind, one.quantity, one.value, one.gain) for one in list_exits(book(happened).moves)]


def only(happened: Sequence[Event], held: dict[str, Decimal] | None = None) -> Trade:
    [found] = trades_of(happened, held)
    return found


def test_two_trades_are_those_of_ghostfolio() -> None:
    """Ghostfolio c542997, portfolio-calculator-jnug-buy-and-sell-and-buy-and-sell.spec.ts: gross 43.95, fees 4, net 39.95."""
    trades = trades_of(
        [
            trade("+9 BTC at 209.45", 1, "1 USDT"),
            trade("-9 BTC at 210", 2, "1 USDT"),
            trade("+10 BTC at 204.11", 3, "1 USDT"),
            trade("-10 BTC at 208.01", 4, "1 USDT"),
        ]
    )

    assert [(one.id, one.side, one.gross, one.fees) for one in trades] == [
        ("f1", "LONG", D("4.95"), 2),
        ("f3", "LONG", 39, 2),
    ]
    assert sum(one.net for one in trades) == D("39.95")
    assert [(one.entry_price, one.exit_price) for one in trades] == [(D("209.45"), 210), (D("204.11"), D("208.01"))]
    assert all(one.is_countable and one.fills == 2 for one in trades)


def test_what_was_held_at_most_has_no_more_digits_than_money() -> None:
    found = only([trade("+3 BTC at 100", 1, "0.001 BTC"), fill("-1.7 BTC", "190.01 USDT", "2026-05-01 10:02")])
    assert found.greatest_value == 300
    worths = [
        move.worth
        for move in book([trade("+3 BTC at 100", 1), fill("-1.7 BTC", "190.01 USDT", "2026-05-01 10:02")]).moves
    ]
    assert worths == [300, D("145.301764705882352941")]


def test_three_exits_are_one_trade() -> None:
    happened = [
        trade("+3 BTC at 100", 1), trade("-1 BTC at 110", 2), trade("-1 BTC at 120", 3), trade("-1 BTC at 90", 4)
    ]  # fmt: skip
    found = only(happened)

    assert exits_of(happened) == [
        (MoveKind.MANUAL, 1, 110, 10), (MoveKind.MANUAL, 1, 120, 20), (MoveKind.MANUAL, 1, 90, -10)
    ]  # fmt: skip
    assert (found.gross, found.closed_at, found.exit_price) == (
        20,
        at("2026-05-01 10:04"),
        CONTEXT.divide(D(320), D(3)),
    )


def test_fills_of_one_order_are_one_exit() -> None:
    sold = order("x", trade("-1 BTC at 110", 2), trade("-2 BTC at 112", 3))
    [gone] = list_exits(book([trade("+3 BTC at 100", 1), *sold]).moves)
    assert (gone.quantity, gone.value, gone.gain, gone.at) == (3, 334, 34, at("2026-05-01 10:03"))


def test_a_fill_through_zero_closes_one_trade_and_opens_the_next_and_its_fee_is_shared() -> None:
    found = book([trade("+2 BTC at 100", 1), trade("-5 BTC at 130", 2, "0.5 USDT"), trade("+3 BTC at 120", 3)])
    long, short = found.trades.values()

    assert (long.gross, long.fees, long.closed_at, long.side) == (60, D("0.2"), at("2026-05-01 10:02"), "LONG")
    assert (short.gross, short.fees, short.entered, short.side) == (30, D("0.3"), 3, "SHORT")
    assert (short.id, short.opened_at, short.net) == ("f2", at("2026-05-01 10:02"), D("29.7"))
    assert [(one.trade, one.quantity, one.value) for one in found.fees] == [
        ("f1", D("0.2"), D("0.2")),
        ("f2", D("0.3"), D("0.3")),
    ]


def test_a_fee_in_the_coin_leaves_dust_that_joins_the_next_trade() -> None:
    """1 bought, 0.001 of it the fee; 0.99 sold leave 0.009 worth 0.9 USDT, which is flat."""
    found = book([trade("+1 BTC at 100", 1, "0.001 BTC"), trade("-0.99 BTC at 101", 2), trade("+1 BTC at 100", 3)])
    first, second = found.trades.values()

    assert (first.fees, first.gross, first.closed_at) == (D("0.1"), D("0.99"), at("2026-05-01 10:02"))
    assert (second.entered, second.entry_value, second.closed_at) == (D("1.009"), D("100.9"), None)
    assert [(one.kind, one.quantity) for one in found.moves if one.trade == second.id] == [
        (MoveKind.HELD, D("0.009")),
        (MoveKind.MANUAL, 1),
    ]


def test_a_fee_in_a_third_coin_is_of_the_trade_and_takes_nothing_from_it() -> None:
    """0.1 BNB at 5: the fee of BTC's trade, and of BNB's, which was held before, no exit."""
    bnb, btc = trades_of([trade("+1 BTC at 100", 1, "0.1 BNB"), trade("-1 BTC at 110", 2)], {"BNB": D(10)})

    assert (btc.fees, btc.net) == (D("0.5"), D("9.5"))
    assert (bnb.opened_by, bnb.exited, bnb.fees, bnb.id) == (OpenedBy.OPENING, 0, 0, "o.BNB")


def test_up_to_three_fees_of_one_fill_are_all_of_its_trade() -> None:
    """As Gate.io charges them: beside the first, each is a record of its own that moves nothing; through zero all are shared."""
    fees = [replace(fill("0 BTC", "0 USDT", "2026-05-01 10:02", fee), number=n, order_id="order 2")
            for n, fee in ((20, "0.1 BNB"), (21, "0.2 ETH"))]  # fmt: skip
    other = replace(fees[0], number=22, order_id="order 9")  # of a fill that nobody knows
    found = book(
        [trade("+1 BTC at 100", 1), trade("-5 BTC at 130", 2, "0.5 USDT"), *fees, other], {"BNB": D(9), "ETH": D(9)}
    )
    assert [(found.trades[name].fees, found.trades[name].fills) for name in ("f1", "f2")] == [
        (D("0.6"), 2),
        (D("2.4"), 1),
    ]
    assert [(one.row, one.trade) for one in found.fees][2:] == [
        ("f20", "f1"), ("f20", "f2"), ("f21", "f1"), ("f21", "f2"), ("f22", "")
    ]  # fmt: skip


def test_a_fill_between_two_coins_is_a_piece_of_two_trades() -> None:
    """1 BTC, bought at 100, buys 10 ETH: at the closing price of its hour, 100."""
    happened: list[Event] = [trade("+1 BTC at 100", 1), fill("+10 ETH", "-1 BTC", "2026-05-01 10:02", "0.5 USDT")]
    btc, eth = trades_of(happened)

    assert (btc.closed_at, btc.gross, btc.fees) == (at("2026-05-01 10:02"), 0, 0)
    assert (eth.entered, eth.entry_value, eth.fees, eth.closed_at) == (10, 100, D("0.5"), None)


def test_a_fill_that_opens_two_trades_names_that_of_its_base_whatever_its_quote_did() -> None:
    """ETH for bitcoins that are borrowed, or that were there: what is said of ETH's trade stays its own."""
    bought = replace(fill("+10 ETH", "-1 BTC", "2026-05-01 10:02"), number=2)
    assert [(one.id, one.asset) for one in trades_of([bought])] == [("f2.BTC", "BTC"), ("f2", "ETH")]
    assert [(one.id, one.asset) for one in trades_of([bought], {"BTC": D(3)})] == [("o.BTC", "BTC"), ("f2", "ETH")]


def test_coins_without_a_record_have_names_of_their_own() -> None:
    before, found = standing(START, {}, CLOSING), standing(END, {"BTC": D(1), "ETH": D(10)}, CLOSING)
    both = TradeBook.begin(before)
    both.book(explain_hour(before, found, []).changes, END)
    one = TradeBook.begin(before)
    one.book(explain_hour(before, standing(END, {"ETH": D(10)}, CLOSING), []).changes, END)
    assert [*both.trades, *one.trades] == ["u202605011102.BTC", "u202605011102.ETH", "u202605011102.ETH"]


def test_what_went_as_fees_was_no_decision() -> None:
    """BNB that was bought for fees, and paid them: neither won nor lost."""
    bnb, btc = trades_of([trade("+1 BNB at 5", 1, "0.05 USDT"), trade("+1 BTC at 100", 2, "0.95 BNB")])
    assert (bnb.closed_at, bnb.net, bnb.is_countable) == (at("2026-05-01 10:02"), D("-0.05"), False)
    assert btc.fees == D("4.75")


def test_what_exchanges_round_takes_no_trade_out_of_the_win_rate() -> None:
    """A hundred-millionth that no history tells is no decision of anybody; a coin is."""
    bought, sold = trade("+2 BTC at 100", 1), trade("-1.9 BTC at 110", 2)
    trades = []
    for left in (D("0.09999999"), D("0.05")):
        before, now = (
            standing(START, {"USDT": D(1000)}, CLOSING),
            after(standing(START, {"USDT": D(1000)}, CLOSING), [bought, sold], CLOSING),
        )
        now = replace(now, quantities={**now.quantities, "BTC": left}, nav=now.nav - (D("0.1") - left) * 100)
        found = TradeBook.begin(before)
        found.book(explain_hour(before, now, [bought, sold]).changes, END)
        later = after(now, closing := [replace(trade(f"-{left} BTC at 110", 3))], CLOSING)
        found.book(explain_hour(now, later, closing).changes, END)
        trades += list(found.trades.values())
    assert [(one.transferred_units, one.is_countable) for one in trades] == [(D("1e-8"), True), (D("0.05"), False)]


def test_coins_paid_in_and_out_are_listed_and_decide_nothing() -> None:
    paid_in = only([flow("+2 BTC", 1, "200"), trade("-2 BTC at 110", 2)])
    out: list[Event] = [trade("+2 BTC at 100", 1), flow("-2 BTC", 2, "-190")]
    taken_out = only(out)

    assert (paid_in.opened_by, paid_in.id, paid_in.gross, paid_in.is_countable) == (OpenedBy.FLOW, "d1", 20, False)
    assert exits_of(out) == [(MoveKind.TRANSFER, 2, 190, -10)]
    assert (taken_out.gross, taken_out.transferred, taken_out.is_countable) == (0, -10, False)


def test_a_reward_opens_nothing_and_joins_what_is_held() -> None:
    reward = Income(kind=IncomeKind.DIVIDEND, asset="BTC", quantity=D(1), occurred_at=at("2026-05-01 10:01"))
    alone = book([reward, trade("-1 BTC at 110", 2)])
    joined = only([trade("+1 BTC at 90", 0, number=9), reward, trade("-2 BTC at 110", 2)])

    assert (alone.trades, alone.rest) == ({}, 10)
    assert (joined.entered, joined.gross) == (2, 30)


def test_in_which_order_a_database_tells_what_is_held_is_the_same_to_moves() -> None:
    held = {"ETH": D(10), "BTC": D(1), "BNB": D(20)}
    told = [TradeBook.begin(standing(START, dict(order), CLOSING)) for order in permutations(held.items())]
    assert [[move.trade for move in one.moves] for one in told] == [["o.BNB", "o.BTC", "o.ETH"]] * 6


def test_coins_that_went_to_what_only_a_total_tells_are_booked_in_the_same_order_however_they_are_told() -> None:
    told = [{"ETH": D(10), "BTC": D(1)}, {"BTC": D(1), "ETH": D(10)}]
    found = [
        explain_hour(
            standing(START, held, CLOSING), replace(standing(END, {"USDT": D(200)}, CLOSING), counted=D(200)), []
        )
        for held in told
    ]
    assert [change.asset for change in found[0].changes] == ["BTC", "ETH", "USDT"]
    assert found[0].changes == found[1].changes


def test_a_convert_and_dust_say_so() -> None:
    converted = [trade("+1 BTC at 100", 1), trade("-1 BTC at 105", 2, market=FillMarket.CONVERT)]
    assert only(converted).ended_by is MoveKind.CONVERT


def _held_through(change: Mapping[str, Decimal], prices_then: dict[str, Decimal], sold: FillRecord) -> list[Trade]:
    """The trades of 10 BTC bought at 90, of an hour in which holdings changed without a record, and of a sale after it."""
    start = standing(START, {"USDT": D(1000)}, CLOSING)
    bought = after(start, first := [trade("+10 BTC at 90", 1)], CLOSING)
    changed = standing(END, dict(after(bought, [], CLOSING, **change).quantities), {**CLOSING, **prices_then})
    last = standing(
        END, dict(after(changed, [sold], {**CLOSING, **prices_then}).quantities), {**CLOSING, **prices_then}
    )
    found, trades = TradeBook.begin(start), dict[str, Trade]()
    for before, now, happened in ((start, bought, first), (bought, changed, []), (changed, last, [sold])):
        found.book(explain_hour(before, now, happened).changes, END)
        trades |= found.trades
    return list(trades.values())


def test_a_coin_of_another_scale_has_neither_gained_nor_lost() -> None:
    for units, price in ((D(10_000), "0.1"), (D("0.1"), "10000")):
        old, new = _held_through({"BTC": units - 10}, {"BTC": D(price)}, trade(f"-{units} BTC at {price}", 40))

        assert (old.net, old.transferred, old.is_countable) == (
            0,
            100,
            False,
        )  # bought at 90, worth 100 each when it changed
        assert (new.entered, new.gross, new.net, new.is_countable) == (units, 0, 0, False)


def test_a_coin_that_got_another_name_is_left_at_its_price_and_goes_on_as_another() -> None:
    old, new = _held_through({"BTC": D(-10), "ETH": D(100)}, {}, trade("-100 ETH at 10", 40))

    assert [(old.asset, old.net, old.transferred), (new.asset, new.net)] == [("BTC", 0, 100), ("ETH", 0)]
    assert not old.is_countable and not new.is_countable


def test_interest_of_a_short_is_neither_entry_nor_exit() -> None:
    interest = Income(
        kind=IncomeKind.MARGIN_INTEREST, asset="BTC", quantity=D("-0.01"), occurred_at=at("2026-05-01 10:02")
    )
    found = only([trade("-1 BTC at 100", 1), interest, trade("+1.01 BTC at 90", 3)])

    assert (found.side, found.entered, found.interest) == ("SHORT", 1, 1)
    assert (found.gross, found.net, found.closed_at) == (D("10.1"), D("9.1"), at("2026-05-01 10:03"))


@settings(max_examples=80, deadline=None)
@given(quantities, quantities, prices, prices, events)
def test_all_trades_and_the_rest_are_everything_that_was_realised(
    held: dict[str, Decimal],
    found: dict[str, Decimal],
    old: dict[str, Decimal],
    new: dict[str, Decimal],
    happened: list[Event],
) -> None:
    """Whatever happened; the fees are those of the hour, and a trade is the sum of its moves and fees."""
    happened = [replace(one, number=number) for number, one in enumerate(happened)]
    before, now = standing(START, held, old), standing(END, found, new)
    explained = explain_hour(before, now, happened)
    trades = TradeBook.begin(before)
    gained, alone = trades.book(explained.changes, END), compute_gains(explained, before, now, None).amounts
    assert {gain: gained.get(gain, D(0)) for gain in Gain} == alone
    with localcontext(EXACT):
        gross = sum((one.gross for one in trades.trades.values()), D(0))
        assert gross + trades.rest == alone[Gain.REALISED]
        paid = sum((one.value for one in trades.fees if one.kind != IncomeKind.FUNDING_FEE), D(0))
        assert -paid == explained.parts[Part.FEES]
    for one in trades.trades.values():
        assert one == add_up(one, trades.moves, trades.fees)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["BTC", "ETH"]), st.integers(-5, 5).filter(bool), st.integers(50, 150)), max_size=12
    )
)
def test_long_mirrored_is_short(traded: list[tuple[str, int, int]]) -> None:
    long, short = (
        trades_of([trade(f"{sign * units:+} {coin} at {price}", number + 1) for number, (coin, units, price) in enumerate(traded)])
        for sign in (1, -1)
    )  # fmt: skip
    same = (
        "id",
        "asset",
        "opened_at",
        "closed_at",
        "entered",
        "entry_value",
        "exited",
        "exit_value",
        "greatest_value",
        "fills",
    )
    for one, other in zip(long, short, strict=True):
        assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]
        assert (one.gross, one.is_short) == (-other.gross, not other.is_short)


def add_up(trade: Trade, moves: Sequence[TradeMove], fees: Sequence[Fee]) -> Trade:
    """The same trade out of its rows."""
    again = Trade(
        id=trade.id, asset=trade.asset, is_short=trade.is_short, opened_by=trade.opened_by, opened_at=trade.opened_at,
        closed_at=trade.closed_at,
    )  # fmt: skip
    for move in moves:
        if move.trade == trade.id:
            again = again.with_rows([move], [])
    for fee in fees:
        if fee.trade == trade.id:
            again = again.with_rows([], [fee])
    return again


@settings(max_examples=60, deadline=None)
@given(quantities, prices, events)
def test_hour_by_hour_is_as_all_at_once(
    held: dict[str, Decimal], quoted: dict[str, Decimal], happened: list[Event]
) -> None:
    """A book that goes on from what is stored of the hour before has the same trades as one that takes in all in one."""
    happened = [replace(one, number=number) for number, one in enumerate(happened)]
    begin = standing(START, held, quoted)
    whole = TradeBook.begin(begin)
    whole.book(explain_hour(begin, after(begin, happened, quoted), happened).changes, END)
    book = TradeBook.begin(begin)
    moves, fees, opened = book.take_rows()
    stored = {one.id: one for one in opened}
    costs: Mapping[str, Decimal] | None = None
    for number in range(len(happened)):
        earlier, later = (after(begin, happened[:count], quoted) for count in (number, number + 1))
        explained = explain_hour(earlier, later, happened[number : number + 1])
        book.book(explained.changes, END)
        costs = compute_gains(explained, earlier, later, costs).costs
        more_moves, more_fees, trades = book.take_rows()
        moves, fees = moves + more_moves, fees + more_fees
        stored |= {one.id: one for one in trades}
        still_open = [one for one in stored.values() if not one.closed_at]
        book = TradeBook(open_inventories(later, costs), still_open)

    assert (moves, fees) == (whole.moves, whole.fees)
    assert stored == whole.trades
