"""Trades in contracts: exchanges' worked examples, traps others fell into, and the laws, against fractions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from finance.attribution.explanation import Change, Part
from finance.contract_book import COSTS, ContractBook
from finance.contract_hours import Booked, ContractHour, ContractSums, Held, Reading, Side
from finance.contract_trades import ContractMove, ContractTrade
from finance.contracts import InverseSizes
from finance.decimals import UNROUNDED
from finance.inventory import Inventory
from finance.records import ContractFill, FillReason, IncomeKind
from finance.trade_book import TradeBook
from finance.trade_notes import compute_risk
from finance.trades import Fee, MoveKind, list_exits
from tests.monitor.notation import D, at

SIZES = InverseSizes(usual=Decimal(10), by_coin={"BTC": Decimal(100)})
ONE_DOLLAR = InverseSizes(usual=Decimal(1))
START = at("2026-05-01 10:00")
LINEAR, INVERSE = ("BTCUSDT", "USDT"), ("BTCUSD_PERP", "BTC")
TINY = D("1e-15")


def fill(
    text: str, minute: float, *, of: tuple[str, str] = LINEAR, side: str = "both", order: str = ""
) -> ContractFill:
    """One of an order of its own, as in fill("+2 at 100", 5)."""
    quantity, _, price = text.split()
    return ContractFill(
        wallet="futures",
        symbol=of[0],
        settle=of[1],
        exchange_id=f"{minute:g}",
        number=round(minute * 10),
        side=side,
        quantity=D(quantity),
        price=D(price),
        occurred_at=START + timedelta(minutes=minute),
        order_id=order or f"order {minute:g}",
    )


def booked(kind: IncomeKind, amount: str, minute: float, *, of: str = "", place: tuple[str, str] = LINEAR) -> Booked:
    """In a minute; `of` names the fill."""
    return Booked(
        at=START + timedelta(minutes=minute),
        symbol=place[0],
        kind=kind,
        asset=place[1],
        amount=D(amount),
        row=f"i{minute:g} {kind} {amount}",
        fill=of,
    )


def commission(amount: str, fill: str) -> Booked:
    return booked(IncomeKind.FUTURES_COMMISSION, amount, float(fill), of=fill)


def profit(amount: str, fill: str, place: tuple[str, str] = LINEAR) -> Booked:
    return booked(IncomeKind.REALISED_PROFIT, amount, float(fill), of=fill, place=place)


def funding(amount: str, minute: float) -> Booked:
    return booked(IncomeKind.FUNDING_FEE, amount, minute)


class Life:
    """Hours of an account's contracts: its book, and all that came of it."""

    def __init__(
        self, sizes: InverseSizes = SIZES, held: dict[Side, Held] | None = None, *, begins: bool = False
    ) -> None:
        """With `held` open at a reading whose trades nobody knows, or with which its history `begins`."""
        self.begins = begins
        self.sizes, self.start = sizes, Reading(taken_at=START, through=START, positions=held or {})
        self.open = [(side, one.quantity) for side, one in (held or {}).items()]
        self.prices = {"USDT": D(1)}
        self.start_prices = {"USDT": D(1), "BTC": D(1)}
        self.trades: dict[str, ContractTrade] = {}
        self.moves: list[ContractMove] = []
        self.fees: list[Fee] = []

    def live(
        self,
        *happened: ContractFill | Booked,
        until: float = 60,
        held: dict[Side, Held] | None = None,
        price: str = "1",
        made: str = "0",
    ) -> ContractSums:
        """An hour, at whose end `held` is found open: what the fills leave, if nothing else is said."""
        fills = [one for one in happened if isinstance(one, ContractFill)]
        booked = [one for one in happened if isinstance(one, Booked)]
        self.open += [((one.symbol, one.side), one.quantity) for one in fills]
        if held is None:
            sides = sorted({side for side, _ in self.open})
            left = {side: sum((q for one, q in self.open if one == side), D(0)) for side in sides}
            held = {side: Held(quantity=quantity, mark=D(100)) for side, quantity in left.items() if quantity}
        end = START + timedelta(minutes=until)
        reading = Reading(taken_at=end, through=end, positions=held)
        prices = {"BTC": D(price), "ETH": D(price), **self.prices}
        opened = [one for one in self.trades.values() if not one.closed_at]
        book = ContractBook(self.sizes, self.start, opened, self.start_prices if self.begins else None)
        self.begins = False
        sums = book.book(ContractHour(reading=reading, fills=fills, booked=booked, prices=prices, made=D(made)))
        coins = TradeBook(defaultdict(Inventory))
        coins.book([_change(one) for one in booked], end, book.bearers)
        for fee in coins.fees:
            book.pay(fee)
        moves, trades = book.take_rows()
        self.moves, self.fees, self.start = [*self.moves, *moves], [*self.fees, *coins.fees], reading
        self.trades |= {one.id: one for one in trades}
        return sums


