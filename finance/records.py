"""What happened to an account, as the exchange's histories show it: external flows, income and fills.

The three never overlap. A flow is the owner's decision to bring money in or take it out; income (and its negative,
cost) comes without a decision; a fill swaps one asset for another. Moves between an account's own wallets are none of
them.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)
SLACK = timedelta(minutes=1)  # by which the times of one exchange's histories may be ahead of its clock
IN_FUTURE = " (in the future)"


class FlowKind(StrEnum):
    """External flows, as the ledger names them."""

    OPENING = "opening"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    FIAT_DEPOSIT = "fiat_deposit"
    FIAT_WITHDRAWAL = "fiat_withdrawal"
    CARD_PURCHASE = "card_purchase"  # coins bought with bank money
    CARD_SALE = "card_sale"
    P2P_PURCHASE = "p2p_purchase"
    P2P_SALE = "p2p_sale"
    PAY_RECEIVED = "pay_received"  # Binance Pay and gifts
    PAY_SENT = "pay_sent"
    TRANSFER_IN = "transfer_in"  # from a sub-account, a master or a wallet outside the account
    TRANSFER_OUT = "transfer_out"
    MANUAL_IN = "manual_in"  # added by the owner
    MANUAL_OUT = "manual_out"

    @property
    def is_outgoing(self) -> bool:
        """Whether the account loses amount and fee."""
        return self in OUTGOING


OUTGOING = frozenset(
    {
        FlowKind.WITHDRAWAL,
        FlowKind.FIAT_WITHDRAWAL,
        FlowKind.CARD_SALE,
        FlowKind.P2P_SALE,
        FlowKind.PAY_SENT,
        FlowKind.TRANSFER_OUT,
        FlowKind.MANUAL_OUT,
    }
)


class FlowState(StrEnum):
    """Whether the account's balance has changed by the flow."""

    PENDING = "pending"
    COUNTED = "counted"
    VOID = "void"


class IncomeKind(StrEnum):
    """Gains and costs that are no flow; the sign of the amount says which it was."""

    EARN_INTEREST = "earn_interest"
    DIVIDEND = "dividend"  # airdrops, launchpool, distributions
    REBATE = "rebate"  # referral and commission rebates
    FUNDING_FEE = "funding_fee"
    REALISED_PROFIT = "realised_profit"  # of derivative positions
    FUTURES_COMMISSION = "futures_commission"
    LIQUIDATION_FEE = "liquidation_fee"
    MARGIN_INTEREST = "margin_interest"
    OTHER = "other"


class FillMarket(StrEnum):
    """Where a swap of assets took place."""

    SPOT = "spot"
    CROSS_MARGIN = "cross_margin"
    ISOLATED_MARGIN = "isolated_margin"
    PORTFOLIO_MARGIN = "portfolio_margin"  # asked for by itself; its fills are those of cross margin
    CONVERT = "convert"
    DUST = "dust"  # small balances to BNB
    REDENOMINATION = "redenomination"  # one coin exchanged for another by the exchange


class Liquidity(StrEnum):
    """Whether a fill met an order that waited, or was one."""

    MAKER = "maker"
    TAKER = "taker"


class OrderRole(StrEnum):
    """What an order was given for."""

    ENTRY = "entry"
    TAKE_PROFIT = "tp"
    STOP_LOSS = "sl"
    BY_HAND = "manual"  # to close, whatever it gains


EITHER = "take_profit_or_stop"  # the kind of one order that does the first of both


def read_role(kind: str, list_id: str) -> OrderRole | None:
    """The role that an order has by its kind, in small letters; None for one that may be for anything.

    Of two orders of which one ends the other the one with a trigger is the stop, and the one that waits takes the profit.
    """
    if kind == EITHER:
        return None
    if "take_profit" in kind or (list_id and kind in ("limit_maker", "limit")):
        return OrderRole.TAKE_PROFIT
    return OrderRole.STOP_LOSS if "stop" in kind else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """The two amounts of coins sold for bank money, of which it is not certain which is the coin's."""

    given: Decimal  # by the documentation the bank's
    obtained: Decimal  # by the documentation the coin's
    currency: str  # of the bank's money
    fee: Decimal  # in the currency
    is_paid_in: bool | None  # whether the money was paid into the account itself; None where no record says


