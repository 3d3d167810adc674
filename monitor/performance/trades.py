"""Gains, trades and fees of an account or a portfolio, booked in one go of the hours that made them; and beside what is stored."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest
from typing import NamedTuple

from finance.account_book import AccountBook
from finance.attribution.events import Standing
from finance.attribution.explanation import Explanation
from finance.attribution.gains import HourlyGains, open_inventories
from finance.attribution.hour import RESOLUTION
from finance.contract_hours import ContractHour
from finance.contract_trades import ContractTrade
from finance.decimals import ONE, ZERO
from finance.prices import VALUATION_ASSET
from finance.trade_book import TradeBook
from finance.trades import Trade
from monitor.performance.beginnings import load_costs
from monitor.performance.contract_history import ContractHistory
from monitor.performance.explanations import ExplainedHour
from monitor.performance.store.cash import load_cash
from monitor.performance.store.recorded_trades import BookedHour
from monitor.performance.store.trades import (
    load_closed_trades,
    load_contract_hours,
    load_fees,
    load_moves,
    load_open_trades,
)
from sql.rows import Db


class HourlyBooks:
    """Gains and trades from the valued hour `start` on, which `explained` explains; without that a history begins there.

    An hour in which nothing happened costs nothing: what is open is only read when there are changes to book. Where
    `explained` is of a version that computed no gains nothing is booked, for gains and trades follow from it.
    """

    def __init__(self, db: Db, account_id: int, start: datetime, explained: Explanation | None = None) -> None:
        self._db, self._account_id, self._explained = db, account_id, explained
        self.is_known = explained is None or explained.gains is not None
        self._gains: HourlyGains | None = None
        self._book: AccountBook | None = None
        self._contracts = ContractHistory(db, account_id, start, explained.through if explained else None)

    @property
    def open(self) -> list[Trade]:
        """The trades that are open, in the order in which they were opened, as far as there was anything to book."""
        return self._book.open if self._book else []

    @property
    def rest(self) -> Decimal:
        """What was realised outside of trades."""
        return self._book.coins.rest if self._book else ZERO

    def prepare(self, stretch: Sequence[ExplainedHour]) -> Iterator[BookedHour]:
        """The hours that follow, booked one by one as they are asked for; all that this takes was read before."""
        if not self.is_known:
            return (BookedHour(one.found) for one in stretch)
        gains = self._gains = self._gains or self._open_gains(stretch[0].before)
        if not self._book and (self._contracts.exists or any(one.found.changes for one in stretch)):
            trades = load_open_trades(self._db, self._account_id)
            coins = [one for one in trades if not isinstance(one, ContractTrade)]
            in_coins = TradeBook(gains.inventories, coins, load_cash(self._db))
            self._book = AccountBook(in_coins, self._contracts.go_on(trades))
        contracts = self._contracts.load([one.found for one in stretch])
        return (self._book_hour(gains, *pair) for pair in zip(stretch, contracts, strict=True))

    def _open_gains(self, start: Standing) -> HourlyGains:
        if self._explained and self._explained.gains:
            costs = self._explained.gains.costs
            return HourlyGains(open_inventories(start, costs), start, costs)
        coins = TradeBook.begin(start, load_costs(self._db, self._account_id, start), load_cash(self._db))
        self._book = AccountBook(coins, self._contracts.begin({VALUATION_ASSET: ONE, **start.prices}))
        return HourlyGains(coins.inventories, start)

    def _book_hour(self, gains: HourlyGains, hour: ExplainedHour, contracts: ContractHour | None) -> BookedHour:
        if self._book is None:
            return BookedHour(replace(hour.found, gains=gains.end_hour({}, hour.after)))
        gained, sums = self._book.book(hour.found, contracts)
        explained = replace(hour.found, gains=gains.end_hour(gained, hour.after))
        return BookedHour(explained, *self._book.take_rows(), sums)


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

    def find_wrong(self, hours: Sequence[BookedHour]) -> Iterator[Wrong]:
        """What is stored of the hours that follow and should be another."""
        last = hours[-1].explained.hour
        changed = {trade.id: trade for one in hours for trade in one.trades}
        closed = sorted((one for one in changed.values() if one.closed_at), key=lambda one: (one.closed_at, one.id))
        sums = [(one.explained.hour, one.contracts) for one in hours if not one.contracts.is_empty]
        asked = self._db, self._account_id, self._since, last
        yield from self._compare("trade's move", load_moves(*asked), (move for one in hours for move in one.moves))
        yield from self._compare("fee", load_fees(*asked), (fee for one in hours for fee in one.fees))
        yield from self._compare("closed trade", load_closed_trades(*asked), closed)
        yield from self._compare("hour of contracts", load_contract_hours(*asked).items(), sums)
        self._since = last + RESOLUTION

    def find_wrong_open(self, trades: Iterable[Trade]) -> Iterator[Wrong]:
        """The same of the `trades` that are open in the end."""
        yield from self._compare("open trade", load_open_trades(self._db, self._account_id), trades)

    def _compare(self, what: str, stored: Iterable[object], computed: Iterable[object]) -> Iterator[Wrong]:
        yield from (Wrong(self._since, what, *pair) for pair in zip_longest(stored, computed) if pair[0] != pair[1])
