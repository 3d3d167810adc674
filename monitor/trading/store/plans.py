"""Plans of orders, as they are stored: by revisions, each with everything that was planned so far."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any, LiteralString, NamedTuple

from psycopg.types.json import Jsonb

from finance.decimals import plain
from finance.order_plans import OrderPlan, Target
from sql.rows import Db, load_rows, load_value

COLUMNS: LiteralString = """
    plan_id as id, source, planned_at, symbol, side, order_id, entry, stop, targets, quantity, notional, leverage, amount_percentage,
    confidence, timeframe, analysis_type, market_condition, risk_level, order_type, force, margin_mode, note
    """


class PlanRevision(NamedTuple):
    """A plan as it stood once it was recorded."""

    revision: int
    at: datetime
    is_taken_back: bool
    plan: OrderPlan


def load_plans(db: Db, account_id: int) -> tuple[OrderPlan, ...]:
    """The account's plans as they stand, the newest first; none that was taken back."""
    return load_rows(
        db,
        _read_plan,
        f"""
        select {COLUMNS}
        from (
          select distinct on (plan_id) *
          from order_plans
          where account_id = %(account)s
          order by plan_id, revision desc
        ) newest
        where not is_taken_back
        order by planned_at desc, at desc, plan_id
        """,
        {"account": account_id},
    )


def load_plan_revisions(db: Db, account_id: int, plan_id: str) -> tuple[PlanRevision, ...]:
    """How a plan came to stand as it does, the first revision first; empty where there is none of that id."""
    return load_rows(
        db,
        _read_revision,
        f"""
        select revision, at, is_taken_back, {COLUMNS}
        from order_plans
        where account_id = %(account)s and plan_id = %(plan)s
        order by revision
        """,
        {"account": account_id, "plan": plan_id},
    )


def load_plans_of(db: Db, accounts: Sequence[int], orders: Collection[str]) -> tuple[OrderPlan, ...]:
    """All that the plans were that belong to one of `orders`, each as it stands now last; none that was taken back."""
    return load_rows(
        db,
        _read_plan,
        f"""
        select {COLUMNS}
        from order_plans p
        where (account_id, plan_id) in (
            select account_id, plan_id
            from order_plans
            where account_id = any(%(accounts)s) and order_id <> '' and order_id = any(%(orders)s)
          )
          and not (
            select is_taken_back
            from order_plans newest
            where newest.account_id = p.account_id and newest.plan_id = p.plan_id
            order by revision desc
            limit 1
          )
        order by account_id, plan_id, revision
        """,
        {"accounts": accounts, "orders": list(orders)},
    )


def count_plans(db: Db, source: str) -> int:
    """How many plans of a source all accounts ever had."""
    found: int = load_value(
        db,
        """
        select count(*) from (select distinct account_id, plan_id from order_plans where source = %(source)s) plans
        """,
        {"source": source},
    )
    return found


def _read_revision(*, revision: int, at: datetime, is_taken_back: bool, **columns: Any) -> PlanRevision:
    return PlanRevision(revision, at, is_taken_back, _read_plan(**columns))


def _read_plan(*, targets: list[dict[str, Any]], **columns: Any) -> OrderPlan:
    return OrderPlan(targets=tuple(_read_target(**one) for one in targets), **columns)


def _read_target(*, level: int, price: str, percentage: str | None) -> Target:
    return Target(level=level, price=Decimal(price), percentage=None if percentage is None else Decimal(percentage))


def record_plan(db: Db, account_id: int, plan: OrderPlan, at: datetime, *, is_taken_back: bool = False) -> None:
    """Add a revision of a plan, its first if there is none of its id; the ones before stay."""
    targets = [
        {
            "level": one.level,
            "price": plain(one.price),
            "percentage": None if one.percentage is None else plain(one.percentage),
        }
        for one in plan.targets
    ]
    db.execute(
        """
        insert into order_plans (
          account_id, plan_id, revision, at, planned_at, source, is_taken_back, symbol, side, order_id, entry, stop, targets, quantity,
          notional, leverage, amount_percentage, confidence, timeframe, analysis_type, market_condition, risk_level, order_type,
          force, margin_mode, note
        )
        select %(account)s, %(id)s, coalesce(max(revision), 0) + 1, %(at)s, %(planned_at)s, %(source)s, %(is_taken_back)s,
          %(symbol)s, %(side)s, %(order_id)s, %(entry)s, %(stop)s, %(targets)s, %(quantity)s, %(notional)s, %(leverage)s,
          %(amount_percentage)s, %(confidence)s, %(timeframe)s, %(analysis_type)s, %(market_condition)s, %(risk_level)s,
          %(order_type)s, %(force)s, %(margin_mode)s, %(note)s
        from order_plans
        where account_id = %(account)s and plan_id = %(id)s
        """,
        asdict(plan) | {"account": account_id, "at": at, "is_taken_back": is_taken_back, "targets": Jsonb(targets)},
    )