def _change(one: Booked) -> Change:
    part = Part.POSITIONS if one.kind is IncomeKind.REALISED_PROFIT else Part.FEES if one.kind in COSTS else Part.INCOME
    return Change(
        asset=one.asset, quantity=one.amount, value=one.amount, part=part, kind=str(one.kind), at=one.at, row=one.row
    )


def book(*happened: ContractFill | Booked, sizes: InverseSizes = SIZES) -> Life:
    found = Life(sizes)
    found.live(*happened)
    return found


def trades_of(*happened: ContractFill | Booked, sizes: InverseSizes = SIZES) -> list[ContractTrade]:
    return list(book(*happened, sizes=sizes).trades.values())


def test_bybits_linear_examples() -> None:
    """Bybit help, "P&L calculations (USDT Contract)": an average entry of 5,375; a short that closed at 395.48 after its
    fees, 1.32 and 1.10, and funding of 2.10."""
    [enlarged] = trades_of(fill("+0.5 at 5000", 1), fill("+0.3 at 6000", 2))
    [short] = trades_of(
        fill("-0.4 at 6000", 1), commission("-1.32", "1"), funding("-2.10", 2), fill("+0.4 at 5000", 3),
        commission("-1.10", "3"),
    )  # fmt: skip

    assert enlarged.entry_price == 5375
    assert (short.side, short.gross, short.fees, short.funding, short.net) == (
        "SHORT", 400, D("2.42"), D("-2.10"), D("395.48")
    )  # fmt: skip
    assert short.is_countable


def test_bybits_inverse_examples() -> None:
    """Bybit help, "P&L calculations (Inverse Contracts)", contracts of 1 dollar: an average entry of 5,625, not 5,666.67;
    1,000 from 5,000 to 5,500 made 0.01818 BTC (printed 0.01819: 1/5000 - 1/5500 was rounded up)."""
    [enlarged] = trades_of(fill("+1000 at 5000", 1, of=INVERSE), fill("+2000 at 6000", 2, of=INVERSE), sizes=ONE_DOLLAR)
    [long] = trades_of(fill("+1000 at 5000", 1, of=INVERSE), fill("-1000 at 5500", 2, of=INVERSE), sizes=ONE_DOLLAR)

    assert round(enlarged.entry_price, 12) == 5625
    assert round(long.settled_gross, 6) == D("0.018182")
    assert (long.entry_price, long.side) == (5000, "LONG")


def test_the_risk_of_an_inverse_contract_is_of_the_coins_that_it_was_at_its_entry() -> None:
    """1,000 dollars long of a coin at 5,000 are 0.2 coins: at 4,500 they would have lost 100 dollars."""
    [long] = trades_of(fill("+1000 at 5000", 1, of=INVERSE), sizes=ONE_DOLLAR)
    assert compute_risk(replace(long, entry_value=D(1000)), D(4500)) == 100
    [linear] = trades_of(fill("-2 at 100", 1))
    assert compute_risk(linear, D(110)) == 20


def test_deribits_inverse_example() -> None:
    """Deribit docs, "Example (futures)": 100 contracts of 10 dollars from 600 to 700 make 0.238095 BTC; two taker fees are
    0.0008333 and 0.00071425 BTC."""
    ether = ("ETHUSD_PERP", "ETH")  # whose contracts are of 10 dollars at Binance
    fees = [
        booked(IncomeKind.FUTURES_COMMISSION, amount, float(of), of=of, place=ether)
        for amount, of in (("-0.0008333", "1"), ("-0.00071425", "2"))
    ]
    [long] = trades_of(fill("+100 at 600", 1, of=ether), fill("-100 at 700", 2, of=ether), *fees)

    assert round(long.settled_gross, 6) == D("0.238095")
    assert long.fees == D("0.00154755")
    assert (long.entered, long.contract.settle) == (1000, "ETH")


