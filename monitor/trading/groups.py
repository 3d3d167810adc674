"""The orders of trades, grouped: what each was given for, and the stop that was known at the entry.

A trade is grouped once it was opened or changed, an order of what it is in was read, its owner said something about it or a
plan of its order, or the rules about orders' names changed. A word of the owner's waits for the grouping of a run and the
other way round, so that none is lost.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from finance.contract_trades import ContractTrade
from finance.order_evidence import TradeFacts, Words
from finance.order_groups import OrderGroup, group_orders
from finance.order_roles import NamedOrders, Role, write_order_names
from finance.orders import OrderRecord
from finance.trades import Effect, MoveKind, Trade, name_kind
from monitor.trading.store.groups import Book, load_books, load_ungrouped, record_groups
from monitor.trading.store.notes import Word, load_notes
from monitor.trading.store.orders_of import (
    OrderKey,
    OrderMove,
    OrderOfTrade,
    load_legacy_roles,
    load_order_moves,
    load_orders_of,
)
from monitor.trading.store.plans import load_plans_of
from sql.locks import hold_words_lock
from sql.rows import Db

MOST_TRADES = 300  # of an account in a run


Grouped = tuple[OrderGroup, MoveKind | None]  # the orders of a trade, and how units left it last


def group_all(db: Db, rules: Sequence[NamedOrders]) -> int:
    """Group the orders of all trades that are to be grouped anew, of every account and portfolio; returns how many were."""
    return sum(group_trades(db, book, rules) for book in load_books(db))


def group_trades(db: Db, book: Book, rules: Sequence[NamedOrders]) -> int:
    """Group the orders of an account's or a portfolio's trades that are to be grouped anew, the newest first."""
    with db.transaction():
        hold_words_lock(db)
        trades = load_ungrouped(db, book.number, write_order_names(rules), MOST_TRADES)
        if trades:
            record_groups(db, book.number, write_order_names(rules), find_groups(db, book, trades, rules))
    return len(trades)


def find_groups(db: Db, book: Book, trades: Sequence[Trade], rules: Sequence[NamedOrders]) -> dict[str, Grouped]:
    """What the orders of these trades come to by everything that is known now, by the trades' ids. Nothing is written."""
    names = [one.id for one in trades]
    moves, orders = defaultdict(list), defaultdict(list)
    for move in load_order_moves(db, book.number, names):
        moves[move.trade_id].append(move)
    for order in load_orders_of(db, book.number, book.accounts, names):
        orders[order.trade_id].append(order)
    moved = {one.order_id for found in moves.values() for one in found} - {""}
    keys = {name: {one.key for one in moves[name]} | {one.key for one in orders[name]} for name in names}
    notes = [word for account_id in book.accounts for word in load_notes(db, account_id).values()]
    words = Words(rules=rules, plans=load_plans_of(db, book.accounts, moved))
    legacy = load_legacy_roles(db, {key for found in keys.values() for key in found})
    groups = {}
    for trade in trades:
        named = _Names(keys[trade.id])
        its_legacy = {named.of(key): legacy[key] for key in keys[trade.id] if key in legacy}
        its_notes = named.spread(_find_notes(trade, moves[trade.id], notes))
        said = replace(words, notes=its_notes, legacy=its_legacy)
        group = _group_one(trade, moves[trade.id], orders[trade.id], said, named)
        groups[trade.id] = named.number(group), _find_ending(moves[trade.id], group, named)
    return groups


class _Names:
    """What each order of a trade is called while it is grouped: its number, with its place where others have that number too."""

    def __init__(self, keys: Iterable[OrderKey]) -> None:
        self._keys = {key for key in keys if key.order_id}
        counts = Counter(key.order_id for key in self._keys)
        self._shared = {number for number, count in counts.items() if count > 1}

    def of(self, key: OrderKey) -> str:
        """The name of an order; empty where there is none."""
        return " ".join(map(str, (key.order_id, *key[:3]))) if key.order_id in self._shared else key.order_id

    def rename(self, one: OrderOfTrade) -> OrderRecord:
        """The order by its name, as what it is linked to is by theirs."""
        order, key = one.order, one.key
        return replace(
            order,
            exchange_id=self.of(key),
            parent_id=self.of(key._replace(order_id=order.parent_id)),
            became_id=self.of(key._replace(order_id=order.became_id)),
            list_id=order.list_id and f"{key.account_id} {order.list_id}",
        )

    def spread(self, said: Mapping[str, Role]) -> dict[str, Role]:
        """What is said of orders by their numbers holds for all that have one."""
        return {**said, **{self.of(key): said[key.order_id] for key in self._keys if key.order_id in said}}

    def number(self, group: OrderGroup) -> OrderGroup:
        """The group with numbers for names, each order that was read with the account that gave it."""
        keys = {self.of(key): key for key in self._keys}
        placed = [(one, keys.get(one.order_id)) for one in group.orders]
        orders = [
            replace(one, order_id=key.order_id, placed_by=key.account_id if one.market else None) if key else one
            for one, key in placed
        ]
        return replace(group, orders=tuple(orders))


def _find_notes(trade: Trade, moves: Sequence[OrderMove], words: Sequence[Word]) -> dict[str, Role]:
    """What is said of orders: what was said about another trade holds for all but those that entered this one."""
    entered = {one.order_id for one in moves if one.effect is Effect.ENTRY}
    others = {order: role for word in words for order, role in word.note.roles.items() if order not in entered}
    own = [word.note.roles for word in words if word.trade_id == trade.id]
    return others | {order: role for roles in own for order, role in roles.items()}


def _group_one(
    trade: Trade, moves: Sequence[OrderMove], orders: Sequence[OrderOfTrade], words: Words, named: _Names
) -> OrderGroup:
    moved = {effect: {named.of(one.key) for one in moves if one.effect is effect and one.order_id} for effect in Effect}
    is_contract = isinstance(trade, ContractTrade)
    facts = TradeFacts(
        is_short=trade.is_short,
        opened_at=trade.opened_at,
        closed_at=trade.closed_at,
        entry_price=trade.entry_price,
        entered_by=moved[Effect.ENTRY],
        exited_by=moved[Effect.EXIT] - moved[Effect.ENTRY],
        asset=trade.asset,
        is_contract=is_contract,
    )
    sides = ("both", trade.side.lower())  # some name the side of the position where it has but one
    ours = [one for one in orders if one.order.position_side in sides]
    first_prices = {named.of(one.key): one.first_price for one in ours if one.first_price is not None}
    return group_orders(facts, [named.rename(one) for one in ours], words, first_prices)


def _find_ending(moves: Sequence[OrderMove], group: OrderGroup, named: _Names) -> MoveKind | None:
    """How units left a trade last: an exchange's own word stays, an order is what it was given for."""
    last = next((one for one in reversed(moves) if one.effect is Effect.EXIT), None)
    return last and name_kind(last.kind, group.find_roles().get(named.of(last.key)))
