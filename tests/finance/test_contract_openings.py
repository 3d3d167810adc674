"""Trades in contracts that were open when a history began: each begins at the mark of its first reading."""

from decimal import localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.contract_hours import ContractSums, Held, Side
from finance.decimals import UNROUNDED
from finance.records import ContractFill
from finance.trades import MoveKind, OpenedBy, list_exits
from tests.finance.test_contract_trades import INVERSE, START, Life, fill, funding, histories, profit, trades_of
from tests.monitor.notation import D

ONE_WAY: Side = ("BTCUSDT", "both")


def held(quantity: str, mark: str = "100", *, settle: str = "USDT", unrealised: str = "0") -> Held:
    return Held(quantity=D(quantity), mark=D(mark), unrealised=D(unrealised), settle=settle, wallet="futures")


def begin(*fills: ContractFill, **positions: Held) -> Life:
    """A history that begins with `positions`, by their side of BTCUSDT, and these fills of its first hour."""
    found = Life(held={("BTCUSDT", side): one for side, one in positions.items()}, begins=True)
    found.live(*fills)
    return found


def test_it_begins_with_the_first_reading_at_its_mark() -> None:
    found = begin(fill("-1 at 110", 1), fill("+2 at 125", 2), fill("-4 at 120", 3), both=held("3"))
    [trade] = found.trades.values()
    first = found.moves[0]

    assert (trade.id, trade.side, trade.opened_by, trade.opened_at, trade.market) == (
        "o.BTCUSDT", "LONG", OpenedBy.OPENING, START, "futures"
    )  # fmt: skip
    assert (first.kind, first.row, first.order, first.quantity, first.value, first.gain) == (
        MoveKind.HELD, "", "", 3, 300, 0
    )  # fmt: skip
    assert trade.entry_price == 110  # of three at 100 and two at 125
    assert [one.gain for one in list_exits(found.moves)] == [10, 30]  # 1 x (110 - 100), and 4 x (120 - 112.5)
    assert (trade.fills, trade.closed_at, trade.is_countable) == (3, START.replace(minute=3), False)


def test_a_short_one_that_is_turned_closes_and_the_rest_opens_another() -> None:
    opened, turned = begin(fill("+5 at 90", 1), both=held("-3")).trades.values()

    assert (opened.id, opened.side, opened.gross, opened.exit_price) == ("o.BTCUSDT", "SHORT", 30, 90)
    assert (turned.id, turned.side, turned.entered) == ("c10", "LONG", 2)


def test_both_sides_of_hedge_mode_are_trades_with_funding_of_their_own() -> None:
    found = begin(long=held("5"), short=held("-2", "100"))
    found.live(funding("-3", 61), fill("-5 at 110", 62, side="long"), until=120)
    long, short = found.trades.values()

    assert (long.id, long.gross, long.funding, bool(long.closed_at)) == ("o.BTCUSDT.long", 50, -5, True)
    assert (short.id, short.side, short.funding, short.closed_at) == ("o.BTCUSDT.short", "SHORT", 2, None)


def test_an_inverse_one_has_the_coins_that_it_was_at_the_mark() -> None:
    """10 contracts of 100 dollars at 50 are 20 coins, worth 40 each; at 100 they are 10: the difference is gained, at 90."""
    found = Life(held={("BTCUSD_PERP", "both"): held("10", "50", settle="BTC")}, begins=True)
    found.start_prices = {"BTC": D(40)}
    found.live(fill("-10 at 100", 1, of=INVERSE), price="90")
    [trade] = found.trades.values()

    assert (trade.id, trade.side, trade.entered, trade.entry_price) == ("o.BTCUSD_PERP", "LONG", 1000, 50)
    assert (trade.settled_entry, trade.entry_value, trade.settled_gross, trade.gross) == (20, 800, 10, 900)


@pytest.mark.parametrize(
    "position",
    [held("3", "0"), held("3", settle="BTC"), held("3", settle=""), held("3", settle="USDC")],
    ids=["without a mark", "in a coin of its own", "settled in nobody knows what", "without a price"],
)
def test_what_can_not_be_valued_is_no_trade_and_the_next_fills_are_of_it_first(position: Held) -> None:
    found = Life(held={ONE_WAY: position}, begins=True)
    sums = found.live(fill("-2 at 100", 1), fill("-3 at 100", 2), made="7")
    [short] = found.trades.values()

    assert (short.id, short.entered, sums.rest, sums.unmatched) == ("c20", 2, 7, 2)


@pytest.mark.parametrize(
    ("first", "later", "opened"),
    [("5", "5", "3"), ("3", "5", "3"), ("2", "2", None), ("5", "7", "5")],
    ids=["the fill is in it", "the fill came after it", "it is the fill's", "the fill came after it, and is known"],
)
def test_a_fill_of_the_seconds_of_the_first_reading_is_in_it_or_not(first: str, later: str, opened: str | None) -> None:
    found = Life(held={ONE_WAY: held(first)}, begins=True)
    found.live(fill("+2 at 100", 0.1), held={ONE_WAY: held(later)})
    [trade] = found.trades.values()

    assert trade.open_contracts == D(later)
    assert (found.moves[0].quantity, trade.id) == (D(opened or 2), "o.BTCUSDT" if opened else "c1")
    assert not any(one.kind is MoveKind.UNEXPLAINED for one in found.moves)


def test_what_it_made_is_what_the_exchange_made_from_then_on() -> None:
    """The exchange counts from its entry at 80: of one sold at 110 it says 30, of which 20 were unrealised before."""
    found = Life(held={ONE_WAY: held("3", unrealised="60")}, begins=True)
    after = {ONE_WAY: held("2", "105", unrealised="50")}
    sums = found.live(fill("-1 at 110", 1), profit("30", "1"), held=after, made="20")
    [trade] = found.trades.values()

    assert sums == ContractSums(realised=D(10), unrealised_change=D(10))
    assert (trade.gross, trade.stated, sums.disagreements) == (10, 30, ())


def test_what_the_next_reading_lacks_of_it_has_left_at_its_cost() -> None:
    found = begin(both=held("3"))
    found.live(until=120, held={})
    [trade] = found.trades.values()
    assert (trade.ended_by, trade.gross, trade.transferred, trade.exited) == (MoveKind.UNEXPLAINED, 0, 0, 3)


@given(histories(), st.integers(-5, 5).filter(bool), st.integers(1, 99_999))
@settings(max_examples=60, deadline=None)
def test_what_was_open_goes_on_as_if_a_fill_at_the_mark_had_opened_it(
    fills: list[ContractFill], quantity: int, mark: int
) -> None:
    of = (fills[0].symbol, fills[0].settle)
    began = fill(f"{quantity} at {mark}", 0, of=of)
    found = Life(held={(of[0], "both"): held(str(quantity), str(mark), settle=of[1])}, begins=True)
    found.live(*fills)
    expected = trades_of(began, *fills)

    with localcontext(UNROUNDED):
        assert [
            (one.side, one.closed_at, one.entered, one.exited, one.settled_gross, one.gross, one.entry_value)
            for one in found.trades.values()
        ] == [
            (one.side, one.closed_at, one.entered, one.exited, one.settled_gross, one.gross, one.entry_value)
            for one in expected
        ]
