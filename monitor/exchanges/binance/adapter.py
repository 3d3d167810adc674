"""Binance as `monitor.exchanges.adapters` loads it: an account, through its own key or, a sub-account, with its master's.

Of a sub-account a master sees spot, cross margin and futures, deposits and transfers. Nobody but the sub-account itself
can see its funding wallet, Earn, isolated margin, options, trades and income.
"""

from asyncio import gather
from collections.abc import Awaitable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from finance.observed import AccountReading, Balance, DailyBalances, Role, WalletReading, WalletState
from finance.orders import OrderRecord
from finance.records import ContractFill, ContractQuery
from monitor.errors import ExchangeError, ExchangePaused, KeyRejected
from monitor.exchanges.adapters import Adapter, OwnKeyAccount
from monitor.exchanges.binance import deposits, fills, futures, key, margin, order_lists, spot, transfers, wallets
from monitor.exchanges.binance.dialect import DIALECT
from monitor.exchanges.binance.histories import FLOWS, INCOME, Fetch, fetch_histories, of_sub_account
from monitor.exchanges.binance.market import BinanceMarket
from monitor.exchanges.capabilities import NONE, PER_PAIR, Capabilities, Capability, Scope
from monitor.exchanges.contract import (
    FillPage,
    FillQuery,
    OrderMarket,
    OrderPage,
    OrderQuery,
    Pair,
    Permissions,
    Source,
    SourceReading,
    SubAccount,
)
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_list, an_object
from monitor.exchanges.reading import read_wallet

QUOTES = ("USDT", "USDC", "FDUSD", "BTC", "ETH", "BNB", "TRY", "EUR", "BRL", "TUSD", "DAI", "JPY")
# A bot's or a copied trader's money is in the exchange's totals, so that it is missed as soon as there is some.
UNSEEN = ("trading bots", "copy trading", "staking in redemption", "VIP loans", "card spending")
STATUS = Endpoint(family="sapi", path="sub-account/status", weight=10, bucket="sapi sub status")
ASSETS = Endpoint(family="sapiV4", path="sub-account/assets", weight=60, bucket="uid sub assets", per_account=True)
MARGIN = Endpoint(family="sapi", path="sub-account/margin/account", weight=10, bucket="sapi sub margin")
FUTURES = Endpoint(family="sapiV2", path="sub-account/futures/account", weight=1, bucket="sapi sub futures")
KINDS = {futures.USD_M: (1, "futureAccountResp"), futures.COIN_M: (2, "deliveryAccountResp")}
SWITCHES = {margin.CROSS: "isMarginEnabled", futures.USD_M: "isFutureEnabled", futures.COIN_M: "isFutureEnabled"}
SUB_UNSEEN = ("funding", "Earn", "isolated margin", "options", "trading bots", "trades and income")

CAPABILITIES = Capabilities(
    ledger=NONE,
    fills=PER_PAIR,
    orders=Capability(scope=Scope.PER_PAIR, but="those of contracts 90 days back, those of options are not read yet"),
    open_orders=Capability(
        but="those on margin pair by pair, those of contracts are looked at while a position is open or one is known to wait"
    ),
)


class _Account(OwnKeyAccount):
    """What an account and a sub-account do alike: the key is asked, whose of the two it is."""

    samples = key.SAMPLES
    capabilities = CAPABILITIES

    async def fetch_uid(self) -> str:
        """The exchange's number of the account whose key it is."""
        return await key.fetch_uid(self._connection)

    def capabilities_of(self, system: str) -> Capabilities:
        """What Binance shows of the account."""
        return self.capabilities

    async def fetch_permissions(self) -> Permissions:
        """What the key may do."""
        return await key.fetch_permissions(self._connection)


class BinanceAccount(_Account):
    """An account behind one key."""

    quotes: tuple[str, ...] = QUOTES
    unseen: tuple[str, ...] = UNSEEN
    flow_sources = tuple(FLOWS)
    income_sources = tuple(INCOME)
    contract_wallets: tuple[str, ...] = (futures.USD_M, futures.COIN_M, futures.PORTFOLIO)
    order_markets: tuple[OrderMarket, ...] = order_lists.MARKETS

    async def fetch_wallets(self, idle: Collection[str] = (), known: Collection[WalletReading] = ()) -> AccountReading:
        """Every wallet, of the `idle` ones those that may hold something again, and the exchange's own totals."""
        return await wallets.fetch_wallets(self._connection, idle, known)

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

    async def fetch_open_orders(self, market: str, pair: Pair | None = None) -> tuple[OrderRecord, ...]:
        """Every order of a market that waits, on margin of a pair."""
        return await order_lists.fetch_open_orders(self._connection, market, pair)

    async def fetch_orders(self, query: OrderQuery) -> OrderPage:
        """The next orders of a pair or of a contract."""
        return await order_lists.fetch_orders(self._connection, query)

    async def fetch_ended(self, order: OrderRecord) -> tuple[OrderRecord, ...]:
        """The orders of its pair from its id on, or of its contract and second."""
        return await order_lists.fetch_ended(self._connection, order)


