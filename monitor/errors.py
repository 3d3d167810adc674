"""What can go wrong, as a tree. Every message says what was tried, what came back and what the user can do.

MonitorError
├── UsageError             what was asked or set can't be done; asking again changes nothing
│   ├── SettingsError          a setting is missing or malformed
│   ├── AccountError           an account cannot be added, found or used
│   ├── LedgerError            a flow cannot be added or corrected as asked
│   ├── PriceError             a price cannot be stated as asked
│   └── LegacyError            an older system's tables can't be read or imported as asked
├── AlreadyRunning         another run holds the lock
├── WaitsForTurn           an account was not read in this run, because others used up the request limits
├── ClockWrong             this machine's clock can't name the hour
├── Crashed                an error of this program that nobody thought of
└── ExchangeError          an exchange did not give a usable answer
    ├── ExchangeUnavailable    RETRY  time-outs, resets, 5xx, malformed answers: tried three times
    ├── ExchangePaused         WAIT   429, 418, or the exchange's own word: nobody calls before `not_before`
    ├── ClockSkewed            FIX    our time stamp is refused again after one resync
    └── KeyRejected            STOP   key or permission: no retry this hour
"""

from datetime import datetime, timedelta

from finance.observed import Refusal

LARGEST_SKEW = timedelta(minutes=5)  # between our clock and the exchange's; by more, ours can't name an hour


class MonitorError(Exception):
    """Base of everything the monitor raises on purpose."""


class UsageError(MonitorError):
    """What was asked or set can't be done; asking again changes nothing."""


class SettingsError(UsageError):
    """A setting is missing or malformed."""


class AccountError(UsageError):
    """An account cannot be added, found or used."""


class LedgerError(UsageError):
    """A flow cannot be added or corrected as asked."""


class PriceError(UsageError):
    """A price cannot be stated as asked."""


class LegacyError(UsageError):
    """An older system's tables can't be read or imported as asked."""


class AlreadyRunning(MonitorError):
    """Another run holds the lock."""


class WaitsForTurn(MonitorError):
    """An account was not read in this run: others used up the request limits. It is no failure; the next run reads it."""


class ClockWrong(MonitorError):
    """This machine's clock is not the exchange's, so that no hour can be named by it."""

    def __init__(self, message: str, *, now: datetime) -> None:
        super().__init__(message)
        self.now = now  # the exchange's time, ours where that is not known


class Crashed(MonitorError):
    """An error of this program that nobody thought of."""


class ExchangeError(MonitorError):
    """An exchange did not give a usable answer; `refusal` is the answer if it was a no."""

    def __init__(self, message: str, *, refusal: Refusal | None = None) -> None:
        super().__init__(message)
        self.refusal = refusal


class ExchangeUnavailable(ExchangeError):
    """Time-outs, resets, server errors and malformed answers, after the retries."""


class ExchangePaused(ExchangeError):
    """The exchange asked for silence until `not_before`, and did so at `asked_at`."""

    def __init__(self, message: str, *, asked_at: datetime, not_before: datetime) -> None:
        super().__init__(message)
        self.asked_at = asked_at
        self.not_before = not_before


class ClockSkewed(ExchangeError):
    """The exchange refuses our time stamps even after asking for its clock."""


class KeyRejected(ExchangeError):
    """The key is unknown, expired, or lacks a permission."""


class ReadAgain(Exception):
    """A reading is doubted: nothing of it was recorded, and the account is to be read again, every wallet of it."""


class WalletNotOpened(ExchangeError):
    """The exchange says that this account has no such wallet."""


class OtherAccountSystem(ExchangeError):
    """The account is of another system at its exchange than the one that was asked: its owner has switched it."""


class UnknownSymbol(ExchangeError):
    """The exchange has never heard of the symbol."""
