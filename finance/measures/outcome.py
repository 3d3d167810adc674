"""What measuring gives: a number, or the reason why there is none. Never a zero in its place."""

from dataclasses import dataclass
from datetime import date

FEW_OBSERVATIONS = 90  # below it a statistic is shown as tentative


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure of one side. Exactly one of `value` and `unavailable_because` says something."""

    value: float | None = None
    unavailable_because: str = ""
    standard_error: float | None = None
    observations: int | None = None  # days it rests on; None: not a statistic of days
    on: date | None = None  # the UTC day it happened
    candidates: tuple[float, ...] = ()  # all rates that solve the equation, when there are several

    def __post_init__(self) -> None:
        if (self.value is None) == (self.unavailable_because == ""):
            raise ValueError("a measure has either a value or a reason why it has none")

    @property
    def is_available(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    @property
    def is_tentative(self) -> bool:
        """Whether it is a statistic of few days (fewer than 90)."""
        return self.observations is not None and self.observations < FEW_OBSERVATIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One measure of both sides. A measure between the two (beta ...) stands under `account` alone."""

    account: Measure
    benchmark: Measure | None = None
    difference: Measure | None = None  # account minus benchmark


def unavailable(reason: str, *, candidates: tuple[float, ...] = (), observations: int | None = None) -> Measure:
    """A measure without a value; `reason` reads on after "Not available, because"."""
    return Measure(unavailable_because=reason, candidates=candidates, observations=observations)


def compare(account: Measure, benchmark: Measure) -> Comparison:
    """Both sides and their difference, which needs both."""
    if account.value is None:
        difference = unavailable(f"the account has none: {account.unavailable_because}")
    elif benchmark.value is None:
        difference = unavailable(f"the benchmark has none: {benchmark.unavailable_because}")
    else:
        counts = [m.observations for m in (account, benchmark) if m.observations is not None]
        difference = Measure(value=account.value - benchmark.value, observations=min(counts, default=None))
    return Comparison(account=account, benchmark=benchmark, difference=difference)
