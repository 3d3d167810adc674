"""What is raised when an exchange's answer is of no use, after the tries: said with what was tried and what can be done."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NoReturn

from monitor.errors import ClockSkewed, ExchangeError, ExchangePaused, ExchangeUnavailable, KeyRejected
from monitor.exchanges.http.failures import UNKNOWN_SYMBOL_CODES, CallFailed, Class
from monitor.exchanges.http.gate import FAULTS, tell_fault
from monitor.exchanges.policy import ABSENT_CODES, SIGNATURE_CODE

MISMATCHED = (
    "The secret does not belong to the key: copy both again, or make a new key under API Management. If other calls are "
    "accepted with it, this program signs this one wrongly: report it."
)
REJECTED = (
    "The key is unknown or expired, lacks the permission, or this machine's address is not on its list. Check it at the "
    "exchange under API Management."
)
LOG = logging.getLogger(__name__)


class WalletNotOpened(ExchangeError):
    """The exchange says that this account has no such wallet."""


class UnknownSymbol(ExchangeError):
    """The exchange has never heard of the symbol."""


def give_up(doing: str, failure: CallFailed, tries: int, now: datetime) -> NoReturn:
    """Raise what `failure` means, with the answer; `doing` says what was tried."""
    said = f"{doing}: {str(failure).rstrip('.')}."
    if failure.kind is Class.WAIT and failure.until:
        said = f"{said} The exchange asks for silence."
        raise ExchangePaused(said, asked_at=now, not_before=failure.until) from None
    if failure.kind is Class.FIX:
        raise ClockSkewed(f"{said} Correct the machine's clock (timedatectl, chrony).") from None
    if failure.kind is Class.STOP:
        why = MISMATCHED if failure.code == SIGNATURE_CODE else REJECTED
        raise KeyRejected(f"{said} {why}", refusal=failure.refusal) from None
    if failure.code in ABSENT_CODES:
        raise WalletNotOpened(said, refusal=failure.refusal) from None
    if failure.code in UNKNOWN_SYMBOL_CODES:
        raise UnknownSymbol(said, refusal=failure.refusal) from None
    if failure.kind is Class.RETRY:
        raise ExchangeUnavailable(f"{said} Tried {tries} times; every run tries again.") from None
    raise ExchangeError(f"{said} Every run tries again.", refusal=failure.refusal) from None


@contextmanager
def judged(doing: str) -> Iterator[None]:
    """What goes wrong between the calls for one thing is an answer of another shape, too. Raises ExchangeUnavailable."""
    try:
        yield
    except FAULTS as fault:
        LOG.warning("%s", doing, exc_info=fault)
        raise ExchangeUnavailable(f"{doing}: {tell_fault(fault)}. Every run tries again.") from None
