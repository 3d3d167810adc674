"""The venue: accounts, ledger, market and clock, and the two desks at which they trade."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import count

from paper.clock import VenueClock
from paper.engine.changes import Changes, Entry, Journal
from paper.engine.commissions import Commissions
from paper.engine.depths import Depths
from paper.engine.open_market import OpenMarket
from paper.engine.remembering import Remembering
from paper.histories.accounts import Account
from paper.histories.listed import ListedHistories
from paper.histories.questions import Histories
from paper.ledger.balances import Ledger
from paper.ledger.books import Books
from paper.market.halts import HaltingMarket
from paper.market.klines import Market
from paper.trading.flat import FlatBook
from paper.trading.floor import Floor
from paper.trading.order_desk import OrderDesk
from paper.trading.orders import Order, OrderList, Reason, Rejected, Report
from paper.users.key_ring import KeyRing
from paper.users.records import ApiKey


class Venue:
    """Everything that an exchange is but what it speaks."""

    def __init__(self, market: Market, clock: VenueClock, numbers: Iterator[int] | None = None) -> None:
        self.market = HaltingMarket(market)
        self.clock = clock
        self.ledger = Ledger()
        self.books = Books()
        self.accounts: dict[str, Account] = {}
        self.journal: Journal = Remembering(self.accounts, self.books)
        self.histories: Histories = ListedHistories(self.accounts)
        self.listeners: list[Callable[[Changes], None]] = []  # told once it is written, which may be before it is kept
        self.key_ring: KeyRing | None = None  # of users; accounts of stories have keys of their own
        self.exchanges = ["binance"]  # as which it speaks
        self.numbers = numbers or count(1)
        commissions = Commissions(self.accounts, self.ledger, self.price_in_usdt)
        self.open_market = OpenMarket(self.market, self.ledger, commissions, self.numbers.__next__, self.note_trades)
        self.depths = Depths(self.open_market)
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

    def require_trading(self, owner: str, symbol: str) -> None:
        """Raise Rejected where an account gives no orders now, or a pair takes none."""
        if self.accounts[owner].is_paused:
            raise Rejected(Reason.PAUSED)
        self.open_market.require_open(symbol)

    def catch_up(self) -> datetime:
        """Let everything happen that time has brought; returns the venue's time."""
        now = self.clock.now()
        self.open_market.catch_up(now)
        return now

    def note_reports(self, reports: Sequence[Report], lists: Sequence[OrderList] = ()) -> None:
        """Write down what happened to orders, and the lists of them that were given."""
        self.write(Changes(reports=reports, lists=lists))

    def note_trades(
        self, reports: Sequence[Report], at: datetime, actor: str = "", lists: Sequence[OrderList] = ()
    ) -> None:
        """The same of what a client or the market did at a time, with what moved."""
        moved = self.ledger.take_moved()
        if moved or reports:
            entry = Entry(kind="trade", at=at, movements=moved, actor=actor) if moved else None
            self.write(Changes(entry=entry, reports=reports, lists=lists))

    def note_moves(self, kind: str, at: datetime) -> None:
        """Write down what moved, and by what."""
        if moved := self.ledger.take_moved():
            self.write(Changes(entry=Entry(kind=kind, at=at, movements=moved)))

    def write(self, changes: Changes) -> None:
        """Write down what a command changed, and tell who listens."""
        self.journal.write(changes)
        for listen in self.listeners:
            listen(changes)

    @property
    def desks(self) -> tuple[OrderDesk, OrderDesk]:
        """Those at which orders wait: that of clients, and that of stories."""
        return self.open_market.desk, self.desk

    def find_waiting(self, owner: str, symbol: str, number: int, client_id: str) -> Order:
        """An order of an account that waits, whoever gave it, by its number or its client's. Raises Rejected."""
        try:
            return self.open_market.floor.find(owner, symbol, number, client_id)
        except Rejected:
            return self.desk.floor.find(owner, symbol, number, client_id)

    def desk_of(self, order: Order) -> OrderDesk:
        """The desk at which an order waits."""
        return self.desk if order.id in self.desk.floor.waiting.orders else self.open_market.desk

    def account_of_key(self, key: str, exchange: str) -> Account | None:
        """The account of an exchange behind an API key."""
        of_exchange = (account for account in self.accounts.values() if account.exchange == exchange)
        return next((account for account in of_exchange if account.key == key or key in account.public_keys), None)

    def note_use(self, key: ApiKey, now: datetime) -> None:
        """Write down now and then that a user's key was used."""
        if self.key_ring and (records := self.key_ring.note_use(key, now)):
            self.write(Changes(records=records))

    def price(self, symbol: str, at: datetime) -> Decimal:
        """A symbol's price at a time. Raises KeyError for one that does not exist."""
        if symbol not in self.market.symbols:
            raise KeyError(f"there is no symbol {symbol}")
        return self.market.last_price(symbol, at)

    def price_in_usdt(self, asset: str, at: datetime) -> Decimal:
        """What an asset with a pair of its own is worth at a time. Raises KeyError for one without."""
        return Decimal(1) if asset == "USDT" else self.price(f"{asset}USDT", at)
