"""A group is kept as a whole or not at all, whatever ends the engine; and only one engine writes."""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest

from paper.clock import VenueClock
from paper.engine.accounts import open_account
from paper.engine.changes import Changes, Entry, NotCommitted
from paper.engine.following import Following
from paper.engine.venue import Venue
from paper.ledger.balances import OUTSIDE
from paper.market.simulated import SimulatedMarket
from paper.storage import group
from paper.storage.arrays import execute_rows
from paper.storage.laws import list_breaches
from paper.storage.reign import Deposed, Reign, begin_reign
from paper.storage.state import Restored, restore
from paper.trading.orders import Kind, Order, OrderType, Report
from sql.connect import connect
from sql.rows import load_value, load_values
from tests.postgres import Database

NOW = datetime(2026, 3, 2, 10, 5, tzinfo=UTC)
MARKET = SimulatedMarket(7)


def nobody() -> None:
    raise AssertionError("somebody writes")


def start(database: Database) -> tuple[Reign, Restored]:
    reign = begin_reign(database.paper_url, nobody, 5)
    return reign, restore(reign, MARKET, VenueClock(NOW, follows=False))


def buy(venue: Venue, number: int, price: str = "20000") -> Order:
    """A limit order far below the market, or one that takes."""
    venue.open_market.look_at("BTCUSDT", NOW)
    order = Order(
        id=next(venue.numbers),
        owner="Ann",
        symbol="BTCUSDT",
        type=OrderType.LIMIT,
        is_buy=True,
        quantity=Decimal("0.001"),
        price=Decimal(price),
        client_id=f"c{number}",
        at=NOW,
        changed_at=NOW,
    )
    venue.note_trades(venue.open_market.desk.place(order, NOW), NOW, "Ann")
    return order


@pytest.fixture
def opened(database: Database) -> Database:
    """A database with an account and three orders that were acknowledged."""
    reign, restored = start(database)
    open_account(restored.venue, "Ann", NOW, "")
    for number in range(3):
        buy(restored.venue, number)
    restored.journal.flush()
    reign.db.close()
    return database


def die_at(statement: int) -> Callable[..., None]:
    """Writes rows as ever, and is killed at a statement of the group."""
    write, numbers = execute_rows, count(1)

    def dying(*told: object) -> None:
        if told[2] and next(numbers) == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        write(*told)  # type: ignore[arg-type]

    return dying


def die(database: Database, statement: int, after_commit: bool) -> None:
    """In a process of its own: two orders as one group, and SIGKILL at one of its statements, before or after its COMMIT."""
    reign, restored = start(database)
    vars(group)["execute_rows"] = die_at(statement)
    buy(restored.venue, 10)
    buy(restored.venue, 11, "120000")
    if not after_commit:
        with reign.db.transaction():
            reign.db.execute("update engine set number = number")
            restored.journal.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    restored.journal.flush()
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(("statement", "after_commit"), [(1, True), (3, True), (5, True), (99, False), (99, True)])
def test_a_killed_engine_leaves_whole_groups(opened: Database, statement: int, after_commit: bool) -> None:
    if (child := os.fork()) == 0:
        try:
            die(opened, statement, after_commit)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL

    is_kept = statement == 99 and after_commit
    reign, restored = start(opened)
    assert list_breaches(reign.db, MARKET.symbols.values()) == []
    names = load_values(reign.db, "select client_id from orders order by id")
    assert names == ["c0", "c1", "c2", *(["c10", "c11"] if is_kept else [])]
    waiting = restored.venue.open_market.floor.waiting.orders.values()
    assert [one.client_id for one in waiting] == ["c0", "c1", "c2", *(["c10"] if is_kept else [])]
    last = load_value(reign.db, "select max(id) from orders")
    assert buy(restored.venue, 20).id > last
    restored.journal.flush()
    assert list_breaches(reign.db, MARKET.symbols.values()) == []
    reign.db.close()


