"""Trades and fees of an account or a portfolio, written with the explanations of the hours that made them; and computed again."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple

from finance.account_book import AccountBook
from finance.attribution.explanation import Explanation
from finance.attribution.gains import open_inventories
from finance.attribution.hour import RESOLUTION
from finance.contract_hours import ContractSums
from finance.contract_trades import ContractTrade
from finance.moments import EPOCH
from finance.trade_book import TradeBook
from finance.trades import Fee, Trade, TradeMove
from monitor.performance.beginnings import load_beginning, load_standing
from monitor.performance.contract_history import ContractHistory
from monitor.performance.store.recorded_trades import HourOfTrades, record_trades
from monitor.performance.store.trades import (
    load_closed_trades,
    load_contract_hours,
    load_fees,
    load_moves,
    load_open_trades,
    take_back_trades,
)
from sql.rows import Db


class HourlyTrades:
    """Trades from the valued hour `start` on, which `explained` explains; without that a history begins there.

    An hour in which nothing happened costs nothing: what is open is only read when there are changes to book.
    """

    def __init__(self, db: Db, account_id: int, start: datetime, explained: Explanation | None) -> None:
        self._db, self._account_id, self._start, self._explained = db, account_id, start, explained
        self._book: AccountBook | None = None
        self._is_known = explained is None or explained.gains is not None
        take_back_trades(db, account_id, start if explained and self._is_known else EPOCH)
        self._contracts = ContractHistory(db, account_id, start, explained.through if explained else None)

    def go_on(self, stretch: Sequence[Explanation]) -> None:
        """Book and write the hours that follow. Nothing is written while gains are unknown, from which trades follow."""
        is_any = self._explained is None or self._contracts.exists or any(one.changes for one in stretch)
        if self._is_known and is_any:
            book = self._book = self._book or self._open()
            known = [one.id for one in book.open]
            record_trades(self._db, self._account_id, known, self._book_hours(book, stretch))

    def _book_hours(self, book: AccountBook, stretch: Sequence[Explanation]) -> Iterator[HourOfTrades]:
        for one, contracts in zip(stretch, self._contracts.load(stretch), strict=True):
            sums = book.book(one, contracts)
            yield HourOfTrades(one.hour, *book.take_rows(), sums)

    def _open(self) -> AccountBook:
        if self._explained is None or self._explained.gains is None:
            beginning = load_beginning(self._db, self._account_id, self._start)
            return AccountBook(TradeBook.begin(*beginning), self._contracts.begin())
        standing = load_standing(self._db, self._account_id, self._start)
        inventories = open_inventories(standing, self._explained.gains.costs)
        trades = load_open_trades(self._db, self._account_id)
        coins = [one for one in trades if not isinstance(one, ContractTrade)]
        return AccountBook(TradeBook(inventories, coins), self._contracts.begin(trades))


class Wrong(NamedTuple):
    """What is stored of trades and should be another."""

    since: datetime  # in a stretch of hours from here on
    what: str
    stored: object
    computed: object


class TradesAgain:
    """Trades computed again from the first valued hour, `start`, beside what is stored of them."""

    def __init__(self, db: Db, account_id: int, start: datetime) -> None:
        self._db, self._account_id, self._since = db, account_id, start
        self._contracts = ContractHistory(db, account_id, start)
        coins = TradeBook.begin(*load_beginning(db, account_id, start))
        self.book = AccountBook(coins, self._contracts.begin())

    def find_wrong(self, stretch: Sequence[Explanation]) -> Iterator[Wrong]:
        """What is stored of the hours that follow and should be another."""
        moves: list[TradeMove] = []
        fees: list[Fee] = []
        changed: dict[str, Trade] = {}
        made: dict[datetime, ContractSums] = {}
        for one, contracts in zip(stretch, self._contracts.load(stretch), strict=True):
            made[one.hour] = self.book.book(one, contracts)
            rows = self.book.take_rows()
            moves += rows.moves
            fees += rows.fees
            changed |= {trade.id: trade for trade in rows.trades}
        closed = sorted((one for one in changed.values() if one.closed_at), key=lambda one: (one.closed_at, one.id))
        asked = self._db, self._account_id, self._since, stretch[-1].hour
        yield from self._compare("trade's move", load_moves(*asked), moves)
        yield from self._compare("fee", load_fees(*asked), fees)
        yield from self._compare("closed trade", load_closed_trades(*asked), closed)
        sums = [(hour, one) for hour, one in made.items() if not one.is_empty]
        yield from self._compare("hour of contracts", load_contract_hours(*asked).items(), sums)
        self._since = stretch[-1].hour + RESOLUTION

    def find_wrong_open(self) -> Iterator[Wrong]:
        """The same of the trades that are open in the end."""
        yield from self._compare("open trade", load_open_trades(self._db, self._account_id), self.book.open)

    def _compare(self, what: str, stored: Iterable[object], computed: Iterable[object]) -> Iterator[Wrong]:
        yield from (Wrong(self._since, what, *pair) for pair in zip_longest(stored, computed) if pair[0] != pair[1])
