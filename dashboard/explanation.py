"""A change of NAV in its parts, and beside the benchmark's change: stored parts added up, ranked and rounded. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import groupby

from dashboard.history.steps import StepSums
from dashboard.rounding import CENT, ZERO, apportion, to_cent

PARTS = {
    "price_effect": "Prices",
    "trading": "Trading",
    "positions": "Positions",
    "flows": "Money in and out",
    "income": "Income",
    "fees": "Fees",
    "residual": "Unexplained",
    "rest": "Not analysed",
}
STORED = tuple(part for part in PARTS if part != "rest")
CAUSES = PARTS | {"price_effect": "Coin mix"}
GAINS = {
    "realised": "Realised by selling",
    "spent_gain": "On coins that paid fees, interest and losses",
    "transferred_gain": "On coins taken out",
    "unexplained_gain": "On coins that left without a record",
    "unrealised_change": "Unrealised, change since the beginning",
}
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happened from one valued hour to a later one."""

    first: datetime  # the first valued hour whose change is in it
    last: datetime
    parts: Mapping[str, Decimal]  # add up to nav_change; `rest` is what no stored explanation covers
    nav_change: Decimal
    benchmark_change: Decimal
    benchmark_flows: Decimal
    unexplained: int  # hours

    @property
    def begun(self) -> datetime:
        """The hour before the first: where the step begins unless hours are missing."""
        return self.first - HOUR

    @property
    def difference(self) -> Decimal:
        """What the account gained more (+) or less (-) than the benchmark."""
        return self.nav_change - self.parts["flows"] - self.benchmark_gain

    @property
    def benchmark_gain(self) -> Decimal:
        """What the benchmark's prices made."""
        return self.benchmark_change - self.benchmark_flows

    @property
    def causes(self) -> dict[str, Decimal]:
        """The difference in parts: the account's, less what the benchmark's prices made. Money in and out is none."""
        return {
            **self.parts,
            "price_effect": self.parts["price_effect"] - self.benchmark_gain,
            "flows": ZERO,
        }

    @property
    def main_cause(self) -> tuple[str, Decimal]:
        """The name and the amount of the largest part of the difference that has its sign."""
        key, amount = max(self.causes.items(), key=lambda cause: cause[1] * (1 if self.difference >= 0 else -1))
        return CAUSES[key], amount


def make_step(sums: StepSums) -> Step:
    """A step from its sums."""
    parts: dict[str, Decimal] = {part: getattr(sums, part) for part in STORED}
    return Step(
        first=sums.first,
        last=sums.last,
        parts={**parts, "rest": sums.nav_change - sum(parts.values(), ZERO)},
        nav_change=sums.nav_change,
        benchmark_change=sums.benchmark_change,
        benchmark_flows=sums.benchmark_flows,
        unexplained=sums.unexplained,
    )


def add_up(steps: Sequence[Step]) -> Step:
    """Several steps in a row as one."""
    return Step(
        first=steps[0].first,
        last=steps[-1].last,
        parts={part: sum((step.parts[part] for step in steps), ZERO) for part in PARTS},
        nav_change=sum((step.nav_change for step in steps), ZERO),
        benchmark_change=sum((step.benchmark_change for step in steps), ZERO),
        benchmark_flows=sum((step.benchmark_flows for step in steps), ZERO),
        unexplained=sum(step.unexplained for step in steps),
    )


def join_months(steps: Iterable[Step], zone: tzinfo = UTC) -> list[Step]:
    """Days of a time zone as its months."""
    months = groupby(steps, key=lambda step: f"{step.begun.astimezone(zone):%Y-%m}")
    return [add_up(list(found)) for _, found in months]


def rank(steps: Iterable[Step], most: int, cent: Decimal = CENT) -> list[Step]:
    """The steps that moved the difference most, by at least a cent, the largest first."""
    moved = [step for step in steps if to_cent(step.difference, cent)]
    return sorted(moved, key=lambda step: (-abs(step.difference), step.first))[:most]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A change as it is shown: every figure in cents, and all of them add up."""

    before: Decimal
    after: Decimal
    parts: Mapping[str, Decimal]  # in the order of PARTS, prices and whatever is a cent or more
    benchmark: Mapping[str, Decimal]  # the benchmark's side of them
    causes: Mapping[str, Decimal]  # the account's less the benchmark's
    cent: Decimal = CENT  # the smallest amount that is shown

    @property
    def change(self) -> Decimal:
        """What the parts add up to."""
        return self.after - self.before

    @property
    def difference(self) -> Decimal:
        """What the causes add up to."""
        return sum(self.causes.values(), ZERO)


def make_statement(step: Step, nav_before: Decimal, cent: Decimal = CENT) -> Statement:
    """The step's figures, from the NAV at its beginning."""
    before, *cents = apportion([nav_before, *step.parts.values()], cent=cent)
    rounded = dict(zip(step.parts, cents, strict=True))
    change = sum(cents, ZERO)
    paid = rounded["flows"] if step.benchmark_flows == step.parts["flows"] else to_cent(step.benchmark_flows, cent)
    benchmark = {"price_effect": change - rounded["flows"] - to_cent(step.difference, cent), "flows": paid}
    causes = {part: amount - benchmark.get(part, ZERO) for part, amount in rounded.items()} | {"flows": ZERO}
    shown = [part for part in PARTS if rounded[part] or benchmark.get(part) or part == "price_effect"]
    return Statement(
        before=before,
        after=before + change,
        parts={part: rounded[part] for part in shown},
        benchmark={part: benchmark[part] for part in shown if part in benchmark},
        causes={part: causes[part] for part in shown},
        cent=cent,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetLine:
    """What happened to the value of one asset, in cents."""

    name: str
    before: Decimal
    parts: Mapping[str, Decimal]

    @property
    def after(self) -> Decimal:
        """The value at the end."""
        return self.before + sum(self.parts.values(), ZERO)

    @property
    def gain(self) -> Decimal:
        """What it made: its change without money in and out and without what was swapped for other assets."""
        return sum((amount for part, amount in self.parts.items() if part not in ("flows", "exchanged")), ZERO)


def round_assets(
    values: Mapping[str, tuple[Decimal, Mapping[str, Decimal]]], statement: Statement
) -> tuple[list[str], list[AssetLine]]:
    """The parts that any asset has, and a line for each asset, in columns that add up to the statement's figures.

    `values` has each asset's value at the beginning and its parts, exactly. What the assets don't cover of a part is a
    line of its own.
    """
    shown = [*(part for part in PARTS if part in statement.parts), "exchanged"]
    changes = {
        name: (before, {part: parts.get(part, ZERO) for part in shown}) for name, (before, parts) in values.items()
    }
    columns: dict[str, list[Decimal]] = {
        "before": apportion([before for before, _ in changes.values()], statement.before, statement.cent)
    }
    rest: dict[str, Decimal] = {}
    for part in shown:
        exact = [parts[part] for _, parts in changes.values()]
        whole = statement.parts.get(part, ZERO)
        is_whole = abs(sum(exact, ZERO) - whole) <= statement.cent
        columns[part] = apportion(exact, whole if is_whole else None, statement.cent)
        rest[part] = whole - sum(columns[part], ZERO)
    used = [part for part in shown if any(columns[part]) or rest[part]]
    lines = [
        AssetLine(name=name, before=columns["before"][index], parts={part: columns[part][index] for part in used})
        for index, name in enumerate(changes)
    ]
    if any(rest.values()):
        lines.append(AssetLine(name="", before=ZERO, parts={part: rest[part] for part in used}))
    return used, lines
