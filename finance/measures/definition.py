"""The shape of a definition, the inputs they name, and the conventions that hold for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Unit(StrEnum):
    """How a value is to be read."""

    FRACTION = "fraction"  # 0.05 is 5 %
    FRACTION_A_YEAR = "fraction a year"
    POINTS = "percentage points"  # a difference of two fractions
    RATIO = "ratio"


class Better(StrEnum):
    """Which values are to be wished for."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"  # a description, not a judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One measure in words."""

    name: str
    meaning: str
    formula: str
    inputs: str
    source: str
    unit: Unit
    better: Better
    compares: bool = False  # between account and benchmark: stands under the account alone


PRICES = "unit prices at every valued hour and flow"
DAILY = "daily returns, 00:00 to 00:00 UTC"
PAIRS = "daily returns of account and benchmark, on the days both have one"
FLOWS = "opening NAV, external flows at their second, closing NAV"
BACON = "Bacon, Practical Portfolio Performance Measurement and Attribution"

CONVENTIONS: Mapping[str, str] = MappingProxyType(
    {
        "Year": "365 days, 31,536,000 seconds: the market never closes",
        "Day": "00:00 to 00:00 UTC, from the last valued hour up to it that is at most three hours old; it belongs to the period it ends in",
        "Missing hours": "never filled in; a return over a gap counts in returns and drawdown, not in daily statistics",
        "Risk-free rate": "0, as is the least acceptable return",
        "Standard deviation": "of a sample (n - 1)",
        "Scaling to a year": "standard deviations and ratios by the square root of 365, from 30 days on",
        "Annual rates": "none for less than 365 days, counted in whole hours",
        "Few observations": "fewer than 90 days: tentative",
        "Difference": "account minus benchmark",
        "Withdrawal": "its amount plus the network fee, at the one-minute price of the moment",
        "Income and fees": "at the price of their minute, in hours that were rebuilt or of earlier versions at the hour's closing price; a fee in the coin that was traded at the trade's price",
        "Benchmark with a fee": "it pays a share of all it buys and sells; a withdrawal redeems the units that have to be sold for it, so that its fee lowers NAV and not the unit price",
    }
)
