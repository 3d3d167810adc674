"""Why NAV changed, and why it changed otherwise than the benchmark's: stored explanations added up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from dashboard.history.members import IN_VIEW, member
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


class KindSum(NamedTuple):
    """Income or fees of one kind."""

    part: str
    kind: str
    value: Decimal


class AssetPart(NamedTuple):
    """A part of what happened to an asset."""

    asset: str
    part: str
    units: Decimal | None
    value: Decimal | None


class Held(NamedTuple):
    """What was held of an asset at an hour."""

    hour: datetime
    asset: str
    quantity: Decimal
    value: Decimal
    price: Decimal | None
    route: str | None


class Joined(NamedTuple):
    """What accounts brought of an asset (+), or took (-)."""

    asset: str
    value: Decimal


class Unexplained(NamedTuple):
    """An hour with a change that no history contains."""

    account_id: int
    label: str
    from_hour: datetime
    hour: datetime
    residual: Decimal
    cause: str


def load_steps(
    db: Db, account_id: int, benchmark: str, since: datetime, until: datetime, step: str
) -> tuple[StepSums, ...]:
    """What happened between two valued hours, a row for each `step` (hour, day or month) with a valued hour, in order.

    An hour's change belongs to the step in which it began. A
    portfolio's parts are those of its accounts, each counted in the next hour in which all of them have a figure; its
    flows are its own.
    """
    return load_rows(
        db,
        StepSums,
        f"""
        with ends as (
          select date_trunc(%(step)s, hour - interval '1 hour', 'UTC') as bucket, min(hour) as first,
            max(hour) as last, sum(flows) as flows
          from nav
          where account_id = %(id)s and unit_price is not null and hour > %(since)s and hour <= %(until)s
          group by 1
        ),
          sums as (
            select date_trunc(
              %(step)s,
              (
                case when %(id)s <= 0 then (
                  select min(c.hour)
                  from nav c
                  where c.account_id = %(id)s and c.unit_price is not null and c.hour >= e.hour
                ) else e.hour end
              ) - interval '1 hour',
              'UTC'
            ) as bucket,
              sum(e.price_effect) as price_effect, sum(e.trading) as trading, sum(e.positions) as positions,
              sum(e.income) as income, sum(e.fees) as fees, sum(e.residual) as residual,
              count(*) filter (where e.state = 'unexplained') as unexplained
            from explanations e
            where e.hour > %(since)s and e.hour <= %(until)s and {IN_VIEW}
            group by 1
          ),
          marks as (select %(since)s::timestamptz as hour union all select last from ends),
          changes as (
            select n.hour, n.nav - lag(n.nav) over w as nav_change,
              b.nav - lag(b.nav) over w as benchmark_change,
              b.invested - lag(b.invested) over w as benchmark_flows
            from marks m
            join nav n on n.hour = m.hour and n.account_id = %(id)s
            join benchmark_nav b
              on b.hour = m.hour
              and b.benchmark_id = (
                select benchmark_id from benchmarks where account_id = %(id)s and name = %(benchmark)s
              ) window w as (order by n.hour)
          )
        select x.first, x.last, c.nav_change, c.benchmark_change, c.benchmark_flows, x.flows,
          coalesce(e.price_effect, 0) as price_effect, coalesce(e.trading, 0) as trading,
          coalesce(e.positions, 0) as positions, coalesce(e.income, 0) as income, coalesce(e.fees, 0) as fees,
          coalesce(e.residual, 0) as residual, coalesce(e.unexplained, 0) as unexplained
        from ends x
        join changes c on c.hour = x.last
        left join sums e using (bucket)
        order by x.first
        """,
        {"id": account_id, "benchmark": benchmark, "since": since, "until": until, "step": step},
    )


def load_kinds(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[KindSum, ...]:
    """Income and fees of the hours after `since` up to `until`, the largest first."""
    return load_rows(
        db,
        KindSum,
        f"""
        select p.part, k.kind, sum(k.value::numeric) as value
        from explanations e
        cross join lateral jsonb_each(e.kinds) as p (part, amounts)
        cross join lateral jsonb_each_text(p.amounts) as k (kind, value)
        where {IN_VIEW} and e.hour > %(since)s and e.hour <= %(until)s and (e.income <> 0 or e.fees <> 0)
        group by p.part, k.kind
        order by p.part, abs(sum(k.value::numeric)) desc
        """,
        {"id": account_id, "since": since, "until": until},
    )


def load_asset_parts(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[AssetPart, ...]:
    """What happened to each asset but the moves of its price.

    Hours in which only prices moved are not looked into.
    """
    return load_rows(
        db,
        AssetPart,
        f"""
        select a.asset, p.part, sum(p.amount::numeric) filter (where p.measure = 'units') as units,
          sum(p.amount::numeric) filter (where p.measure = 'value') as value
        from explanations e
        cross join lateral jsonb_each(e.assets) as a (asset, parts)
        cross join lateral (
          select 'units' as measure, part, amount
          from jsonb_each_text(a.parts -> 'units') as u (part, amount)
          union all
          select 'value', part, amount
          from jsonb_each_text((a.parts -> 'value') - 'price_effect') as v (part, amount)
        ) as p
        where {IN_VIEW}
          and e.hour > %(since)s
          and e.hour <= %(until)s
          and (
            e.trading <> 0
              or e.positions <> 0
              or e.flows <> 0
              or e.income <> 0
              or e.fees <> 0
              or e.residual <> 0
          )
        group by a.asset, p.part
        """,
        {"id": account_id, "since": since, "until": until},
    )


def load_held(db: Db, account_id: int, hours: Sequence[datetime]) -> tuple[Held, ...]:
    """What was held at each of the valued `hours`, by asset."""
    return load_rows(
        db,
        Held,
        f"""
        select n.hour, h.asset, sum(h.quantity) as quantity, coalesce(sum(h.value), 0) as value,
          max(h.price) as price, max(h.route) as route
        from nav n
        join accounts a using (account_id)
        join holdings h on h.snapshot_id = n.snapshot_id
        where n.hour = any(%(hours)s) and {member("n", "n.hour")} and n.unit_price is not null
        group by n.hour, h.asset
        order by n.hour, sum(h.value) desc nulls last, h.asset
        """,
        {"id": account_id, "hours": list(hours)},
    )


def load_joined(db: Db, portfolio_id: int, since: datetime, until: datetime) -> tuple[Joined, ...]:
    """What accounts brought to a portfolio (+) or took from it (-) between two hours.

    An account joins with its first valued hour after `since`, and leaves with its last one before `until`.
    """
    return load_rows(
        db,
        Joined,
        f"""
        with parts as (
          select n.account_id, bool_or(hour = %(since)s) as was, bool_or(hour = %(until)s) as stays,
            min(hour) filter (where hour > %(since)s) as joined,
            max(hour) filter (where hour < %(until)s) as left
          from nav n
          where {member("n", "n.hour")} and n.unit_price is not null and n.hour between %(since)s and %(until)s
          group by n.account_id
        )
        select h.asset,
          sum(
            case when n.hour = m.joined and not m.was then h.value else 0 end - case when n.hour = m.left and
              not m.stays then h.value else 0 end
          ) as value
        from parts m
        join nav n on n.account_id = m.account_id and n.hour in (m.joined, m.left)
        join holdings h on h.snapshot_id = n.snapshot_id
        where not (m.was and m.stays)
        group by h.asset
        """,
        {"id": portfolio_id, "since": since, "until": until},
    )


def load_unexplained(db: Db, account_id: int, since: datetime, until: datetime, limit: int) -> tuple[Unexplained, ...]:
    """Hours with a change that no history contains, the newest first."""
    return load_rows(
        db,
        Unexplained,
        f"""
        select a.account_id, a.label, e.from_hour, e.hour, e.residual, e.cause
        from explanations e
        join accounts a using (account_id)
        where {IN_VIEW} and e.state = 'unexplained' and e.hour > %(since)s and e.hour <= %(until)s
        order by e.hour desc, a.label
        limit %(limit)s
        """,
        {"id": account_id, "since": since, "until": until, "limit": limit},
    )
