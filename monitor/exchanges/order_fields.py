"""What adapters read of orders alike."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from finance.decimals import ZERO
from finance.orders import OrderState
from monitor.exchanges.contract import Pair
from monitor.exchanges.http.fields import Row, amount


def split_symbol(symbol: str, quotes: Iterable[str]) -> Pair:
    """The pair of a symbol by the one of `quotes` that it ends with; of neither coin anything is known where it ends with none."""
    quote = next((quote for quote in quotes if symbol.endswith(quote) and symbol != quote), "")
    return Pair(symbol=symbol, base=symbol.removesuffix(quote) if quote else "", quote=quote)


def positive(row: Row, name: str) -> Decimal | None:
    """The amount `name` of a row; None where the row has none, or 0."""
    return amount(row, name, default=ZERO) or None


def read_state(status: str, states: Mapping[str, OrderState]) -> OrderState:
    """What a status means. One that nobody knows waits: it is asked for until it has ended in a word that is known."""
    return states.get(status, OrderState.OPEN)
