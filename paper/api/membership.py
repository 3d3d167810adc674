"""What the routes of users work on: who there is, what guards them, and the venue at which each has an account.

A command changes memory at once and is written to the venue's journal as one; an answer is sent once that is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from paper.api.policy import Policy
from paper.engine.accounts import close_account, open_account
from paper.engine.changes import Changes
from paper.engine.paper_balance import begin_anew, set_total
from paper.engine.venue import Venue
from paper.users.attempts import Window, watch_calls, watch_passwords
from paper.users.directory import Directory
from paper.users.joining import FIRST_BALANCE
from paper.users.passwords import Passwords
from paper.users.records import AuditEntry, Record, User
from paper.users.signed_tokens import Signer
from paper.wire.binance.order_counts import OrderCounts
from sql.vault import Vault


class Trail(Protocol):
    """Where the audit trail is read."""

    async def read(self, user: UUID | None, before: int | None, most: int) -> list[tuple[int, AuditEntry]]:
        """The last entries before a number, the newest first, each with its number; of one user, or of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Everything that the routes of users need."""

    venue: Venue
    directory: Directory
    signer: Signer
    vault: Vault
    policy: Policy
    trail: Trail
    counts: OrderCounts  # of orders, given whichever way
    placing: set[tuple[str, str]] = field(
        default_factory=set
    )  # owners and their ids of orders that are being looked for
    passwords: Passwords = field(default_factory=Passwords)
    guesses: Window = field(default_factory=watch_passwords)
    calls: Window = field(default_factory=watch_calls)

    def now(self) -> datetime:
        """The venue's time."""
        return self.venue.clock.now()

    def write(self, records: Iterable[Record]) -> None:
        """Do what a command decided: in memory now, in the journal as one."""
        changed = tuple(records)
        self.directory.apply(changed)
        if changed:
            self.venue.write(Changes(records=changed))

    def set_balance(self, user: User, asset: str, total: Decimal, reason: str, records: Iterable[Record]) -> None:
        """The same of who has another balance of an asset from now on, in spot. Raises NotEnough where orders hold more."""
        changed, name, now = tuple(records), str(user.id), self.venue.catch_up()
        set_total(self.venue, name, asset, total, now, name, reason=reason, records=changed)
        self.directory.apply(changed)

    def begin_anew(self, user: User, records: Iterable[Record]) -> None:
        """The same of who has what he began with again: his orders are cancelled, his other coins withdrawn."""
        changed, name = tuple(records), str(user.id)
        begin_anew(self.venue, name, FIRST_BALANCE, self.now(), name, changed)
        self.directory.apply(changed)

    def switch(self, user: User, records: Iterable[Record], *, is_on: bool) -> None:
        """The same of who gives new orders from now on, or none."""
        self.write(records)
        self.venue.accounts[str(user.id)].is_paused = not is_on

    def open_account(self, user: User, records: Iterable[Record], now: datetime) -> None:
        """The same for who joins: his account with its first deposit is part of it."""
        changed = tuple(records)
        self.directory.apply(changed)
        open_account(self.venue, str(user.id), now, str(user.id), changed)

    def close_account(self, user: User, records: Iterable[Record], now: datetime) -> None:
        """The same for who leaves: what waits of his orders is cancelled with it."""
        changed = tuple(records)
        self.directory.apply(changed)
        close_account(self.venue, str(user.id), now, str(user.id), changed)