class FeePlace(StrEnum):
    """Where the fee of a withdrawal is: part of the amount that the exchange lists, or beside it."""

    INSIDE = "inside"
    ON_TOP = "on_top"

    @property
    def other(self) -> "FeePlace":
        """Where it is if it is not here."""
        return FeePlace.ON_TOP if self is FeePlace.INSIDE else FeePlace.INSIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRecord:
    """One row of an exchange's flow history, as it stands now."""

    kind: FlowKind
    exchange_id: str
    state: FlowState
    exchange_status: str
    asset: str
    amount: Decimal  # never negative; without the fee
    fee: Decimal  # on top of an outgoing amount, in the same asset
    assumed_fee: FeePlace | None = None  # where the fee was assumed in what the exchange lists, if nothing shows it
    requested_at: datetime
    completed_at: datetime | None  # when the balance changed, where the exchange says so
    reference: str = ""  # what both ends of a transfer share: a transaction's hash or a transfer's number
    network: str = ""  # over which it went, as the exchange calls it
    address: str = ""  # where it went
    sale: Sale | None = None  # its amount is settled when it is booked
    raw: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeRecord:
    """One row of an income history."""

    kind: IncomeKind
    exchange_id: str
    wallet: str
    asset: str
    amount: Decimal  # signed: + is a gain
    occurred_at: datetime
    raw: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FillRecord:
    """One swap of a base asset against a quote asset, with its fee."""

    market: FillMarket
    symbol: str
    exchange_id: str
    base_asset: str
    base_quantity: Decimal  # signed: + bought
    quote_asset: str
    quote_quantity: Decimal  # signed: - paid
    occurred_at: datetime
    fee_asset: str = ""
    fee: Decimal = ZERO  # + is a cost, - a rebate
    order_id: str = ""
    liquidity: Liquidity | None = None  # None: the exchange does not say
    number: int = field(default=0, compare=False)  # of its row, once it is stored
    raw: dict[str, object] = field(default_factory=dict)

    @property
    def moves(self) -> tuple[tuple[str, Decimal], ...]:
        """The assets it moved and by how much, the fee as a move of its own."""
        fee = ((self.fee_asset, -self.fee),) if self.fee else ()
        return ((self.base_asset, self.base_quantity), (self.quote_asset, self.quote_quantity), *fee)


def wait_for(flow: FlowRecord, now: datetime) -> FlowRecord:
    """`flow` as it stands at `now`, the exchange's time: one that takes effect later is pending, whatever its status."""
    at = max(flow.requested_at, flow.completed_at or flow.requested_at)
    if at <= now + SLACK or flow.state is FlowState.VOID:
        return flow
    said = f"{flow.exchange_status}{IN_FUTURE}"
    return replace(flow, state=FlowState.PENDING, completed_at=None, exchange_status=said)


def has_happened(record: FillRecord | IncomeRecord, now: datetime) -> bool:
    """Whether `record` is no news from the future of the exchange's own clock; then it is read again when its time comes."""
    return record.occurred_at <= now + SLACK


class FillReason(StrEnum):
    """Why a contract was traded without its owner's order."""

    LIQUIDATION = "liquidation"
    ADL = "adl"  # closed against the owner's will, for somebody else's liquidation (auto-deleveraging)
    DELIVERY = "delivery"  # the contract ended


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFill:
    """One execution of a contract."""

    wallet: str
    symbol: str
    exchange_id: str
    side: str  # both (one-way), long or short (hedge)
    quantity: Decimal  # signed: + bought, in the contract's unit
    price: Decimal
    occurred_at: datetime
    settle: str = ""  # the asset that its profit is paid in; empty: the exchange does not say
    order_id: str = ""
    reason: FillReason | None = None  # None: an order, as far as the exchange says
    number: int = field(default=0, compare=False)  # of its row, once it is stored
    raw: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractQuery:
    """Which executions are asked for: those of a contract from `since` on, before `until`."""

    wallet: str  # the one that the position is in
    symbol: str
    since: datetime
    until: datetime
