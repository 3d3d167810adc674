"""What a run needs of an exchange: the market, the accounts' connections, the shared clock and request weights."""

from monitor.accounts import TrackedAccount
from monitor.exchanges.binance.account import BinanceAccount
from monitor.exchanges.binance.market import BinanceMarket
from monitor.exchanges.connection import Clock, Connection
from monitor.exchanges.contract import Account, Market
from monitor.exchanges.weights import Weights
from monitor.settings import Secret, Settings


class Edge:
    """The open connections of a process; one account's connection is opened once and kept."""

    exchange = "binance"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clock = Clock()
        self._weights = Weights(self._clock.now)
        self._accounts: dict[str, BinanceAccount] = {}
        self.accepts_trading_keys = settings.accept_trading_key
        self.deadline_seconds = settings.account_deadline_seconds
        self.unexplained_limit = settings.unexplained_limit
        self.market: Market = BinanceMarket(self._connect(Secret(""), Secret("")))

    def open_account(self, account: TrackedAccount) -> Account:
        """The account's connection."""
        if account.key.value not in self._accounts:
            self._accounts[account.key.value] = BinanceAccount(self._connect(account.key, account.secret))
        return self._accounts[account.key.value]

    def used_weight(self) -> dict[str, int]:
        """Request weight used since the last call, by bucket."""
        return self._weights.take_used()

    async def close(self) -> None:
        """Close every connection."""
        await self.market.close()
        for account in self._accounts.values():
            await account.close()

    def _connect(self, key: Secret, secret: Secret) -> Connection:
        return Connection(
            key=key,
            secret=secret,
            base_url=self._settings.binance_base_url,
            timeout_seconds=self._settings.call_timeout_seconds,
            weights=self._weights,
            clock=self._clock,
        )
