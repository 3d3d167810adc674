"""What a run came to."""

from dataclasses import dataclass
from datetime import datetime

from finance.hour_status import HourStatus, Outcome
from monitor.snapshots.valued_reading import ValuedReading


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleResult:
    """What a run came to."""

    run_id: int
    hour: datetime
    outcomes: tuple[Outcome, ...]
    portfolios: tuple[Outcome, ...]  # the one of all accounts first
    readings: dict[int, ValuedReading]  # by account
    weight: dict[str, int]
    broken: tuple[str, ...] = ()  # what an error of this program left undone after the hours, in words

    @property
    def incomplete(self) -> tuple[Outcome, ...]:
        """What is not complete; portfolios only where that is no account's fault."""
        found = tuple(outcome for outcome in self.outcomes if outcome.status != HourStatus.COMPLETE)
        return found or tuple(outcome for outcome in self.portfolios if outcome.status != HourStatus.COMPLETE)

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols that everything held, and every benchmark, was priced by."""
        prices = (price for reading in self.readings.values() for price in reading.prices.values())
        return frozenset(leg.symbol for price in prices for leg in price.route)

    @property
    def is_complete(self) -> bool:
        """Whether the hour of every account is complete, and that of every portfolio."""
        return not self.incomplete
