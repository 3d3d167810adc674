"""The past in SQL, read with a role that sees rows of one account alone, whatever a statement asks for."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from queue import LifoQueue
from typing import Any, LiteralString

from psycopg.rows import tuple_row

from paper.engine.venue import Venue
from paper.histories.accounts import Deposit, Withdrawal
from paper.histories.questions import DayEnd, Newest, Part
from paper.storage.orders import COLUMNS, SELF_TRADES, read_order
from paper.storage.state import make_lists
from paper.trading.orders import Fill, Order, OrderList, PreventedMatch, Status
from sql.connect import connect
from sql.rows import Db

Row = tuple[Any, ...]
READERS = 2  # at once
DAYS = 30
PART = """
    and {id} >= %(first)s and {at} >= %(since)s and {at} <= %(until)s
    order by {id} {direction}
    limit %(most)s
    """
ORDERS: LiteralString = f"""
    select {COLUMNS}
    from orders o
    join accounts a on a.id = o.account
    where wallet = %(wallet)s and symbol = %(symbol)s"""
ONE_ORDER: LiteralString = f"""
    select {COLUMNS}
    from orders o
    join accounts a on a.id = o.account
    where (symbol = %(symbol)s or %(symbol)s = '') and wallet = 'spot' and (o.id = %(number)s or %(number)s = 0)
      and (client_id = %(client)s or %(client)s = '')
    order by o.id desc
    limit 1
    """
NEWEST = """
    and (symbol = %(symbol)s or %(symbol)s = '') and id < %(before)s and at between %(since)s and %(until)s
    order by id desc
    limit %(most)s
    """
NEWEST_ORDERS: LiteralString = f"""
    select {COLUMNS}
    from (
      select * from orders
      where wallet = 'spot' and (status = any(%(statuses)s::text[]) or %(statuses)s::text[] = '{{}}') {NEWEST}
    ) o
    join accounts a on a.id = o.account
    order by o.id desc
    """
FILLS = """
    select id, wallet, symbol, is_buy, price, quantity, cost, commission, commission_asset, at, "order", is_maker
    from fills
    where wallet = %(wallet)s and symbol = %(symbol)s and ("order" = %(order)s or %(order)s = 0)"""
NEWEST_FILLS: LiteralString = f"""
    select id, wallet, symbol, is_buy, price, quantity, cost, commission, commission_asset, at, "order", is_maker
    from fills
    where wallet = 'spot' {NEWEST}
    """
PREVENTED = """
    select p.id, p.symbol, p.price, p.taker, p.maker, o.self_trade, p.taker_quantity, p.maker_quantity, p.at
    from prevented_matches p
    join orders o on o.id = p.taker
    where p.symbol = %(symbol)s and %(order)s in (0, p.taker, p.maker)
    order by p.id
    """
LISTS = """
    select l.id, a.name, l.symbol, l.client_id, l.at, l.working, l.others
    from order_lists l
    join accounts a on a.id = l.account
    where true"""
ONE_LIST = """
    select l.id, a.name, l.symbol, l.client_id, l.at, l.working, l.others
    from order_lists l
    join accounts a on a.id = l.account
    where (l.id = %(number)s or %(number)s = 0) and (l.client_id = %(client)s or %(client)s = '')
    order by l.id desc
    limit 1
    """
ORDERS_OF_LISTS: LiteralString = f"""
    select {COLUMNS} from orders o join accounts a on a.id = o.account where o.list_id = any(%(lists)s)"""
DEPOSITS = """
    select id, asset, amount, status, transaction, inserted_at, shown_at, completed_at
    from deposits
    where inserted_at between %(since)s and %(until)s and shown_at <= %(now)s
    order by inserted_at, id
    """
WITHDRAWALS = """
    select id, asset, amount, fee, status, transaction, applied_at, completed_at
    from withdrawals
    where applied_at between %(since)s and %(until)s
    order by applied_at, id
    """
DAY_ENDS = "select at, balances from daily_balances order by at desc limit %(days)s"
EVER, NEVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
FILL = ("id", "market", "symbol", "is_buy", "price", "quantity", "cost", "commission", "commission_asset", "at", "order", "is_maker")  # fmt: skip
MATCH = ("id", "symbol", "price", "taker", "maker", "mode", "taker_quantity", "maker_quantity", "at")
DEPOSIT = ("id", "asset", "amount", "status", "transaction", "inserted_at", "shown_at", "completed_at")
WITHDRAWAL = ("id", "asset", "amount", "fee", "status", "transaction", "applied_at", "completed_at")


class StoredHistories:
    """The histories of a platform's accounts: what waits in memory, all else in the database."""

    is_stored = True

    def __init__(self, url: str, venue: Venue) -> None:
        self._venue = venue
        self._readers: LifoQueue[Db] = LifoQueue()
        for number in range(READERS):
            self._readers.put(connect(url, name=f"paper reader {number}", schema="paper", read_only=True))

    def close(self) -> None:
        """End the connections."""
        for _ in range(READERS):
            self._readers.get().close()

    def orders(self, owner: str, wallet: str, symbol: str, part: Part) -> list[Order]:
        """Orders of a market and a pair."""
        asked = {"wallet": wallet, "symbol": symbol}
        return [read_order(row) for row in self._load_part(owner, ORDERS, ("o.id", "o.at"), part, asked)]

    def order(self, owner: str, symbol: str, number: int, client_id: str) -> Order | None:
        """The order of a number, or the last one of a client's id."""
        found = self._load(owner, ONE_ORDER, {"symbol": symbol, "number": number, "client": client_id})
        return read_order(found[0]) if found else None

    def newest_orders(self, owner: str, wanted: Newest, statuses: Collection[Status] = ()) -> list[Order]:
        """Orders in spot, the newest first."""
        asked = asdict(wanted) | {"statuses": [one.value for one in statuses]}
        return [read_order(row) for row in self._load(owner, NEWEST_ORDERS, asked)]

    def open_orders(self, owner: str) -> list[Order]:
        """Orders in spot that wait."""
        waiting = self._venue.open_market.floor.waiting
        found = [one for symbol in waiting.own_symbols(owner) for one in waiting.own(owner, symbol)]
        return sorted(found, key=lambda one: one.id)

    def newest_fills(self, owner: str, wanted: Newest) -> list[Fill]:
        """Fills in spot, the newest first."""
        return [Fill(**dict(zip(FILL, row, strict=True))) for row in self._load(owner, NEWEST_FILLS, asdict(wanted))]

    def fills(self, owner: str, wallet: str, symbol: str, part: Part, order: int = 0) -> list[Fill]:
        """Fills of a market and a pair, or those of one order."""
        rows = self._load_part(owner, FILLS, ("id", "at"), part, {"wallet": wallet, "symbol": symbol, "order": order})
        return [Fill(**dict(zip(FILL, row, strict=True))) for row in rows]

    def prevented_matches(self, owner: str, symbol: str, order: int = 0) -> list[PreventedMatch]:
        """Trades of a pair with itself that an account was kept from, or those of one order."""
        rows = self._load(owner, PREVENTED, {"symbol": symbol, "order": order})
        found = [dict(zip(MATCH, row, strict=True)) for row in rows]
        return [PreventedMatch(**row | {"mode": SELF_TRADES[row["mode"]]}) for row in found]

    def order_lists(self, owner: str, part: Part) -> list[OrderList]:
        """Lists of orders."""
        return self._make_lists(owner, self._load_part(owner, LISTS, ("l.id", "l.at"), part, {}))

    def order_list(self, owner: str, number: int, client_id: str) -> OrderList | None:
        """The list of a number, or the last one of a client's id."""
        lists = self._make_lists(owner, self._load(owner, ONE_LIST, {"number": number, "client": client_id}))
        return lists[0] if lists else None

    def open_lists(self, owner: str) -> list[OrderList]:
        """Lists of which an order waits."""
        return list(self._venue.open_market.floor.waiting.own_lists(owner))

    def deposits(self, owner: str, since: datetime, until: datetime, now: datetime) -> list[Deposit]:
        """Deposits that came inside a time and are shown by now."""
        rows = self._load(owner, DEPOSITS, {"since": since, "until": until, "now": now})
        return [Deposit(**dict(zip(DEPOSIT, row, strict=True))) for row in rows]

    def withdrawals(self, owner: str, since: datetime, until: datetime) -> list[Withdrawal]:
        """Withdrawals that were applied for inside a time."""
        rows = self._load(owner, WITHDRAWALS, {"since": since, "until": until})
        return [Withdrawal(**dict(zip(WITHDRAWAL, row, strict=True))) for row in rows]

    def day_ends(self, owner: str) -> list[DayEnd]:
        """What was in spot at the ends of the last days."""
        rows = self._load(owner, DAY_ENDS, {"days": DAYS})
        return [(at, {asset: (Decimal(f), Decimal(k)) for asset, (f, k) in told.items()}) for at, told in rows[::-1]]

    def _make_lists(self, owner: str, rows: list[Row]) -> list[OrderList]:
        found = self._load(owner, ORDERS_OF_LISTS, {"lists": [row[0] for row in rows]}) if rows else []
        return make_lists(rows, {one.id: one for one in map(read_order, found)})

    def _load_part(
        self, owner: str, statement: LiteralString, columns: tuple[LiteralString, LiteralString], part: Part, asked: Any
    ) -> list[Row]:
        is_last = part.first is None and part.since is None
        direction: LiteralString = "desc" if is_last else "asc"
        whole: LiteralString = statement + PART.format(id=columns[0], at=columns[1], direction=direction)
        bounds = {
            "first": part.first or 0,
            "since": part.since or EVER,
            "until": part.until or NEVER,
            "most": part.most,
        }
        rows = self._load(owner, whole, asked | bounds)
        return rows[::-1] if is_last else rows

    def _load(self, owner: str, statement: LiteralString, asked: dict[str, Any]) -> list[Row]:
        with self._reader() as db, db.transaction():
            account = str(self._venue.accounts[owner].uid)
            db.execute("select set_config('paper.account', %s, true)", [account])
            return db.cursor(row_factory=tuple_row).execute(statement, asked).fetchall()

    @contextmanager
    def _reader(self) -> Iterator[Db]:
        db = self._readers.get()
        try:
            yield db
        finally:
            self._readers.put(db)
