"""Bitget as `monitor.exchanges.adapters` loads it: an account of either system, and which of the two it is.

The system is asked for once a run, so that an account that its owner has switched is read as what it is now. Only the
exchange's own word decides: an answer that could not be read makes no account a classic one.
"""

from asyncio import Lock
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from finance.closed_positions import ClosedPosition
from finance.observed import AccountReading, RefusalReason, WalletReading
from finance.orders import OrderRecord
from finance.records import ContractFill, ContractQuery, FillMarket
from monitor.errors import OtherAccountSystem
from monitor.exchanges.adapters import Adapter, OwnKeyAccount, ask_each, refuse_sub_account
from monitor.exchanges.bitget import (
    closed_positions,
    contract_fills,
    converts,
    fills,
    futures,
    histories,
    key,
    order_lists,
    totals,
    unified,
    wallets,
)
from monitor.exchanges.bitget.dialect import DIALECT
from monitor.exchanges.bitget.key import System
from monitor.exchanges.bitget.market import open_market
from monitor.exchanges.capabilities import Capabilities, Capability, Scope
from monitor.exchanges.contract import (
    FillPage,
    FillQuery,
    OrderMarket,
    OrderPage,
    OrderQuery,
    Pair,
    Permissions,
    Samples,
    SourceReading,
)
from monitor.exchanges.http.capture import POSITIONS
from monitor.exchanges.http.connection import Connection

QUOTES = ("USDT", "USDC", "BTC", "ETH", "EUR", "BGB", "BRL")
UNSEEN = (
    "staking in PoolX and Launchpool",
    "money that follows other traders",
    "stocks",
    "what is lent in peer-to-peer loans",
)


OF_CONTRACTS = "those of contracts are looked at while a position is open or one is known to wait"
OF_MARGIN = "those of margin pair by pair, of one never traded there once a coin other than its quote is locked"
NINETY_DAYS = Capability(back=timedelta(days=90))
CLASSIC = Capabilities(
    ledger=NINETY_DAYS,
    fills=Capability(scope=Scope.PER_PAIR, back=NINETY_DAYS.back, but="those of contracts all at once"),
    orders=Capability(back=NINETY_DAYS.back, but="those of margin pair by pair"),
    open_orders=Capability(but=f"{OF_MARGIN}, {OF_CONTRACTS}"),
)
UNIFIED = Capabilities(
    ledger=NINETY_DAYS,
    fills=NINETY_DAYS,
    orders=NINETY_DAYS,
    open_orders=Capability(but=f"{OF_CONTRACTS}, those that follow the price are not read"),
    totals=Capability(but="of funding, Earn, bots and loans there is none beside a unified account"),
)


