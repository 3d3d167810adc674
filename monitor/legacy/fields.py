"""What stands in the fields of old rows. What can't be so is said in words, with the column and what is in it."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from finance.decimals import stored
from monitor.legacy.tables import Row

LARGEST = Decimal("1e18")
FLOAT_BITS = 53
EXACT_FLOATS = 2**FLOAT_BITS  # every whole number up to here is a float; of those above only some
NUMBER = re.compile(r"[0-9]{1,40}")
NAME = re.compile(r"[A-Za-z0-9_-]{1,50}")
ROUNDED = re.compile(r"[0-9]+(\.[0-9]+)?[eE]\+?[0-9]+|[0-9]+\.0+")


class Unreadable(ValueError):
    """A field is not what it should be; the message names it."""


class OrderNumber(NamedTuple):
    """The exchange's number of an order, as it was kept."""

    text: str
    is_doubtful: bool = False  # it may have been a floating-point number on its way, which rounds long ones


def read_text(row: Row, column: str) -> str:
    """A field that must say something. Raises Unreadable."""
    if found := row.text(column):
        return found
    raise Unreadable(f"{column} is empty")


def read_amount(row: Row, column: str) -> Decimal | None:
    """An amount as it is written, to 18 decimals; None where there is none. Raises Unreadable."""
    text = row.text(column)
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise Unreadable(f"{column} '{text}' is no amount") from None
    if not amount.is_finite() or abs(amount) >= LARGEST or amount != stored(amount):
        raise Unreadable(f"{column} '{text}' is no amount that can be stored")
    return amount


def read_positive(row: Row, column: str) -> Decimal | None:
    """The same of what can't be zero or less: zero is nothing. Raises Unreadable."""
    amount = read_amount(row, column)
    if amount is not None and amount < 0:
        raise Unreadable(f"{column} '{row.text(column)}' is negative")
    return amount or None


def read_moment(row: Row, column: str) -> datetime | None:
    """A moment, in UTC where no zone is written; None where there is none. Raises Unreadable."""
    text = row.text(column)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"{column} '{text}' is no time") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_order_number(row: Row, column: str) -> OrderNumber | None:
    """An order's number or name; None where there is none. Raises Unreadable for one of which digits are lost."""
    text = row.text(column)
    if not text:
        return None
    if ROUNDED.fullmatch(text):
        figure = Decimal(text)
        if figure != int(figure) or figure > EXACT_FLOATS:
            raise Unreadable(f"{column} '{text}' was stored as a floating-point number: its last digits are lost")
        return OrderNumber(str(int(figure)))
    if NUMBER.fullmatch(text):
        number = int(text)
        # A long number that is a float by chance is rare: one of a hundred, and fewer the longer they are.
        return OrderNumber(
            text, is_doubtful=number > EXACT_FLOATS and not number % (1 << number.bit_length() - FLOAT_BITS)
        )
    if NAME.fullmatch(text):
        return OrderNumber(text)
    raise Unreadable(f"{column} '{text}' is no order's number")


def read_list(row: Row, column: str) -> Sequence[object]:
    """What a field has as a list of JSON, amounts as Decimal; nothing where it is empty or null. Raises Unreadable."""
    try:
        found = json.loads(row.text(column) or "null", parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        raise Unreadable(f"{column} is no JSON") from None
    if found is not None and not isinstance(found, list):
        raise Unreadable(f"{column} is no list")
    return found or ()


def read_price(value: object, column: str) -> Decimal:
    """A price out of JSON. Raises Unreadable."""
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        price = Decimal(0)
    if not price.is_finite() or not 0 < price < LARGEST:
        raise Unreadable(f"{column} has '{value}', which is no price")
    return stored(price).normalize()
