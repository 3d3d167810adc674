"""What a run needs of an exchange: the market, the accounts' connections, the shared clock and request weights."""

from monitor.accounts.registry import TrackedAccount
from monitor.exchanges import FIRST_EXCHANGE
from monitor.exchanges.adapters import load_adapter
from monitor.exchanges.contract import Account
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.network import Network
from monitor.exchanges.public import Market
from monitor.settings import Secret, Settings


class ExchangeClient:
    """The open connections of a process; one account's connection is opened once and kept."""

    exchange = FIRST_EXCHANGE
    second_look_seconds = 2.0  # between a doubtful reading and the next one
    most_first_readings = 60  # a run's, of new accounts: each asks Earn, of which 66 fit in a minute's limit
    reading_seconds = 240.0  # a run's, for all accounts together: the scheduler ends a run after 300
    most_fill_calls = 50  # a run's, for fills that are missing: 1,000 of the 6,000 weight a minute, if all are spot's

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._adapter = load_adapter(self.exchange)
        self._network = Network(self._adapter.dialect)
        self._accounts: dict[tuple[str, str], Account] = {}
        self._names: dict[int, tuple[str, str]] = {}
        self.accepts_trading_keys = settings.accept_trading_key
        self.deadline_seconds = settings.account_deadline_seconds
        self.unexplained_limit = settings.unexplained_limit
        self.dust_limit = settings.dust_limit
        self.market: Market = self._adapter.open_market(self._connect(Secret(""), Secret("")))

    def open_account(self, account: TrackedAccount) -> Account:
        """The account's connection."""
        self._names[account.id] = name = (account.key.value, account.sub_email)
        if name not in self._accounts:
            connection = self._connect(account.key, account.secret)
            self._accounts[name] = (
                self._adapter.open_sub_account(connection, account.sub_email)
                if account.sub_email
                else self._adapter.open_account(connection)
            )
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

    def _connect(self, key: Secret, secret: Secret) -> Connection:
        return Connection(
            key=key,
            secret=secret,
            base_url=self._settings.base_url,
            timeout_seconds=self._settings.call_timeout_seconds,
            network=self._network,
        )
