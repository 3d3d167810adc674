"""What a start loads: accounts, balances, orders that wait with their turns, lists."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.rows import tuple_row

from paper.clock import VenueClock
from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.ledger.balances import Ledger
from paper.market.klines import Market
from paper.storage.group import Known
from paper.storage.journal import GroupJournal, Numbers
from paper.storage.orders import COLUMNS, read_order
from paper.storage.reign import Reign
from paper.trading.floor import Floor
from paper.trading.orders import Order, OrderList
from sql.rows import Db, load_value

Row = tuple[Any, ...]
ACCOUNTS = "select id, name, pays_in, created_at from accounts order by id"
PLACES = "select id, owner, bucket from places"
BALANCES = "select place, asset, amount from balances"
OPEN_ORDERS: LiteralString = (
    f"select {COLUMNS} from orders o join accounts a on a.id = o.account where o.is_open order by o.id"
)
ENDED_ORDERS: LiteralString = f"""
    select {COLUMNS}
    from orders o
    join accounts a on a.id = o.account
    where not o.is_open and o.list_id in (select list_id from orders where is_open and list_id <> 0)
    order by o.id
    """  # of lists of which another order waits
LISTS = """
    select l.id, a.name, l.symbol, l.client_id, l.at, l.working, l.others
    from order_lists l
    join accounts a on a.id = l.account
    where l.id in (select list_id from orders where is_open and list_id <> 0)
    order by l.id
    """
NUMBER = "select number from engine"
ENTRY = "select coalesce(max(id), 0) from entries"
LAST_DAY = "select max(at) from daily_balances"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A venue as its database has it, and the journal that goes on with it."""

    venue: Venue
    journal: GroupJournal
    last_day: datetime | None  # the last end of a day that was noted


def restore(reign: Reign, market: Market, clock: VenueClock) -> Restored:
    """The venue of a reign."""
    db = reign.db
    with db.transaction(), _without_collecting():
        db.execute("set transaction isolation level repeatable read, read only")
        db.execute("set local enable_seqscan = on; set local enable_hashjoin = on; set local enable_bitmapscan = on")
        numbers = Numbers(load_value(db, NUMBER))
        venue = Venue(market, clock, numbers)
        known = Known(entry=load_value(db, ENTRY), lists=venue.open_market.floor.waiting.lists)
        _restore_accounts(db, venue, known)
        restore_money(db, venue.ledger, known)
        restore_orders(db, venue.open_market.floor)
        last_day = load_value(db, LAST_DAY)
    journal = GroupJournal(reign, known, numbers, venue.ledger)
    venue.journal = journal
    return Restored(venue=venue, journal=journal, last_day=last_day)


def _load(db: Db, statement: LiteralString) -> list[Row]:
    # In binary form: hundreds of thousands of amounts are read in half the time.
    return db.cursor(row_factory=tuple_row, binary=True).execute(statement).fetchall()


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Nothing of a hundred thousand orders is garbage yet: looking for it took a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _restore_accounts(db: Db, venue: Venue, known: Known) -> None:
    for number, name, pays_in, created_at in _load(db, ACCOUNTS):
        account = Account(name=name, uid=number, key="", secret="", created_at=created_at, pays_in=pays_in)
        venue.accounts[name] = account
        known.accounts[name] = number


def restore_money(db: Db, ledger: Ledger, known: Known) -> None:
    """All balances."""
    places = {number: (owner, bucket) for number, owner, bucket in _load(db, PLACES)}
    known.places |= {place: number for number, place in places.items()}
    for number, asset, amount in _load(db, BALANCES):
        known.balances.add((number, asset))
        ledger.restore(places[number], asset, amount)


def restore_orders(db: Db, floor: Floor) -> None:
    """All that waits."""
    waiting = [read_order(row) for row in _load(db, OPEN_ORDERS)]
    orders = {one.id: one for one in (*waiting, *map(read_order, _load(db, ENDED_ORDERS)))}
    floor.restore(waiting, make_lists(_load(db, LISTS), orders))


def make_lists(rows: Sequence[Row], orders: dict[int, Order]) -> list[OrderList]:
    """Lists from their rows and all their orders."""
    return [
        OrderList(
            id=number,
            owner=owner,
            symbol=symbol,
            client_id=client_id,
            at=at,
            working=orders[working] if working else None,
            others=[orders[one] for one in others],
        )
        for number, owner, symbol, client_id, at, working, others in rows
    ]
