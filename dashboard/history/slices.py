"""Account and benchmark through time in slices, as charts draw them."""

from datetime import datetime, timedelta
from typing import LiteralString, NamedTuple

from dashboard.history.rates import USDT, PaidMore, load_invested
from sql.rows import Db, load_rows

SLICES = 400  # of two points each: more than a chart has columns of pixels
HOUR = timedelta(hours=1)
FIGURES: tuple[LiteralString, ...] = ("account", "benchmark", "difference")


class Slice(NamedTuple):
    """A slice of time: lowest and highest figures; without any figure all of them are None.

    `first` and `last` are its valued hours, or its hours where none is valued.
    """

    first: datetime
    last: datetime
    account_low: float | None
    account_high: float | None
    benchmark_low: float | None
    benchmark_high: float | None
    difference_low: float | None
    difference_high: float | None
    gaps: int  # hours without a figure
    reconstructed: bool  # an hour was


def load_track(
    db: Db,
    account_id: int,
    benchmark: str,
    since: datetime,
    until: datetime,
    currency: str = USDT,
    *,
    of_units: bool = False,
) -> tuple[Slice, ...]:
    """Hours from `since` to `until`, cut into at most SLICES slices, in a currency: NAVs, or the prices of a unit.

    Every slice looks for its own hours by index; to sort all of them into slices takes half as long again.
    """
    column: LiteralString = "unit_price" if of_units else "nav"
    figures: LiteralString = f"""
              n.{column} as account, b.{column} as benchmark, n.nav - n.invested - b.nav + b.invested as difference"""
    rate: LiteralString = "true"
    rates: LiteralString = ""
    leads: list[PaidMore] = []
    if currency != USDT:
        figures = f"""
              n.{column}::float8 / r.rate::float8 as account, b.{column}::float8 / r.rate::float8 as benchmark,
              (n.nav - b.nav)::float8 / r.rate::float8 - lead.paid as difference"""
        rate = "r.rate is not null"
        rates = """
            left join rates r on r.currency = %(currency)s and r.hour = n.hour
            left join unnest(%(from)s::timestamptz[], %(to)s::timestamptz[], %(paid)s::float8[]) as lead (since, until, paid)
              on n.hour >= lead.since and n.hour < lead.until"""
        leads = load_invested(db, account_id, benchmark, currency).leads
    return load_rows(
        db,
        Slice,
        f"""
        select slice.*
        from generate_series(%(since)s::timestamptz, %(until)s::timestamptz, %(step)s::interval) as begun
        cross join lateral (
          select coalesce(min(hour) filter (where valued), min(hour)) as first,
            coalesce(max(hour) filter (where valued), max(hour)) as last,
            {", ".join(_span(name) for name in FIGURES)},
            count(*) filter (where not valued) as gaps, bool_or(status = 'RECONSTRUCTED') as reconstructed
          from (
            select n.hour, n.status, n.unit_price is not null and {rate} as valued, {figures}
            from nav n
            left join benchmark_nav b
              on b.hour = n.hour
              and b.hour >= begun
              and b.hour < begun + %(step)s
              and b.benchmark_id = (
                select benchmark_id from benchmarks where account_id = %(id)s and name = %(benchmark)s
              )
            {rates}
            where n.account_id = %(id)s and n.hour >= begun and n.hour < begun + %(step)s and n.hour <= %(until)s
            offset 0 -- each figure is worked out once, not for its lowest and its highest
          ) hours
        ) slice
        where slice.first is not null
        order by slice.first
        """,
        {
            "id": account_id,
            "benchmark": benchmark,
            "since": since,
            "until": until,
            "step": max(HOUR, (until - since + HOUR) / SLICES),
            "currency": currency,
            "from": [lead.since for lead in leads],
            "to": [lead.until for lead in leads],
            "paid": [lead.paid for lead in leads],
        },
    )


def _span(name: LiteralString) -> LiteralString:
    """The lowest and the highest of the valued hours. They become floats last: that takes longer than to compare them."""
    return f"""(min({name}) filter (where valued))::float8 as {name}_low,
          (max({name}) filter (where valued))::float8 as {name}_high"""
