"""A trade by other methods of cost: exits gain otherwise, and all of it together is the same."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from random import Random

import pytest

from finance.attribution.explanation import Change, Part
from finance.decimals import stored, total
from finance.inventory import Inventory, Method
from finance.trade_book import TradeBook
from finance.trade_methods import ByMethod, book_by
from finance.trades import Effect, Fee, Trade, TradeMove

START = datetime(2026, 1, 1, tzinfo=UTC)


def live(seed: int, is_short: bool) -> tuple[Trade, list[TradeMove], list[Fee]]:
    """A trade of twenty fills at random prices, some with fees in the coin."""
    dice, held, changes = Random(seed), D(0), list[Change]()
    for number in range(20):
        at, price = START + timedelta(minutes=number), D(dice.randint(50, 150))
        quantity = (
            D(dice.randint(100, 900)) / 100 if number < 4 or dice.random() < 0.5 else -held * D(dice.randint(1, 4)) / 10
        )
        held += quantity
        way = -1 if is_short else 1
        row = f"f{number + 1}"
        changes.append(change(Part.TRADING, row, at, way * quantity, stored(way * quantity * price)))
        if dice.random() < 0.5 and not is_short:
            held -= D("0.01")
            changes.append(change(Part.FEES, row, at, D("-0.01"), -price / 100))
    book = TradeBook(defaultdict(Inventory))
    book.book(changes, START + timedelta(hours=1))
    moves, fees, [trade] = book.take_rows()
    return trade, moves, fees


def change(part: Part, row: str, at: datetime, quantity: D, value: D) -> Change:
    kind = "trading_commission" if part is Part.FEES else ""
    return Change(asset="SOL", part=part, quantity=quantity, value=value, row=row, at=at, kind=kind)


def all_of(found: ByMethod | None) -> D:
    assert found
    return total([*(one.gain for one in found.moves), found.spent, -found.cost_left])


@pytest.mark.parametrize("is_short", [False, True])
def test_every_method_comes_to_the_same(is_short: bool) -> None:
    others = 0
    for seed in range(40):
        trade, moves, fees = live(seed, is_short)
        usual = book_by(trade, moves, fees, Method.AVERAGE)
        assert usual and list(usual.moves) == list(moves)
        for method in Method:
            found = book_by(trade, moves, fees, method)
            assert all_of(found) == all_of(usual), (seed, method)
            others += found is not None and found.moves != usual.moves
    assert others > 60


def test_the_oldest_the_newest_and_the_dearest_units_go_first() -> None:
    """1 at 100, 1 at 130, 1 at 110, of which one is sold at 120: a worked example of each convention."""
    book = TradeBook(defaultdict(Inventory))
    fills = [(1, 100), (1, 130), (1, 110), (-1, 120)]
    at = [START + timedelta(minutes=number) for number in range(4)]
    book.book([change(Part.TRADING, f"f{n}", at[n], D(q), D(q * p)) for n, (q, p) in enumerate(fills)], at[3])
    moves, fees, [trade] = book.take_rows()
    gains = {}
    for method in Method:
        found = book_by(trade, moves, fees, method)
        assert found
        gains[method] = stored(next(one.gain for one in found.moves if one.effect is Effect.EXIT))
    assert gains == {Method.FIFO: 20, Method.LIFO: 10, Method.HIFO: -10, Method.AVERAGE: stored(D(120) - D(340) / 3)}


def test_where_something_else_took_part_there_is_no_other_method() -> None:
    trade, moves, fees = live(3, is_short=False)
    assert fees and book_by(trade, moves, fees[1:], Method.FIFO) is None
