"""What the monitor asks of an exchange, as values and one protocol.

An adapter answers with text turned into `Decimal` once, or says that it could not: a wallet that was not read is a
`WalletReading` with state FAILED, never an empty one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from finance.closed_positions import ClosedPosition
from finance.observed import AccountReading, DailyBalances, Place, Refusal, Role, WalletReading
from finance.orders import OrderRecord
from finance.records import ContractFill, ContractQuery, FillMarket, FillRecord, FlowKind, FlowRecord, IncomeRecord
from monitor.exchanges.capabilities import Capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class SubAccount:
    """A sub-account as its master sees it."""

    email: str
    uid: str | None  # the exchange's number of it, where it says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What an API key may do."""

    may_read: bool
    dangerous: tuple[str, ...]  # flags that let the key trade, move or withdraw, by the exchange's own names
    ip_restricted: bool
    expires_at: datetime | None = None  # when the key, or its permission to trade, ends, where that is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two assets that trade against each other."""

    symbol: str  # as `finance.prices.name_pair` makes it
    base: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """What a check of an account asks about where a run would take what the account holds or trades."""

    pair: Pair
    contracts: tuple[str, ...]
    contract_wallets: tuple[str, ...]  # wallets that have fills of contracts


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMarket:
    """A market whose orders are read."""

    name: str  # spot, cross_margin, isolated_margin; of contracts the wallet that their positions are in
    wallets: tuple[str, ...]  # in which something is locked while an order waits; of contracts those of positions
    is_of_contracts: bool = False
    is_by_pair: bool = False  # what waits is said of one pair at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery:
    """Which orders of a pair or contract are asked for: those after an id; where an exchange knows no ids, those of a time."""

    market: str  # one of the account's
    pair: Pair  # of a contract without its coins
    after_id: str = ""  # empty: from the first one on
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """Orders in the order of their ids, and whether there are no more."""

    orders: tuple[OrderRecord, ...]
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One history. It is read from the cursor on, with an overlap: what appears in it late is found all the same."""

    name: str  # as people read it: "fiat orders"
    first: timedelta  # how far back the first reading goes
    overlap: timedelta  # how far before the cursor an hour's reading begins
    wide: timedelta  # how far before the cursor the first reading of a day begins
    kinds: tuple[FlowKind, ...] = ()  # of its flows: a pending one is looked at until it is settled
    role: Role = Role.FLOWS  # what it is to the hour
    has_own_right: bool = False  # a key may work everywhere but there
    is_timed: bool = True  # says when balances changed: one look, after the balances, is enough
    longest: timedelta | None = None  # dear: no more than this is read in a run
    available: timedelta | None = None  # how far back the exchange answers, if not for ever
    wallet: str = ""  # what it lists happens in this wallet: while that is empty, once a day is enough
    window: timedelta = timedelta(days=29)  # the longest that one answer may cover
    pace: timedelta = timedelta(0)  # how long a window takes by the exchange's limits
    is_daily: bool = False  # dear, and new a few times a day: read once a day, and while an hour lacks an explanation

    @property
    def place(self) -> Place:
        """What it is to the policy."""
        return Place(name=self.name, role=self.role, has_own_right=self.has_own_right)


class SourceState(StrEnum):
    """Whether a history is known."""

    READ = "read"
    BEHIND = "behind"  # only up to a moment: the next run reads on
    ABSENT = "absent"  # the exchange says that this account has no such history, or the key may not see it
    REFUSED = "refused"  # the exchange says no, which hides what the history would show
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReading:
    """A reading of one history: everything in the range asked for, or why not; never a part."""

    source: str
    state: SourceState
    flows: tuple[FlowRecord, ...] = ()
    fills: tuple[FillRecord, ...] = ()
    income: tuple[IncomeRecord, ...] = ()
    through: datetime | None = None  # where it stops, if it is behind; None: where it stood before
    refusal: Refusal | None = None  # the answer, if it was a no
    problem: str = ""  # what was tried, what came back, what the user can do


class Account(Protocol):
    """One account on an exchange, through its own key or its master's.

    An adapter answers everything here with what the exchange really says, declares what it can't see in `unseen`, and
    raises ExchangeError rather than return a part.
    """

    quotes: tuple[str, ...]  # what most pairs trade against, the usual first
    samples: Samples
    unseen: tuple[str, ...]  # places for money that no endpoint shows; shown on the page

    async def fetch_uid(self) -> str:
        """The exchange's own number of the account."""

    async def fetch_system(self) -> str:
        """How the exchange calls the kind of account that it is now, as classic or unified; empty where there is one."""

    def capabilities_of(self, system: str) -> Capabilities:
        """What the exchange shows of the account while it is of a `system`."""

    def note_switch(self, at: datetime | None) -> None:
        """Take note of when the account became of its system: the balances of ledgers prove nothing of the time before."""

    async def fetch_permissions(self) -> Permissions:
        """What the key may do."""

    async def fetch_server_time(self) -> datetime:
        """The exchange's clock, aware UTC."""

    async def fetch_wallets(self, idle: Collection[str] = (), known: Collection[WalletReading] = ()) -> AccountReading:
        """Every wallet the adapter knows, each read, not opened, skipped or failed, and the exchange's own totals.

        One that is `known`, because it was just read or just failed, is not asked for again, unless it lacks its positions.

        A wallet of `idle` (empty when it was last asked) is skipped only if the totals say that it is still worth
        nothing; without totals every wallet is read. Never raises for one wallet's failure except when going on would
        harm: a ban (`ExchangePaused`) or a key that the exchange rejects everywhere."""

    async def fetch_hubs(self) -> tuple[WalletReading, ...]:
        """The wallets through which everything moves that moves between wallets, to be read before and after the others."""

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
        """All fills of a contract in a time, as far as the exchange still has them. Raises ExchangeError."""

    has_closed_positions: bool  # whether the exchange has an account of its own of what was closed

    async def fetch_closed_positions(self, query: ContractQuery) -> tuple[ClosedPosition, ...]:
        """The positions of a contract that were closed in a time, as far as the exchange still shows them. Raises ExchangeError."""

    contract_wallets: tuple[
        str, ...
    ]  # whose income names the fills of contracts; none: those are read where needed only

    order_markets: tuple[OrderMarket, ...]  # none: orders are not read

    async def fetch_open_orders(self, market: str, pair: Pair | None = None) -> tuple[OrderRecord, ...]:
        """Every order of a market that waits, of one pair where the market is read by pairs. Raises ExchangeError."""

    async def fetch_orders(self, query: OrderQuery) -> OrderPage:
        """The next orders that `query` asks for; none of a symbol that does not exist. Raises ExchangeError."""

    async def fetch_ended(self, order: OrderRecord) -> tuple[OrderRecord, ...]:
        """What has become of an order that waits no longer, beside what else the same answer has; without it where the
        exchange knows it no more. Raises ExchangeError."""

    async def close(self) -> None:
        """Close the connections."""
