"""A change of NAV in steps: stored explanations added up by hour, day or month."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import LiteralString

from dashboard.history.rates import USDT, Invested, has_rate, load_invested, rate_at
from sql.rows import Db, load_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSums:
    """What happened between two valued hours, as sums of its explanations."""

    first: datetime  # the first valued hour whose change is in it
    last: datetime
    nav_change: Decimal
    benchmark_change: Decimal
    benchmark_flows: Decimal
    price_effect: Decimal
    trading: Decimal
    positions: Decimal
    flows: Decimal
    income: Decimal
    fees: Decimal
    residual: Decimal
    unexplained: int  # hours


def load_steps(
    db: Db,
    account_id: int,
    benchmark: str,
    since: datetime,
    until: datetime,
    step: str,
    *,
    currency: str = USDT,
    zone: str = "UTC",
    most: int | None = None,
) -> tuple[StepSums, ...]:
    """What happened between two valued hours, a row for each `step` (hour, day or month) with a valued hour, in order.

    An hour's change belongs to the step in which it began; days and months are those of a time zone.
    Amounts are in `currency`: each part at its hour's rate, and price_effect is what is left of the change. In USDT `most`
    leaves only the steps that moved the difference to the benchmark most.

    Every step looks for its own rows by index; grouping all hours by their days takes twice as long.
    """
    is_converted = currency != USDT
    parts: LiteralString = """sum(e.price_effect) as price_effect, sum(e.trading) as trading,
              sum(e.positions) as positions, sum(e.income) as income, sum(e.fees) as fees, sum(e.residual) as residual"""
    change: LiteralString = "n.nav - lag(n.nav) over w"
    benchmark_change: LiteralString = "n.benchmark - lag(n.benchmark) over w"
    effect: LiteralString = "coalesce(e.price_effect, 0)"
    rate: LiteralString = ""
    largest: LiteralString = ""
    if most is not None:
        largest = """order by abs(c.nav_change - c.paid - c.benchmark_change + c.benchmark_flows) desc, c.hour
            limit %(most)s"""
    if is_converted:
        parts = """sum(
                e.price_effect + e.trading + e.positions + e.income + e.fees + e.residual
              ) as known, sum(e.trading / r.rate) as trading, sum(e.positions / r.rate) as positions,
              sum(e.income / r.rate) as income, sum(e.fees / r.rate) as fees, sum(e.residual / r.rate) as residual"""
        change = "n.nav / n.rate - lag(n.nav / n.rate) over w"
        benchmark_change = "n.benchmark / n.rate - lag(n.benchmark / n.rate) over w"
        effect = "(c.change - c.paid - coalesce(e.known, 0)) / c.rate"  # what no explanation covers, until `_convert`
        rate = f"cross join lateral (select {rate_at('e.hour', currency)} as rate offset 0) r"  # once for an hour
    found = load_rows(
        db,
        StepSums,
        f"""
        with begins as (
          -- of a midnight that comes twice the first: a moment before it there is but one
          select least(local at time zone %(zone)s,
              (local - interval '1 microsecond') at time zone %(zone)s + interval '1 microsecond') as began
          from generate_series(
            date_trunc(%(step)s, %(since)s::timestamptz at time zone %(zone)s),
            %(until)s::timestamptz at time zone %(zone)s,
            ('1 ' || %(step)s)::interval
          ) as local
        ),
          bounds as (
            select began + interval '1 hour' as since,
              lead(began, 1, 'infinity') over (order by began) + interval '1 hour' as until
            from begins
          ),
          ends as materialized (
            select n.*, lag(n.hour, 1, %(since)s) over (order by n.hour) as before
            from bounds
            cross join lateral (
              select hour, nav, invested
              from nav
              where account_id = %(id)s
                and unit_price is not null
                and hour > %(since)s
                and hour <= %(until)s
                and hour >= bounds.since
                and hour < bounds.until
                and {has_rate("nav.hour", currency)}
              order by hour desc
              limit 1
            ) n
          ),
          shown as materialized (select account_id from books where id = %(id)s),
          marks as (
            select hour, nav, invested from nav where account_id = %(id)s and hour = %(since)s
            union all
            select hour, nav, invested from ends
          ),
          changes as (
            select n.hour, {change} as nav_change, {benchmark_change} as benchmark_change,
              n.nav - lag(n.nav) over w as change, n.invested - lag(n.invested) over w as paid, n.rate,
              n.benchmark_invested - lag(n.benchmark_invested) over w as benchmark_flows
            from (
              select m.*, b.nav as benchmark, b.invested as benchmark_invested, {rate_at("m.hour", currency)} as rate
              from marks m
              cross join lateral (
                select nav, invested
                from benchmark_nav b
                where b.hour = m.hour
                  and b.benchmark_id = (
                    select benchmark_id from benchmarks where account_id = %(id)s and name = %(benchmark)s
                  )
                limit 1
              ) b
            ) n window w as (order by n.hour)
          ),
          steps as (select c.*, x.before from ends x join changes c on c.hour = x.hour {largest})
        select f.first, c.hour as last, c.nav_change, c.benchmark_change, c.benchmark_flows, c.paid as flows,
          {effect} as price_effect, coalesce(e.trading, 0) as trading,
          coalesce(e.positions, 0) as positions, coalesce(e.income, 0) as income, coalesce(e.fees, 0) as fees,
          coalesce(e.residual, 0) as residual, e.unexplained
        from steps c
        cross join lateral (
          select hour as first
          from nav
          where account_id = %(id)s
            and unit_price is not null
            and hour > c.before
            and hour <= c.hour
            and {has_rate("nav.hour", currency)}
          order by hour
          limit 1
        ) f
        cross join lateral (
          select {parts}, count(*) filter (where e.state = 'unexplained') as unexplained
          from shown s
          cross join lateral (
            select *
            from explanations e
            where e.account_id = s.account_id
              and e.hour > c.before
              and e.hour <= c.hour
            offset 0 -- by index, a step at a time
          ) e
          {rate}
        ) e
        order by c.hour
        """,
        {
            "id": account_id,
            "benchmark": benchmark,
            "since": since,
            "until": until,
            "step": step,
            "zone": zone if step != "hour" else "UTC",
            "currency": currency,
            "most": most,
        },
    )
    if not is_converted:
        return found
    invested = load_invested(db, account_id, benchmark, currency)
    befores = [since, *(row.last for row in found)]
    return tuple(_convert(row, invested, before) for row, before in zip(found, befores, strict=False))


def _convert(row: StepSums, invested: Invested, before: datetime) -> StepSums:
    """The step with its flows in the currency, and the price effect as what is left; what no explanation covers stands there."""
    (account, benchmark), (account_before, benchmark_before) = invested.at(row.last), invested.at(before)
    flows, uncovered = account - account_before, row.price_effect
    known = row.trading + row.positions + row.income + row.fees + row.residual
    return replace(
        row,
        flows=flows,
        benchmark_flows=benchmark - benchmark_before,
        price_effect=row.nav_change - known - flows - uncovered,
    )
