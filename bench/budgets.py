"""One line of the table: what was measured, how often, and what was promised."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

SAMPLES = 5
HEADINGS = ("what", "measured", "median of", "budget", "of budget", "")
Section = Iterable["Line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A measured value; without a budget it is only shown, as a peer or as a detail."""

    what: str
    value: float
    unit: str
    samples: int = 1
    budget: float | None = None

    @property
    def verdict(self) -> str:
        """`ok` or `OVER`, nothing without a budget."""
        if self.budget is None:
            return ""
        return "ok" if self.value <= self.budget else "OVER"

    def cells(self) -> tuple[str, ...]:
        """The line as text, in the order of the headings."""
        if self.budget is None:
            return (self.what, _format_value(self.value, self.unit), str(self.samples), "", "", "")
        share = f"{self.value / self.budget:.0%}" if self.budget else ""
        figures = (_format_value(self.value, self.unit), str(self.samples), _format_value(self.budget, self.unit))
        return (self.what, *figures, share, self.verdict)


def measure_seconds(act: Callable[[], object], samples: int = SAMPLES) -> float:
    """The median duration of `act`, in seconds, after one call that is not counted."""
    act()
    return median(_time(act) for _ in range(samples))


def _time(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


def _format_value(value: float, unit: str) -> str:
    figures = f"{value:,.0f}" if value >= 100 else f"{value:,.1f}" if value >= 10 else f"{value:,.2f}"
    return f"{figures} {unit}"


def print_lines(title: str, lines: Iterable[Line]) -> None:
    """Print a section as it comes, figures aligned to the right."""
    print(f"\n{title}")
    print(_row(HEADINGS))
    for line in lines:
        print(_row(line.cells()), flush=True)


def _row(cells: tuple[str, ...]) -> str:
    what, *figures, verdict = cells
    return f"  {what:<74}" + "".join(f"{figure:>13}" for figure in figures) + f"  {verdict}".rstrip()
