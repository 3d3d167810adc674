"""The ladder beside two books that are too simple to be wrong: a plain list of orders, and a queue of single units.

`LAWS=1000 .venv/bin/python -m pytest tests/paper/trading/test_simple_books.py` tries thousands of them.
"""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random

from paper.trading.ladder import Ladder
from paper.trading.orders import Order, SelfTrade, TimeInForce
from tests.paper.trading.pit import NAME, Pit

OWNERS = ("Ann", "Ben", "Cid")
BOOKS = 4 * int(os.environ.get("LAWS", "25"))


@dataclass
class Row:
    """An order in the list."""

    id: int
    is_buy: bool
    price: int
    left: int
    lasts: TimeInForce = TimeInForce.GTC


class PlainList:
    """The whole matcher: orders in a list, sorted by price and time; who comes trades with the first of the other side."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.fills: list[tuple[int, int, int, int]] = []  # taker, maker, price, quantity

    def place(self, new: Row) -> None:
        """Match an order, and let it wait."""
        found = [one for one in self.rows if one.is_buy is not new.is_buy and self.agree(new, one)]
        found.sort(key=lambda one: ((one.price, -one.price)[one.is_buy], one.id))
        if new.lasts is TimeInForce.FOK and sum(one.left for one in found) < new.left:
            return
        for one in found:
            if part := min(one.left, new.left):
                self.fills.append((new.id, one.id, one.price, part))
                one.left, new.left = one.left - part, new.left - part
        self.rows = [one for one in [*self.rows, *([new] if new.lasts is TimeInForce.GTC else [])] if one.left]

    @staticmethod
    def agree(new: Row, old: Row) -> bool:
        """Whether one pays what the other asks."""
        return new.price >= old.price if new.is_buy else new.price <= old.price

    def cancel(self, number: int) -> None:
        """Take an order out."""
        self.rows = [one for one in self.rows if one.id != number]


def make_pit() -> Pit:
    pit = Pit()
    for owner in OWNERS:
        pit.fund(owner, BTC=10**6, USDT=10**9)
    return pit


def test_a_plain_list_trades_the_same_fill_by_fill() -> None:
    random = Random(7)
    pit, fills = make_pit(), 0
    for _ in range(BOOKS):
        plain = PlainList()
        for order in list(pit.desk.floor.waiting.orders.values()):
            pit.cancel(order)
        pit.reports = []
        for _ in range(25):
            play(random, pit, plain)
        traded = [one.fill for one in pit.reports if one.fill]
        pairs = [
            (*sorted((a, b), key=lambda one: one.is_maker),) for a, b in zip(traded[::2], traded[1::2], strict=True)
        ]
        assert [(taker.order, maker.order, taker.price, taker.quantity) for taker, maker in pairs] == plain.fills
        waiting = {one.id: one.left for one in pit.desk.floor.waiting.orders.values()}
        assert waiting == {one.id: one.left for one in plain.rows}
        fills += len(plain.fills)
    assert fills > 5 * BOOKS


def play(random: Random, pit: Pit, plain: PlainList) -> None:
    """An order that waits is taken back, or one comes."""
    if plain.rows and random.random() < 0.2:
        row = random.choice(plain.rows)
        pit.cancel(pit.desk.floor.waiting.orders[row.id])
        plain.cancel(row.id)
        return
    side, quantity, price = random.choice(("buy", "sell")), random.randint(1, 9), random.randint(96, 104)
    lasts = random.choice((TimeInForce.GTC, TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK))
    order = pit.place(random.choice(OWNERS), side, quantity, price, self_trade=SelfTrade.NONE, lasts=lasts)
    plain.place(Row(order.id, order.is_buy, price, quantity, lasts))


@dataclass
class Units:
    """One price as a queue in which every unit that the market offers is a member: None, between the users' orders."""

    line: list[Order | None] = field(default_factory=list)
    taken: int = 0
    shown: int = 0

    def show(self, quantity: int) -> None:
        """Units go from the end of the line, or come to its end; what users took of it the market still shows."""
        self.shown, self.taken = quantity, min(self.taken, quantity)
        change = quantity - self.taken - self.line.count(None)
        self.line += [None] * max(0, change)
        for _ in range(-change):
            del self.line[len(self.line) - 1 - self.line[::-1].index(None)]

    def take(self, quantity: int, lefts: dict[int, int], *, stays: bool) -> dict[int, int]:
        """Serve the line from its front; returns what orders were filled. `stays`: the market shows it as before."""
        filled: dict[int, int] = {}
        while quantity and self.line:
            first = self.line[0]
            if first is None or not lefts[first.id]:
                self.taken += first is None and stays
                quantity -= first is None
                del self.line[0]
                continue
            part = min(quantity, lefts[first.id])
            lefts[first.id] -= part
            filled[first.id] = part
            quantity -= part
        self.line = [one for one in self.line if one is None or lefts[one.id]]
        return filled

    def ahead(self) -> dict[int, int]:
        """How many units stand before each order."""
        return {one.id: self.line[:place].count(None) for place, one in enumerate(self.line) if one}


