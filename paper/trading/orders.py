"""Orders in spot and margin, their fills, and why one is not accepted."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import NamedTuple

from paper.trading.expiry import Expiry

ZERO = Decimal(0)
SMALLEST = Decimal("1e-8")  # of any amount


class OrderType(StrEnum):
    """What an order wants; the last four wait for a price that triggers them."""

    LIMIT = "limit"
    MARKET = "market"
    LIMIT_MAKER = "limit_maker"  # never takes
    STOP_LOSS = "stop_loss"
    STOP_LOSS_LIMIT = "stop_loss_limit"
    TAKE_PROFIT = "take_profit"
    TAKE_PROFIT_LIMIT = "take_profit_limit"

    @property
    def is_triggered(self) -> bool:
        """Whether it waits for a price that triggers it."""
        return self in TRIGGERED

    @property
    def has_limit(self) -> bool:
        """Whether it has a price of its own, which it never trades beyond."""
        return self not in AT_MARKET

    @property
    def is_stop(self) -> bool:
        """Whether a price that goes against its owner triggers it, and not one that is in his favour."""
        return self in (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT)


TRIGGERED = (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
AT_MARKET = (OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT)


class TimeInForce(StrEnum):
    """What becomes of what can't be traded at once."""

    GTC = "gtc"  # it waits
    IOC = "ioc"  # it expires
    FOK = "fok"  # nothing is traded unless all is


class SelfTrade(StrEnum):
    """What happens instead of a trade between two orders of one owner; the one that takes decides."""

    NONE = "none"  # they trade
    EXPIRE_TAKER = "expire_taker"
    EXPIRE_MAKER = "expire_maker"
    EXPIRE_BOTH = "expire_both"
    DECREMENT = "decrement"  # both lose what they would have traded


class Status(StrEnum):
    """How far an order has come."""

    PENDING = "pending"  # until another of its list is filled
    NEW = "new"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    EXPIRED_IN_MATCH = "expired_in_match"  # so that its owner doesn't trade with himself


OPEN = (Status.NEW, Status.PARTIALLY_FILLED, Status.PENDING)  # in a tuple they are found by identity


class Reason(Enum):
    """Why a command is refused, in words; exchanges have codes for each."""

    NO_SYMBOL = "there is no such symbol"
    NOT_TRADING = "the symbol does not trade now"
    PAUSED = "the account gives no orders now"
    NOT_ENOUGH = "the account has too little for this order"
    WOULD_TAKE = "it would trade at once, which an order that only makes may not"
    WOULD_TRIGGER = "it would be triggered at once"
    NO_ORDER = "there is no such order that waits"
    SAME_CLIENT_ID = "an order with this client id waits already"
    BAD_LIST = "the prices of a list's orders stand in the wrong order"
    BAD_QUANTITY = "only a smaller quantity than before, and more than is filled"
    PRICE_FILTER = "the price is outside its range, or off its tick"
    LOT_SIZE = "the quantity is outside its range, or off its step"
    MARKET_LOT_SIZE = "the quantity at the market's price is outside its range, or off its step"
    NOTIONAL = "it is worth too little or too much"
    PERCENT_PRICE = "the price is too far from the last ones"
    TRAILING_DELTA = "the trailing delta is outside its range"
    TOO_MANY_ORDERS = "too many orders wait"
    TOO_MANY_TRIGGERED = "too many orders wait for a trigger"
    TOO_MANY_LISTS = "too many lists of orders wait"
    TOO_MANY_AMENDS = "the order was amended too often"


