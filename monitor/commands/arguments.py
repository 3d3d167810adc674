"""What several commands are given, and what they read of their arguments in the same way."""

import argparse
import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from finance.decimals import stored
from monitor.settings import Settings
from sql.rows import Db

Opener = Callable[[Settings], AbstractContextManager[Db]]  # of the database, by a command that opens it itself
CONTROL = ("Cc", "Cs")  # of Unicode's categories: control characters, and what stands for bytes that are none
LARGEST_FIGURE = Decimal("1e18")
Clock = Callable[[], datetime]


def read_time(text: str) -> datetime:
    """A time in UTC, which it is if it does not say otherwise. Raises ArgumentTypeError for what is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no time. Give a UTC time like 2026-01-31 or 2026-01-31T08:00Z"
        ) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_words(text: str) -> str:
    """Words to be kept, of one line or several. Raises ArgumentTypeError for what no page or terminal can show."""
    if any(unicodedata.category(one) in CONTROL and one not in "\n\t" for one in text):
        raise argparse.ArgumentTypeError(f"{text!a} has control characters, or bytes that are no text")
    return text.strip()


def read_note(text: str) -> str:
    """The owner's reason for a word, which is stored with it. Raises ArgumentTypeError where there is none."""
    if not (words := read_words(text)):
        raise argparse.ArgumentTypeError("say in a few words why. It is shown with it for ever")
    return words


def read_price(text: str) -> Decimal:
    """A price, zero or more. Raises ArgumentTypeError for what is none."""
    price = _read_figure(text)
    if price is None or price < 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no price. Give it in plain figures, like 2150.5")
    return price


def read_quantity(text: str) -> Decimal:
    """A number of units, more than zero. Raises ArgumentTypeError for what is none."""
    quantity = _read_figure(text)
    if not quantity or quantity < 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no quantity. Give it in plain figures, like 0.5")
    return quantity


def _read_figure(text: str) -> Decimal | None:
    try:
        figure = Decimal(text)
    except InvalidOperation:
        return None
    is_storable = figure.is_finite() and abs(figure) < LARGEST_FIGURE and figure == stored(figure)
    return figure if is_storable else None