class BitgetAccount(OwnKeyAccount):
    """An account behind one key."""

    quotes: tuple[str, ...] = QUOTES
    unseen: tuple[str, ...] = UNSEEN
    samples = Samples(
        pair=Pair(symbol="BTCUSDT", base="BTC", quote="USDT"),
        contracts=("BTCUSDT", "BTCUSD"),
        contract_wallets=(futures.USDT_FUTURES, futures.USDC_FUTURES, futures.COIN_FUTURES, unified.POOL),
    )
    flow_sources = (*histories.FLOWS, histories.TRANSFERS)
    income_sources = tuple(histories.INCOME)
    order_markets: tuple[OrderMarket, ...] = order_lists.MARKETS
    contract_wallets: tuple[str, ...] = (*futures.PRODUCTS, unified.POOL)
    has_closed_positions = True

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._system: System | None = None
        self._info: key.KeyInfo | None = None
        self._asking = Lock()

    async def fetch_system(self) -> System:
        """The account's system, asked for once. Raises ExchangeError where the exchange does not say it."""
        async with self._asking:
            if self._system is None:
                self._system = await self._ask_for_system()
            return self._system

    async def _ask_for_system(self) -> System:
        try:
            return await self._connection.call(key.SETTINGS, "Reading the account's system", key.read_settings)
        except OtherAccountSystem:
            return System.CLASSIC

    def capabilities_of(self, system: str) -> Capabilities:
        """What Bitget shows of an account of a `system`."""
        return CLASSIC if system == System.CLASSIC else UNIFIED

    async def fetch_uid(self) -> str:
        """The exchange's number of the account."""
        return (await self._fetch_info()).uid

    async def fetch_permissions(self) -> Permissions:
        """What the key may do."""
        return (await self._fetch_info()).permissions

    async def _fetch_info(self) -> key.KeyInfo:
        """What the exchange says of the key, asked for once: it may be once a second."""
        system = await self.fetch_system()
        async with self._asking:
            self._info = self._info or await key.fetch_info(self._connection, system)
            return self._info

    async def fetch_wallets(self, idle: Collection[str] = (), known: Collection[WalletReading] = ()) -> AccountReading:
        """Every wallet, of the `idle` ones those that may hold something again, and the exchange's own totals."""
        reading = await wallets.fetch_wallets(self._connection, await self.fetch_system(), idle, known)
        if any(one.refusal and one.refusal.reason is RefusalReason.OTHER_SYSTEM for one in reading.wallets):
            self._system = None  # switched since it was asked: the next look asks again
        return reading

    async def fetch_hubs(self) -> tuple[WalletReading, ...]:
        """Spot and funding, or the pool and funding."""
        return await wallets.fetch_hubs(self._connection, await self.fetch_system())

    async def ask_for_positions(self) -> None:
        """Ask for the positions of every kind of contract, whatever is answered."""
        is_classic = await self.fetch_system() is System.CLASSIC
        await ask_each(
            (wallet, self._ask_for_positions(product, is_classic=is_classic))
            for wallet, product in futures.PRODUCTS.items()
        )

    async def _ask_for_positions(self, product: str, *, is_classic: bool) -> None:
        doing = f"Reading {POSITIONS}{product}"
        if is_classic:
            await self._connection.call(futures.POSITIONS, doing, futures.read_positions, productType=product)
        else:
            await self._connection.call(unified.POSITIONS, doing, unified.read_positions, category=product)

    async def fetch_flows(self, since: Mapping[str, datetime], until: datetime) -> tuple[SourceReading, ...]:
        """The flow histories that `since` names, each from its moment to `until`."""
        system = await self.fetch_system()
        return await histories.fetch_histories(
            self._connection, system, histories.flows_of(self.fetch_uid), since, until
        )

    async def fetch_income(self, since: Mapping[str, datetime], until: datetime) -> tuple[SourceReading, ...]:
        """The income histories that `since` names, each from its moment to `until`."""
        system = await self.fetch_system()
        return await histories.fetch_histories(self._connection, system, histories.INCOME, since, until)

    async def fetch_fills(self, query: FillQuery) -> FillPage:
        """The next fills that `query` asks for."""
        is_classic = await self.fetch_system() is System.CLASSIC
        if query.pair:
            return await (fills.fetch_classic_fills if is_classic else fills.fetch_unified_fills)(
                self._connection, query, query.pair
            )
        swaps = {
            (FillMarket.CONVERT, True): converts.fetch_converts,
            (FillMarket.CONVERT, False): converts.fetch_unified_converts,
            (FillMarket.DUST, True): converts.fetch_small,
            (FillMarket.DUST, False): converts.fetch_unified_small,
        }
        found = await swaps[query.market, is_classic](self._connection, (query.since, query.until))
        return FillPage(fills=found, is_last=True)

    async def fetch_contract_fills(self, query: ContractQuery) -> tuple[ContractFill, ...]:
        """All fills of a contract in a time."""
        is_classic = await self.fetch_system() is System.CLASSIC
        fetch = contract_fills.fetch_contract_fills if is_classic else contract_fills.fetch_unified_contract_fills
        return await fetch(self._connection, query)

    async def fetch_closed_positions(self, query: ContractQuery) -> tuple[ClosedPosition, ...]:
        """The positions of a contract that were closed in a time."""
        is_classic = await self._is_classic()
        return await closed_positions.fetch_closed_positions(self._connection, query, is_classic=is_classic)

    async def fetch_open_orders(self, market: str, pair: Pair | None = None) -> tuple[OrderRecord, ...]:
        """Every order of a market that waits; those of margin of a unified account are among those of spot."""
        return await order_lists.fetch_open_orders(self._connection, market, pair, is_classic=await self._is_classic())

    async def fetch_orders(self, query: OrderQuery) -> OrderPage:
        """The orders of a pair or contract since shortly before the last reading."""
        return await order_lists.fetch_orders(self._connection, query, is_classic=await self._is_classic())

    async def fetch_ended(self, order: OrderRecord) -> tuple[OrderRecord, ...]:
        """What has become of an order."""
        return await order_lists.fetch_ended(self._connection, order, is_classic=await self._is_classic())

    async def _is_classic(self) -> bool:
        return await self.fetch_system() is System.CLASSIC


ADAPTER = Adapter(
    dialect=DIALECT,
    open_market=open_market,
    open_account=BitgetAccount,
    open_sub_account=refuse_sub_account,
    totals=totals.COVERED,
    inverse_sizes=futures.INVERSE_SIZES,
)
