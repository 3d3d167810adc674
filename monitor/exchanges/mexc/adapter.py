"""MEXC as `monitor.exchanges.adapters` loads it. There is one account system, and no total of its own to check against."""

from asyncio import gather
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from finance.closed_positions import ClosedPosition
from finance.observed import AccountReading, Role, WalletReading, WalletState
from finance.orders import OrderRecord
from finance.records import ContractFill, ContractQuery, FillMarket, FlowKind
from monitor.exchanges.adapters import Adapter, OwnKeyAccount, ask_each, refuse_sub_account
from monitor.exchanges.capabilities import MONTH, NONE, Capabilities, Capability, Scope
from monitor.exchanges.contract import (
    FillPage,
    FillQuery,
    OrderMarket,
    OrderPage,
    OrderQuery,
    Pair,
    Permissions,
    Samples,
    Source,
    SourceReading,
)
from monitor.exchanges.mexc import (
    closed_positions,
    contract_orders,
    deposits,
    fills,
    futures,
    income,
    key,
    orders,
    rebates,
    spot,
    transfers,
)
from monitor.exchanges.mexc.dialect import DIALECT
from monitor.exchanges.mexc.market import open_market
from monitor.exchanges.mexc.symbols import ContractSizes
from monitor.exchanges.reading import Record, read_histories, read_wallet

QUOTES = ("USDT", "USDC", "BTC", "ETH", "EUR", "MX")
UNSEEN = ("Earn", "trading bots", "copy trading", "launch products", "fiat and P2P balances")
CAPABILITIES = Capabilities(
    flows=Capability(back=timedelta(days=90)),
    ledger=NONE,
    fills=Capability(scope=Scope.PER_PAIR, back=MONTH, but="those of contracts of the past 90 days"),
    orders=Capability(scope=Scope.PER_PAIR, back=timedelta(days=7), but="those of contracts all at once, 90 days back"),
    open_orders=Capability(
        scope=Scope.PER_PAIR,
        but="those of a pair that was never traded are found once a coin other than the quote is locked, those of contracts are "
        "looked at while a position is open or one is known to wait",
    ),
    totals=NONE,
)
WEEK = timedelta(days=7)
AGAIN = WEEK - timedelta(hours=3)  # what is read again every hour, so that it is one of their windows
QUARTER = timedelta(days=89)  # of the 90 days that the exchange shows


def _flows(name: str, *kinds: FlowKind, role: Role = Role.FLOWS) -> Source:
    return Source(
        name=name,
        first=QUARTER,
        overlap=AGAIN,
        wide=QUARTER,
        kinds=kinds,
        role=role,
        has_own_right=role is not Role.REQUIRED,
        available=QUARTER,
        window=WEEK,
    )


def _income(name: str, wide: timedelta) -> Source:
    return Source(
        name=name,
        first=timedelta(days=28),
        overlap=AGAIN,
        wide=wide,
        role=Role.INCOME,
        has_own_right=True,
        available=QUARTER,
        wallet=futures.FUTURES,
    )


DEPOSITS = _flows("deposits", FlowKind.DEPOSIT, role=Role.REQUIRED)
WITHDRAWALS = _flows("withdrawals", FlowKind.WITHDRAWAL, role=Role.REQUIRED)
INTERNAL = _flows("transfers to other users", FlowKind.TRANSFER_IN, FlowKind.TRANSFER_OUT)
FAMILY = _flows("transfers of sub-accounts", FlowKind.TRANSFER_IN, FlowKind.TRANSFER_OUT)
FUNDING = _income("funding of futures", MONTH)
ORDERS = _income("profit and fees of futures", QUARTER)  # listed by when they were made: some are filled long after
REBATES = replace(_income("rebates", MONTH), wallet="", is_daily=True)
Fetch = Callable[[datetime, datetime], Awaitable[tuple[Record, ...]]]


