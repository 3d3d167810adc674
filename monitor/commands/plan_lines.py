"""Plans of orders as `trades plan` prints them."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from finance.decimals import plain
from finance.order_plans import OrderPlan
from monitor.commands.columns import align, minute, moment_json
from monitor.trading.store.plans import PlanRevision

COLUMNS = ("id", "account", "since", "symbol", "side", "entry", "stop", "targets", "quantity", "order")
FIGURES = ("entry", "stop", "quantity", "notional", "leverage", "amount_percentage")
WORDS = (
    "confidence",
    "timeframe",
    "analysis_type",
    "market_condition",
    "risk_level",
    "order_type",
    "force",
    "margin_mode",
    "note",
)
NONE = "Nothing is planned yet. A plan: trades plan --symbol PAIR --side buy --entry 43000 --stop 42000 --tp 45000:50"


def list_plans(plans: Sequence[tuple[str, OrderPlan]]) -> str:
    """Plans as a table, each with its account's label."""
    if not plans:
        return NONE
    rows = [
        (
            plan.id,
            label,
            minute(plan.planned_at),
            plan.symbol,
            plan.side,
            _figure(plan.entry) or "market",
            _figure(plan.stop),
            _targets(plan),
            _figure(plan.quantity),
            plan.order_id,
        )
        for label, plan in plans
    ]
    return "\n".join(align([COLUMNS, *rows], [one for one in COLUMNS if one not in FIGURES]))


def describe_plan(label: str, revisions: Sequence[PlanRevision]) -> str:
    """A plan as it stands, and below it each change that led there."""
    last = revisions[-1]
    state = ", taken back" if last.is_taken_back else ""
    lines = [f"{last.plan.id} of {label}: {last.plan.side} {last.plan.symbol}{state}", *_describe(last.plan)]
    for before, after in pairwise(revisions):
        known = _describe(before.plan)
        changed = [line.strip() for line in _describe(after.plan) if line not in known]
        lines.append(
            f"  {minute(after.at)}: " + ("taken back" if after.is_taken_back else "; ".join(changed) or "stands again")
        )
    return "\n".join(lines)


def _describe(plan: OrderPlan) -> list[str]:
    named = {"since": minute(plan.planned_at), "entry": _figure(plan.entry) or "market", "targets": _targets(plan)}
    named |= {name: _figure(getattr(plan, name)) for name in FIGURES[1:]}
    named |= {name: getattr(plan, name) for name in WORDS} | {"order": plan.order_id}
    return [f"  {name.replace('_', ' '):<18} {value}" for name, value in named.items() if value]


def _figure(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def _targets(plan: OrderPlan) -> str:
    parts = ("" if one.percentage is None else f" ({plain(one.percentage)} %)" for one in plan.targets)
    return ", ".join(plain(one.price) + part for one, part in zip(plan.targets, parts, strict=True))


def plan_json(label: str, plan: OrderPlan) -> dict[str, object]:
    """A plan with every digit."""
    return {
        "id": plan.id,
        "account": label,
        "source": plan.source,
        "planned_at": moment_json(plan.planned_at),
        "symbol": plan.symbol,
        "side": plan.side,
        "order_id": plan.order_id or None,
        "targets": [
            {"level": one.level, "price": plain(one.price), "percentage": _figure(one.percentage) or None}
            for one in plan.targets
        ],
        **{name: _figure(getattr(plan, name)) or None for name in FIGURES},
        **{name: getattr(plan, name) for name in WORDS},
    }


def revisions_json(label: str, revisions: Sequence[PlanRevision]) -> dict[str, object]:
    """A plan as it stands, with its revisions."""
    last = revisions[-1]
    all_of_it = [
        {"revision": one.revision, "at": moment_json(one.at), "is_taken_back": one.is_taken_back}
        | plan_json(label, one.plan)
        for one in revisions
    ]
    return plan_json(label, last.plan) | {"is_taken_back": last.is_taken_back, "revisions": all_of_it}
