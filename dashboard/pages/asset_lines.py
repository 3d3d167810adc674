"""What each asset added to a change of NAV, as lines of a table that add up."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from dashboard.explanation import AssetLine, Statement, round_assets
from dashboard.history.explanations import BothEnds, Held
from dashboard.rounding import ZERO


def make_assets(ends: BothEnds, statement: Statement) -> tuple[list[str], list[AssetLine]]:
    """The parts that any asset has, and a line for each asset, the largest gain or loss first.

    An asset's price effect is what is left of its change: the database does not add up every hour's.
    """
    before, after = _list_values(ends.before), _list_values(ends.after)
    parts: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for part in ends.parts:
        parts[part.asset][part.part] = part.value or ZERO
    values = {}
    for asset in sorted({*before, *after, *parts}):
        change = after.get(asset, ZERO) - before.get(asset, ZERO)
        changes = parts[asset]
        values[asset] = before.get(asset, ZERO), {**changes, "price_effect": change - sum(changes.values(), ZERO)}
    names, lines = round_assets(values, statement)
    order = sorted(lines, key=lambda line: (not line.name, -abs(line.gain), line.name))
    return names, [line for line in order if line.before or line.after or any(line.parts.values())]


def _list_values(held: Mapping[str, Held]) -> dict[str, Decimal]:
    return {asset: one.value for asset, one in held.items()}
