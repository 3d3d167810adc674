"""What a bad answer means, judged by HTTP status and the exchange's own code, never by the client's exception class.

RETRY  time-outs, resets, 5xx, answers of the wrong shape: three tries
WAIT   429, 418, or the exchange's own word for it: silence until a moment, for everybody
FIX    our time stamp is refused: ask for the exchange's clock once
STOP   the key or a permission: no retry

Words and codes are the dialect's.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import NoReturn

from finance.observed import Refusal, RefusalReason
from monitor.errors import (
    ClockSkewed,
    ExchangeError,
    ExchangePaused,
    ExchangeUnavailable,
    KeyRejected,
    OtherAccountSystem,
    UnknownSymbol,
    WalletNotOpened,
)
from monitor.exchanges.http.capture import Response
from monitor.exchanges.http.dialect import Dialect, ErrorAnswer
from monitor.exchanges.http.fields import FAULTS, describe_fault

MISMATCHED = (
    "The secret does not belong to the key: copy both again, or make a new key under {page}. If other calls are "
    "accepted with it, this program signs this one wrongly: report it."
)
REJECTED = (
    "The key is unknown or expired, lacks the permission, or this machine's address is not on its list. Check it at the "
    "exchange under {page}."
)
LOG = logging.getLogger(__name__)
SHORTEST_WAIT = timedelta(seconds=1)
BAN_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(days=3)
LONGEST_MESSAGE = 160
MOST_DIGITS = 12  # of a number of seconds
PLAIN = re.compile(r"[^A-Za-z0-9 .,:;'()/_+%-]")
LONG_TOKEN = re.compile(r"[A-Za-z0-9_/+-]{32,}")  # the shortest of the exchanges' keys


class Reaction(StrEnum):
    """What to do about a failure."""

    RETRY = "retry"
    WAIT = "wait"
    FIX = "fix"
    STOP = "stop"
    REFUSED = "refused"  # anything else the exchange says no to: no retry, the key is fine


class CallFailed(Exception):
    """One try of one call failed."""

    def __init__(
        self, kind: Reaction, what: str, *, refusal: Refusal | None = None, until: datetime | None = None
    ) -> None:
        super().__init__(what)
        self.kind = kind
        self.refusal = refusal
        self.until = until

    @property
    def reason(self) -> RefusalReason | None:
        """What the exchange's own code means."""
        return self.refusal.reason if self.refusal else None


def judge_answer(response: Response, dialect: Dialect, now: datetime) -> CallFailed | None:
    """The failure that an HTTP response means at `now`, the exchange's time; None if it is to be read."""
    status, body = response.status, response.body
    error = _read_error(dialect, body)
    said = f"HTTP {status}" + (
        f", code {clean(str(error.code))}: {clean(error.message)}" if error else _describe(body, status)
    )
    refusal = _make_refusal(status, error, body, dialect)
    if status in (418, 429) or refusal.reason is RefusalReason.PAUSE:
        until = now + read_wait(response, dialect, now)
        return CallFailed(Reaction.WAIT, said, refusal=refusal, until=until)
    if refusal.reason is RefusalReason.CLOCK:
        return CallFailed(Reaction.FIX, said, refusal=refusal)
    if refusal.reason in (RefusalReason.KEY, RefusalReason.SIGNATURE):
        return CallFailed(Reaction.STOP, said, refusal=refusal)
    if 300 <= status < 400:
        return CallFailed(Reaction.REFUSED, f"HTTP {status}: it redirects to another address, which was not followed")
    if status == 451:
        return CallFailed(Reaction.REFUSED, "HTTP 451: not served in this machine's region")
    if status >= 500 or status in (403, 408) or (refusal.is_page and status != 404):
        return CallFailed(Reaction.RETRY, said, refusal=refusal)
    if status != 200 or (error and error.fails_always):
        return CallFailed(Reaction.REFUSED, said, refusal=refusal)
    return None


def _read_error(dialect: Dialect, body: str) -> ErrorAnswer | None:
    try:
        return dialect.read_error(json.loads(body))
    except (ValueError, RecursionError):
        return None


