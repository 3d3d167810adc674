"""What is written in one transaction: the changes of whole commands, as rows."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from paper.engine.changes import Changes, Entry
from paper.ledger.balances import Place, may_owe
from paper.storage import money, orders, people, things, trading_configs
from paper.storage.arrays import Table, execute_rows
from paper.trading.orders import Kind, OrderList
from sql.rows import Db

Row = tuple[Any, ...]
IN_ORDER = (things.ACCOUNTS, people.RELEASED, people.USERS, people.TOKENS, people.FORGOTTEN, people.KEYS,
            trading_configs.CONFIGS, money.PLACES, money.ENTRIES, money.MOVES, money.CHANGED_BALANCES, money.NEW_BALANCES, orders.CHANGED_ORDERS, orders.NEW_ORDERS, orders.LISTS,
            orders.FILLS, orders.PREVENTED, things.DEPOSITS, things.WITHDRAWALS, things.DAYS, people.AUDIT)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Known:
    """What the database has already, or will have after the groups that wait: numbers of rows that others refer to."""

    accounts: dict[str, int] = field(default_factory=dict)
    places: dict[Place, int] = field(default_factory=dict)
    balances: set[tuple[int, str]] = field(default_factory=set)  # by place and asset
    entry: int = 0  # the last one
    lists: Mapping[int, OrderList] = field(default_factory=dict)  # of which an order waits


class Group:
    """Changes that are kept together, or not at all."""

    def __init__(self) -> None:
        self.commands = 0
        self.number = 0  # the venue's last, when the last of the commands was done
        self.is_taken = False  # it is being written
        self.ended = asyncio.Event()  # kept, or not
        self._rows: defaultdict[Table, list[Row]] = defaultdict(list)
        self._last: defaultdict[Table, dict[Any, Row]] = defaultdict(
            dict
        )  # the same, of tables in which rows are replaced
        self._moved: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)
        self._fresh: set[tuple[int, str]] = set()  # of these, what the database does not have yet
        self._new: dict[int, Row] = {}  # orders, by number
        self._states: dict[int, Row] = {}
        self._prevented: dict[int, Row] = {}

    def add(self, changes: Changes, known: Known, number: int) -> None:
        """Add what one command changed, as it is now."""
        self.commands += 1
        self.number = number
        for record in changes.records:  # accounts before what they have
            table, row = things.write_thing(record, known.accounts)
            if table.replaces:
                self._last[table][row[0]] = row
            else:
                self._rows[table].append(row)
        if changes.entry and changes.entry.movements:
            self._add_entry(changes.entry, known)
        self._add_reports(changes, known)
        for found in changes.lists:
            self._rows[orders.LISTS].append(orders.write_list(found, known.accounts[found.owner]))

    def _add_entry(self, entry: Entry, known: Known) -> None:
        known.entry += 1
        actor = known.accounts.get(entry.actor)
        self._rows[money.ENTRIES].append((known.entry, entry.kind, actor, entry.reason, entry.at))
        for moved in entry.movements:
            source, target = self._place(moved.source, known), self._place(moved.target, known)
            if not moved.amount or source == target:
                continue
            self._rows[money.MOVES].append((known.entry, moved.asset, moved.amount, source, target, moved.why))
            for place, amount in ((source, -moved.amount), (target, moved.amount)):
                key = (place, moved.asset)
                self._moved[key] += amount
                if key not in known.balances:
                    known.balances.add(key)
                    self._fresh.add(key)

    def _place(self, place: Place, known: Known) -> int:
        if place not in known.places:
            known.places[place] = number = len(known.places) + 1
            account = known.accounts.get(place[0])
            self._rows[money.PLACES].append((number, account, *place, may_owe(place)))
        return known.places[place]

    def _add_reports(self, changes: Changes, known: Known) -> None:
        touched = {order.id: order for order in changes.moved_on}
        for report in changes.reports:
            order = report.order
            account = known.accounts[order.owner]
            touched[order.id] = order
            if report.kind is Kind.NEW:
                self._new[order.id] = orders.write_identity(order, account)
            if report.fill:
                self._rows[orders.FILLS].append(orders.write_fill(report.fill, account))
            if report.prevented:  # both of its orders may tell of it
                self._prevented[report.prevented.id] = orders.write_prevented(report.prevented, account)
            if order.list_id and (found := known.lists.get(order.list_id)):
                touched |= {one.id: one for one in found.orders}  # of which one may hold the money of another now
        for order in touched.values():
            self._states[order.id] = orders.write_state(order)

    def write(self, db: Db) -> None:
        """Do all statements."""
        rows = self._rows | {table: list(last.values()) for table, last in self._last.items()}
        rows[people.RELEASED] = [row[:1] for row in rows.get(people.USERS, ())]
        moved = [(key in self._fresh, (*key, amount)) for key, amount in self._moved.items()]
        rows[money.NEW_BALANCES] = [row for is_fresh, row in moved if is_fresh]
        rows[money.CHANGED_BALANCES] = [row for is_fresh, row in moved if not is_fresh]
        rows[orders.NEW_ORDERS] = [row + self._states[number] for number, row in self._new.items()]
        rows[orders.CHANGED_ORDERS] = [(one, *row) for one, row in self._states.items() if one not in self._new]
        rows[orders.PREVENTED] = list(self._prevented.values())
        for table in IN_ORDER:
            execute_rows(db, table, rows.get(table, ()))
