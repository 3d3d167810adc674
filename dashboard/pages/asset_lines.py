"""What each asset added to a change of NAV, as lines of a table that add up."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from dashboard.explanation import AssetLine, Statement, round_assets
from dashboard.frame import Frame
from dashboard.history.explanations import load_asset_parts, load_held
from dashboard.rounding import ZERO
from sql.rows import Db


def make_assets(
    db: Db, frame: Frame, since: datetime, until: datetime, statement: Statement
) -> tuple[list[str], list[AssetLine]]:
    """The parts that any asset has, and a line for each asset, the largest gain or loss first.

    An asset's price effect is what is left of its change: the database does not add up every hour's.
    """
    before, after = _load_values(db, frame, since), _load_values(db, frame, until)
    parts: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for part in load_asset_parts(db, frame.account_id, since, until, frame.currency):
        parts[part.asset][part.part] = part.value or ZERO
    values = {}
    for asset in sorted({*before, *after, *parts}):
        change = after.get(asset, ZERO) - before.get(asset, ZERO)
        changes = parts[asset]
        values[asset] = before.get(asset, ZERO), {**changes, "price_effect": change - sum(changes.values(), ZERO)}
    names, lines = round_assets(values, statement)
    order = sorted(lines, key=lambda line: (not line.name, -abs(line.gain), line.name))
    return names, [line for line in order if line.before or line.after or any(line.parts.values())]


def _load_values(db: Db, frame: Frame, hour: datetime) -> dict[str, Decimal]:
    return {held.asset: held.value for held in load_held(db, frame.account_id, [hour], frame.currency)}