def test_binances_example() -> None:
    """Binance support, "A Beginner's Guide to Futures Trading": 1 BTC from 5,000 to 5,500 long, or to 4,500 short, is 500."""
    [long] = trades_of(fill("+1 at 5000", 1), fill("-1 at 5500", 2))
    [short] = trades_of(fill("-1 at 5000", 1), fill("+1 at 4500", 2))
    assert (long.gross, short.gross) == (500, 500)


def test_three_exits_are_one_trade() -> None:
    found = book(fill("+3 at 100", 1), *(fill(f"-1 at {price}", 2 + n) for n, price in enumerate((110, 120, 90))))
    [trade] = found.trades.values()

    assert [(one.quantity, one.gain) for one in list_exits(found.moves)] == [(1, 10), (1, 20), (1, -10)]
    assert (trade.gross, trade.fills, trade.exit_value, round(trade.exit_price or 0, 9)) == (
        20, 4, 320, D("106.666666667")
    )  # fmt: skip


def test_a_fill_through_zero_is_of_two_trades_which_share_its_fee() -> None:
    first, second = trades_of(
        fill("+2 at 100", 1), fill("-5 at 130", 2), commission("-0.5", "2"), profit("60", "2"), fill("+3 at 120", 3)
    )

    assert (first.id, first.gross, first.fees, first.stated, first.closed_at) == (
        "c10", 60, D("0.2"), 60, second.opened_at
    )  # fmt: skip
    assert (second.id, second.side, second.gross, second.fees, second.stated) == ("c20", "SHORT", 30, D("0.3"), 0)


def test_hedge_mode_is_two_trades_and_funding_is_each_sides_own() -> None:
    """At 1 % a long position of 5 pays what a short one of 2 gets, and 3 more."""
    long, short = trades_of(
        fill("+5 at 100", 1, side="long"), fill("-2 at 100", 2, side="short"), funding("-3", 3),
        fill("-5 at 110", 4, side="long"), fill("+2 at 110", 5, side="short"),
    )  # fmt: skip

    assert [(one.side, one.gross, one.funding) for one in (long, short)] == [("LONG", 50, -5), ("SHORT", -20, 2)]


def test_what_closes_what_no_fill_opened_is_no_trade_in_hedge_mode() -> None:
    found = book(fill("-1 at 100", 1, side="long"), commission("-0.1", "1"), profit("7", "1"))

    assert (found.trades, [fee.trade for fee in found.fees]) == ({}, [""])
    assert found.live(made="7", until=120) == ContractSums(rest=D(7))


def test_what_a_reading_found_without_a_trade_is_none_and_what_closes_it_is_not_either() -> None:
    found = Life(held={("BTCUSDT", "both"): Held(quantity=D(3), mark=D(100))})
    sums = found.live(
        fill("-2 at 100", 1), fill("+1 at 90", 2), fill("-6 at 100", 3),
        profit("50", "1"), commission("-1", "1"), profit("80", "3"), commission("-3", "3"), made="130",
    )  # fmt: skip
    [short] = found.trades.values()

    assert (short.id, short.side, short.entered, short.fees, short.stated) == ("c30", "SHORT", 4, 2, 0)
    assert (sums.rest, sums.unmatched) == (130, 3)
    assert [(fee.trade, fee.value) for fee in found.fees] == [("", 1), ("", 1), ("c30", 2)]


def test_what_a_reading_lacks_has_left_its_trade_at_its_cost() -> None:
    found = Life()
    found.live(fill("+4 at 100", 1))
    found.live(until=120, held={("BTCUSDT", "both"): Held(quantity=D(1), mark=D(150))})
    found.live(fill("-1 at 150", 130), until=180, held={})
    [trade] = found.trades.values()
    gone = list_exits(found.moves)

    assert [(one.kind, one.quantity, one.gain) for one in gone] == [
        (MoveKind.UNEXPLAINED, 3, 0), (MoveKind.MANUAL, 1, 50)
    ]  # fmt: skip
    assert (trade.gross, trade.settled_exit, trade.is_countable) == (50, 450, False)


def test_what_a_reading_has_beyond_a_trade_is_gone_through_first() -> None:
    found = Life()
    found.live(fill("+2 at 100", 1))
    found.live(until=120, held={("BTCUSDT", "both"): Held(quantity=D(5), mark=D(110))})
    sums = found.live(fill("-4 at 120", 130), until=180, held={("BTCUSDT", "both"): Held(quantity=D(1), mark=D(120))})
    [trade] = found.trades.values()

    assert (trade.open_contracts, trade.gross, sums.unmatched) == (1, 20, 1)


