"""Sessions: a cookie that says until when, signed with a key made of the password's hash, and stored nowhere.

Another password, or the same one hashed anew, ends them all. One that was signed out is remembered while the program runs.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta

COOKIE = "portfolio_dashboard"  # cookies know no ports: paper/ has to use another name
LIFETIME = timedelta(days=7)
FORM = re.compile(r"([0-9]{1,12})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})")
MOST_ENDED = 1_000


class Sessions:
    """The sessions of one password."""

    def __init__(self, password_hash: str) -> None:
        self._key = hmac.digest(password_hash.encode(), b"portfolio_dashboard session", hashlib.sha256)
        self._ended: OrderedDict[str, None] = OrderedDict()

    def issue(self, now: datetime) -> str:
        """A new session, as a cookie's value."""
        signed = f"{int((now + LIFETIME).timestamp())}.{secrets.token_urlsafe(16)}"
        return f"{signed}.{self._sign(signed)}"

    def holds(self, values: Iterable[str], now: datetime) -> bool:
        """Whether one of a reader's cookies is a session of ours that has not ended."""
        return any(self._is_open(value, now) for value in values)

    def end(self, values: Iterable[str], now: datetime) -> None:
        """Sign out: copies of these cookies open nothing any more."""
        for value in values:
            if self._is_open(value, now):
                self._ended[value] = None
        while len(self._ended) > MOST_ENDED:
            self._ended.popitem(last=False)

    def _is_open(self, value: str, now: datetime) -> bool:
        found = FORM.fullmatch(value)
        if not found or not hmac.compare_digest(self._sign(f"{found[1]}.{found[2]}"), found[3]):
            return False
        return now.timestamp() < int(found[1]) and value not in self._ended

    def _sign(self, text: str) -> str:
        signature = hmac.digest(self._key, text.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(signature).decode().rstrip("=")


def read_cookies(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """The values of our cookie in a request's headers: another port of the same host may have planted more of them."""
    lines = [value.decode("latin-1") for name, value in headers if name == b"cookie"]
    pairs = [pair.strip().partition("=") for line in lines for pair in line.split(";")]
    return [value for name, _, value in pairs if name == COOKIE]


def write_cookie(value: str, *, is_secure: bool) -> str:
    """The Set-Cookie header of a session; of none for an empty value."""
    seconds = int(LIFETIME.total_seconds()) if value else 0
    return f"{COOKIE}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if is_secure else ''}"
