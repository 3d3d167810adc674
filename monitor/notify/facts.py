"""What rules judge: stored facts of one moment."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

COMBINED = 0  # the account that adds all accounts up; what concerns the whole installation is recorded for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """An account and its usual benchmark at one valued hour."""

    hour: datetime
    nav: Decimal
    unit_price: Decimal
    benchmark_unit_price: Decimal | None  # None: the benchmark has no such hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Where an invested account, or one that lost everything, stands in its present episode, and where it came from."""

    level: Level
    benchmark: str
    period_start: Level  # the first valued hour of the period it is compared over
    day_start: Level  # of the last 24 hours
    day_flows: Decimal  # paid in (+) and out (-) since `day_start`
    peak: Level  # the highest unit price of a year


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What an account's present hour says; `performance` is None where nothing is invested and nothing was lost."""

    account_id: int
    label: str
    performance: Performance | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexplainedHour:
    """A change of NAV that no record of the exchange explains."""

    hour: datetime
    residual: Decimal  # in the valuation asset
    cause: str  # the likely one


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One of our figures that differs from the exchange's own."""

    kind: str
    subject: str
    difference: Decimal  # ours minus theirs, in the valuation asset


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the reading of a tracked account goes, and what its key is."""

    account_id: int
    label: str
    newest: datetime | None  # its newest hour, whatever its status
    hours_without: int  # hours in a row up to `newest` without a figure
    reason: str  # of `newest`
    unexplained: tuple[UnexplainedHour, ...]  # of the last day
    refused: tuple[str, ...]  # what the exchange refuses to report, and `newest` may lack therefore
    differences: tuple[Difference, ...]  # of the last check of each kind
    key_dangers: tuple[str, ...]
    is_overpowered: bool
    key_expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """The newest hour that was measured of any tracked account, or the one in which the first was added."""

    newest: datetime
    has_hours: bool
