"""An order out of a request's parameters: which each type needs, which it must not have, and how its numbers are written."""

import re
from decimal import Decimal

from paper.trading.orders import Order, OrderType, SelfTrade, TimeInForce
from paper.wire.binance.refusals import BAD_SYMBOL, COMBINATION, illegal, invalid, missing
from paper.wire.binance.request import Asked
from paper.wire.refusal import Refusal

NUMBER = re.compile(r"([0-9]{1,20})(\.[0-9]{1,20})?", re.ASCII)
WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
LEAST_STRATEGY = 1_000_000
CLIENT_ID = re.compile(r"[a-zA-Z0-9\-_]{1,36}", re.ASCII)
DECIMALS = 8
ZERO = Decimal(0)
SELF_TRADES = {one.name: one for one in SelfTrade} | {"TRANSFER": SelfTrade.DECREMENT}
NOT_HERE = ("icebergQty", "pegPriceType", "pegOffsetType", "pegOffsetValue")
LASTS = (OrderType.LIMIT, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT)  # types that have a time in force


def read_order(asked: Asked, side: str, quantity: Decimal | None, prefix: str = "", number: int = 0) -> Order:
    """The order whose parameters begin with `prefix` (of a list: above, below, working, pending ...). Raises Refusal."""
    words = _Words(asked, prefix)
    kind = _read_type(words.text("type"))
    for name in NOT_HERE:
        words.refuse(name)
    amount = words.number("quoteOrderQty") if kind is OrderType.MARKET else words.refuse("quoteOrderQty")
    if quantity is None and not amount:
        raise Refusal(-1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!")
    if quantity is not None and amount:
        raise COMBINATION
    trigger, trailing = _read_trigger(words, kind)
    return Order(
        id=number or next(asked.venue.numbers),
        owner=asked.account.name,
        symbol=read_symbol(asked),
        type=kind,
        is_buy=side == "BUY",
        quantity=quantity or ZERO,
        price=words.mandatory("price") if kind.has_limit else words.refuse("price"),
        amount=amount or ZERO,
        trigger=trigger,
        trailing=trailing,
        lasts=_read_lasting(words, kind),
        self_trade=_read_self_trade(asked),
        client_id=words.client_id(),
        strategy=_read_strategy(words),
        at=asked.now,
        changed_at=asked.now,
    )


class _Words:
    """The parameters of one order of a request."""

    def __init__(self, asked: Asked, prefix: str) -> None:
        self._asked, self._prefix = asked, prefix

    def name(self, name: str) -> str:
        """What a parameter is called of this order."""
        return f"{self._prefix}{name[0].upper()}{name[1:]}" if self._prefix else name

    def text(self, name: str) -> str:
        """A mandatory text."""
        return self._asked.text(self.name(name))

    def optional(self, name: str) -> str:
        """A text, or nothing."""
        return self._asked.parameters.get(self.name(name), "")

    def number(self, name: str) -> Decimal | None:
        """An amount; None where it was not sent."""
        return read_number(self._asked, self.name(name)) if self.name(name) in self._asked.parameters else None

    def mandatory(self, name: str) -> Decimal:
        """An amount that has to be sent, and be more than nothing."""
        found = self.number(name)
        if found is None:
            raise missing(self.name(name))
        return found

    def refuse(self, name: str) -> Decimal:
        """Nothing: raises Refusal where a parameter was sent that this type of order does not have."""
        if self.name(name) in self._asked.parameters:
            raise Refusal(-1106, f"Parameter '{self.name(name)}' sent when not required.")
        return ZERO

    def client_id(self) -> str:
        """The client's own id of the order, or one that is made for it."""
        name = self.name("clientOrderId") if self._prefix else "newClientOrderId"
        return read_client_id(self._asked, name)


def read_number(asked: Asked, name: str) -> Decimal:
    """An amount in plain figures, with eight decimals at most."""
    text = asked.text(name)
    if not (found := NUMBER.fullmatch(text)):
        raise Refusal(
            -1100,
            f"Illegal characters found in parameter '{name}'; legal range is '^([0-9]{{1,20}})(\\.[0-9]{{1,20}})?$'.",
        )
    if len((found[2] or ".").rstrip("0")) - 1 > DECIMALS:
        raise Refusal(-1111, f"Parameter '{name}' has too much precision.")
    if not (number := Decimal(text)):
        raise missing(name)
    return number


def read_client_id(asked: Asked, name: str) -> str:
    """A client's own id; one of the venue's where none was sent."""
    if name not in asked.parameters:
        return f"paper{next(asked.venue.numbers):018}"
    if not CLIENT_ID.fullmatch(text := asked.text(name)):
        raise Refusal(
            -1100, f"Illegal characters found in parameter '{name}'; legal range is '^[a-zA-Z0-9-_]{{1,36}}$'."
        )
    return text


def read_symbol(asked: Asked) -> str:
    """The pair's name."""
    if (name := asked.text("symbol")) not in asked.venue.market.symbols:
        raise BAD_SYMBOL
    return name


def read_side(asked: Asked, name: str = "side") -> str:
    """BUY or SELL."""
    if (side := asked.text(name)) not in ("BUY", "SELL"):
        raise Refusal(-1117, "Invalid side.")
    return side


def _read_type(text: str) -> OrderType:
    try:
        return OrderType[text]
    except KeyError:
        raise Refusal(-1116, "Invalid orderType.") from None


def _read_trigger(words: _Words, kind: OrderType) -> tuple[Decimal, int]:
    if not kind.is_triggered:
        words.refuse("stopPrice")
        words.refuse("trailingDelta")
        return ZERO, 0
    trigger, trailing = words.number("stopPrice"), words.optional("trailingDelta")
    if trigger is None and not trailing:
        names = f"'{words.name('stopPrice')}' or '{words.name('trailingDelta')}'"
        raise Refusal(-1102, f"Param {names} must be sent, but both were empty/null!")
    if trailing and not (trailing.isascii() and trailing.isdigit() and len(trailing) <= DECIMALS):
        raise Refusal(-1100, f"Illegal characters found in parameter '{words.name('trailingDelta')}'.")
    return trigger or ZERO, int(trailing or 0)


def _read_lasting(words: _Words, kind: OrderType) -> TimeInForce:
    text = words.optional("timeInForce")
    if kind not in LASTS:
        if text:
            raise Refusal(-1114, "TimeInForce parameter sent when not required.")
        return TimeInForce.GTC
    if not text:
        raise missing(words.name("timeInForce"))
    try:
        return TimeInForce[text]
    except KeyError:
        raise Refusal(-1115, "Invalid timeInForce.") from None


def _read_strategy(words: _Words) -> tuple[int, int]:
    found = []
    for name in ("strategyId", "strategyType"):
        if not WHOLE.fullmatch(text := words.optional(name) or "0"):
            raise illegal(words.name(name))
        found.append(int(text))
    if words.optional("strategyType") and found[1] < LEAST_STRATEGY:
        raise Refusal(-1134, "strategyType was less than 1000000.")
    return found[0], found[1]


def _read_self_trade(asked: Asked) -> SelfTrade:
    text = asked.parameters.get("selfTradePreventionMode", SelfTrade.EXPIRE_MAKER.name)
    if text not in SELF_TRADES:
        raise invalid("selfTradePreventionMode")
    return SELF_TRADES[text]
