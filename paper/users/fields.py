"""What people may type: each reader returns the value as it is kept, or raises ValueError with what is wrong in words."""

import re
import unicodedata
from datetime import date
from ipaddress import ip_network
from typing import Any
from uuid import UUID

LONGEST_EMAIL, LONGEST_LOCAL_PART = 254, 64  # RFC 5321: letters of an address, and before its @
LONGEST_NAME = 100
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 1_024  # bytes of UTF-8
MOST_ADDRESSES = 30
EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\".]+(\.[^\s@<>()\[\],;:\\\".]+)*")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
FIRST_YEAR = 1900
INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # control characters, halves of characters, directions


def read_text(value: Any, longest: int = LONGEST_NAME) -> str:
    """A line of visible text, without spaces around it."""
    if not isinstance(value, str):
        raise ValueError("is no text")
    text = value.strip()
    if not text or len(text) > longest:
        raise ValueError(f"has to have 1 to {longest} characters")
    if any(unicodedata.category(character) in INVISIBLE for character in text):
        raise ValueError("has characters that can't be shown")
    return text


def read_email(value: Any) -> str:
    """An e-mail address as it was written, in Unicode's form NFKC."""
    text = unicodedata.normalize("NFKC", read_text(value, LONGEST_EMAIL))
    if len(text) > LONGEST_EMAIL or len(text.partition("@")[0]) > LONGEST_LOCAL_PART or not EMAIL.fullmatch(text):
        raise ValueError("is no e-mail address like name@example.com")
    return text


def fold_email(email: str) -> str:
    """What is the same for all spellings of an address: they are one user's."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", email).casefold())


def read_password(value: Any) -> str:
    """A password that may be set, in Unicode's form NFC: keyboards and browsers write an accent in two ways."""
    text = read_tried_password(value)
    length = len(text.encode())
    if not SHORTEST_PASSWORD <= length <= LONGEST_PASSWORD:
        raise ValueError(
            f"has {length:,} bytes; {SHORTEST_PASSWORD} to {LONGEST_PASSWORD:,} are taken. Several words are easy to remember"
        )
    return text


def read_tried_password(value: Any) -> str:
    """A password that is tried: any text, in the same form."""
    if not isinstance(value, str):
        raise ValueError("is no text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("has characters that can't be sent") from None
    return unicodedata.normalize("NFC", value)


def read_day(value: Any) -> date | None:
    """A day like 1990-01-31, or none."""
    if value is None:
        return None
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError("is no day like 1990-01-31")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError("is no day of the calendar") from None
    if day.year < FIRST_YEAR:
        raise ValueError(f"is before {FIRST_YEAR}")
    return day


def read_token(value: Any) -> str:
    """A token that is shown: any text of a token's length."""
    if not isinstance(value, str) or not 0 < len(value) <= 4_096 or not value.isascii():
        raise ValueError("is no token")
    return value


def read_addresses(value: Any) -> tuple[str, ...]:
    """Addresses or networks from which a key may be used, as Python writes networks."""
    if not isinstance(value, list) or len(value) > MOST_ADDRESSES:
        raise ValueError(f"is no list of at most {MOST_ADDRESSES} addresses")
    return tuple(dict.fromkeys(_read_network(one) for one in value))


def _read_network(value: Any) -> str:
    if not isinstance(value, str) or "%" in value:
        raise ValueError("has what is no address like 203.0.113.7 or 2001:db8::/32")
    try:
        return str(ip_network(value))
    except ValueError:
        raise ValueError("has what is no address like 203.0.113.7 or 2001:db8::/32") from None


def read_permissions(value: Any) -> bool:
    """Whether a key may trade beside reading."""
    if value not in (["read"], ["read", "trade"]):
        raise ValueError('is neither ["read"] nor ["read", "trade"]')
    return len(value) > 1


def read_uuid(value: Any) -> UUID:
    """An id."""
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise ValueError("is no id") from None
