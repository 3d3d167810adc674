"""Gate.io as `monitor.exchanges.adapters` loads it: an account through its own key, classic or unified.

A sub-account is an account of its own, with a key of its own: what a main account's key shows of it are balances alone.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from finance.closed_positions import ClosedPosition
from finance.observed import AccountReading, WalletReading
from finance.orders import OrderRecord
from finance.records import ContractFill, ContractQuery, FillMarket
from monitor.errors import KeyRejected
from monitor.exchanges.adapters import Adapter, OwnKeyAccount, ask_each, refuse_sub_account
from monitor.exchanges.capabilities import Capabilities, Capability
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
from monitor.exchanges.gate import (
    closed_positions,
    contract_orders,
    endpoints,
    fills,
    futures,
    histories,
    key,
    margin,
    orders,
    positions,
    spot,
    totals,
    unified,
    wallets,
)
from monitor.exchanges.gate.dialect import DIALECT
from monitor.exchanges.gate.market import GateMarket
from monitor.exchanges.http.connection import Connection

QUOTES = ("USDT", "USDC", "BTC", "ETH", "GT", "TRY")
# What a bot or a copied trader holds is in the exchange's totals, so that it is missed as soon as there is some.
UNSEEN = (
    "trading bots",
    "copy trading",
    "fixed-term Earn and auto-invest",
    "Alpha",
    "pre-market and startup",
    "gift cards",
)
SAMPLES = Samples(
    pair=Pair(symbol="BTCUSDT", base="BTC", quote="USDT"),
    contracts=("BTC_USDT", "BTCUSD_PERP"),
    contract_wallets=(futures.USDT_FUTURES,),
)
UNPROVEN = "not proven to be for reading only: give the key the right Account, read only"
UNNAMED = "not proven to be for reading only: the exchange's list of keys does not name this one"


ORDERS = Capability(
    but="those that ended before the past 87 days, and those of delivered contracts and options, are not read yet"
)
OPEN_ORDERS = Capability(but="those of contracts are looked at while a position is open or one is known to wait")
CLASSIC = Capabilities(orders=ORDERS, open_orders=OPEN_ORDERS)
UNIFIED = Capabilities(
    orders=ORDERS,
    open_orders=OPEN_ORDERS,
    ledger=Capability(but="in a unified account its balances don't prove that no row is missing"),
)


class GateAccount(OwnKeyAccount):
    """An account behind one key."""

    quotes: tuple[str, ...] = QUOTES
    samples = SAMPLES
    unseen: tuple[str, ...] = UNSEEN
    flow_sources: tuple[Source, ...] = histories.FLOWS
    income_sources: tuple[Source, ...] = histories.INCOME
    order_markets: tuple[OrderMarket, ...] = (
        OrderMarket(name=FillMarket.SPOT, wallets=(spot.SPOT, unified.UNIFIED, margin.ISOLATED)),
        *(OrderMarket(name=one, wallets=(one,), is_of_contracts=True) for one in contract_orders.MARKETS),
    )
    contract_wallets: tuple[str, ...] = (*positions.TRADES, unified.UNIFIED)
    has_closed_positions = True

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._uid = ""
        self._mode = ""  # asked for, and not yet read by
        self._pooled: frozenset[str] | None = None  # wallets that are parts of a unified account, at the last reading

    async def fetch_uid(self) -> str:
        """The exchange's number of the account."""
        doing = "Reading the account's number"
        self._uid = self._uid or await self._connection.call(endpoints.DETAIL, doing, key.read_uid)
        return self._uid

    async def fetch_system(self) -> str:
        """In which of its modes the account is: the next reading is of that mode."""
        self._mode = await wallets.fetch_mode(self._connection)
        return self._mode

    def capabilities_of(self, system: str) -> Capabilities:
        """What Gate.io shows of an account in the mode that it calls `system`."""
        return CLASSIC if system == unified.CLASSIC else UNIFIED

    async def fetch_permissions(self) -> Permissions:
        """What the key may do; where the exchange does not let it ask, that is not proven, and counts as dangerous."""
        doing, own = "Reading the key's rights", self._connection.key.value
        try:
            found = await self._connection.call(
                endpoints.KEYS, doing, lambda answer: (key.read_permissions(answer, own),)
            )
        except KeyRejected:
            await wallets.fetch_hubs(self._connection)  # raises it again where the key can read nothing
            return Permissions(may_read=True, dangerous=(UNPROVEN,), ip_restricted=False)
        return found[0] or Permissions(may_read=True, dangerous=(UNNAMED,), ip_restricted=False)

    async def fetch_wallets(self, idle: Collection[str] = (), known: Collection[WalletReading] = ()) -> AccountReading:
        """Every wallet, of the `idle` ones those that may hold something again, and the exchange's own totals."""
        asked, self._mode = self._mode, ""
        reading = await wallets.fetch_wallets(self._connection, idle, known, asked)
        self._pooled = frozenset(one.wallet for one in reading.wallets if one.problem == wallets.IN_POOL)
        return reading

    async def fetch_hubs(self) -> tuple[WalletReading, ...]:
        """Spot."""
        return await wallets.fetch_hubs(self._connection)

    async def ask_for_positions(self) -> None:
        """Ask for the positions of every wallet that may have some, whatever is answered. Raises ExchangePaused on a ban."""
        await ask_each((wallet, positions.fetch_positions(self._connection, wallet)) for wallet in positions.POSITIONS)

    async def fetch_flows(self, since: Mapping[str, datetime], until: datetime) -> tuple[SourceReading, ...]:
        """The flow histories that `since` names, each from its moment to `until`."""
        return await histories.fetch_histories(self._connection, self, histories.FLOWS, since, until)

    async def fetch_income(self, since: Mapping[str, datetime], until: datetime) -> tuple[SourceReading, ...]:
        """The income histories that `since` names, each from its moment to `until`."""
        return await histories.fetch_histories(self._connection, self, histories.INCOME, since, until)

    async def find_pooled(self) -> frozenset[str]:
        """The wallets that are parts of a unified account; none of a classic one."""
        if self._pooled is None:
            mode = await wallets.fetch_mode(self._connection)
            self._pooled = frozenset() if mode == unified.CLASSIC else frozenset(totals.IN_POOL) - {unified.UNIFIED}
        return self._pooled

    async def fetch_fills(self, query: FillQuery) -> FillPage:
        """The next fills that `query` asks for; those of margin are among the trades of spot."""
        found: fills.Fills = ()
        if query.market is FillMarket.CONVERT:
            found = await fills.fetch_converts(self._connection, query.since, query.until)
        elif query.market is FillMarket.DUST:
            found = await fills.fetch_dust(self._connection, query.since, query.until)
        elif query.market is FillMarket.SPOT and query.pair:
            found = await fills.fetch_pair(self._connection, query, query.pair)
        return FillPage(fills=found, is_last=True)

    async def fetch_contract_fills(self, query: ContractQuery) -> tuple[ContractFill, ...]:
        """All fills of a contract in a time."""
        return await positions.fetch_fills(self._connection, query)

    async def fetch_closed_positions(self, query: ContractQuery) -> tuple[ClosedPosition, ...]:
        """The positions of a contract that were closed in a time."""
        return await closed_positions.fetch_closed_positions(self._connection, query)

    async def fetch_open_orders(self, market: str, pair: Pair | None = None) -> tuple[OrderRecord, ...]:
        """Every order of a market that waits; those of margin are among those of spot."""
        if market in contract_orders.MARKETS:
            return await contract_orders.fetch_open_orders(self._connection, market)
        return await orders.fetch_open_orders(self._connection)

    async def fetch_orders(self, query: OrderQuery) -> OrderPage:
        """The orders of a pair or contract since shortly before the last reading."""
        if query.market in contract_orders.MARKETS:
            return await contract_orders.fetch_orders(self._connection, query)
        return await orders.fetch_orders(self._connection, query)

    async def fetch_ended(self, order: OrderRecord) -> tuple[OrderRecord, ...]:
        """What has become of an order, among those of its pair."""
        if order.market in contract_orders.MARKETS:
            return await contract_orders.fetch_ended(self._connection, order)
        return await orders.fetch_ended(self._connection, order)


ADAPTER = Adapter(
    dialect=DIALECT,
    open_market=GateMarket,
    open_account=GateAccount,
    open_sub_account=refuse_sub_account,
    totals=totals.CLASSIC,
    inverse_sizes=futures.INVERSE_SIZES,
)
