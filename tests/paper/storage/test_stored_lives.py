"""The laws of the trading core on Postgres: whatever owners and the market do is stored, and comes back as it was."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from paper.clock import VenueClock
from paper.engine.changes import AccountOpened, Changes, Deposited, Entry
from paper.engine.venue import Venue
from paper.histories.accounts import Account, Deposit
from paper.ledger.balances import Ledger
from paper.storage.group import Known
from paper.storage.journal import GroupJournal, Numbers
from paper.storage.laws import list_breaches
from paper.storage.past import StoredHistories
from paper.storage.reign import Reign, begin_reign
from paper.storage.state import restore_money, restore_orders
from paper.trading.expiry import Expiry
from paper.trading.floor import Floor
from paper.trading.ladder import Ladder
from paper.trading.orders import Order, OrderList, OrderType, Report, SelfTrade, TimeInForce
from sql.connect import connect
from tests.paper.trading.pit import NAME, PAIR, START, no_commission
from tests.paper.trading.test_laws import OWNERS, Lives
from tests.postgres import Database, Server, open_database
from tests.venue import MARKET

FEW = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    phases=[Phase.generate],  # to make a life short takes minutes
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)
NOT_WRITTEN = ("ahead", "best")  # of orders that nothing has happened to: what a sight changes that fills nobody
TABLES = "accounts, api_keys, places, entries, moves, balances, orders, order_lists, fills, prevented_matches, deposits"


@dataclass(kw_only=True)
class Book:
    """A database that lives begin with empty."""

    database: Database
    reign: Reign

    def empty(self) -> None:
        with connect(self.database.owner_url, name="test", schema="paper") as owner:
            owner.execute(f"truncate {TABLES} cascade; update engine set number = 0")


@pytest.fixture(scope="module")
def book(server: Server) -> Iterator[Book]:
    with open_database(server) as database:
        reign = begin_reign(database.paper_url, lambda: None)
        yield Book(database=database, reign=reign)
        reign.db.close()


class StoredLives(Lives):
    """The same lives, and what is stored of them."""

    def __init__(self, book: Book) -> None:
        super().__init__()
        book.empty()
        self.reign, self.numbers = book.reign, Numbers()
        self.known = Known(lists=self.pit.desk.floor.waiting.lists)
        self.journal = GroupJournal(self.reign, self.known, self.numbers, self.pit.ledger)
        self.given: list[OrderList] = []
        make, order = self.pit.make_list, self.pit.order
        self.pit.order = lambda *told, **more: named(order(*told, **more))  # type: ignore[method-assign]
        self.pit.make_list = lambda *told: self._note(make(*told))  # type: ignore[method-assign]
        self.journal.write(Changes(records=self._openings(), entry=self._entry("deposit")))

    def _openings(self) -> list[Any]:
        owners = [Account(name=n, uid=u, key="", secret="", created_at=START) for u, n in enumerate(OWNERS, 1)]
        rows = [
            Deposited(
                owner=owner,
                deposit=Deposit(
                    id=f"{owner} {asset}",
                    asset=asset,
                    amount=Decimal(amount),
                    inserted_at=START,
                    shown_at=START,
                    status="credited",
                ),
            )
            for owner, (base, quote) in OWNERS.items()
            for asset, amount in (("BTC", base), ("USDT", quote), ("BNB", 1))
        ]
        return [*(AccountOpened(account=one) for one in owners), *rows]

    def _entry(self, kind: str) -> Entry | None:
        moved = self.pit.ledger.take_moved()
        return Entry(kind=kind, at=self.pit.now, movements=moved) if moved else None

    def _note(self, found: OrderList) -> OrderList:
        self.given.append(found)
        return found

    def do(self, command: Callable[[], list[Report] | None], placed: list[Order] | None = None) -> bool:
        self.given.clear()
        is_done = super().do(command, placed)
        if is_done:
            self.numbers.last = max(next(self.pit.numbers), self.numbers.last)
            self.journal.write(Changes(entry=self._entry("trade"), reports=self.pit.reports, lists=[*self.given]))
        else:
            assert not self.pit.ledger.take_moved()
        return is_done

    @rule()
    def start_anew(self) -> None:
        """What the database gives back is what is in memory."""
        self.journal.flush()
        assert list_breaches(self.reign.db, [PAIR]) == []
        ledger, known = Ledger(), Known()
        floor = Floor(ledger, {NAME: PAIR}, no_commission, Ladder, count(1).__next__)
        restore_money(self.reign.db, ledger, known)
        restore_orders(self.reign.db, floor)
        mine = self.pit.desk.floor
        assert all(
            ledger.balance((owner, bucket), asset) == self.pit.ledger.balance((owner, bucket), asset)
            for owner in OWNERS
            for bucket in ("spot", "locked")
            for asset in ("BTC", "USDT", "BNB")
        )
        assert {n: written(one) for n, one in floor.waiting.orders.items()} == {
            n: written(one) for n, one in mine.waiting.orders.items()
        }
        assert {n: [one.id for one in found.orders] for n, found in floor.waiting.lists.items()} == {
            n: [one.id for one in found.orders] for n, found in mine.waiting.lists.items()
        }
        assert queues(floor) == queues(mine)

    def teardown(self) -> None:
        self.start_anew()


def named(order: Order) -> Order:
    """With a client's id, as all orders have that come over the wire."""
    order.client_id = f"test-{order.id}"
    return order


