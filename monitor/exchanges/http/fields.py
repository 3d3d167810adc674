"""The fields of an answer: none is believed before its shape, its type and its number are what they must be.

A maintenance page, an empty body or a list where an object belongs is Malformed, which is retried like a server
error; it never becomes an empty wallet. Numbers are decimal text in plain ASCII, finite and bounded. A row that
appears twice is Malformed too: which of the two is true can't be known.
"""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from unicodedata import category

NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
LARGEST = Decimal("1e20")  # a thousand times what is issued of the coin with most units
MOST_DECIMALS = 40
# Nobody's names have control characters or halves of characters in them, and no database stores them.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
LONGEST_TEXT = 500
ASSET = re.compile(r"\S{1,40}")
INVISIBLE = ("Cf", "Cn", "Co", "Mn", "Me", "Zl", "Zp")  # format, unassigned, private, marks on other letters, line ends
FILLERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that are blank
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_MS, LAST_MS = 1_230_768_000_000, 4_102_444_800_000  # 2009 to 2100
Row = dict[str, Any]


class Malformed(ValueError):
    """An answer that is not what the endpoint answers."""


# What reading an answer may end in that is not what anybody thought of.
FAULTS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)


def describe_fault(fault: Exception) -> str:
    """What is wrong with an answer; of what nobody thought of only its kind, because it may quote the answer."""
    return str(fault) if isinstance(fault, Malformed) else f"an answer that can't be read ({type(fault).__name__})"


def read_json(body: str) -> object:
    """The decoded body, numbers as Decimal. NaN and Infinity are refused."""
    try:
        return json.loads(body, parse_float=Decimal, parse_int=int, parse_constant=_refuse)
    except (ValueError, RecursionError):
        what = "a web page" if body.lstrip()[:1] == "<" else "nothing" if not body.strip() else "broken JSON"
        raise Malformed(f"{what} instead of data") from None


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def a_list(value: object, what: str = "the answer") -> list[Row]:
    """`value` as a list of objects."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise Malformed(f"{what} is not a list of rows")
    return value


def an_object(value: object, *required: str) -> Row:
    """`value` as an object that has the `required` names."""
    if not isinstance(value, dict):
        raise Malformed("the answer is not an object")
    missing = [name for name in required if name not in value]
    if missing:
        raise Malformed(f"the answer lacks {', '.join(missing)}")
    return value


def amount(row: Row, name: str, *, default: Decimal | None = None, signed: bool = False) -> Decimal:
    """The number `name` of a row; `default` where the exchange may leave it out, or empty."""
    value = row.get(name)
    if value in (None, "") and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise Malformed(f"{name} is not a number")
    text = str(value)
    if not NUMBER.fullmatch(text):
        raise Malformed(f"{name} is not a number")
    number = Decimal(text)
    if abs(number) >= LARGEST or (number < 0 and not signed) or _decimals(number) > MOST_DECIMALS:
        raise Malformed(f"{name} is out of bounds")
    return number


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def text(row: Row, name: str) -> str:
    """The text `name` of a row; ids that come as numbers are text too."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise Malformed(f"{name} is missing")
    value = str(value)
    if len(value) > LONGEST_TEXT or UNPRINTABLE.search(value):
        raise Malformed(f"{name} is not a name")
    return value


def optional_text(row: Row, name: str) -> str:
    """The same, empty where the row has none."""
    return "" if row.get(name) in (None, "") else text(row, name)


def asset(row: Row, name: str = "asset") -> str:
    """The asset's name. Names are opaque; only blanks are refused.

    What nobody would see of a name (zero-width characters, marks that turn the direction of text) is written out, so that
    a coin can't be shown as another one: BTC with U+200B becomes BTC\\u200b, here and for good.
    """
    value = text(row, name)
    if not ASSET.fullmatch(value):
        raise Malformed(f"{name} is not the name of an asset")
    return "".join(f"\\u{ord(one):04x}" if _is_invisible(one) else one for one in value)


def _is_invisible(character: str) -> bool:
    return character in FILLERS or category(character) in INVISIBLE


def moment(row: Row, name: str) -> datetime | None:
    """The UTC time `name`: milliseconds, or the text "YYYY-MM-DD HH:MM:SS". None if the row has none, or 0."""
    value = row.get(name)
    if value in (None, "") or (type(value) is int and value == 0):  # false and -0.0 equal 0, and say nothing
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and FIRST_MS <= value <= LAST_MS:
        return datetime.fromtimestamp(value // 1000, UTC).replace(microsecond=value % 1000 * 1000)
    try:
        return datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise Malformed(f"{name} is not a time") from None


def seconds(row: Row, name: str) -> datetime:
    """The UTC time `name`, in unix seconds, as a number or as text, with a fraction or without, to the microsecond."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)) or not NUMBER.fullmatch(str(value)):
        raise Malformed(f"{name} is not a time")
    number = Decimal(str(value))
    if not FIRST_MS <= number * 1000 <= LAST_MS:
        raise Malformed(f"{name} is not a time")
    return EPOCH + timedelta(microseconds=int(number * 1_000_000))


def a_moment(row: Row, name: str) -> datetime:
    """The UTC time `name`, which every row must have."""
    at = moment(row, name)
    if at is None:
        raise Malformed(f"{name} is missing")
    return at


def select(row: Row, names: tuple[str, ...]) -> dict[str, object]:
    """What of a raw row is stored with its record: nothing long, nothing about other people."""
    return {name: UNPRINTABLE.sub("\ufffd", str(row[name])[:200]) for name in names if row.get(name) is not None}


def from_number(rows: list[Row], name: str, first: int) -> list[Row]:
    """The rows. Raises Malformed where the number `name` of one is before the `first` that was asked for: pages would never end."""
    if any(int(number) < first for row in rows if (number := text(row, name)).isdigit()):
        raise Malformed(f"a row of before {name} {first}, from which on they were asked for")
    return rows


def refuse_duplicates(names: Iterable[str], what: str) -> None:
    """Refuse a list in which a name appears twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Malformed(f"{what} {name} appears twice")
        seen.add(name)