def test_an_explicit_queue_of_units_is_the_same_as_ahead() -> None:
    random, hits = Random(11), 0
    pit = make_pit()
    for _ in range(BOOKS):
        pit.now += timedelta(minutes=2)
        for order in list(pit.desk.floor.waiting.orders.values()):
            pit.cancel(order)
        units, lefts = Units(), dict[int, int]()
        pit.show(bids={90: 1})
        for _ in range(20):
            pit.reports = []
            filled = live(random, pit, units, lefts)
            reported = {one.order.id: one.filled for one in pit.reports if one.fill and one.fill.is_maker}
            assert reported.keys() == filled.keys()
            waiting = {one.id: one for one in pit.desk.floor.waiting.orders.values()}
            assert {number: one.left for number, one in waiting.items()} == {
                n: left for n, left in lefts.items() if left
            }
            assert {number: one.ahead for number, one in waiting.items()} == units.ahead()
            hits += len(filled)
    assert hits > BOOKS


def live(random: Random, pit: Pit, units: Units, lefts: dict[int, int]) -> dict[int, int]:
    """One thing happens at the price of 100; returns whose orders were filled."""
    quantity = random.randint(1, 6)
    match random.choice(("join", "join", "leave", "show", "show", "print", "take")):
        case "join":
            order = pit.place("Ann", "buy", quantity, 100)
            lefts[order.id] = quantity
            units.line.append(order)
        case "leave" if waiting := [one for one in units.line if one]:
            gone = random.choice(waiting)
            pit.cancel(gone)
            lefts[gone.id] = 0
            units.line.remove(gone)
        case "show":
            shown = random.randint(0, 9)
            pit.show(bids={100: shown, 90: 1})
            units.show(shown)
        case "print":
            pit.print(100, quantity)
            filled = units.take(quantity, lefts, stays=False)
            units_left = units.line.count(None)
            pit.show(bids={100: units_left + units.taken, 90: 1})  # as the market does after it has traded
            units.show(units_left + units.taken)
            return filled
        case "take":
            pit.place("Ben", "sell", quantity, 100, lasts=TimeInForce.IOC)
            return units.take(quantity, lefts, stays=True)
    return {}


def test_depth_is_what_the_offers_add_up_to() -> None:
    pit = make_pit()
    pit.show(bids={100: 5}, asks={101: 2})
    pit.place("Ann", "buy", 2, 100)
    pit.place("Ben", "sell", 1, 100)
    book = pit.desk.floor.books[NAME]
    assert isinstance(book, Ladder)
    assert [(one.price, one.quantity) for one in book.list_depth(is_buy=False, at=pit.now)] == [(100, 6)]
    assert [(one.price, one.quantity) for one in book.list_depth(is_buy=True, at=pit.now)] == [(101, Decimal(2))]
