"""What work on accounts is given: the client of an exchange (the market, the accounts' open connections, the shared clock
and request weights) and, for one account, its run.
"""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from finance.records import FeePlace
from monitor.database.runs import note_pause, record_log
from monitor.exchanges import FIRST_EXCHANGE
from monitor.exchanges.contract import Account
from monitor.exchanges.public import Market, Ticker
from monitor.settings import Settings
from sql.rows import Db
from sql.vault import Credentials, Secret

if TYPE_CHECKING:  # its HTTP client takes a quarter of a second of a command that asks no exchange
    from monitor.exchanges.http.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedAccount:
    """An enabled account with its key, or with the problem that keeps the key closed."""

    id: int
    label: str
    exchange: str
    credentials: Credentials
    sub_email: str = ""  # a sub-account's address: the credentials are its master's then
    problem: str = ""
    withdrawal_fee: FeePlace = FeePlace.INSIDE  # in the amounts that the exchange lists, where nothing shows it

    @property
    def key(self) -> Secret:
        """What names the credentials."""
        return self.credentials.key


class ExchangeClient:
    """The open connections of a process to one exchange, and the way to those of the others.

    An account's connection is opened once and stays open; so does the client of each exchange that is asked for.
    """

    second_look_seconds = 2.0  # between a doubtful reading and the next one
    most_first_readings = 60  # a run's, of new accounts: each asks Earn, of which 66 fit in a minute's limit
    reading_seconds = 240.0  # a run's, for all accounts together: the scheduler ends a run after 300
    most_fill_calls = 50  # a run's, for fills that are missing: 1,000 of the 6,000 weight a minute, if all are spot's

    def __init__(
        self,
        exchange: str,
        settings: Settings,
        network: "Network",
        market: Market,
        connect: Callable[[TrackedAccount], Account],
        clients: "Clients",
    ) -> None:
        self.exchange = exchange
        self._network = network
        self._connect = connect
        self._clients = clients
        self._accounts: dict[tuple[str, str], Account] = {}
        self._names: dict[int, tuple[str, str]] = {}
        self.accepts_trading_keys = settings.accept_trading_key
        self.deadline_seconds = settings.account_deadline_seconds
        self.unexplained_limit = settings.unexplained_limit
        self.dust_limit = settings.dust_limit
        self.order_names = settings.order_names
        self.withdrawal_fee = settings.exchanges[exchange].withdrawal_fee
        self.market = market

    def at(self, exchange: str) -> "ExchangeClient":
        """The client of an exchange, with a clock and limits of its own. Raises LookupError for one that is not known."""
        return self._clients.open(exchange)

    def open_account(self, account: TrackedAccount) -> Account:
        """The account's connection."""
        self._names[account.id] = name = (account.key.value, account.sub_email)
        if name not in self._accounts:
            self._accounts[name] = self._connect(account)
        return self._accounts[name]

    def find_account(self, account_id: int) -> Account | None:
        """The connection of an account that was opened before."""
        name = self._names.get(account_id)
        return self._accounts.get(name) if name else None

    def used_weight(self) -> dict[str, int]:
        """Request weight used since the last call at every exchange, by bucket; beyond the first with the exchange's name."""
        return {
            bucket if client.exchange == FIRST_EXCHANGE else f"{client.exchange} {bucket}": weight
            for client in self._clients.opened.values()
            for bucket, weight in client._network.weights.take_used().items()
        }

    async def close(self) -> None:
        """Close every connection to every exchange, also when the closing of one is interrupted."""
        async with AsyncExitStack() as closing:
            for client in self._clients.opened.values():
                closing.push_async_callback(client._network.close)
                closing.push_async_callback(client.market.close)
                for account in client._accounts.values():
                    closing.push_async_callback(account.close)


class Clients:
    """The clients of a process, by exchange, each opened when it is first asked for."""

    def __init__(self, make: Callable[[str, "Clients"], ExchangeClient]) -> None:
        self.opened: dict[str, ExchangeClient] = {}
        self._make = make

    def open(self, exchange: str) -> ExchangeClient:
        """The client of an exchange. Raises LookupError for one that is not known."""
        if exchange not in self.opened:
            self.opened[exchange] = self._make(exchange, self)
        return self.opened[exchange]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRun:
    """Whose hours are worked on, with what, and at which moment."""

    db: Db
    client: ExchangeClient
    account: TrackedAccount
    now: datetime  # the exchange's clock: once the account is read, when that was
    hour: datetime  # that contains it
    run_id: int | None = None  # None: no hourly run, but the owner's command
    ticker: Ticker | None = None  # the prices of now; None: they are fetched when those of the past need them

    @property
    def account_id(self) -> int:
        """The account's number."""
        return self.account.id

    @property
    def unseen_hour(self) -> datetime | None:
        """The run's own hour, which nobody has seen yet; None for the owner's command, who has seen every hour."""
        return None if self.run_id is None else self.hour

    def connect(self) -> Account:
        """The account's connection, which stays open."""
        return self.client.open_account(self.account)

    def log(self, level: str, message: str) -> None:
        """Add a line to the account's log."""
        record_log(self.db, at=self.now, level=level, message=message, run_id=self.run_id, account_id=self.account_id)

    def note_pause(self, failure: object) -> None:
        """Remember it if the exchange asked for silence."""
        note_pause(self.db, self.client.exchange, failure)
