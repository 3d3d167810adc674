"""How measures stand in a table: grouped, with signs and units, and a reason where there is no figure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from finance.measures import DEFINITIONS, Better, Comparison, Definition, Measure, Unit
from look import figures

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Returns": ("time_weighted_return", "annual_return", "money_weighted_return", "annual_money_weighted_return"),
    "Against the benchmark": (
        "active_return", "kaplan_schoar", "direct_alpha", "beta", "alpha", "r_squared", "tracking_error",
        "information_ratio", "up_capture", "down_capture",
    ),
    "Risk": (
        "volatility", "sharpe_ratio", "sortino_ratio", "calmar_ratio", "max_drawdown", "current_drawdown",
        "value_at_risk", "conditional_value_at_risk",
    ),
    "Days": ("average_day", "best_day", "worst_day", "winning_days", "flat_days"),
}  # fmt: skip
UNSIGNED = {"volatility", "tracking_error", "r_squared", "winning_days", "flat_days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A figure as it is shown."""

    text: str = ""
    note: str = ""  # standard error, day it happened
    absent: str = ""  # why there is none
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A measure's row in the table."""

    key: str
    name: str
    note: str
    few_days: int  # that it rests on, too few to be sure of; 0: enough, or no statistic of days
    is_between: bool  # of the account in relation to the benchmark
    cells: tuple[Cell, ...]  # account, benchmark, difference; one alone when it is between the two or both lack it

    @property
    def absent(self) -> str:
        """Why there is no figure at all; empty when there is one."""
        return self.cells[0].absent if len(self.cells) == 1 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A table of measures, and beside it those that are not available, by the reason why."""

    name: str
    few_days: int  # what most of the tentative lines rest on; 0: none is tentative
    lines: tuple[Line, ...]
    absent: Mapping[str, tuple[Line, ...]]

    @property
    def is_between(self) -> bool:
        """Whether every line is between account and benchmark: one column shows them."""
        return all(line.is_between for line in self.lines)


def make_group(name: str, comparisons: Mapping[str, Comparison]) -> Group:
    """The measures of GROUPS[name]."""
    lines = [make_line(key, comparisons[key]) for key in GROUPS[name]]
    available = tuple(line for line in lines if not line.absent)
    reasons = dict.fromkeys(line.absent for line in lines if line.absent)
    counts = Counter(line.few_days for line in available if line.few_days)
    return Group(
        name=name,
        few_days=counts.most_common(1)[0][0] if counts else 0,
        lines=available,
        absent={reason: tuple(line for line in lines if line.absent == reason) for reason in reasons},
    )


def make_line(key: str, comparison: Comparison) -> Line:
    """The row of a measure; one that neither side has says why once."""
    definition = DEFINITIONS[key]
    sides = [m for m in (comparison.account, comparison.benchmark, comparison.difference) if m is not None]
    if not comparison.account.is_available and (comparison.benchmark is None or not comparison.benchmark.is_available):
        sides = [comparison.account]
    cells = [_cell(key, definition, side, is_difference=index == 2) for index, side in enumerate(sides)]
    if len(cells) == 3 and (cells[0].absent or cells[1].absent):
        cells[2] = Cell()  # why there is no difference is said where a figure is missing
    return Line(
        key=key,
        name=definition.name,
        note="a year" if definition.unit is Unit.FRACTION_A_YEAR else "",
        few_days=(comparison.account.observations or 0) if comparison.account.is_tentative else 0,
        is_between=definition.compares,
        cells=tuple(cells),
    )


def _cell(key: str, definition: Definition, side: Measure, *, is_difference: bool) -> Cell:
    if side.value is None:
        return Cell(absent=side.unavailable_because)
    text = _text(key, definition.unit, side.value, is_difference=is_difference)
    note = figures.day(side.on) if side.on else ""
    if side.standard_error is not None:
        note = f"± {_text(key, definition.unit, side.standard_error, is_difference=False).lstrip('+')}"
    is_judged = is_difference or definition.unit is Unit.POINTS
    return Cell(text=text, note=note, tone=_tone(text, definition.better) if is_judged else "")


def _tone(text: str, better: Better) -> str:
    """A lower figure is ahead where lower is better; where neither is, a difference has no colour."""
    turned = {"ahead": "behind", "behind": "ahead"}
    tone = figures.tone(text)
    return tone if better is Better.HIGHER else turned.get(tone, "") if better is Better.LOWER else ""


def _text(key: str, unit: Unit, value: float, *, is_difference: bool) -> str:
    if unit is Unit.RATIO:
        return figures.signed_ratio(value) if is_difference else figures.ratio(value)
    if is_difference or unit is Unit.POINTS:
        return figures.points(value)
    return figures.unsigned_percent(value) if key in UNSIGNED else figures.percent(value)