def test_a_reading_between_two_fills_takes_nothing_away() -> None:
    """The balances of 11:00:02 had not heard of a fill that the positions, read a second later, have already."""
    found = Life()
    found.live(fill("+2 at 100", 1), fill("-2 at 110", 60.02), held={})
    [trade] = found.trades.values()
    assert trade.open_contracts == 2
    found.live(fill("-2 at 110", 60.02), until=120, held={})
    [trade] = found.trades.values()
    assert (trade.gross, trade.is_countable, trade.ended_by) == (20, True, MoveKind.MANUAL)


def test_what_positions_made_is_by_trades_and_what_is_rounded() -> None:
    """At marks of 110 and 90: 20 are open of two from 100, then one was sold at 105 and one has lost 20."""
    found, side = Life(), ("BTCUSDT", "both")
    first = found.live(fill("+2 at 100", 1), held={side: Held(quantity=D(2), mark=D(110), unrealised=D(20))}, made="20")
    second = found.live(
        fill("-1 at 105", 61), booked(IncomeKind.REALISED_PROFIT, "5.000000001", 61, of="61"),
        until=120, held={side: Held(quantity=D(1), mark=D(90), unrealised=D(-10))}, made="-24.999999999",
    )  # fmt: skip

    assert first == ContractSums(unrealised_change=D(20))
    assert second == ContractSums(realised=D(5), unrealised_change=D(-30), rest=D("1e-9"))
    assert (first.disagreements, second.disagreements) == ((), ())


def test_an_hour_in_which_the_exchange_says_another_profit_says_so() -> None:
    found = Life()
    sums = found.live(fill("+2 at 100", 1), fill("-2 at 110", 2), profit("19", "2"), made="19")
    [one] = sums.disagreements
    assert (one.symbol, one.ours, one.theirs, sums.rest) == ("BTCUSDT", 20, 19, -1)


def test_funding_is_of_the_trade_that_is_open_or_closed_in_that_second() -> None:
    second = 1 / 60
    happened: list[ContractFill | Booked] = [
        fill("+1 at 100", 1),
        funding("-1", 2),
        fill("-0.5 at 100", 3),
        funding("-2", 4),
        fill("-0.5 at 100", 5),
    ]
    [trade] = trades_of(*happened, funding("-4", 5 + second / 2))
    late = book(*happened, funding("-4", 5 + second))

    assert trade.funding == -7
    assert (late.trades["c10"].funding, [fee.trade for fee in late.fees]) == (-3, ["c10", "c10", ""])


def test_a_liquidation_in_two_fills_is_one_exit_that_says_so() -> None:
    found = book(
        fill("+2 at 100", 1), fill("-1 at 80", 2, order="forced"), fill("-1 at 79", 2.5, order="forced"),
        booked(IncomeKind.LIQUIDATION_FEE, "-3", 2.5),
    )  # fmt: skip
    [trade] = found.trades.values()
    [gone] = list_exits(found.moves)

    assert (gone.kind, gone.quantity, gone.gain) == (MoveKind.LIQUIDATION, 2, -41)
    assert (trade.ended_by, trade.fees, trade.net) == (MoveKind.LIQUIDATION, 3, -44)


def test_the_exchanges_word_is_the_reason() -> None:
    for reason in FillReason:
        forced = replace(fill("-1 at 90", 2), reason=reason)
        assert [one.ended_by for one in trades_of(fill("+1 at 100", 1), forced)] == [MoveKind(str(reason))]


def test_what_settles_in_a_coin_without_a_price_is_of_no_trade_until_it_has_one() -> None:
    """A trade that counts for nothing would show zeros for gains, and its end a win rate."""
    found, place = Life(), ("XUSD", "X")
    sums = found.live(fill("+2 at 100", 1, of=place), fill("-2 at 110", 2, of=place))
    assert (found.trades, sums.unmatched) == ({}, 2)

    found.live(fill("+2 at 100", 61), until=120)
    found.prices = {}
    found.live(until=180, held={})
    [trade] = found.trades.values()
    assert not trade.closed_at
    found.prices = {"USDT": D(1)}
    found.live(until=240, held={})
    [trade] = found.trades.values()
    assert (trade.ended_by, trade.exit_value, trade.is_countable) == (MoveKind.UNEXPLAINED, 200, False)


def test_profit_in_the_coin_counts_at_its_price() -> None:
    """A coin-margined long wins coins while the coin falls in value: here 100 dollars from 50 to 100, the coin at 90."""
    found = Life()
    found.live(fill("+1 at 50", 1, of=INVERSE), fill("-1 at 100", 2, of=INVERSE), price="90")
    [trade] = found.trades.values()
    assert (trade.settled_gross, trade.gross, trade.entry_price) == (1, 90, 50)