class Rejected(ValueError):
    """A command that is not done; nothing has changed. `detail` says more than its reason."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or reason.value)
        self.reason = reason


@dataclass(slots=True, kw_only=True, eq=False)
class Order:
    """An order as it stands. Quantities are of the base, prices and costs in the quote."""

    id: int
    owner: str
    symbol: str
    type: OrderType
    is_buy: bool
    quantity: Decimal  # of one for an amount of the quote: what it has bought or sold
    price: Decimal = ZERO  # 0: at the market's
    amount: Decimal = ZERO  # of the quote, of one at the market's price that has no quantity
    trigger: Decimal = ZERO  # the price that the market has to reach before; 0: none
    trailing: int = 0  # basis points from the best price, by which the trigger follows it
    lasts: TimeInForce = TimeInForce.GTC
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    wallet: str = "spot"
    client_id: str = ""
    cancel_id: str = ""  # its client's id of the command that took it back
    list_id: int = 0
    strategy: tuple[int, int] = (0, 0)  # what its client calls the plan it is part of, and the plan's kind; 0: nothing
    at: datetime
    changed_at: datetime
    working_at: datetime | None = None  # since when it is in the book, or was matched
    status: Status = Status.NEW
    expiry: Expiry | None = None
    filled: Decimal = ZERO
    cost: Decimal = ZERO  # of what is filled
    prevented: Decimal = ZERO  # the quantity that it lost where it would have met its owner's other orders
    prevented_by: int = 0  # the last prevented match
    held: Decimal = ZERO  # of what it gives, locked for it
    is_covered: bool = False  # another order of its list has locked what both need
    ahead: Decimal = ZERO  # what the market shows before it at its price
    queued: int = 0  # its turn among those that have joined the book
    best: Decimal | None = None  # the best price since a trailing order began to follow
    amended: int = 0  # how often its quantity was made less

    @property
    def left(self) -> Decimal:
        """What may still be filled."""
        return self.quantity - self.filled - self.prevented

    @property
    def waits(self) -> bool:
        """Whether more of it may be filled."""
        return self.status in OPEN

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody ended it before it was filled."""
        return self.status is Status.CANCELED

    @property
    def is_at_market(self) -> bool:
        """Whether it trades at any price, once it may."""
        return self.type in AT_MARKET

    def accepts(self, price: Decimal) -> bool:
        """Whether it trades at a price."""
        return not self.price or (price <= self.price if self.is_buy else price >= self.price)


class Fill(NamedTuple):
    """One order's side of a trade, whose number both sides share."""

    id: int
    market: str  # the wallet it was settled in
    symbol: str
    is_buy: bool
    price: Decimal
    quantity: Decimal
    cost: Decimal
    commission: Decimal
    commission_asset: str
    at: datetime
    order: int
    is_maker: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PreventedMatch:
    """A trade between two orders of one owner that was not made, and what they lost by it."""

    id: int
    symbol: str
    price: Decimal
    taker: int
    maker: int
    mode: SelfTrade  # the taker's
    taker_quantity: Decimal  # 0: it lost nothing
    maker_quantity: Decimal
    at: datetime


class Kind(StrEnum):
    """What happened to an order."""

    NEW = "new"
    ACTIVATED = "activated"  # what it waited for in its list was filled
    TRIGGERED = "triggered"
    TRADE = "trade"
    CANCELED = "canceled"
    EXPIRED = "expired"
    PREVENTED = "prevented"  # a trade with its owner's own order
    REPLACED = "replaced"  # its quantity was made less


class Report(NamedTuple):
    """One thing that happened to an order, and how it stood then."""

    kind: Kind
    order: Order
    status: Status
    filled: Decimal
    cost: Decimal
    at: datetime
    fill: Fill | None = None
    prevented: PreventedMatch | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class OrderList:
    """Orders that end or begin each other: of `others` one ends the other, and `working`, if there is one, places them."""

    id: int
    owner: str
    symbol: str
    client_id: str
    at: datetime
    working: Order | None  # whose whole fill places the others
    others: list[Order] = field(default_factory=list)

    @property
    def orders(self) -> list[Order]:
        """All of them."""
        return [*([self.working] if self.working else []), *self.others]

    @property
    def is_done(self) -> bool:
        """Whether none of them waits."""
        return not any(one.waits for one in self.orders)
