"""What every measure means, as data for the pages' help: the words beside the formulas of this package."""

from collections.abc import Mapping
from types import MappingProxyType

from finance.measures.definition import BACON, DAILY, FLOWS, PRICES, Better, Definition, Unit
from finance.measures.definitions_relative import EQUIVALENTS, RELATIVE

_RETURNS = {
    "time_weighted_return": Definition(
        name="Time-weighted return",
        meaning="What each unit of money at work earned, whatever came in or went out.",
        formula="P_end / P_start - 1",
        inputs=PRICES,
        source="GIPS 2020: valuation at every external flow",
        unit=Unit.FRACTION,
        better=Better.HIGHER,
    ),
    "annual_return": Definition(
        name="Annual return (CAGR)",
        meaning="The time-weighted return as a constant yearly rate.",
        formula="(1 + R)^(31,536,000 / seconds with capital at work) - 1",
        inputs="time-weighted return, time with capital at work",
        source="CFA Institute; GIPS 2020: no annualising of partial years",
        unit=Unit.FRACTION_A_YEAR,
        better=Better.HIGHER,
    ),
    "money_weighted_return": Definition(
        name="Money-weighted return",
        meaning="What the owner's money earned, the timing of deposits and withdrawals included.",
        formula="e^y - 1 with sum of CF_i e^(-y t_i) = 0, t_i from 0 to 1",
        inputs=FLOWS,
        source="CFA Institute, Rates and Returns",
        unit=Unit.FRACTION,
        better=Better.HIGHER,
    ),
    "annual_money_weighted_return": Definition(
        name="Annual money-weighted return (XIRR)",
        meaning="The yearly rate of a savings account that would have given the same.",
        formula="e^x - 1 with sum of CF_i e^(-x t_i) = 0, t_i = seconds / 31,536,000",
        inputs=FLOWS,
        source="Microsoft Excel, XIRR, on seconds; GIPS 2020: no annualising of partial years",
        unit=Unit.FRACTION_A_YEAR,
        better=Better.HIGHER,
    ),
}

_RISK = {
    "volatility": Definition(
        name="Volatility",
        meaning="How widely daily returns scatter, scaled to a year.",
        formula="std(r) x sqrt(365)",
        inputs=DAILY,
        source=BACON,
        unit=Unit.FRACTION_A_YEAR,
        better=Better.LOWER,
    ),
    "sharpe_ratio": Definition(
        name="Sharpe ratio",
        meaning="Return per unit of risk; give or take its standard error.",
        formula="mean(r) / std(r) x sqrt(365); error sqrt((1 + SR^2 / 2) / n) x sqrt(365)",
        inputs=DAILY,
        source="Sharpe 1994, Journal of Portfolio Management 21(1); error: Lo 2002, Financial Analysts Journal 58(4)",
        unit=Unit.RATIO,
        better=Better.HIGHER,
    ),
    "sortino_ratio": Definition(
        name="Sortino ratio",
        meaning="Return per unit of downside risk.",
        formula="mean(r) / sqrt(mean(min(r, 0)^2)) x sqrt(365)",
        inputs=DAILY,
        source="Sortino & Price 1994, Journal of Investing 3(3)",
        unit=Unit.RATIO,
        better=Better.HIGHER,
    ),
    "calmar_ratio": Definition(
        name="Calmar ratio",
        meaning="Annual return by the deepest fall.",
        formula="annual return / |max drawdown|",
        inputs="annual return and max drawdown of the period",
        source="Young 1991, Futures (there over 36 months)",
        unit=Unit.RATIO,
        better=Better.HIGHER,
    ),
    "max_drawdown": Definition(
        name="Max drawdown",
        meaning="The deepest fall below the highest unit price so far.",
        formula="min over t of P_t / max(P_u, u <= t) - 1",
        inputs=PRICES,
        source="Magdon-Ismail & Atiya 2004, Risk 17(10)",
        unit=Unit.FRACTION,
        better=Better.HIGHER,
    ),
    "current_drawdown": Definition(
        name="Current drawdown",
        meaning="How far the unit price is below the period's highest at its end.",
        formula="P_end / max(P) - 1",
        inputs=PRICES,
        source="Magdon-Ismail & Atiya 2004, Risk 17(10)",
        unit=Unit.FRACTION,
        better=Better.HIGHER,
    ),
    "value_at_risk": Definition(
        name="Value at risk, 95 %",
        meaning="One day in twenty was worse than this.",
        formula="5 % quantile of r (type 7)",
        inputs=DAILY,
        source="Hyndman & Fan 1996, The American Statistician 50(4); historical, no distribution assumed",
        unit=Unit.FRACTION,
        better=Better.HIGHER,
    ),
    "conditional_value_at_risk": Definition(
        name="Conditional value at risk, 95 %",
        meaning="The mean of those worst days.",
        formula="mean(r, r <= value at risk)",
        inputs=DAILY,
        source="Acerbi & Tasche 2002, Economic Notes 31(2)",
        unit=Unit.FRACTION,
        better=Better.HIGHER,
    ),
}

_DAYS = {
    "average_day": Definition(
        name="Average day",
        meaning="The mean of the daily returns.",
        formula="mean(r)",
        inputs=DAILY,
        source=BACON,
        unit=Unit.FRACTION,
        better=Better.HIGHER,
    ),
    "best_day": Definition(
        name="Best day",
        meaning="The highest daily return, and its day.",
        formula="max(r)",
        inputs=DAILY,
        source=BACON,
        unit=Unit.FRACTION,
        better=Better.HIGHER,
    ),
    "worst_day": Definition(
        name="Worst day",
        meaning="The lowest daily return, and its day.",
        formula="min(r)",
        inputs=DAILY,
        source=BACON,
        unit=Unit.FRACTION,
        better=Better.HIGHER,
    ),
    "winning_days": Definition(
        name="Winning days",
        meaning="Share of days with a gain.",
        formula="count(r > 0) / n",
        inputs=DAILY,
        source=BACON,
        unit=Unit.FRACTION,
        better=Better.HIGHER,
    ),
    "flat_days": Definition(
        name="Flat days",
        meaning="Share of days without any change.",
        formula="count(r = 0) / n",
        inputs=DAILY,
        source=BACON,
        unit=Unit.FRACTION,
        better=Better.NEITHER,
    ),
}

DEFINITIONS: Mapping[str, Definition] = MappingProxyType({**_RETURNS, **EQUIVALENTS, **_RISK, **RELATIVE, **_DAYS})
"""Every measure in the order of the pages; the keys are those of `Measures.figures`."""