@st.composite
def histories(draw: st.DrawFn) -> list[ContractFill]:
    """Fills of one contract, linear or inverse, one way, to and fro through zero."""
    of = draw(st.sampled_from([LINEAR, INVERSE]))
    quantities = draw(st.lists(st.integers(-5, 5).filter(bool), min_size=1, max_size=12))
    prices = st.integers(1, 999_999).map(lambda cents: Decimal(cents) / 100)
    return [fill(f"{quantity:+} at {draw(prices)}", n + 1, of=of) for n, quantity in enumerate(quantities)]


def realised(fills: Sequence[ContractFill]) -> Fraction:
    """What average cost realises, in fractions and by prices: nothing of the product is in it."""
    held, entry, found = Fraction(0), Fraction(0), Fraction(0)
    for one in fills:
        quantity, price = Fraction(one.quantity), Fraction(one.price)
        closed = max(-abs(held), min(abs(held), -quantity if held > 0 else quantity)) if held * quantity < 0 else 0
        part = abs(Fraction(closed)) * (1 if held > 0 else -1)
        found += part * (100 / entry - 100 / price if one.settle == "BTC" else price - entry) if part else 0
        if part:
            held, quantity = held - part, quantity + part
        if quantity and held:
            average = (held + quantity) / (held / entry + quantity / price)
            entry = average if one.settle == "BTC" else (held * entry + quantity * price) / (held + quantity)
        elif quantity:
            entry = price
        held += quantity
    return found


def gross_of(fills: Sequence[ContractFill]) -> Decimal:
    with localcontext(UNROUNDED):
        return sum((one.settled_gross for one in trades_of(*fills)), D(0))


@given(histories())
@settings(max_examples=60, deadline=None)
def test_all_trades_are_what_was_realised(fills: list[ContractFill]) -> None:
    assert abs(Fraction(gross_of(fills)) - realised(fills)) < Fraction(TINY)


@given(histories())
@settings(max_examples=40, deadline=None)
def test_a_trade_is_the_sum_of_its_exits_and_what_was_paid_less_what_was_got(fills: list[ContractFill]) -> None:
    found = book(*fills)
    for trade in found.trades.values():
        exits = list_exits(move for move in found.moves if move.trade == trade.id)
        with localcontext(UNROUNDED):
            assert sum((one.gain for one in exits), D(0)) == trade.gross
            if trade.closed_at:
                sign = -1 if trade.is_short != trade.contract.is_inverse else 1
                assert trade.settled_gross == sign * (trade.settled_exit - trade.settled_entry)


@given(histories(), st.data())
@settings(max_examples=40, deadline=None)
def test_a_fill_in_pieces_changes_nothing(fills: list[ContractFill], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(fills) - 1))
    half = replace(fills[cut], quantity=fills[cut].quantity / 2)
    whole = trades_of(*fills)
    cut_up = trades_of(*fills[:cut], half, replace(half, exchange_id="x", number=999), *fills[cut + 1 :])

    assert [(one.side, one.closed_at, one.entered, one.exited) for one in cut_up] == [
        (one.side, one.closed_at, one.entered, one.exited) for one in whole
    ]
    assert all(abs(a.gross - b.gross) < TINY for a, b in zip(cut_up, whole, strict=True))


@given(histories())
@settings(max_examples=40, deadline=None)
def test_short_is_long_mirrored(fills: list[ContractFill]) -> None:
    mirrored = trades_of(*(replace(one, quantity=-one.quantity) for one in fills))
    for one, other in zip(trades_of(*fills), mirrored, strict=True):
        assert (one.gross, one.entry_price, one.is_short) == (-other.gross, other.entry_price, not other.is_short)


@given(histories(), st.data())
@settings(max_examples=40, deadline=None)
def test_a_book_goes_on_from_open_trades(fills: list[ContractFill], data: st.DataObject) -> None:
    """At any reading, from the rows that are stored: open trades and the positions of that reading."""
    cut = data.draw(st.integers(0, len(fills)))
    life = Life()
    life.live(*fills[:cut], until=cut + 0.5)
    life.live(*fills[cut:])
    whole = book(*fills)
    assert life.trades == whole.trades
    assert [replace(one, row="") for one in life.moves] == [replace(one, row="") for one in whole.moves]