def test_a_second_engine_has_to_wait_and_a_deposed_one_writes_nothing(opened: Database) -> None:
    reign, restored = start(opened)
    told: list[int] = []
    with pytest.raises(TimeoutError):
        begin_reign(opened.paper_url, lambda: told.append(1), 0.1)
    assert told == [1]
    buy(restored.venue, 30)
    with connect(opened.paper_url, name="test", schema="paper") as other:
        other.execute("update engine set epoch = epoch + 1")
        with pytest.raises(Deposed):
            restored.journal.flush()
        assert load_value(other, "select count(*) from orders") == 3
    reign.db.close()


def test_a_trigger_that_follows_the_market_goes_on_from_where_it_was(opened: Database) -> None:
    reign, restored = start(opened)
    venue, following = restored.venue, Following(restored.venue)
    stop = Order(
        id=next(venue.numbers),
        owner="Ann",
        symbol="BTCUSDT",
        type=OrderType.STOP_LOSS,
        is_buy=True,
        quantity=Decimal("0.001"),
        trailing=2000,
        client_id="follows",
        at=NOW,
        changed_at=NOW,
    )
    venue.open_market.look_at("BTCUSDT", NOW)
    venue.note_trades(venue.open_market.desk.place(stop, NOW), NOW, "Ann")
    first = stop.best
    venue.clock.advance(timedelta(minutes=10))
    venue.catch_up()
    following.note()
    restored.journal.flush()
    reign.db.close()
    assert first and stop.best and stop.best < first

    reign, again = start(opened)
    assert again.venue.open_market.floor.waiting.orders[stop.id].best == stop.best
    reign.db.close()


def test_a_command_that_fails_half_way_ends_all_writing(opened: Database) -> None:
    """Whether its changes could not be noted, or it moved money and never came to note them."""
    for fail in (note_what_nobody_knows, move_and_fail):
        reign, restored = start(opened)
        fail(restored.venue)
        with pytest.raises(NotCommitted):
            restored.journal.require_room()
        with pytest.raises(NotCommitted):
            asyncio.run(restored.journal.committed())
        asyncio.run(restored.journal.run())
        reign.db.close()
        reign, restored = start(opened)
        assert list_breaches(reign.db, MARKET.symbols.values()) == []
        assert load_value(reign.db, "select count(*) from entries") == 4
        reign.db.close()


def note_what_nobody_knows(venue: Venue) -> None:
    venue.ledger.move("USDT", Decimal(1), OUTSIDE, ("Ann", "spot"))
    entry = Entry(kind="gift", at=NOW, movements=venue.ledger.take_moved())
    stranger = replace(buy(venue, 50), owner="nobody")
    report = Report(kind=Kind.NEW, order=stranger, status=stranger.status, filled=Decimal(0), cost=Decimal(0), at=NOW)
    with pytest.raises(KeyError):
        venue.write(Changes(entry=entry, reports=[report]))


def move_and_fail(venue: Venue) -> None:
    venue.ledger.move("USDT", Decimal(1), OUTSIDE, ("Ann", "spot"))


PLANTED = {
    "all places of an asset": "update balances set amount = amount + 1 where place = 1",
    "a balance is the sum": "update moves set amount = amount + 1 where why = 'deposit'",
    "what is locked": "update orders set held = held - 1 where client_id = 'c1'",
    "both sides of a trade": "update fills set id = (select min(id) from fills)",
    "an order is filled by": "delete from fills where id = (select max(id) from fills)",
    "fills, deposits and withdrawals": "update deposits set amount = amount - 1",
    "what happened has a number": "update engine set number = 2",
    "a list has its orders": """
        insert into order_lists (id, account, symbol, client_id, at, others) select 1, id, 'BTCUSDT', '', now(), '{1, 2}'
        from accounts
        """,
}


@pytest.mark.parametrize("law", PLANTED)
def test_what_breaks_a_law_is_named(opened: Database, law: str) -> None:
    reign, restored = start(opened)
    for number in range(40, 43):
        buy(restored.venue, number, "120000")
    restored.journal.flush()
    symbols = MARKET.symbols.values()
    assert list_breaches(reign.db, symbols) == []
    with connect(opened.owner_url, name="test", schema="paper") as owner:
        owner.execute(PLANTED[law])
    assert any(found.startswith(law) for found in list_breaches(reign.db, symbols))
    reign.db.close()
