"""/api/performance/metrics: every measure of account, benchmark and difference."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from dashboard.api import measured_shapes as shapes
from dashboard.api.daily import NOTHING_INVESTED, PERCENT
from dashboard.api.queries import Measured
from dashboard.api.replies import may_say, reply_framed, require_history
from dashboard.api.trade_metrics import describe_trades
from dashboard.frame import Frame
from dashboard.measured import load_measures
from dashboard.performance import compare
from dashboard.reading import measured
from finance.decimals import CONTEXT
from finance.measures import DEFINITIONS, Measure, Measures
from sql.rows import Db

router = APIRouter()


@router.get("/performance/metrics", responses=may_say(shapes.Metrics), summary="Measures")
def metrics(request: Request, asked: Annotated[Measured, Query()]) -> Response:
    """Every measure of a period; returns are fractions. And what the trades say that were closed in it."""
    return reply_framed(
        request, asked, asked.view, lambda db, frame: _metrics(db, require_history(frame), asked.period)
    )


def _metrics(db: Db, frame: Frame, period: str) -> shapes.Metrics:
    found = load_measures(db, frame)
    rests_on = found.measured
    grown = compare(frame.shown.start, frame.shown.end).account
    trading = describe_trades(db, frame, period)
    if grown is None:
        trading["reasons"] |= {"roi_percentage": NOTHING_INVESTED}
    return shapes.Metrics(
        **trading,
        roi_percentage=None if grown is None else CONTEXT.multiply(grown, PERCENT),
        account_id=frame.account_id,
        benchmark=frame.benchmark_name,
        started_at=rests_on.started_at if rests_on else None,
        ended_at=rests_on.ended_at if rests_on else None,
        hours=rests_on.hours if rests_on else None,
        hours_valued=rests_on.hours_valued if rests_on else None,
        metrics=[_metric(key, found) for key in DEFINITIONS],
    )


def _metric(key: str, found: Measures) -> shapes.Metric:
    definition, comparison = DEFINITIONS[key], found.figures[key]
    return shapes.Metric(
        key=key,
        name=definition.name,
        meaning=definition.meaning,
        unit=definition.unit,
        account=_figure(comparison.account),
        benchmark=_figure(comparison.benchmark) if comparison.benchmark else None,
        difference=_figure(comparison.difference) if comparison.difference else None,
    )


def _figure(found: Measure) -> shapes.Figure:
    return shapes.Figure(
        value=measured(found.value),
        unavailable_because=found.unavailable_because,
        standard_error=measured(found.standard_error),
        observations=found.observations,
        is_tentative=found.is_tentative,
        on=found.on,
        candidates=[rate for value in found.candidates if (rate := measured(value)) is not None],
    )
