"""Returns from stored unit prices. Pure: figures in, figures out."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

TOTAL_LOSS = Decimal(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFigures:
    """Account against benchmark over one period."""

    started_at: datetime
    ended_at: datetime
    account: Decimal | None  # time-weighted return, as a fraction
    benchmark: Decimal | None
    active: Decimal | None  # account minus benchmark
    value: Decimal  # change of the difference of NAVs, USDT


def time_weighted_return(start: Decimal, end: Decimal) -> Decimal | None:
    """Growth of the unit price, end / start - 1 (unitisation); None when it started at nothing."""
    return end / start - 1 if start > 0 else None


def compare(start: dict[str, Any], end: dict[str, Any]) -> PeriodFigures:
    """Account and benchmark between two valued hours.

    The difference of NAVs starts at zero with the history, because both got the same flows; its change over the
    period is what the account made more (+) or less (-) than the benchmark.
    """
    account = _grow(start, end)
    if account is not None and end["losses"] > start["losses"]:
        account = TOTAL_LOSS  # whatever was paid in later
    benchmark = _grow(start, end, "benchmark_")
    active = account - benchmark if account is not None and benchmark is not None else None
    return PeriodFigures(
        started_at=start["hour"],
        ended_at=end["hour"],
        account=account,
        benchmark=benchmark,
        active=active,
        value=(end["nav"] - end["benchmark_nav"]) - (start["nav"] - start["benchmark_nav"]),
    )


def _grow(start: dict[str, Any], end: dict[str, Any], side: str = "") -> Decimal | None:
    """One side's return; None where it had nothing all along, which made neither a gain nor a loss."""
    if start[f"{side}units"] == end[f"{side}units"] == 0 and start[f"{side}episode"] == end[f"{side}episode"]:
        return None
    return time_weighted_return(start[f"{side}unit_price"], end[f"{side}unit_price"])
