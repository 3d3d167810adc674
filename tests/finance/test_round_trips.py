"""Round trips: first in, first out, no unit and no digit lost, and no trades."""

from collections.abc import Sequence
from decimal import Decimal, localcontext

from hypothesis import given, settings
from hypothesis import strategies as st

from finance.attribution.events import Event
from finance.records import FillRecord
from finance.round_trips import RoundTrip, pair_moves
from finance.trades import Effect, MoveKind
from tests.finance.test_explanation import EXACT
from tests.finance.test_trades import book, flow, trade
from tests.monitor.notation import D, at


def pairs_of(happened: Sequence[Event], held: dict[str, Decimal] | None = None) -> list[RoundTrip]:
    """Of the only coin's trades."""
    found = book(happened, held)
    return [
        pair
        for one in found.trades.values()
        for pair in pair_moves(
            one,
            [move for move in found.moves if move.trade == one.id],
            [fee for fee in found.fees if fee.asset == one.asset],
        )
    ]


def told(pairs: list[RoundTrip]) -> list[tuple[Decimal, Decimal, Decimal, Decimal]]:
    return [(one.quantity, one.entry_value, one.exit_value, one.gain) for one in pairs]


def test_what_came_first_goes_first() -> None:
    pairs = pairs_of([trade("+1 BTC at 100", 1), trade("+1 BTC at 200", 2), trade("-1.5 BTC at 300", 3)])
    assert told(pairs) == [(1, 100, 300, 200), (D("0.5"), 100, 150, 50)]
    assert [(one.entry_row, one.exit_row) for one in pairs] == [("f1", "f3"), ("f2", "f3")]
    assert pairs[0].entered_at == at("2026-05-01 10:01")


# koalafolio 0.13.0, PcpCore/core.py, TradeMatcher.matchTrades; it prints no example, so these are what it answers. It matches first
# in, first out, and merges what was bought on a day, and what was sold.
def test_pairs_are_those_of_koalafolio() -> None:
    bought_and_sold = [
        trade("+2 BTC at 100", 1), trade("+3 BTC at 110", 2), trade("-4 BTC at 130", 3), trade("+1 BTC at 90", 4),
        trade("-1.5 BTC at 120", 5),
    ]  # fmt: skip
    assert told(pairs_of(bought_and_sold)) == [
        (2, 200, 260, 60), (2, 220, 260, 40), (1, 110, 120, 10), (D("0.5"), 45, 60, 15)
    ]  # fmt: skip


def test_within_a_day_koalafolio_merges_what_we_keep_in_the_order_of_time() -> None:
    """Theirs is one pair of 2, 210 for 250; ours has the same gain. What is sold before it is bought is matched there if both are
    of one day and else left out: here it is a short, whatever the clock says."""
    pairs = pairs_of(
        [trade("+1 BTC at 100", 1), trade("-1 BTC at 120", 2), trade("+1 BTC at 110", 3), trade("-1 BTC at 130", 4)]
    )
    assert told(pairs) == [(1, 100, 120, 20), (1, 110, 130, 20)]
    [short] = pairs_of([trade("-1 BTC at 120", 1), trade("+1 BTC at 100", 2)])
    assert (short.is_short, short.gain) == (True, 20)


def test_a_short_one_is_sold_first() -> None:
    pairs = pairs_of([trade("-1 BTC at 300", 1), trade("-1 BTC at 200", 2), trade("+1.5 BTC at 100", 3)])
    assert told(pairs) == [(1, 300, 100, 200), (D("0.5"), 100, 50, 50)]
    assert all(one.is_short for one in pairs)


def test_what_goes_unsold_or_as_a_fee_takes_the_oldest_along() -> None:
    happened: list[Event] = [
        trade("+1 BTC at 100", 1, fee="0.1 BTC"), trade("+1 BTC at 200", 2), flow("-0.4 BTC", 3, "-80"),
        trade("-1 BTC at 300", 4),
    ]  # fmt: skip
    assert told(pairs_of(happened)) == [(D("0.5"), 50, 150, 100), (D("0.5"), 100, 150, 50)]


def test_what_was_held_before_is_the_first() -> None:
    pairs = pairs_of([trade("+1 BTC at 200", 2), trade("-2 BTC at 300", 3)], {"BTC": D(1)})
    assert told(pairs) == [(1, 100, 300, 200), (1, 200, 300, 100)]


AMOUNT = st.decimals("0.001", "5", places=3)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(AMOUNT, AMOUNT, st.booleans()), min_size=1, max_size=12))
def test_of_a_trade_that_ended_they_are_its_gross(moves: list[tuple[Decimal, Decimal, bool]]) -> None:
    """Whatever was bought and sold in between: average cost and first in first out come to the same in the end."""
    held, happened = D(0), list[FillRecord]()
    for minute, (amount, price, is_bought) in enumerate(moves, 1):
        units = amount if is_bought or not held else -min(amount, held)
        held += units
        happened.append(trade(f"{units:+} ETH at {price + 10}", minute))
    happened.append(trade(f"{-held:+} ETH at 12", 40)) if held else None
    found = book(happened)
    for one in found.trades.values():
        own = [move for move in found.moves if move.trade == one.id]
        pairs = list(pair_moves(one, own, []))
        with localcontext(EXACT):
            sold = sum(move.quantity for move in own if move.effect is Effect.EXIT and move.kind is MoveKind.MANUAL)
            assert sum(pair.quantity for pair in pairs) == sold
            # Dust that is left when it ends has another cost by either.
            is_over = one.closed_at is not None and one.entered == one.exited
            assert sum(pair.gain for pair in pairs) == one.gross or not is_over
        assert all(pair.entered_at <= pair.left_at for pair in pairs)
