"""What orders are given, changed and asked for with: their fields, and what the exchange calls them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from paper.api.amounts import SCHEMA, read_amount
from paper.api.bodies import Field
from paper.api.operations import Asked
from paper.api.pages import LIMIT
from paper.trading.orders import OrderType, Status
from paper.users.refusals import Absent
from paper.wire.binance.order_words import CLIENT_ID

NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
QUOTE = "USDT"  # of a pair of which a coin alone is said
SYMBOL = re.compile(r"[A-Z0-9]{1,20}", re.ASCII)
SHORT, FULL = ("type",), ("side", "orderType")
STATUSES: Mapping[str, tuple[Status, ...]] = {
    "pending": (Status.PENDING, Status.NEW),
    "partially_filled": (Status.PARTIALLY_FILLED,),
    "filled": (Status.FILLED,),
    "cancelled": (Status.CANCELED,),
    "expired": (Status.EXPIRED, Status.EXPIRED_IN_MATCH),
}
NAMES = {status: name for name, statuses in STATUSES.items() for status in statuses}
CALLED = {
    "side": "side",
    "orderType": "type",
    "quantity": "quantity",
    "quoteQuantity": "quoteOrderQty",
    "price": "price",
    "stopPrice": "stopPrice",
    "trailingDelta": "trailingDelta",
    "timeInForce": "timeInForce",
    "clientOrderId": "newClientOrderId",
}  # by the exchange


def read_symbol(value: Any) -> str:
    """The name of a pair, or of a coin. Raises ValueError."""
    if not isinstance(value, str) or not SYMBOL.fullmatch(value):
        raise ValueError("is no symbol like BTC or BTCUSDT")
    return value


def _read_client_id(value: Any) -> str:
    if not isinstance(value, str) or not CLIENT_ID.fullmatch(value):
        raise ValueError("has to have 1 to 36 letters, figures, - or _")
    return value


def one_of(*names: str, is_needed: bool = False) -> Field:
    """A field that has one of these values."""

    def read(value: Any) -> str:
        if value not in names:
            raise ValueError(f"is none of {', '.join(names)}")
        return str(value)

    return Field(read=read, is_needed=is_needed, schema={"type": "string", "enum": list(names)})


def _read_delta(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100_000:
        raise ValueError("is no whole number of basis points")
    return value


def read_time(value: Any) -> datetime:
    """A time with its zone. Raises ValueError."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("is no time like 2026-01-31T12:00:00Z") from None
    if found.tzinfo is None:
        raise ValueError("is a time without its zone, like Z or +01:00")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError("is before or after all times") from None


AMOUNT = Field(read=read_amount, is_needed=False, schema=SCHEMA)
TIME = Field(read=read_time, is_needed=False, schema={"type": "string", "format": "date-time"})
SYMBOL_FIELD = {"type": "string", "pattern": "^[A-Z0-9]{1,20}$"}
BODY = {
    "symbol": Field(read=read_symbol, schema=SYMBOL_FIELD),
    "type": one_of("buy", "sell"),
    "side": one_of("BUY", "SELL"),
    "orderType": one_of(*(one.name for one in OrderType)),
    "quantity": AMOUNT,
    "quoteQuantity": AMOUNT,
    "price": AMOUNT,
    "stopPrice": AMOUNT,
    "trailingDelta": Field(read=_read_delta, is_needed=False, schema={"type": "integer", "minimum": 1}),
    "timeInForce": one_of("GTC", "IOC", "FOK"),
    "clientOrderId": Field(read=_read_client_id, is_needed=False),
    "market": one_of("spot"),
}
CHANGES = {"quantity": AMOUNT, "price": AMOUNT, "stopPrice": AMOUNT}
RANGE = {
    "symbol": Field(read=read_symbol, is_needed=False, schema=SYMBOL_FIELD),
    "since": TIME,
    "until": TIME,
}
QUERY = LIMIT | RANGE | {"status": one_of(*STATUSES)}


def find_pair(asked: Asked, name: str) -> str:
    """A pair, by its name or that of its coin."""
    symbols = asked.membership.venue.market.symbols
    return name if name in symbols or f"{name}{QUOTE}" not in symbols else f"{name}{QUOTE}"


def read_number(text: str) -> int:
    """The number of an order or a trade in a path. Raises Absent for what is none."""
    if not NUMBER.fullmatch(text) or not int(text):
        raise Absent
    return int(text)
