"""What adapters read of orders alike."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from finance.decimals import ZERO
from finance.orders import OrderState
from finance.records import EITHER
from monitor.exchanges.contract import Pair
from monitor.exchanges.http.fields import Row, amount, optional_text


def split_symbol(symbol: str, quotes: Iterable[str]) -> Pair:
    """The pair of a symbol by the one of `quotes` that it ends with; of neither coin anything is known where it ends with none."""
    quote = next((quote for quote in quotes if symbol.endswith(quote) and symbol != quote), "")
    return Pair(symbol=symbol, base=symbol.removesuffix(quote) if quote else "", quote=quote)


def positive(row: Row, name: str) -> Decimal | None:
    """The amount `name` of a row; None where the row has none, or 0."""
    return amount(row, name, default=ZERO) or None


TRIGGER = "trigger-"  # before the number of an order that waits for a price: its numbers are not those of other orders
MARGIN_MODES = {"crossed": "cross", "cross": "cross", "isolated": "isolated"}


def read_margin_mode(row: Row, name: str) -> str:
    """Whether an order stakes all of the margin or only that of its position; empty where the row does not say."""
    return MARGIN_MODES.get(optional_text(row, name).lower(), "")


def read_position_side(row: Row, name: str) -> str:
    """The side of hedge mode that an order is of; both where there is one position."""
    side = optional_text(row, name).lower()
    return side if side in ("long", "short") else "both"


def closes(side: str, position_side: str) -> bool:
    """Whether an order that buys or sells can only make a position of hedge mode smaller."""
    return (side, position_side) in (("sell", "long"), ("buy", "short"))


def name_exit(profit: Decimal | None, loss: Decimal | None) -> tuple[str, Decimal | None]:
    """What ends a position at a price that takes its `profit` or stops its `loss`, and at which; of both there is none."""
    if profit and loss:
        return EITHER, None
    return "stop_loss" if loss else "take_profit", profit or loss


def read_state(status: str, states: Mapping[str, OrderState]) -> OrderState:
    """What a status means. One that nobody knows waits: it is asked for until it has ended in a word that is known."""
    return states.get(status, OrderState.OPEN)
