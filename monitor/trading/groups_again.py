"""The orders of trades grouped again by everything that is known, beside what is stored of them. Nothing is written.

What waits for being grouped is not compared: the next run groups it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from finance.order_groups import GroupedOrder, OrderGroup
from finance.order_roles import NamedOrders, write_order_names
from finance.trades import MoveKind
from monitor.trading.groups import MOST_TRADES, find_groups
from monitor.trading.store.grouped import Ending, load_endings, load_grouped, load_groups
from monitor.trading.store.groups import Book, load_books
from sql.rows import Db

NOTHING = Ending(None, None, None)


class WrongGroup(NamedTuple):
    """What is stored of a trade's orders and should be another."""

    trade_id: str
    at: datetime  # when the trade was opened
    what: str
    stored: str
    computed: str

    def __str__(self) -> str:
        """The line that is printed."""
        return f"{self.what} is stored as {self.stored}, by all that is known it is {self.computed}"


def find_wrong_groups(db: Db, book: Book, rules: Sequence[NamedOrders]) -> Iterator[WrongGroup]:
    """Row by row what is stored of an account's or a portfolio's orders and should be another."""
    after = ""
    while trades := load_grouped(db, book.number, write_order_names(rules), after, MOST_TRADES):
        names = [one.id for one in trades]
        stored, endings = load_groups(db, book.number, names), load_endings(db, book.number, names)
        computed = find_groups(db, book, trades, rules)
        for one in trades:
            group, ended_as = computed[one.id]
            rows = _describe_all(stored[one.id], endings.get(one.id, NOTHING))
            for what, is_stored, should_be in _compare(rows, _describe_all(group.orders, _end(group, ended_as))):
                yield WrongGroup(one.id, one.opened_at, f"{what} of trade {one.id}", is_stored, should_be)
        after = names[-1]


def find_all_wrong(db: Db, rules: Sequence[NamedOrders]) -> Iterator[tuple[Book, WrongGroup]]:
    """The same of every account and portfolio."""
    for book in load_books(db):
        yield from ((book, wrong) for wrong in find_wrong_groups(db, book, rules))


def _end(group: OrderGroup, ended_as: MoveKind | None) -> Ending:
    return Ending(ended_as, group.stop, group.stop_source)


def _describe_all(orders: Sequence[GroupedOrder], ending: Ending) -> Mapping[str, str]:
    stop = "none" if ending.stop is None else f"{ending.stop.normalize():f} ({ending.stop_source})"
    rows = {f"order {number}": _describe(one) for number, one in enumerate(orders, start=1)}
    return rows | {"stop at the entry": stop, "ending": str(ending.kind or "none")}


def _describe(one: GroupedOrder) -> str:
    price = "" if one.price is None else f" at {one.price.normalize():f}"
    given = ", given with it" if one.is_preset else ""
    name = " ".join(part for part in (one.market, one.symbol, one.order_id) if part)
    name += "" if one.placed_by is None else f" of account {one.placed_by}"
    return f"{one.role.name} ({one.source}){price}: {name}{given}"


def _compare(stored: Mapping[str, str], computed: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for what in {**computed, **stored}:
        pair = stored.get(what, "nothing"), computed.get(what, "nothing")
        if pair[0] != pair[1]:
            yield what, *pair
