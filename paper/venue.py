"""The venue: accounts, ledger, market and clock, and the events that change them as time passes."""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import count

from paper.accounts import Account
from paper.books import Books
from paper.clock import VenueClock
from paper.commissions import Commissions
from paper.exchanges import DEFAULT, named_exchange
from paper.halts import HaltingMarket
from paper.ledger import Ledger
from paper.market import Market, price_at
from paper.open_market import OpenMarket
from paper.stories import Line, StoryFault, parse_line
from paper.trading.flat import FlatBook
from paper.trading.floor import Floor
from paper.trading.order_desk import OrderDesk
from paper.trading.orders import Kind, Report

Apply = Callable[["Venue", str, tuple[str, ...], datetime], None]  # with the name of the account it is about


class Venue:
    """Everything the paper exchange is; `apply` runs one verb of a story on it."""

    def __init__(self, market: Market, clock: VenueClock, apply: Apply, lines: Iterable[Line] = ()) -> None:
        self.market = HaltingMarket(market)
        self.clock = clock
        self.ledger = Ledger()
        self.books = Books()
        self.accounts: dict[str, Account] = {}
        self._last_account = ""  # that a line was about: what follows is about it, unless it names another
        self.numbers = count(1)
        commissions = Commissions(self.accounts, self.ledger, self.price_in_usdt)
        self.open_market = OpenMarket(self.market, self.ledger, commissions, self.numbers.__next__, self.note_trades)
        self.desk = OrderDesk(
            Floor(
                self.ledger,
                market.symbols,
                commissions,
                FlatBook,
                self.numbers.__next__,
                follows_trades=False,
                rounding=ROUND_HALF_EVEN,
            )
        )
        self.exchanges = [DEFAULT]  # those that a line names an account of
        self._apply = apply
        self._due: list[tuple[datetime, int, Line]] = []
        self._order = count()
        for line in lines:
            self.plan(line)

    def plan(self, line: Line) -> None:
        """Run a line at its time."""
        exchange = named_exchange(line.words)
        if exchange not in self.exchanges:
            self.exchanges.append(exchange)
        heapq.heappush(self._due, (line.at, next(self._order), line))

    def catch_up(self) -> datetime:
        """Run all lines that are due, each at its own time; returns the venue's time."""
        now = self.clock.now()
        while self._due and self._due[0][0] <= now:
            at, _, line = heapq.heappop(self._due)
            self.open_market.catch_up(at)
            if line.every:
                self.plan(replace(line, at=at + line.every))
            self._play(line, at)
        self.open_market.catch_up(now)
        return now

    def note_reports(self, reports: Iterable[Report]) -> None:
        """Enter what happened to orders in their owners' histories."""
        for report in reports:
            account = self.accounts[report.order.owner]
            if report.kind is Kind.NEW:
                account.orders.append(report.order)
            if report.fill:
                account.fills.append(report.fill)

    def note_trades(self, reports: Iterable[Report], at: datetime) -> None:
        """The same of what clients and the market did at a time, with what moved in the account books."""
        self.note_reports(reports)
        self.books.write(at, "trade", self.ledger.take_moved())

    def _play(self, line: Line, at: datetime) -> None:
        self._last_account = line.account or self._last_account
        try:
            self._apply(self, self._last_account, line.words, at)
        except (StoryFault, ValueError, KeyError) as fault:
            where = f"line {line.number}: " if line.number else ""
            raise StoryFault(f"{where}'{' '.join(line.words)}' at {at.isoformat()}: {fault}") from None
        finally:
            self.books.write(at, line.words[0] if line.words else "", self.ledger.take_moved())

    def run(self, text: str, account: str = "") -> None:
        """Run a verb now, as `text` of a story's line without its time, for `account` or the one that the last
        line was about. Raises StoryFault."""
        now = self.catch_up()
        line, before = parse_line([now.isoformat(), *text.split()], now), self._last_account
        try:
            self._play(replace(line, account=account), now)
        finally:
            self._last_account = before
        if line.words[0] == "account":
            self._last_account = line.words[1]

    def account_of_key(self, key: str, exchange: str) -> Account | None:
        """The account of an exchange behind an API key."""
        of_exchange = (account for account in self.accounts.values() if account.exchange == exchange)
        return next((account for account in of_exchange if account.key == key), None)

    def price(self, symbol: str, at: datetime) -> Decimal:
        """A symbol's price at a time. Raises KeyError for one that does not exist."""
        if symbol not in self.market.symbols:
            raise KeyError(f"there is no symbol {symbol}")
        return price_at(self.market, symbol, at)

    def price_in_usdt(self, asset: str, at: datetime) -> Decimal:
        """What an asset with a pair of its own is worth at a time. Raises KeyError for one without."""
        return Decimal(1) if asset == "USDT" else self.price(f"{asset}USDT", at)
