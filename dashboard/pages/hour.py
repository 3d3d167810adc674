"""One hour: what changed in it and why, down to what was read, the prices used, and every event."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dashboard.errors import NotThere
from dashboard.explanation import CAUSES, PARTS, make_statement, make_step
from dashboard.frame import Frame
from dashboard.history.explanations import BothEnds, Held, load_both_ends
from dashboard.history.hours import (
    load_explanations,
    load_hour,
    load_hour_checks,
    load_hour_fills,
    load_hour_flows,
    load_hour_income,
    load_readings,
)
from dashboard.history.runs import load_hour_changes
from dashboard.history.steps import load_steps
from dashboard.page import Model, Page
from dashboard.pages.asset_lines import make_assets
from dashboard.pages.coin_lines import Prices, find_main_coin, make_coins
from dashboard.pages.explain import EXPLAIN_PATH, HOUR_PATH, name_parts
from dashboard.pages.hour_digits import make_digits
from dashboard.rounding import ZERO, apportion
from finance.attribution.causes import name_account
from sql.rows import Db, Row

MOST_EVENTS = 200


def make_hour(db: Db, frame: Frame) -> Model:
    """The hour of the view, or the last valued one of its period. Raises NotThere for an hour that was not recorded."""
    hour = frame.view.hour or frame.shown.end.hour
    row = load_hour(db, frame.account_id, frame.benchmark_name, hour, frame.currency)
    if row is None:
        raise NotThere(f"The hour {hour:%Y-%m-%d %H:%M} UTC was not recorded for this account.")
    if not row["has_rate"]:
        row["nav"] = row["benchmark_nav"] = None
    checks = load_hour_checks(db, frame.account_id, hour)
    since = row["valued_before"] if row["unit_price"] is not None and row["has_rate"] else None
    change = _explain(db, frame, since, row) if since else _without_change(db, frame, hour)
    return {
        "row": row,
        "since": since,
        "at_hour": hour,
        "day": hour - timedelta(hours=1),
        "readings": load_readings(db, frame.account_id, hour, frame.currency),
        "checks": checks,
        "nothing": name_nothing(checks),
        "changes": load_hour_changes(db, frame.account_id, hour),
        "names": name_parts(frame, PARTS),
        "causes": name_parts(frame, CAUSES),
        "explain_path": EXPLAIN_PATH,
        "hour_path": HOUR_PATH,
        **change,
    }


def name_nothing(checks: Sequence[Row]) -> dict[str, list[str]]:
    """What is worth nothing on either side, and for whom that is so; for nobody in particular where it is for everybody."""
    found: dict[str, list[str]] = {}
    for check in checks:
        if check["within"] and not check["ours"] and not check["theirs"]:
            found.setdefault(check["subject"], []).append(check["label"])
    everybody = {check["label"] for check in checks}
    return {subject: [] if set(labels) == everybody else labels for subject, labels in found.items()}


def _explain(db: Db, frame: Frame, since: datetime, row: Row) -> Model:
    """What led from the valued hour `since` to this one."""
    account, hour = frame.account_id, row["hour"]
    (found,) = load_steps(db, account, frame.benchmark_name, since, hour, "hour", currency=frame.currency)[-1:]
    before = load_hour(db, account, frame.benchmark_name, since, frame.currency)
    assert before
    step = make_step(found)
    statement = make_statement(step, before["nav"], frame.display.cent)
    ends = load_both_ends(db, account, since, hour, frame.currency)
    names, assets = make_assets(ends, statement)
    explanations = load_explanations(db, account, since, hour, frame.currency)
    coins = make_coins(db, (before, row), ends.prices, assets, statement, frame.currency)
    return {
        "statement": statement,
        "asset_parts": names,
        "assets": assets,
        "held": _compare_held(ends),
        "coins": coins,
        "main_coin": find_main_coin(coins, statement),
        "digits": make_digits(db, frame, since, hour, before["nav"]),
        "explanations": [
            row
            | {
                "change": apportion([row["nav_change"]], cent=statement.cent)[0],
                "cause": name_account(row["cause"], row["label"]),
            }
            for row in explanations
        ],
        "events": {
            "flows": load_hour_flows(db, account, since, hour, frame.currency),
            "fills": load_hour_fills(db, account, since, hour, MOST_EVENTS),
            "income": load_hour_income(db, account, since, hour, MOST_EVENTS),
        },
    }


def _without_change(db: Db, frame: Frame, hour: datetime) -> Model:
    """An hour without a figure, or the first one with a figure: there is no change to explain."""
    flows = load_hour_flows(db, frame.account_id, hour - timedelta(hours=1), hour, frame.currency)
    events = {"flows": flows, "fills": [], "income": []}
    return {
        "statement": None,
        "main_coin": None,
        "coins": [],
        "explanations": [],
        "events": events,
        "digits": None,
    }


def _compare_held(ends: BothEnds) -> list[dict[str, Any]]:
    """Quantities and prices of both readings, side by side, and the known changes of each quantity by part."""
    changes: dict[str, dict[str, Decimal]] = {}
    for row in ends.parts:
        if row.units:
            changes.setdefault(row.asset, {})[row.part] = row.units
    lines = []
    for asset, prices in ends.prices.items():
        before, after = ends.before.get(asset), ends.after.get(asset)
        lines.append(_compare_asset(before, after, prices) | {"asset": asset, "changes": changes.get(asset, {})})
    return lines


def _compare_asset(before: Held | None, after: Held | None, prices: Prices) -> dict[str, Any]:
    side = after or before
    return {
        "before": before.quantity if before else ZERO,
        "after": after.quantity if after else ZERO,
        "prices": prices,
        "moved": prices[1] / prices[0] - 1 if prices[0] and prices[1] else None,
        "route": side.route if side else None,
    }


AN_HOUR = Page(name="hour", title="Hour", path=HOUR_PATH, make=make_hour, home=EXPLAIN_PATH)
