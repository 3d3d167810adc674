"""The histories of an account, as values: how each is called, how far back it is read, and what a reading came to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from finance.observed import Place, Refusal, Role
from finance.records import FillRecord, FlowKind, FlowRecord, IncomeRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One history. It is read from the cursor on, with an overlap: what an exchange tells late is found all the same."""

    name: str  # as people read it: "fiat orders"
    first: timedelta  # how far back the first reading goes
    overlap: timedelta  # how far before the cursor an hour's reading begins
    wide: timedelta  # how far before the cursor the first reading of a day begins
    kinds: tuple[FlowKind, ...] = ()  # of its flows: a pending one is looked at until it is settled
    role: Role = Role.FLOWS  # what it is to the hour
    has_own_right: bool = False  # a key may work everywhere but there
    is_timed: bool = True  # tells when balances changed: one look, after the balances, is enough
    longest: timedelta | None = None  # dear: no more than this is read in a run
    kept: timedelta | None = None  # how long the exchange tells it, if not for ever
    wallet: str = ""  # what it tells of happens in this wallet: while that is empty, once a day is enough
    window: timedelta = timedelta(days=29)  # the longest that the exchange tells at once
    pace: timedelta = timedelta(0)  # how long a window takes by the exchange's limits
    is_daily: bool = False  # dear, and told a few times a day: read once a day, and while an hour lacks an explanation

    @property
    def place(self) -> Place:
        """What it is to the policy."""
        return Place(name=self.name, role=self.role, has_own_right=self.has_own_right)


class SourceState(StrEnum):
    """Whether a history is known."""

    READ = "read"
    BEHIND = "behind"  # only up to a moment: the next run reads on
    ABSENT = "absent"  # the exchange says that this account has no such history, or the key may not see it
    REFUSED = "refused"  # the exchange says no, which hides what the history would tell
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReading:
    """What one history told: everything in the range asked for, or why not. A part is never told."""

    source: str
    state: SourceState
    flows: tuple[FlowRecord, ...] = ()
    fills: tuple[FillRecord, ...] = ()
    income: tuple[IncomeRecord, ...] = ()
    through: datetime | None = None  # where it stops, if it is behind; None: where it stood before
    refusal: Refusal | None = None  # the answer, if it was a no
    problem: str = ""  # what was tried, what came back, what the user can do