class BinanceSubAccount(_Account):
    """A sub-account behind its master's key."""

    quotes: tuple[str, ...] = ()
    unseen: tuple[str, ...] = SUB_UNSEEN
    income_sources: tuple[Source, ...] = ()
    capabilities = replace(CAPABILITIES, orders=NONE, open_orders=NONE)

    def __init__(self, connection: Connection, email: str) -> None:
        super().__init__(connection)
        self._email = email
        self._flows: dict[Source, Fetch] = of_sub_account(
            partial(deposits.fetch_sub_deposits, email=email), partial(transfers.fetch_of_member, email=email)
        )
        self.flow_sources = tuple(self._flows)

    async def fetch_wallets(self, idle: Collection[str] = (), known: Collection[WalletReading] = ()) -> AccountReading:
        """What the master can see, all of it each time: there are no totals that could prove a wallet empty.

        Raises ExchangePaused on a ban, KeyRejected if the master's key is rejected.
        """
        in_spot, switches = await gather(self._read_spot(known), self._fetch_switches())
        others = await gather(*(self._read_switched(wallet, switches) for wallet in SWITCHES))
        return AccountReading(wallets=(in_spot, *others), has_totals=False)

    async def fetch_hubs(self) -> tuple[WalletReading, ...]:
        """Spot."""
        return (await self._read_spot(()),)

    async def ask_for_positions(self) -> None:
        """Nothing: what a master sees has no positions of their own."""

    async def fetch_flows(self, since: Mapping[str, datetime], until: datetime) -> tuple[SourceReading, ...]:
        """The flow histories that `since` names, each from its moment to `until`."""
        return await fetch_histories(self._connection, self._flows, since, until)

    async def fetch_income(self, since: Mapping[str, datetime], until: datetime) -> tuple[SourceReading, ...]:
        """None: a master can't see it."""
        return ()

    async def fetch_fills(self, query: FillQuery) -> FillPage:
        """None: a master can't see them."""
        return FillPage(fills=(), is_last=True)

    async def fetch_contract_fills(self, query: ContractQuery) -> tuple[ContractFill, ...]:
        """None: a master can't see them."""
        return ()

    async def _fetch_switches(self) -> Row | ExchangeError:
        """Which wallets the sub-account has, or why that is not known."""
        try:
            return await self._connection.call(
                STATUS, "Reading a sub-account's status", _read_status, email=self._email
            )
        except (ExchangePaused, KeyRejected):
            raise
        except ExchangeError as failure:
            return failure

    async def _read_switched(self, wallet: str, switches: Row | ExchangeError) -> WalletReading:
        if isinstance(switches, ExchangeError):
            return WalletReading(wallet=wallet, state=WalletState.FAILED, problem=str(switches))
        if not switches[SWITCHES[wallet]]:
            problem = f"the exchange says that this sub-account has none ({SWITCHES[wallet]})"
            return WalletReading(wallet=wallet, state=WalletState.NOT_OPENED, problem=problem)
        return await _read(wallet, self._fetch_margin() if wallet == margin.CROSS else self._fetch_futures(wallet))

    async def _read_spot(self, known: Collection[WalletReading]) -> WalletReading:
        return next(iter(known), None) or await _read(spot.SPOT, self._fetch_spot())

    async def _fetch_spot(self) -> tuple[Balance, ...]:
        return await self._connection.call(
            ASSETS, "Reading a sub-account's spot wallet", _read_assets, email=self._email
        )

    async def _fetch_margin(self) -> tuple[Balance, ...]:
        return await self._connection.call(MARGIN, "Reading a sub-account's margin", _read_margin, email=self._email)

    async def _fetch_futures(self, wallet: str) -> tuple[Balance, ...]:
        kind, name = KINDS[wallet]

        def read(answer: object) -> tuple[Balance, ...]:
            account = an_object(an_object(answer, name)[name], "assets")
            return futures.read_assets(a_list(account["assets"], "assets"))

        doing = f"Reading a sub-account's {wallet}"
        return await self._connection.call(FUTURES, doing, read, email=self._email, futuresType=kind)


def _read_assets(answer: object) -> tuple[Balance, ...]:
    return spot.read_assets(an_object(answer, "balances")["balances"])


def _read_margin(answer: object) -> tuple[Balance, ...]:
    rows = a_list(an_object(answer, "marginUserAssetVoList")["marginUserAssetVoList"], "marginUserAssetVoList")
    return margin.read_sides(rows)


def _read_status(answer: object) -> Row:
    rows = a_list(answer)
    if len(rows) != 1 or not all(isinstance(rows[0].get(switch), bool) for switch in SWITCHES.values()):
        raise Malformed("the answer does not say which wallets the sub-account has")
    return rows[0]


async def _read(wallet: str, fetching: Awaitable[tuple[Balance, ...]]) -> WalletReading:
    role = Role.REQUIRED if wallet == spot.SPOT else Role.WALLET
    asked = WalletReading(wallet=wallet, state=WalletState.FAILED, role=role)
    return await read_wallet(asked, fetching, f"Reading a sub-account's {wallet}", needs_key=True)


ADAPTER = Adapter(
    dialect=DIALECT,
    open_market=BinanceMarket,
    open_account=BinanceAccount,
    open_sub_account=BinanceSubAccount,
    totals=wallets.NAMES,
    inverse_sizes=futures.INVERSE_SIZES,
)
