"""What the monitor asks of an exchange, as values and one protocol.

An adapter answers with text turned into `Decimal` once, or says that it could not: a wallet that was not read is a
`WalletReading` with state FAILED, never an empty one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from monitor.errors import Refusal
from monitor.exchanges.contract_fills import ContractFill, ContractQuery
from monitor.exchanges.happenings import FillMarket, FillRecord
from monitor.exchanges.policy import Place, Role
from monitor.exchanges.sources import Source, SourceReading

ZERO = Decimal(0)
COUNTED = "total of "


class WalletState(StrEnum):
    """Whether a wallet's balances are known."""

    READ = "read"
    NOT_OPENED = "not_opened"  # the exchange says that this account has no such wallet, or the key may not see it
    REFUSED = "refused"  # it can't be read, and nothing says that anything is missing
    COUNTED = "counted"  # it can't be read, and counts at the exchange's own total
    SKIPPED = "skipped"  # not asked: empty when it last was, and worth nothing by the exchange's own totals since
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What the exchange says of one asset in one wallet, in units of the asset."""

    asset: str
    free: Decimal
    locked: Decimal = ZERO  # in orders, frozen, being withdrawn
    owed: Decimal = ZERO  # borrowed and interest
    unrealised: Decimal = ZERO  # profit of open positions that free or owed contains

    @property
    def quantity(self) -> Decimal:
        """Owned minus owed."""
        return self.free + self.locked - self.owed


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """An open derivative position."""

    symbol: str
    side: str  # both (one-way), long or short (hedge)
    quantity: Decimal  # signed, in the contract's unit
    entry_price: Decimal
    mark_price: Decimal
    margin_asset: str
    unrealised: Decimal  # in the margin asset


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletReading:
    """One wallet at one moment."""

    wallet: str  # spot, funding, earn_flexible, cross_margin, usd_m_futures: each adapter's own names
    state: WalletState
    balances: tuple[Balance, ...] = ()
    positions: tuple[Position, ...] = ()
    problem: str = ""  # what was tried, what came back, what the user can do
    refusal: Refusal | None = None  # the answer, if it was a no
    role: Role = Role.WALLET
    has_own_right: bool = False  # a key may work everywhere but there

    @property
    def place(self) -> Place:
        """What it is to the policy."""
        return Place(name=self.wallet, role=self.role, has_own_right=self.has_own_right)

    @property
    def is_refused(self) -> bool:
        """Whether it could not be read because the exchange said no."""
        return self.state in (WalletState.NOT_OPENED, WalletState.REFUSED)

    @property
    def is_empty(self) -> bool:
        """Whether it was read and holds nothing."""
        holds = self.positions or any(b.free or b.locked or b.owed for b in self.balances)
        return self.state is WalletState.READ and not holds


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletTotal:
    """What the exchange itself says a wallet is worth, in the valuation asset."""

    name: str  # the exchange's own
    wallets: tuple[str, ...]  # those of the adapter that it covers; none: the adapter can't read it
    value: Decimal
    shown_here: tuple[str, ...] = ()  # coins that lie in another wallet, whose worth the exchange may tell here instead

    @property
    def counted_name(self) -> str:
        """The name of the wallet that holds what counts by it, and not by what was read."""
        return COUNTED + self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReading:
    """Every wallet of an account at one moment, and the exchange's own totals beside them."""

    wallets: tuple[WalletReading, ...]
    totals: tuple[WalletTotal, ...] = ()  # none: the exchange tells none, or `problem` says why they are not known
    tells_totals: bool = True  # False: none are told of this account, and asking again will not change that
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyBalances:
    """What the exchange recorded of one wallet at the end of a day."""

    wallet: str
    at: datetime
    balances: tuple[Balance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubAccount:
    """A sub-account as its master sees it."""

    email: str
    uid: str | None  # the exchange's number of it, where it is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What an API key may do."""

    may_read: bool
    dangerous: tuple[str, ...]  # flags that let the key trade, move or withdraw, by the exchange's own names
    ip_restricted: bool
    expires_at: datetime | None = None  # when the permission to trade ends, where the exchange says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two assets that trade against each other."""

    symbol: str  # the exchange's own name of it
    base: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FillQuery:
    """Which fills are asked for: those of a pair by their ids, or those of a market without pairs by their times."""

    market: FillMarket
    pair: Pair | None = None  # None: converts and dust, which are read by time
    after_id: str = ""  # only what came after this fill; empty: from the first one on
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FillPage:
    """Fills in the order of their ids, and whether there are no more."""

    fills: tuple[FillRecord, ...]
    is_last: bool


class Account(Protocol):
    """One account on an exchange, through its own key or its master's.

    An adapter answers everything here with what the exchange really says, declares what it can't see in `unseen`, and
    raises ExchangeError rather than return a part.
    """

    unseen: tuple[str, ...]  # places for money that no endpoint tells of; shown on the page

    async def fetch_uid(self) -> str:
        """The exchange's own number of the account."""

    async def fetch_permissions(self) -> Permissions:
        """What the key may do."""

    async def fetch_server_time(self) -> datetime:
        """The exchange's clock, aware UTC."""

    async def fetch_wallets(self, idle: Collection[str] = (), failed: Collection[WalletReading] = ()) -> AccountReading:
        """Every wallet the adapter knows, each read, not opened, skipped or failed, and the exchange's own totals.

        One that just `failed` is not tried again.

        A wallet of `idle` (empty when it was last asked) is skipped only if the totals say that it is still worth
        nothing; without totals every wallet is read. Never raises for one wallet's failure except when going on would
        harm: a ban (`ExchangePaused`) or a key that the exchange rejects everywhere."""

    async def fetch_hubs(self) -> tuple[WalletReading, ...]:
        """The wallets through which everything moves that moves between wallets, for another look at them."""

    async def fetch_daily_balances(self, since: datetime, until: datetime) -> tuple[DailyBalances, ...]:
        """The exchange's own end-of-day records in [since, until], oldest first; none where it keeps none."""

    async def ask_for_positions(self) -> None:
        """Ask for the positions of every wallet that may have some, also where none is open: to see what is answered."""

    async def fetch_sub_accounts(self) -> tuple[SubAccount, ...]:
        """The sub-accounts that this account is the master of."""

    flow_sources: tuple[Source, ...]
    income_sources: tuple[Source, ...]

    async def fetch_flows(self, since: Mapping[str, datetime], until: datetime) -> tuple[SourceReading, ...]:
        """The flow sources that `since` names, each read from its moment to `until` or failed on its own: all pages,
        all windows, each id once; a part is never returned. Raises ExchangePaused on a ban."""

    async def fetch_income(self, since: Mapping[str, datetime], until: datetime) -> tuple[SourceReading, ...]:
        """The income sources that `since` names, in the same way."""

    async def fetch_fills(self, query: FillQuery) -> FillPage:
        """The next fills that `query` asks for; none of a symbol that does not exist. Raises ExchangeError."""

    async def fetch_contract_fills(self, query: ContractQuery) -> tuple[ContractFill, ...]:
        """All fills of a contract in a time, as far as the exchange still tells them. Raises ExchangeError."""

    async def close(self) -> None:
        """Close the connections."""
