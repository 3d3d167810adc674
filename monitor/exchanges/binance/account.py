"""One Binance account, through its own key."""

from collections.abc import Collection, Mapping
from datetime import datetime

from finance.observed import AccountReading, DailyBalances, WalletReading
from finance.records import ContractFill, ContractQuery
from monitor.exchanges.binance import fills, key, spot, transfers, wallets
from monitor.exchanges.binance.histories import FLOWS, INCOME, fetch_histories
from monitor.exchanges.contract import FillPage, FillQuery, Permissions, SourceReading, SubAccount
from monitor.exchanges.http.connection import Connection

QUOTES = ("USDT", "USDC", "FDUSD", "BTC", "ETH", "BNB", "TRY", "EUR", "BRL", "TUSD", "DAI", "JPY")
# A bot's or a copied trader's money is in the exchange's totals, so that it is missed as soon as there is some.
UNSEEN = ("trading bots", "copy trading", "staking in redemption", "VIP loans", "card spending")


class BinanceAccount:
    """An account behind one key."""

    quotes: tuple[str, ...] = QUOTES
    samples = key.SAMPLES
    unseen: tuple[str, ...] = UNSEEN
    flow_sources = tuple(FLOWS)
    income_sources = tuple(INCOME)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch_uid(self) -> str:
        """The exchange's number of the account."""
        return await key.fetch_uid(self._connection)

    async def fetch_permissions(self) -> Permissions:
        """What the key may do."""
        return await key.fetch_permissions(self._connection)

    async def fetch_server_time(self) -> datetime:
        """The exchange's clock."""
        return await self._connection.fetch_server_time()

    async def fetch_wallets(self, idle: Collection[str] = (), failed: Collection[WalletReading] = ()) -> AccountReading:
        """Every wallet, of the `idle` ones those that may hold something again, and the exchange's own totals."""
        return await wallets.fetch_wallets(self._connection, idle, failed)

    async def fetch_hubs(self) -> tuple[WalletReading, ...]:
        """Spot and funding."""
        return await wallets.fetch_hubs(self._connection)

    async def fetch_daily_balances(self, since: datetime, until: datetime) -> tuple[DailyBalances, ...]:
        """The exchange's end-of-day records of the spot wallet."""
        return await spot.fetch_days(self._connection, since, until)

    async def ask_for_positions(self) -> None:
        """Ask for the positions of every wallet that may have some."""
        await key.ask_for_positions(self._connection)

    async def fetch_sub_accounts(self) -> tuple[SubAccount, ...]:
        """The sub-accounts of which this account is the master."""
        return await transfers.fetch_sub_accounts(self._connection)

    async def fetch_flows(self, since: Mapping[str, datetime], until: datetime) -> tuple[SourceReading, ...]:
        """The flow histories that `since` names, each from its moment to `until`."""
        return await fetch_histories(self._connection, FLOWS, since, until)

    async def fetch_income(self, since: Mapping[str, datetime], until: datetime) -> tuple[SourceReading, ...]:
        """The income histories that `since` names, each from its moment to `until`."""
        return await fetch_histories(self._connection, INCOME, since, until)

    async def fetch_fills(self, query: FillQuery) -> FillPage:
        """The next fills that `query` asks for."""
        return await fills.fetch_fills(self._connection, query)

    async def fetch_contract_fills(self, query: ContractQuery) -> tuple[ContractFill, ...]:
        """All fills of a contract in a time."""
        return await fills.fetch_contract_fills(self._connection, query)

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()
