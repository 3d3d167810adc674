"""What stored unit prices say of an account and its benchmark. Pure numpy: arrays in, figures out, no I/O, no clock.

Reading order: series -> window -> days -> returns, rates, money_weighted, public_market, drawdown, risk, relative,
distribution, months, rolling -> comparisons -> assessment. `outcome` is what they answer, `definitions` what the answers mean.
"""

from finance.measures.assessment import Depths, Measured, Measures, measure
from finance.measures.days import Days
from finance.measures.definition import CONVENTIONS, Better, Definition, Unit
from finance.measures.definitions import DEFINITIONS
from finance.measures.drawdown import Drawdown
from finance.measures.months import CalendarReturn
from finance.measures.outcome import FEW_OBSERVATIONS, Comparison, Measure
from finance.measures.rolling import Rolling, roll
from finance.measures.series import Flows, Period, Series, Track

__all__ = [
    "CONVENTIONS",
    "DEFINITIONS",
    "FEW_OBSERVATIONS",
    "Better",
    "CalendarReturn",
    "Comparison",
    "Days",
    "Definition",
    "Depths",
    "Drawdown",
    "Flows",
    "Measure",
    "Measured",
    "Measures",
    "Period",
    "Rolling",
    "Series",
    "Track",
    "Unit",
    "measure",
    "roll",
]