def written(order: Order) -> dict[str, Any]:
    return {name: value for name, value in asdict(order).items() if name not in NOT_WRITTEN}


def queues(floor: Floor) -> list[tuple[Decimal, list[int]]]:
    """Who waits at each price, in their turns."""
    book = floor.books[NAME]
    assert isinstance(book, Ladder)
    return [
        (level.price, [*level.queue]) for side in (book._bids, book._asks) for level in side.levels() if level.queue
    ]


def test_what_lives_leave_is_stored_and_comes_back(book: Book) -> None:
    run_state_machine_as_test(partial(StoredLives, book), settings=FEW)  # type: ignore[arg-type]


def test_an_unbalanced_or_negative_amount_cannot_be_written(book: Book) -> None:
    life = StoredLives(book)
    life.journal.flush()
    db = book.reign.db
    for statement in (
        "insert into moves (entry, asset, amount, debit, credit) values (1, 'BTC', -1, 1, 2)",
        "insert into moves (entry, asset, amount, debit, credit) values (1, 'BTC', 1, 2, 2)",
        "insert into moves (entry, asset, amount, debit, credit) values (1, 'BTC', 'NaN', 1, 2)",
        "update balances set amount = -1 where not may_owe",
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            db.execute(statement)
    for statement in (
        "delete from fills",
        "update moves set amount = 1",
        "update fills set price = 1",
        "select * from monitor.runs",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(statement)


def test_of_two_orders_that_end_each_other_the_one_that_holds_the_money_now_is_stored(book: Book) -> None:
    """A prevented match makes one of them smaller: the other, of which nothing is reported, holds what both need."""
    life = StoredLives(book)
    pit = life.pit
    profit = pit.order("Ann", "sell", 2, 102, type=OrderType.LIMIT_MAKER)
    loss = pit.order("Ann", "sell", 2, type=OrderType.STOP_LOSS, trigger=98)
    number = pit.number_list([profit, loss])

    def store(reports: list[Report]) -> None:
        life.numbers.last = next(pit.numbers)
        life.journal.write(Changes(entry=life._entry("trade"), reports=reports, lists=[*life.given]))
        life.journal.flush()
        life.given.clear()

    store(pit.desk.place_list(pit.make_list(number, [profit, loss], None), pit.now))
    store(pit.desk.place(pit.order("Ann", "buy", 1, 102, self_trade=SelfTrade.DECREMENT), pit.now))

    assert (profit.held, loss.held) == (0, 2)
    life.start_anew()


def test_an_order_has_its_new_name_and_what_it_was_kept_from_is_read_back(book: Book) -> None:
    life = StoredLives(book)
    pit = life.pit
    own, taker = pit.order("Ann", "sell", 2, 102), pit.order("Ann", "buy", 1, 102, self_trade=SelfTrade.EXPIRE_TAKER)
    part = pit.order("Ann", "buy", 1, 90, lasts=TimeInForce.IOC)
    for reports in (
        pit.desk.place(part, pit.now),
        pit.desk.place(own, pit.now),
        pit.desk.place(taker, pit.now),
        pit.desk.amend(own, Decimal(1), pit.now, "new"),
    ):
        life.journal.write(Changes(entry=life._entry("trade"), reports=reports))
    life.numbers.last = next(pit.numbers)
    life.journal.flush()
    accounts = {"Ann": Account(name="Ann", uid=1, key="", secret="", created_at=START)}
    venue = Venue(MARKET, VenueClock(START, follows=False))
    venue.accounts.update(accounts)
    past = StoredHistories(book.database.paper_reader_url, venue)

    (match,) = past.prevented_matches("Ann", NAME, taker.id)
    order, expired = past.order("Ann", NAME, 0, "new"), past.order("Ann", NAME, part.id, "")
    past.close()
    assert (match.taker, match.maker, match.mode) == (taker.id, own.id, SelfTrade.EXPIRE_TAKER)
    assert (match.taker_quantity, match.maker_quantity) == (1, 0)
    assert order and (order.id, order.quantity, order.expiry) == (own.id, 1, None)
    assert expired and expired.expiry is part.expiry is Expiry.UNFILLED_IOC_QUANTITY_EXPIRED