class MexcAccount(OwnKeyAccount):
    """An account behind one key."""

    quotes: tuple[str, ...] = QUOTES
    unseen: tuple[str, ...] = UNSEEN
    samples = Samples(
        pair=Pair(symbol="BTCUSDT", base="BTC", quote="USDT"),
        contracts=("BTC_USDT", "BTCUSD_PERP"),
        contract_wallets=(futures.FUTURES,),
    )
    flow_sources: tuple[Source, ...] = (DEPOSITS, WITHDRAWALS, INTERNAL, FAMILY)
    income_sources: tuple[Source, ...] = (FUNDING, ORDERS, REBATES)
    order_markets: tuple[OrderMarket, ...] = (
        OrderMarket(name=FillMarket.SPOT, wallets=(spot.SPOT,), is_by_pair=True),
        OrderMarket(name=futures.FUTURES, wallets=(futures.FUTURES,), is_of_contracts=True),
    )
    contract_wallets: tuple[str, ...] = (futures.FUTURES,)
    has_closed_positions = True

    @property
    def _sizes(self) -> ContractSizes:
        """Those of all contracts, for all accounts."""
        sizes: ContractSizes = self._connection.kept.setdefault("contract sizes", ContractSizes(self._connection))
        return sizes

    async def fetch_uid(self) -> str:
        """The exchange's number of the account."""
        return await key.fetch_uid(self._connection)

    def capabilities_of(self, system: str) -> Capabilities:
        """What MEXC shows of any account."""
        return CAPABILITIES

    async def fetch_permissions(self) -> Permissions:
        """What the key may do."""
        return await key.fetch_permissions(self._connection)

    async def fetch_wallets(self, idle: Collection[str] = (), known: Collection[WalletReading] = ()) -> AccountReading:
        """Spot and futures. The exchange has no totals, so neither is ever left out."""
        found = {reading.wallet: reading for reading in known}
        read = await gather(*(self._read(name) for name in (spot.SPOT, futures.FUTURES) if name not in found))
        found |= {reading.wallet: reading for reading in read}
        wallets = tuple(found[name] for name in (spot.SPOT, futures.FUTURES))
        return AccountReading(wallets=wallets, has_totals=False)

    async def _read(self, name: str) -> WalletReading:
        is_spot = name == spot.SPOT
        fetching = (
            spot.fetch_spot(self._connection) if is_spot else futures.fetch_futures(self._connection, self._sizes)
        )
        asked = WalletReading(
            wallet=name,
            state=WalletState.FAILED,
            role=Role.REQUIRED if is_spot else Role.WALLET,
            has_own_right=not is_spot,
        )
        return await read_wallet(asked, fetching, f"Reading {name}", needs_key=is_spot)

    async def fetch_hubs(self) -> tuple[WalletReading, ...]:
        """Spot, where money arrives."""
        return (await self._read(spot.SPOT),)

    async def ask_for_positions(self) -> None:
        """Ask for the positions of futures, whatever is answered."""
        await ask_each([(futures.FUTURES, futures.fetch_positions(self._connection, self._sizes))])

    async def fetch_flows(self, since: Mapping[str, datetime], until: datetime) -> tuple[SourceReading, ...]:
        """The flow histories that `since` names, each from its moment to `until`."""
        fetches: dict[Source, Fetch] = {
            DEPOSITS: partial(deposits.fetch_deposits, self._connection),
            WITHDRAWALS: partial(deposits.fetch_withdrawals, self._connection),
            INTERNAL: partial(transfers.fetch_internal, self._connection, whose=self.fetch_uid),
            FAMILY: partial(transfers.fetch_family, self._connection),
        }
        return await read_histories(fetches.items(), since, until, self._connection.now)

    async def fetch_income(self, since: Mapping[str, datetime], until: datetime) -> tuple[SourceReading, ...]:
        """The income histories that `since` names, each from its moment to `until`."""
        fetches: dict[Source, Fetch] = {
            FUNDING: partial(income.fetch_funding, self._connection),
            ORDERS: partial(income.fetch_orders, self._connection),
            REBATES: partial(rebates.fetch_rebates, self._connection),
        }
        return await read_histories(fetches.items(), since, until, self._connection.now)

    async def fetch_fills(self, query: FillQuery) -> FillPage:
        """The next fills that `query` asks for; of converts the exchange has no history."""
        if query.pair:
            return await fills.fetch_fills(self._connection, query, query.pair)
        if query.market is FillMarket.DUST:
            since = max(query.since, self._connection.now() - QUARTER)
            return FillPage(fills=await fills.fetch_small(self._connection, since, query.until), is_last=True)
        return FillPage(fills=(), is_last=True)

    async def fetch_contract_fills(self, query: ContractQuery) -> tuple[ContractFill, ...]:
        """All fills of a contract in a time."""
        return await fills.fetch_contract_fills(self._connection, self._sizes, query)

    async def fetch_closed_positions(self, query: ContractQuery) -> tuple[ClosedPosition, ...]:
        """The positions of a contract that were closed in a time."""
        return await closed_positions.fetch_closed_positions(self._connection, query)

    async def fetch_open_orders(self, market: str, pair: Pair | None = None) -> tuple[OrderRecord, ...]:
        """Every order that waits, of contracts or of a pair."""
        if market == futures.FUTURES:
            return await contract_orders.fetch_open_orders(self._connection, self._sizes)
        return await orders.fetch_open_orders(self._connection, pair) if pair else ()

    async def fetch_orders(self, query: OrderQuery) -> OrderPage:
        """The orders of a contract, or those of a pair that were given in the past week."""
        if query.market == futures.FUTURES:
            return await contract_orders.fetch_orders(self._connection, self._sizes, query)
        return await orders.fetch_orders(self._connection, query)

    async def fetch_ended(self, order: OrderRecord) -> tuple[OrderRecord, ...]:
        """What has become of an order."""
        if order.market == futures.FUTURES:
            return await contract_orders.fetch_ended(self._connection, self._sizes, order)
        return await orders.fetch_ended(self._connection, order)


ADAPTER = Adapter(
    dialect=DIALECT,
    open_market=open_market,
    open_account=MexcAccount,
    open_sub_account=refuse_sub_account,
    totals={},
    inverse_sizes=futures.INVERSE_SIZES,
)
