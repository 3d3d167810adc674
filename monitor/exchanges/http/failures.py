"""What a bad answer means, judged by HTTP status and the exchange's own code, never by the client's exception class.

RETRY  time-outs, resets, 5xx, answers of the wrong shape: three tries
WAIT   429, 418, -1003: silence until a moment, for everybody
FIX    -1021: ask for the exchange's clock once
STOP   the key or a permission: no retry
"""

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from finance.observed import Refusal
from monitor.exchanges.http.gate import FAULTS
from monitor.exchanges.policy import KEY_CODES, SIGNATURE_CODE

SHORTEST_WAIT = timedelta(seconds=1)
BAN_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(days=3)
CLOCK_CODES = (-1021,)
PAUSE_CODES = (-1003, -1015)
UNKNOWN_SYMBOL_CODES = (-1121,)
LONGEST_MESSAGE = 160
MOST_DIGITS = 12  # of a number of seconds
LARGEST_CODE = 10**12
PLAIN = re.compile(r"[^A-Za-z0-9 .,:;'()/_+%-]")
LONG_TOKEN = re.compile(r"[A-Za-z0-9_/+-]{33,}")


class Class(StrEnum):
    """What to do about a failure."""

    RETRY = "retry"
    WAIT = "wait"
    FIX = "fix"
    STOP = "stop"
    REFUSED = "refused"  # anything else the exchange says no to: no retry, the key is fine


class CallFailed(Exception):
    """One try of one call failed."""

    def __init__(
        self, kind: Class, what: str, *, refusal: Refusal | None = None, until: datetime | None = None
    ) -> None:
        super().__init__(what)
        self.kind = kind
        self.refusal = refusal
        self.until = until

    @property
    def code(self) -> int | None:
        """The exchange's own code."""
        return self.refusal.code if self.refusal else None


def judge_answer(status: int, headers: dict[str, str], body: str, now: datetime) -> CallFailed | None:
    """The failure that an HTTP answer means, or None if it is to be read."""
    code, message = _read_error(body)
    said = f"HTTP {status}" + (f", code {code}: {message}" if code is not None else _describe(body, status))
    refusal = Refusal(status=status, code=code, is_page=_is_page(body))
    if status in (418, 429) or code in PAUSE_CODES:
        return CallFailed(Class.WAIT, said, refusal=refusal, until=now + read_wait(status, headers, body, now))
    if code in CLOCK_CODES:
        return CallFailed(Class.FIX, said, refusal=refusal)
    if code in KEY_CODES or code == SIGNATURE_CODE:
        return CallFailed(Class.STOP, said, refusal=refusal)
    if 300 <= status < 400:
        return CallFailed(Class.REFUSED, f"HTTP {status}: it redirects to another address, which was not followed")
    if status == 451:
        return CallFailed(Class.REFUSED, "HTTP 451: not served in this machine's region")
    if status >= 500 or status in (403, 408) or (refusal.is_page and status != 404):
        return CallFailed(Class.RETRY, said, refusal=refusal)
    if status != 200 or (code is not None and code < 0):
        return CallFailed(Class.REFUSED, said, refusal=refusal)
    return None


def _read_error(body: str) -> tuple[int | None, str]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return None, ""
    if not isinstance(read, dict) or not isinstance(read.get("code"), int) or isinstance(read["code"], bool):
        return None, ""
    if abs(read["code"]) > LARGEST_CODE:
        return None, ""
    return read["code"], clean(str(read.get("msg", "")))


def _describe(body: str, status: int) -> str:
    if status == 200:
        return ""
    return ", a web page instead of data" if _is_page(body) else ", without an explanation"


def _is_page(body: str) -> bool:
    return body.lstrip()[:1] == "<"


def clean(text: str) -> str:
    """`text` of a stranger, fit for a message of ours: plain characters, short, nothing that could be a key."""
    return LONG_TOKEN.sub("…", PLAIN.sub(" ", text[: 4 * LONGEST_MESSAGE]))[:LONGEST_MESSAGE].strip()


def read_wait(status: int, headers: dict[str, str], body: str, now: datetime) -> timedelta:
    """How long to keep silent: the longest of Retry-After (seconds or a date), "banned until", and a floor."""
    floor = BAN_WAIT if status == 418 else SHORTEST_WAIT
    after = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    banned = re.search(r"until (\d{13})", body)
    until = datetime.fromtimestamp(int(banned[1]) // 1000, UTC) - now if banned else timedelta()
    return min(max(floor, _read_after(after.strip(), now), until), LONGEST_WAIT)


def _read_after(text: str, now: datetime) -> timedelta:
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:MOST_DIGITS]), 10**9))
    try:
        moment = parsedate_to_datetime(text)
        return moment - now if moment.tzinfo else timedelta()
    except FAULTS:
        return timedelta()
