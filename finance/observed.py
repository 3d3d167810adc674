"""What an exchange says of an account at one moment: wallets, balances, positions, totals."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from finance.decimals import ZERO, exact

COUNTED = "total of "


class RefusalReason(StrEnum):
    """What an exchange's own error means."""

    CLOCK = "clock"  # the request's time stamp is too far from the exchange's clock
    PAUSE = "pause"  # too many requests
    SIGNATURE = "signature"  # not that of the key: our own fault
    KEY = "key"  # unknown or expired, or lacks a permission
    NOT_OPENED = "not opened"  # this account has no such thing
    OTHER_SYSTEM = "other account system"  # the account is of another kind than the one that has this endpoint
    UNKNOWN_SYMBOL = "unknown symbol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What an exchange answered instead of data."""

    status: int  # of HTTP
    code: int | str | None = None  # the exchange's own; None: the body was no error of its own
    reason: RefusalReason | None = None  # what the code means; None: nothing special
    is_documented: bool = False  # the code is one that the exchange is known to use, and no number of somebody's
    is_page: bool = False  # a web page
    is_own: bool = False  # the exchange refuses with this status, where it is not one that all of them refuse with


class Role(StrEnum):
    """What a place is to the hour."""

    REQUIRED = "required"  # spot, funding, crypto deposits, crypto withdrawals: no hour without them
    WALLET = "wallet"
    FLOWS = "flows"  # a history of money in and out
    INCOME = "income"  # a history of gains and costs; what it reports late changes no NAV


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One wallet or one history."""

    name: str
    role: Role
    has_own_right: bool = False  # futures, options, portfolio margin: a key may work everywhere but there


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
    frozen: Decimal = ZERO  # part of what is locked, where the exchange sets it apart
    withdrawing: Decimal = ZERO  # the same
    owed: Decimal = ZERO  # borrowed and interest
    unrealised: Decimal = ZERO  # profit of open positions that free or owed contains
    may_be_mirror: bool = field(default=False, compare=False)  # of what another wallet counts: it grows by itself

    @property
    def quantity(self) -> Decimal:
        """Owned minus owed."""
        return self.free + self.locked - self.owed


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a position is held, as far as the exchange says it."""

    leverage: Decimal | None = None
    margin_mode: str | None = None  # cross or isolated
    liquidation_price: Decimal | None = None
    margin: Decimal | None = None  # that it began with, in the margin asset


NOT_SAID = Terms()


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
    terms: Terms = field(default=NOT_SAID, compare=False)  # no figure follows from them


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
    shown_here: tuple[
        str, ...
    ] = ()  # coins that lie in another wallet, whose worth the exchange may report here instead

    @property
    def counted_name(self) -> str:
        """The name of the wallet that holds what counts by it, and not by what was read."""
        return COUNTED + self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReading:
    """Every wallet of an account at one moment, and the exchange's own totals beside them."""

    wallets: tuple[WalletReading, ...]
    totals: tuple[WalletTotal, ...] = ()  # none: the exchange reports none, or `problem` says why they are not known
    has_totals: bool = True  # False: it gives none of this account, or not of each wallet; asking again changes nothing
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyBalances:
    """What the exchange recorded of one wallet at the end of a day."""

    wallet: str
    at: datetime
    balances: tuple[Balance, ...]


@exact
def add_up(balances: Iterable[Balance]) -> tuple[Balance, ...]:
    """`balances` added up: one for each asset, in the order in which they come."""
    totals: dict[str, Balance] = {}
    for balance in balances:
        so_far = totals.get(balance.asset, Balance(asset=balance.asset, free=ZERO))
        totals[balance.asset] = Balance(
            asset=balance.asset,
            free=so_far.free + balance.free,
            locked=so_far.locked + balance.locked,
            frozen=so_far.frozen + balance.frozen,
            withdrawing=so_far.withdrawing + balance.withdrawing,
            owed=so_far.owed + balance.owed,
        )
    return tuple(totals.values())
