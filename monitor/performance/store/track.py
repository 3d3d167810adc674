"""What the fold derives: units per hour, benchmark rows, and what each flow was booked at. Recomputed at will."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from finance.benchmark import BenchmarkConfig
from finance.flow_values import ValuedFlow
from finance.track import FlowPoint, HourPoint
from monitor.performance.store.highs import are_continued, record_highs
from sql.rows import Db, execute_each


def record_hour_points(
    db: Db,
    account_id: int,
    configs: Sequence[BenchmarkConfig],
    points: Iterable[HourPoint],
    estimated: AbstractSet[datetime],
) -> None:
    """Write units and benchmarks of valued hours up to the newest, in order; `estimated` are those that are not exact."""
    points = list(points)
    if not points:
        return
    first = points[0].event.hour
    is_continued = are_continued(db, account_id, first)
    execute_each(
        db,
        """
        update nav_history
        set flows = %(flows)s, invested = %(invested)s, units = %(units)s, unit_price = %(unit_price)s,
          peak_nav = %(peak)s, episode = %(episode)s, losses = %(losses)s, estimated = %(estimated)s
        where account_id = %(account)s and hour = %(hour)s
        """,
        [
            {
                "account": account_id,
                "hour": point.event.hour,
                "flows": point.flows,
                "invested": point.state.account.invested,
                "units": point.state.account.units,
                "unit_price": point.state.account.unit_price,
                "peak": point.state.account.peak_nav,
                "episode": point.state.account.episode,
                "losses": point.state.account.losses,
                "estimated": point.event.hour in estimated,
            }
            for point in points
        ],
    )
    execute_each(
        db,
        """
        insert into benchmark_history (
          benchmark_id, hour, taken_at, nav, units, unit_price, debt, invested, episode, losses, peak_nav,
          quantities
        )
        values (
          %(benchmark)s, %(hour)s, %(taken_at)s, %(nav)s, %(units)s, %(unit_price)s, %(debt)s, %(invested)s,
          %(episode)s, %(losses)s, %(peak)s, %(quantities)s
        )
        on conflict (benchmark_id, hour) do update
        set taken_at = excluded.taken_at, nav = excluded.nav, units = excluded.units,
          unit_price = excluded.unit_price, debt = excluded.debt, invested = excluded.invested,
          episode = excluded.episode, losses = excluded.losses, peak_nav = excluded.peak_nav,
          quantities = excluded.quantities
        """,
        [row for point in points for row in _benchmark_rows(configs, point)],
    )
    record_highs(db, account_id, first, is_continued=is_continued)


def _benchmark_rows(configs: Sequence[BenchmarkConfig], point: HourPoint) -> Iterable[dict[str, object]]:
    for config, state, nav in zip(configs, point.state.benchmarks, point.benchmark_navs, strict=True):
        yield {
            "benchmark": config.id,
            "hour": point.event.hour,
            "taken_at": point.event.at,
            "nav": nav,
            "units": state.track.units,
            "unit_price": state.track.unit_price,
            "debt": state.debt,
            "invested": state.track.invested,
            "episode": state.track.episode,
            "losses": state.track.losses,
            "peak": state.track.peak_nav,
            "quantities": list(state.quantities),
        }


def record_flow_values(db: Db, account_id: int, flows: Iterable[ValuedFlow]) -> None:
    """Write what flows were worth; a flow without a price stays pending valuation."""
    execute_each(
        db,
        """
        insert into flow_valuations (
          account_id, transaction_id, occurred_at, price, price_source, value, nav_before, estimated, reason
        )
        values (
          %(account)s, %(transaction)s, %(occurred_at)s, %(price)s, %(source)s, %(value)s, %(nav_before)s,
          %(estimated)s, %(reason)s
        )
        on conflict (account_id, transaction_id) do update
        set occurred_at = excluded.occurred_at, price = excluded.price, price_source = excluded.price_source,
          value = excluded.value, nav_before = excluded.nav_before, estimated = excluded.estimated,
          reason = excluded.reason
        """,
        [
            {
                "account": account_id,
                "transaction": flow.entry.id,
                "occurred_at": flow.at,
                "price": flow.price.value if flow.price else None,
                "source": flow.price.route if flow.price else "",
                "value": flow.value,
                "nav_before": flow.nav_before,
                "estimated": flow.is_estimated,
                "reason": flow.reason,
            }
            for flow in flows
        ],
    )


def record_flow_points(
    db: Db, account_id: int, configs: Sequence[BenchmarkConfig], points: Iterable[FlowPoint]
) -> None:
    """Write the unit prices that flows were booked at."""
    points = list(points)
    execute_each(
        db,
        """
        update flow_valuations
        set unit_price = %(unit_price)s, units = %(units)s
        where account_id = %(account)s and transaction_id = %(transaction)s
        """,
        [
            {
                "account": account_id,
                "transaction": point.event.transaction_id,
                "unit_price": point.unit_price,
                "units": point.units,
            }
            for point in points
        ],
    )
    execute_each(
        db,
        """
        insert into benchmark_flows (benchmark_id, transaction_id, occurred_at, unit_price, units)
        values (%(benchmark)s, %(transaction)s, %(at)s, %(unit_price)s, %(units)s)
        on conflict (benchmark_id, transaction_id) do update
        set unit_price = excluded.unit_price, units = excluded.units
        """,
        [
            {
                "benchmark": config.id,
                "transaction": point.event.transaction_id,
                "at": point.event.at,
                "unit_price": unit_price,
                "units": units,
            }
            for point in points
            for config, (unit_price, units) in zip(configs, point.benchmarks, strict=True)
        ],
    )


def forget_flow_values(db: Db, transaction_ids: Iterable[int]) -> None:
    """Take back what superseded revisions were booked at; the ledger itself keeps them."""
    ids = list(transaction_ids)
    if not ids:
        return  # it would look at all flows
    db.execute("delete from flow_valuations where transaction_id = any(%(ids)s)", {"ids": ids})
    db.execute("delete from benchmark_flows where transaction_id = any(%(ids)s)", {"ids": ids})
