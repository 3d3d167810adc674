"""A change of NAV in steps: stored explanations added up by hour, day or month."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import LiteralString

from dashboard.history.members import IN_VIEW
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
) -> tuple[StepSums, ...]:
    """What happened between two valued hours, a row for each `step` (hour, day or month) with a valued hour, in order.

    An hour's change belongs to the step in which it began; days and months are those of a time zone. A portfolio's parts
    are those of its accounts, each counted in the next hour in which all of them have a figure; its flows are its own.
    Amounts are in `currency`: each part at its hour's rate, and price_effect is what is left of the change.
    """
    is_converted = currency != USDT
    bucket: LiteralString = "date_trunc(%(step)s, {} - interval '1 hour', %(zone)s)"
    own = f"""(
                case when %(id)s <= 0 or {"true" if is_converted else "false"} then (
                  select min(c.hour)
                  from nav c
                  where c.account_id = %(id)s
                    and c.unit_price is not null
                    and c.hour >= e.hour
                    and {has_rate("c.hour", currency)}
                ) else e.hour end
              )"""
    parts: LiteralString = """sum(e.price_effect) as price_effect, sum(e.trading) as trading,
              sum(e.positions) as positions, sum(e.income) as income, sum(e.fees) as fees, sum(e.residual) as residual"""
    change: LiteralString = "n.nav - lag(n.nav) over w"
    benchmark_change: LiteralString = "b.nav - lag(b.nav) over w"
    effect: LiteralString = "coalesce(e.price_effect, 0)"
    if is_converted:
        parts = """sum(
                e.price_effect + e.trading + e.positions + e.income + e.fees + e.residual
              ) as known, sum(e.trading / r.rate) as trading, sum(e.positions / r.rate) as positions,
              sum(e.income / r.rate) as income, sum(e.fees / r.rate) as fees, sum(e.residual / r.rate) as residual"""
        change = "n.nav / r.rate - lag(n.nav / r.rate) over w"
        benchmark_change = "b.nav / r.rate - lag(b.nav / r.rate) over w"
        effect = "(c.change - c.paid - coalesce(e.known, 0)) / c.rate"  # what no explanation covers, until `_convert`
    found = load_rows(
        db,
        StepSums,
        f"""
        with ends as (
          select {bucket.format("hour")} as bucket, min(hour) as first, max(hour) as last, sum(flows) as flows
          from nav
          where account_id = %(id)s
            and unit_price is not null
            and hour > %(since)s
            and hour <= %(until)s
            and {has_rate("nav.hour", currency)}
          group by 1
        ),
          sums as (
            select {bucket.format(own)} as bucket, {parts},
              count(*) filter (where e.state = 'unexplained') as unexplained
            from explanations e
            cross join lateral (select {rate_at("e.hour", currency)} as rate) r
            where e.hour > %(since)s and e.hour <= %(until)s and {IN_VIEW}
            group by 1
          ),
          marks as (select %(since)s::timestamptz as hour union all select last from ends),
          changes as (
            select n.hour, {change} as nav_change, {benchmark_change} as benchmark_change,
              n.nav - lag(n.nav) over w as change, n.invested - lag(n.invested) over w as paid, r.rate,
              b.invested - lag(b.invested) over w as benchmark_flows
            from marks m
            cross join lateral (select {rate_at("m.hour", currency)} as rate) r
            join nav n on n.hour = m.hour and n.account_id = %(id)s
            join benchmark_nav b
              on b.hour = m.hour
              and b.benchmark_id = (
                select benchmark_id from benchmarks where account_id = %(id)s and name = %(benchmark)s
              ) window w as (order by n.hour)
          )
        select x.first, x.last, c.nav_change, c.benchmark_change, c.benchmark_flows, x.flows,
          {effect} as price_effect, coalesce(e.trading, 0) as trading,
          coalesce(e.positions, 0) as positions, coalesce(e.income, 0) as income, coalesce(e.fees, 0) as fees,
          coalesce(e.residual, 0) as residual, coalesce(e.unexplained, 0) as unexplained
        from ends x
        join changes c on c.hour = x.last
        left join sums e using (bucket)
        order by x.first
        """,
        {
            "id": account_id,
            "benchmark": benchmark,
            "since": since,
            "until": until,
            "step": step,
            "zone": zone,
            "currency": currency,
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
