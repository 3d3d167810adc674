"""What the venue remembers of an account beside its balances: its key, its flows, its positions."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from paper.trading.orders import Fill, Order, OrderList, PreventedMatch


@dataclass(slots=True, kw_only=True)
class Deposit:
    """A deposit as its history shows it, from `shown_at` on."""

    id: str
    asset: str
    amount: Decimal
    inserted_at: datetime
    shown_at: datetime
    status: str
    completed_at: datetime | None = None
    transaction: str = ""  # the hash that the other end shares
    shown_amount: Decimal | None = None  # the amount that its history shows, where that is another one

    def told(self) -> Decimal:
        """The amount that its history shows."""
        return self.amount if self.shown_amount is None else self.shown_amount


@dataclass(slots=True, kw_only=True)
class Withdrawal:
    """A withdrawal as its history shows it."""

    id: str
    asset: str
    amount: Decimal
    fee: Decimal
    applied_at: datetime
    status: str
    completed_at: datetime | None = None
    transaction: str = ""
    shown_amount: Decimal | None = None

    def told(self, *, with_fee: bool) -> Decimal:
        """The amount that its history shows: what arrives, or what leaves."""
        amount = self.amount if self.shown_amount is None else self.shown_amount
        return amount + self.fee if with_fee else amount


@dataclass(slots=True, kw_only=True)
class FuturesPosition:
    """A perpetual position, long (+) or short (-)."""

    symbol: str
    quantity: Decimal
    entry: Decimal  # the average price of what is open
    side: str = "BOTH"  # LONG or SHORT in hedge mode


@dataclass(slots=True, kw_only=True)
class ContractFill:
    """One execution of a perpetual."""

    id: int
    symbol: str
    side: str  # BOTH, LONG or SHORT
    quantity: Decimal  # signed: + bought
    price: Decimal
    profit: Decimal  # paid with it, in the margin asset
    commission: Decimal
    asset: str  # the margin asset
    at: datetime
    order: int = 0  # the order whose part it is; 0: it is a whole one
    closed: Decimal = Decimal(0)  # of its quantity, with its sign
    reason: str = ""  # why the exchange closed it: liquidation, adl, delivery; empty: an order


@dataclass(slots=True, kw_only=True)
class ContractOrder:
    """An order of a perpetual that is filled in parts."""

    id: int
    symbol: str
    left: Decimal  # that is not filled
    is_cancelled: bool = False

    @property
    def is_running(self) -> bool:
        """Whether more of it may be filled."""
        return self.left > 0 and not self.is_cancelled


@dataclass(slots=True, kw_only=True)
class WaitingContract:
    """An order of a perpetual that waits for its price, or for one that triggers it to be at the market's; or that waited."""

    id: int
    symbol: str
    side: str = "BOTH"  # of the position: LONG or SHORT in hedge mode
    is_buy: bool
    quantity: Decimal
    price: Decimal = Decimal(0)
    trigger: Decimal = Decimal(0)
    takes_profit: bool = False  # of one with a trigger; otherwise it stops a loss
    at: datetime
    changed_at: datetime
    state: str = "open"  # filled, triggered, cancelled
    became: int = 0  # the order of its fill


@dataclass(slots=True, kw_only=True)
class OptionPosition:
    """An open option, bought (+) or sold short (-); prices are for one."""

    symbol: str
    quantity: Decimal
    entry: Decimal
    mark: Decimal


@dataclass(slots=True, kw_only=True)
class Conversion:
    """A convert: all of `amount` for all of `got`."""

    id: int
    paid: str
    amount: Decimal
    bought: str
    got: Decimal
    at: datetime


@dataclass(slots=True, kw_only=True)
class Dust:
    """One asset of a dust conversion to BNB; `got` has the charge taken off."""

    id: int
    group: int
    asset: str
    amount: Decimal
    got: Decimal
    charge: Decimal
    at: datetime


@dataclass(slots=True, kw_only=True)
class HistoryRow:
    """One row of a history beside deposits and withdrawals: fiat, P2P, Pay, family transfers, income.

    Further fields of its endpoint stand in `extra`, by name.
    """

    history: str  # fiat order, p2p, pay, transfer, reward, dual, dividend, rebate, interest, bill, usd_m, coin_m
    id: str
    asset: str
    amount: Decimal
    at: datetime
    changed_at: datetime
    shown_at: datetime  # the history has it from then on
    status: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Account:
    """An account of the venue."""

    name: str
    exchange: str = "binance"
    system: str = "classic"  # or how its exchange calls what makes wallets one
    uid: int
    key: str
    secret: str = field(repr=False)
    passphrase: str = field(default="", repr=False)
    public_keys: dict[str, bytes] = field(default_factory=dict)  # Ed25519, of API keys that have no secret here
    permissions: dict[str, bool] = field(default_factory=dict)  # flags that a story set, beside those of a reading key
    revoked: bool = False
    is_paused: bool = False  # gives no new orders, and may take its own back
    has_futures: bool = True
    opened: set[str] = field(default_factory=set)  # of the wallets that an account opens when it first uses them
    master: str = ""  # whose sub-account it is
    created_at: datetime
    deposits: list[Deposit] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    positions: list[FuturesPosition] = field(default_factory=list)
    options: list[OptionPosition] = field(default_factory=list)
    tells_fee_inside: bool | None = None  # of withdrawals, in the amount or on top of it; None: as its exchange does
    is_hedged: bool = False  # a contract may be held long and short at once
    fills: list[Fill] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    prevented: list[PreventedMatch] = field(default_factory=list)
    lists: list[OrderList] = field(default_factory=list)
    contract_fills: list[ContractFill] = field(default_factory=list)
    contract_orders: list[ContractOrder] = field(default_factory=list)  # those that are filled in parts
    waiting_contracts: list[WaitingContract] = field(default_factory=list)
    days: deque[tuple[datetime, dict[str, tuple[Decimal, Decimal]]]] = field(
        default_factory=lambda: deque(maxlen=30)
    )  # free and locked in spot at the end of each day
    rows: list[HistoryRow] = field(default_factory=list)  # of the other histories
    pays_in: str = ""  # the coin of the exchange's own in which commissions are paid; empty: in what is received
    conversions: list[Conversion] = field(default_factory=list)
    dust: list[Dust] = field(default_factory=list)

    def list_orders(self, wallet: str = "spot") -> list[Order]:
        """All orders of a market, by their ids."""
        return sorted((one for one in self.orders if one.wallet == wallet), key=lambda one: one.id)

    @property
    def is_unified(self) -> bool:
        """Whether its wallets are one: portfolio margin, a unified account."""
        return self.system != "classic"