def _make_refusal(status: int, error: ErrorAnswer | None, body: str, dialect: Dialect) -> Refusal:
    if error is None:
        return Refusal(status=status, is_page=_is_page(body))
    is_own = status in dialect.own_statuses
    return Refusal(
        status=status, code=error.code, reason=error.reason, is_documented=error.is_documented, is_own=is_own
    )


def _describe(body: str, status: int) -> str:
    if status == 200:
        return ""
    return ", a web page instead of data" if _is_page(body) else ", without an explanation"


def _is_page(body: str) -> bool:
    return body.lstrip()[:1] == "<"


def clean(text: str) -> str:
    """`text` of a stranger, fit for a message of ours: plain characters, short, nothing that could be a key."""
    return LONG_TOKEN.sub("…", PLAIN.sub(" ", text[: 4 * LONGEST_MESSAGE]))[:LONGEST_MESSAGE].strip()


def read_wait(response: Response, dialect: Dialect, now: datetime) -> timedelta:
    """How long to keep silent: the longest of Retry-After (seconds or a date), the end of a ban, and a floor."""
    floor = BAN_WAIT if response.status == 418 else SHORTEST_WAIT
    headers = {name.lower(): value.strip() for name, value in (response.headers or {}).items()}
    banned = dialect.banned_until.search(response.body) if dialect.banned_until else None
    until = datetime.fromtimestamp(int(banned[1]) // 1000, UTC) - now if banned else timedelta()
    reset = _read_reset(headers.get(dialect.budgets.reset_header, ""), now)
    return min(max(floor, _read_after(headers.get("retry-after", ""), now), until, reset), LONGEST_WAIT)


def _read_reset(text: str, now: datetime) -> timedelta:
    """How long until a moment in unix seconds."""
    if not (text.isascii() and text.isdigit()):
        return timedelta()
    return timedelta(seconds=min(int(text[:MOST_DIGITS]) - int(now.timestamp()), 10**9))


def _read_after(text: str, now: datetime) -> timedelta:
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:MOST_DIGITS]), 10**9))
    try:
        moment = parsedate_to_datetime(text)
        return moment - now if moment.tzinfo else timedelta()
    except FAULTS:
        return timedelta()


def raise_failure(doing: str, failure: CallFailed, tries: int, dialect: Dialect, now: datetime) -> NoReturn:
    """Raise what `failure` means after `tries`, with the answer, at `now`, the exchange's time; `doing` says what was tried.

    Raises ExchangePaused, ClockSkewed, KeyRejected, WalletNotOpened, OtherAccountSystem, UnknownSymbol,
    ExchangeUnavailable or ExchangeError.
    """
    said = f"{doing}: {str(failure).rstrip('.')}."
    if failure.kind is Reaction.WAIT and failure.until:
        said = f"{said} The exchange asks us to wait."
        raise ExchangePaused(said, asked_at=now, not_before=failure.until) from None
    if failure.kind is Reaction.FIX:
        raise ClockSkewed(f"{said} Correct the machine's clock (timedatectl, chrony).") from None
    if failure.kind is Reaction.STOP:
        why = MISMATCHED if failure.reason is RefusalReason.SIGNATURE else REJECTED
        raise KeyRejected(f"{said} {why.format(page=dialect.key_page)}", refusal=failure.refusal) from None
    if failure.reason is RefusalReason.NOT_OPENED:
        raise WalletNotOpened(said, refusal=failure.refusal) from None
    if failure.reason is RefusalReason.OTHER_SYSTEM:
        raise OtherAccountSystem(f"{said} The account's system was switched.", refusal=failure.refusal) from None
    if failure.reason is RefusalReason.UNKNOWN_SYMBOL:
        raise UnknownSymbol(said, refusal=failure.refusal) from None
    if failure.kind is Reaction.RETRY:
        raise ExchangeUnavailable(f"{said} Tried {tries} times; every run tries again.") from None
    raise ExchangeError(f"{said} Every run tries again.", refusal=failure.refusal) from None


@contextmanager
def as_unavailable(doing: str) -> Iterator[None]:
    """What goes wrong between the calls for one thing is an answer of another shape, too. Raises ExchangeUnavailable."""
    try:
        yield
    except FAULTS as fault:
        LOG.warning("%s", doing, exc_info=fault)
        raise ExchangeUnavailable(f"{doing}: {describe_fault(fault)}. Every run tries again.") from None
