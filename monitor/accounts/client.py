"""What a run needs of an exchange: the market, the accounts' connections, the shared clock and request weights."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.exchanges import FIRST_EXCHANGE
from monitor.exchanges.contract import Account
from monitor.exchanges.http.network import Network
from monitor.exchanges.public import Market
from monitor.settings import Settings
from sql.vault import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedAccount:
    """An enabled account with its key, or with the problem that keeps the key closed."""

    id: int
    label: str
    exchange: str
    key: Secret
    secret: Secret
    sub_email: str = ""  # a sub-account's address: key and secret are its master's then
    problem: str = ""


class ExchangeClient:
    """The open connections of a process; one account's connection is opened once and stays open."""

    exchange = FIRST_EXCHANGE
    second_look_seconds = 2.0  # between a doubtful reading and the next one
    most_first_readings = 60  # a run's, of new accounts: each asks Earn, of which 66 fit in a minute's limit
    reading_seconds = 240.0  # a run's, for all accounts together: the scheduler ends a run after 300
    most_fill_calls = 50  # a run's, for fills that are missing: 1,000 of the 6,000 weight a minute, if all are spot's

    def __init__(
        self, settings: Settings, network: Network, market: Market, connect: Callable[[TrackedAccount], Account]
    ) -> None:
        self._network = network
        self._connect = connect
        self._accounts: dict[tuple[str, str], Account] = {}
        self._names: dict[int, tuple[str, str]] = {}
        self.accepts_trading_keys = settings.accept_trading_key
        self.deadline_seconds = settings.account_deadline_seconds
        self.unexplained_limit = settings.unexplained_limit
        self.dust_limit = settings.dust_limit
        self.market = market

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
        """Request weight used since the last call, by bucket."""
        return self._network.weights.take_used()

    async def close(self) -> None:
        """Close every connection."""
        await self.market.close()
        for account in self._accounts.values():
            await account.close()
        await self._network.close()
