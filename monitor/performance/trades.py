"""Trades and fees of an account or a portfolio, written with the explanations of the hours that made them; and computed again."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple

from finance.attribution.explanation import Explanation
from finance.attribution.gains import open_inventories
from finance.attribution.hour import RESOLUTION
from finance.moments import EPOCH
from finance.trade_book import TradeBook
from monitor.performance.beginnings import load_beginning, load_standing
from monitor.performance.store.trades import (
    HourOfTrades,
    load_closed_trades,
    load_fees,
    load_moves,
    load_open_trades,
    record_trades,
    take_back_trades,
)
from sql.rows import Db


class HourlyTrades:
    """Trades from the valued hour `start` on, which `explained` explains; without that a history begins there.

    An hour in which nothing happened costs nothing: what is open is only read when there are changes to book.
    """

    def __init__(self, db: Db, account_id: int, start: datetime, explained: Explanation | None) -> None:
        self._db, self._account_id, self._start, self._explained = db, account_id, start, explained
        self._book: TradeBook | None = None
        self._is_known = explained is None or explained.gains is not None
        take_back_trades(db, account_id, start if explained and self._is_known else EPOCH)

    def go_on(self, stretch: Sequence[Explanation]) -> None:
        """Book and write the hours that follow. Nothing is written while gains are unknown, from which trades follow."""
        if self._is_known and (self._explained is None or any(one.changes for one in stretch)):
            record_trades(self._db, self._account_id, self._book_hours(stretch))

    def _book_hours(self, stretch: Sequence[Explanation]) -> Iterator[HourOfTrades]:
        book = self._book = self._book or self._open()
        for one in stretch:
            book.book(one.changes, one.through)
            moves, fees, trades = book.take_rows()
            yield HourOfTrades(one.hour, moves, fees, trades)

    def _open(self) -> TradeBook:
        if self._explained is None or self._explained.gains is None:
            return TradeBook.begin(*load_beginning(self._db, self._account_id, self._start))
        standing = load_standing(self._db, self._account_id, self._start)
        inventories = open_inventories(standing, self._explained.gains.costs)
        return TradeBook(inventories, load_open_trades(self._db, self._account_id))


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
        self.book = TradeBook.begin(*load_beginning(db, account_id, start))

    def find_wrong(self, stretch: Sequence[Explanation]) -> Iterator[Wrong]:
        """What is stored of the hours that follow and should be another."""
        for one in stretch:
            self.book.book(one.changes, one.through)
        moves, fees, trades = self.book.take_rows()
        closed = sorted((one for one in trades if one.closed_at), key=lambda one: (one.closed_at, one.id))
        asked = self._db, self._account_id, self._since, stretch[-1].hour
        yield from self._compare("trade's move", load_moves(*asked), moves)
        yield from self._compare("fee", load_fees(*asked), fees)
        yield from self._compare("closed trade", load_closed_trades(*asked), closed)
        self._since = stretch[-1].hour + RESOLUTION

    def find_wrong_open(self) -> Iterator[Wrong]:
        """The same of the trades that are open in the end."""
        trades = sorted(self.book.trades.values(), key=lambda one: (one.opened_at, one.id))
        yield from self._compare("open trade", load_open_trades(self._db, self._account_id), trades)

    def _compare(self, what: str, stored: Iterable[object], computed: Iterable[object]) -> Iterator[Wrong]:
        yield from (Wrong(self._since, what, *pair) for pair in zip_longest(stored, computed) if pair[0] != pair[1])
