"""/api/trades/metrics: do trades win, on which coins, at which hours, and what did they cost."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from dashboard.api.queries import ExchangeName, Measured
from dashboard.api.replies import may_say, reply_framed, require_history
from dashboard.api.trade_metrics_shapes import TradeFigures, TradeGroup, TradeMetricsOf
from dashboard.api.trades import AT_EXCHANGE
from dashboard.frame import Frame
from dashboard.history.trade_costs import load_costs
from dashboard.history.trade_metrics import load_for_metrics
from dashboard.history.trades import Wanted
from dashboard.periods import CALENDAR
from finance.trade_metrics import By, ClosedTrade, Period, group_by
from finance.trade_metrics.answer import answer
from sql.rows import Db

router = APIRouter()
BY_ACCOUNT = ("account", "exchange")  # of which a portfolio's own trades are none
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
ByName = Literal[
    "symbol", "asset", "side", "market", "exit_kind", "exchange", "account", "tag", "hour", "weekday"
]  # fmt: skip


class Grouped(Measured):
    """Trades in groups."""

    is_filtered = True
    exchange: ExchangeName | None = Field(None, description=AT_EXCHANGE)
    by: ByName | None = Field(
        None,
        description="A group for each; hour and weekday are those of opening, UTC. A trade is in the group of each of its tags. "
        "By account or exchange a portfolio's groups are the trades that each of its accounts has for itself: they are not "
        "those of the total, which has what goes from account to account as no event.",
    )
    deposits: bool = Field(False, description="Count trades, too, that began with a deposit and were closed by fills.")


class PeriodTrades(NamedTuple):
    """The trades that were closed in a period and count, and how many others were closed."""

    period: str
    since: datetime
    until: datetime
    trades: list[ClosedTrade]
    not_counted: int
    wanted: Wanted  # of which they are, and a few more at the calendar's edges


@router.get("/trades/metrics", responses=may_say(TradeMetricsOf), summary="What closed trades say together")
def trade_metrics(request: Request, asked: Annotated[Grouped, Query()]) -> Response:
    """Win rate, profit factor, expectancy, SQN and more of trades that were closed in a period, all together and in groups."""
    return reply_framed(request, asked, asked.view, lambda db, frame: _metrics(db, require_history(frame), asked))


def _metrics(db: Db, frame: Frame, asked: Grouped) -> TradeMetricsOf:
    found = find_trades(db, frame, asked.period, asked.exchange or "", deposits=asked.deposits)
    in_groups = found
    if asked.by in BY_ACCOUNT and not asked.exchange and frame.is_portfolio:
        in_groups = find_trades(db, frame, asked.period, by_account=True, deposits=asked.deposits)
    groups = group_by(in_groups.trades, By(asked.by)) if asked.by else {}
    costs = load_costs(db, found.wanted)
    in_group = costs if in_groups is found else load_costs(db, in_groups.wanted)
    return TradeMetricsOf(
        period=found.period,
        period_start=found.since,
        period_end=found.until,
        by=asked.by,
        not_counted=found.not_counted,
        total=TradeFigures(**answer(found.trades, costs)),
        groups=[TradeGroup(group=name, **answer(some, in_group)) for name, some in groups.items()],
    )


def find_trades(
    db: Db, frame: Frame, asked: str, exchange: str = "", *, by_account: bool = False, deposits: bool = False
) -> PeriodTrades:
    """The trades that were closed in the period of a frame that has one; of a portfolio its own, or its accounts'.

    The calendar's periods are of moments; all others begin and end with a valued hour, as all that is said of them.
    """
    span, key = frame.shown, frame.view.period.key
    since, until = span.start.hour, span.end.hour
    name = asked if key in ("all", *CALENDAR) else key
    wanted = Wanted(account_id=frame.account_id, since=since, until=until, exchange=exchange, by_account=by_account)
    if key not in CALENDAR:
        found = load_for_metrics(db, wanted, deposits=deposits)
    else:
        begun, ended = Period(key).begin(span.last), Period(key).end(span.last)
        assert begun and ended
        wanted = replace(wanted, since=begun - HOUR)
        before = load_for_metrics(db, wanted, deposits=deposits)
        found = tuple(one for one in before if one.trade.closed_at >= begun)
        since, until = begun, ended - SECOND
    counted = [one.trade for one in found if one.is_counted]
    return PeriodTrades(name.upper(), since, until, counted, len(found) - len(counted), wanted)


def describe_trades(db: Db, frame: Frame, asked: str) -> dict[str, Any]:
    """What `/api/performance/metrics` says of a period's trades."""
    found = find_trades(db, frame, asked)
    return {
        "period": found.period,
        "period_start": found.since,
        "period_end": found.until,
        **answer(found.trades, load_costs(db, found.wanted)),
    }
