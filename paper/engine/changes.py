"""What one command changed, and where it is written: a journal.

A command is done in memory at once; its changes are written in the order of commands. Nothing that depends on them is told
to anybody before `committed` has returned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from paper.histories.accounts import Account, Deposit, Withdrawal
from paper.ledger.balances import Movement
from paper.trading.orders import Order, OrderList, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Money that a command moved, and why."""

    kind: str  # trade, deposit, or a story's verb
    at: datetime
    movements: Sequence[Movement]
    actor: str = ""  # whose command it was; empty: the market's
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened:
    """An account is there."""

    account: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposited:
    """A row of an account's deposits."""

    owner: str
    deposit: Deposit


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A row of an account's withdrawals."""

    owner: str
    withdrawal: Withdrawal


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEnded:
    """What an account had in spot at the end of a day: free and locked."""

    owner: str
    at: datetime
    balances: dict[str, tuple[Decimal, Decimal]]


Record = object  # one of those above, or another that the journal knows how to write, by its type


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that one command changed."""

    entry: Entry | None = None  # nothing was moved
    reports: Sequence[Report] = ()  # what happened to orders; a fill and a prevented match stand in theirs
    lists: Sequence[OrderList] = ()  # that were given
    moved_on: Sequence[Order] = ()  # orders that wait for a price which follows the market's, without a report
    records: Sequence[Record] = ()


class NotCommitted(Exception):
    """The journal could not say that what was written is kept: nobody knows whether it is."""


class JournalFull(Exception):
    """More waits to be written than can be: nothing was done."""


class Journal(Protocol):
    """Where changes go."""

    def require_room(self) -> None:
        """Raise JournalFull where a command should not be begun, NotCommitted where none ever will be."""

    def write(self, changes: Changes) -> None:
        """Note what a command changed. What may change later is copied now."""

    async def committed(self) -> None:
        """Return once all that was written before is kept. Raises NotCommitted."""
