"""/api/portfolio, /api/balances, /api/accounts: what accounts are worth, hold, and why that changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from dashboard.api import held_shapes as held
from dashboard.api import shapes
from dashboard.api.daily import describe_standing
from dashboard.api.queries import ADay, Chosen, Parameters, Shown
from dashboard.api.replies import may_say, reply, reply_framed, require_history
from dashboard.errors import NotThere
from dashboard.frame import Frame
from dashboard.history.accounts import Account, Benchmark, load_accounts, load_benchmarks, load_every, load_members
from dashboard.history.explanations import load_kinds
from dashboard.history.gains import load_costs, load_gains
from dashboard.history.holdings import load_holdings, load_positions
from dashboard.history.readings import load_holdings_at, load_readings
from dashboard.history.steps import load_steps
from dashboard.history.track import load_at, load_extent
from dashboard.performance import compare, measure_lead
from dashboard.periods import Period
from dashboard.portfolio import PARTS, group_by_asset
from dashboard.view import read_view
from sql.rows import Db

router = APIRouter()
AccountPath = Annotated[
    str, Path(min_length=1, max_length=60, description="The account's number or label; 0 is all together.")
]
CHANGES = ("price_effect", "trading", "positions", "flows", "income", "fees", "residual")


@router.get("/accounts", responses=may_say(shapes.Accounts), summary="Accounts")
def accounts(request: Request, asked: Annotated[Parameters, Query()]) -> Response:
    """Every tracked account with its benchmarks; all together first, where there are several."""
    return reply(
        request,
        asked,
        lambda db, _: shapes.Accounts(accounts=[_account(db, row) for row in load_accounts(db) if row.account_id >= 0]),
    )


@router.get("/portfolios", responses=may_say(shapes.Portfolios), summary="Portfolios")
def portfolios(request: Request, asked: Annotated[Parameters, Query()]) -> Response:
    """Every portfolio with its members and benchmarks, that of all accounts first."""
    return reply(
        request,
        asked,
        lambda db, _: shapes.Portfolios(
            portfolios=[_portfolio(db, row, row.portfolio) for row in load_every(db) if row.portfolio]
        ),
    )


def _portfolio(db: Db, row: Account, key: str) -> shapes.Portfolio:
    extent = load_extent(db, row.account_id)
    return shapes.Portfolio(
        key=key,
        label=row.label,
        account_id=row.account_id,
        first_hour=extent.first,
        last_hour=extent.last,
        members=[shapes.Member(**member) for member in load_members(db, row.account_id)],
        benchmarks=[_benchmark(found) for found in load_benchmarks(db, row.account_id)],
    )


def _account(db: Db, row: Account) -> shapes.Account:
    extent = load_extent(db, row.account_id)
    names = ("account_id", "label", "exchange", "key_state", "key_message", "overpowered", "system", "limits")
    return shapes.Account(
        **{name: getattr(row, name) for name in names},
        first_hour=extent.first,
        last_hour=extent.last,
        benchmarks=[_benchmark(found) for found in load_benchmarks(db, row.account_id)],
    )


def _benchmark(row: Benchmark) -> shapes.Benchmark:
    names = ("name", "assets", "weights", "rebalance", "is_default")
    return shapes.Benchmark(**{name: getattr(row, name) for name in names}, basket=row.basket)


@router.get("/portfolio/snapshot", responses=may_say(shapes.Snapshot), summary="Account against benchmark")
def snapshot(request: Request, asked: Annotated[Shown, Query()]) -> Response:
    """The last valued hour of a period, and the returns of the period."""
    return reply_framed(request, asked, asked.view, lambda db, frame: _snapshot(db, require_history(frame)))


def _snapshot(db: Db, frame: Frame) -> shapes.Snapshot:
    start, end = frame.shown.start, frame.shown.end
    found = compare(start, end)
    names = ("hour", "taken_at", "nav", "invested", "unit_price", "benchmark_nav", "benchmark_unit_price")
    return shapes.Snapshot(
        account_id=frame.account_id,
        label=frame.account.label if frame.account else "",
        benchmark=frame.benchmark_name,
        **{name: getattr(end, name) for name in names},
        benchmark_debt=end.debt,
        difference=measure_lead(end),
        **describe_standing(db, frame),
        returns=shapes.Returns(
            from_hour=found.started_at,
            to_hour=found.ended_at,
            account=found.account,
            benchmark=found.benchmark,
            active=found.active,
            value=found.value,
        ),
    )


@router.get("/portfolio/at", responses=may_say(shapes.DayEnd), summary="Value and holdings at the end of a day")
def day_end(request: Request, asked: Annotated[ADay, Query()]) -> Response:
    """Value and holdings at the last valued hour up to the end of a day, and which hour that was."""
    view = read_view(
        {
            "portfolio": asked.portfolio or "",
            "account": asked.account or "",
            "benchmark": asked.benchmark or "",
            "to": asked.date,
            "from": asked.date,
        }
    )
    assert view.period.last_day
    day = datetime.combine(view.period.last_day, datetime.min.time(), UTC) + timedelta(days=1)
    whole = asked.at_exchange(replace(view, period=Period(key="all")))
    return reply_framed(request, asked, whole, lambda db, frame: find_day_end(db, frame, day))


def find_day_end(db: Db, frame: Frame, day_ended_at: datetime) -> shapes.DayEnd:
    """Value and holdings at the end of a day. Raises NotThere before the first valued hour."""
    found = load_at(db, frame.account_id, frame.benchmark_name, day_ended_at) if frame.benchmark else None
    if found is None or frame.account is None:
        raise NotThere(f"There is no valued hour up to {day_ended_at:%Y-%m-%d %H:%M} UTC.")
    names = ("taken_at", "nav", "invested", "unit_price", "benchmark_nav")
    return shapes.DayEnd(
        account_id=frame.account_id,
        label=frame.account.label,
        day_ended_at=day_ended_at,
        hour_used=found.hour,
        **{name: getattr(found, name) for name in names},
        benchmark=frame.benchmark_name,
        holdings=[held.HeldThen(**row) for row in load_holdings_at(db, frame.account_id, found.hour)],
    )


@router.get("/portfolio/explanation", responses=may_say(shapes.PeriodExplanation), summary="Why NAV changed")
def explanation(request: Request, asked: Annotated[Shown, Query()]) -> Response:
    """The change of NAV in a period, in parts that add up exactly."""
    return reply_framed(request, asked, asked.view, lambda db, frame: _explanation(db, require_history(frame)))


def _explanation(db: Db, frame: Frame) -> shapes.PeriodExplanation:
    since, until = frame.shown.start.hour, frame.shown.end.hour
    steps = load_steps(db, frame.account_id, frame.benchmark_name, since, until, "month")
    parts = {part: sum((getattr(step, part) for step in steps), Decimal(0)) for part in CHANGES}
    nav_change = frame.shown.end.nav - frame.shown.start.nav
    gains = load_gains(db, frame.account_id, since, until)
    return shapes.PeriodExplanation(
        account_id=frame.account_id,
        from_hour=since,
        to_hour=until,
        nav_change=nav_change,
        **parts,
        rest=nav_change - sum(parts.values()),
        unexplained_hours=sum(step.unexplained for step in steps),
        kinds=[shapes.Kind(**one._asdict()) for one in load_kinds(db, frame.account_id, since, until)],
        gains=shapes.PeriodGains(**gains._asdict()) if gains else None,
    )


@router.get("/balances", responses=may_say(held.Balances), summary="Balances by wallet")
def balances(request: Request, asked: Annotated[Chosen, Query()]) -> Response:
    """What a portfolio or account held at its last reading, wallet by wallet."""
    return reply_framed(request, asked, asked.view, lambda db, frame: _balances(db, frame.account_id))


@router.get("/balances/summary", responses=may_say(held.BalanceSummary), summary="Balances by asset")
def balance_summary(request: Request, asked: Annotated[Chosen, Query()]) -> Response:
    """What a portfolio or account held at its last reading, asset by asset."""
    return reply_framed(request, asked, asked.view, lambda db, frame: _summary(db, frame.account_id))


@router.get("/balances/summary/{account:path}", responses=may_say(held.BalanceSummary), summary="An account's balances")
def account_summary(request: Request, account: AccountPath, asked: Annotated[Parameters, Query()]) -> Response:
    """What an account held at its last reading, asset by asset."""
    return balance_summary(request, Chosen(portfolio=None, account=account, exchange=None))


@router.get("/balances/{account:path}", responses=may_say(held.Balances), summary="An account's balances by wallet")
def account_balances(request: Request, account: AccountPath, asked: Annotated[Parameters, Query()]) -> Response:
    """What an account held at its last reading, wallet by wallet."""
    return balances(request, Chosen(portfolio=None, account=account, exchange=None))


def _balances(db: Db, account: int) -> held.Balances:
    return held.Balances(
        account_id=account,
        readings=[held.Reading(**row) for row in load_readings(db, account)],
        balances=[
            held.Balance(**{name: row[name] for name in held.Balance.model_fields})
            for row in load_holdings(db, account)
        ],
        positions=[held.Position(**row) for row in load_positions(db, account)],
    )


def _summary(db: Db, account: int) -> held.BalanceSummary:
    assets = group_by_asset(load_holdings(db, account), load_costs(db, account))
    names = ("asset", *PARTS, "price", "value", "share", "average_cost", "gain", "gained")
    return held.BalanceSummary(
        account_id=account,
        readings=[held.Reading(**row) for row in load_readings(db, account)],
        value=sum((asset["value"] for asset in assets), Decimal(0)),
        unpriced=[asset["asset"] for asset in assets if asset["unpriced"]],
        assets=[
            held.AssetSum(**{name: asset[name] for name in names}, is_unpriced=asset["unpriced"]) for asset in assets
        ],
    )
