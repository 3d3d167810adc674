"""Cursors of lists of trading: where a list goes on that is in any of its orders."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboard.errors import BadChoice
from dashboard.history.searched_tables import Place as ListedPlace
from dashboard.history.trade_rows import TradeRow
from dashboard.history.trades import SORTS, Place
from dashboard.history.trip_orders import SORTS as TRIP_SORTS
from dashboard.history.trip_orders import TripPlace
from finance.decimals import plain

MISTAKEN = "The cursor is the next_cursor of an answer to the same question."
AMOUNT = re.compile(r"-?[0-9]{1,60}(\.[0-9]{1,60})?")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}(\.[0-9]{1,6})?[+-][0-9]{2}(:[0-9]{2})?")
LARGEST = 2**63 - 1
READERS: Mapping[str, Callable[[str], Any]] = {"numeric": Decimal, "timestamptz": datetime.fromisoformat, "text": str}


def write_place(sort: str, row: TradeRow) -> str:
    """Where a list in the order `sort` goes on after `row`."""
    text = json.dumps([sort, row.place, row.account_id, row.id], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_place(sort: str, cursor: str) -> Place:
    """The place that a cursor of a list in that order stands for. Raises BadChoice."""
    try:
        order, value, account, number = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        is_good = order == sort and _is_of(SORTS[sort.removeprefix("-")][1], value)
        is_good = is_good and type(account) is int and abs(account) <= LARGEST and number.isprintable()
    except (ValueError, TypeError, AttributeError, RecursionError):
        is_good = False
    if not is_good:
        raise BadChoice(MISTAKEN)
    return Place(value, account, number)


def write_listed_place(sort: str, value: str | None, number: int | str) -> str:
    """Where a searched list in the order `sort` goes on after the row of a number that has a value there."""
    text = json.dumps([sort, value, number], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_listed_place(sort: str, kind: str, cursor: str, *, is_numbered: bool) -> ListedPlace:
    """The place that such a cursor stands for; `kind` is what the database compares. Raises BadChoice."""
    try:
        order, value, number = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        is_good = order == sort and (value is None or _is_of(kind, value))
        is_good = is_good and (type(number) is int and abs(number) <= LARGEST if is_numbered else number.isprintable())
    except (ValueError, TypeError, AttributeError, RecursionError):
        is_good = False
    if not is_good:
        raise BadChoice(MISTAKEN)
    return ListedPlace(value, number)


def write_trip_place(sort: str, place: TripPlace) -> str:
    """Where a list of round trips in the order `sort` goes on after the one at `place`."""
    value, (left_at, *others) = place
    written = plain(value) if isinstance(value, Decimal) else None if value is None else str(value)
    text = json.dumps([sort, written, left_at.isoformat(), *others], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_trip_place(sort: str, cursor: str) -> TripPlace:
    """The place that a cursor of a list in that order stands for. Raises BadChoice."""
    kind = TRIP_SORTS[sort.removeprefix("-")][1]
    try:
        order, value, left_at, account, trade, number = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(left_at)
        is_good = order == sort and (value is None or _is_of(kind, value))
        is_good = (
            is_good and moment.tzinfo is not None and type(account) is type(number) is int and isinstance(trade, str)
        )
    except (ValueError, TypeError, RecursionError):
        is_good = False
    if not is_good:
        raise BadChoice(MISTAKEN)
    return TripPlace(None if value is None else READERS[kind](value), (moment, account, trade, number))


def _is_of(kind: str, value: str) -> bool:
    """Whether the database reads a text as that kind. Raises ValueError for a day that no calendar has."""
    if kind == "numeric":
        return bool(AMOUNT.fullmatch(value))
    if kind == "timestamptz":
        return bool(MOMENT.fullmatch(value) and datetime.fromisoformat(value))
    return value.isprintable()
