"""Account and benchmark through time in slices, as charts draw them."""

from datetime import datetime, timedelta
from typing import LiteralString, NamedTuple

from dashboard.history.rates import USDT, PaidMore, load_invested
from sql.rows import Db, load_rows

SLICES = 400  # of two points each: more than a chart has columns of pixels
HOUR = timedelta(hours=1)


class Slice(NamedTuple):
    """A slice of time: lowest and highest figures; without any figure all of them are None.

    `first` and `last` are its valued hours, or its hours where none is valued.
    """

    first: datetime
    last: datetime
    nav_low: float | None
    nav_high: float | None
    benchmark_low: float | None
    benchmark_high: float | None
    difference_low: float | None
    difference_high: float | None
    unit_price_low: float | None
    unit_price_high: float | None
    benchmark_unit_price_low: float | None
    benchmark_unit_price_high: float | None
    gaps: int  # hours without a figure
    reconstructed: bool  # an hour was


def load_track(
    db: Db, account_id: int, benchmark: str, since: datetime, until: datetime, currency: str = USDT
) -> tuple[Slice, ...]:
    """Hours from `since` to `until`, cut into at most SLICES slices, in a currency."""
    figures: LiteralString = """
            n.nav::float8, n.unit_price is not null as valued, b.nav::float8 as benchmark,
            (n.nav - n.invested - b.nav + b.invested)::float8 as difference,
            n.unit_price::float8 as unit_price, b.unit_price::float8 as benchmark_unit_price"""
    leads: list[PaidMore] = []
    if currency != USDT:
        figures = """
            n.nav::float8 / r.rate::float8 as nav, n.unit_price is not null and r.rate is not null as valued,
            b.nav::float8 / r.rate::float8 as benchmark, (n.nav - b.nav)::float8 / r.rate::float8 - lead.paid as difference,
            n.unit_price::float8 / r.rate::float8 as unit_price,
            b.unit_price::float8 / r.rate::float8 as benchmark_unit_price"""
        leads = load_invested(db, account_id, benchmark, currency).leads
    return load_rows(
        db,
        Slice,
        f"""
        with hours as (
          select n.hour, n.status,{figures}
          from nav n
          left join benchmark_nav b
            on b.hour = n.hour
            and b.benchmark_id = (
              select benchmark_id from benchmarks where account_id = %(id)s and name = %(benchmark)s
            )
          left join rates r on r.currency = %(currency)s and r.hour = n.hour
          left join unnest(%(from)s::timestamptz[], %(to)s::timestamptz[], %(paid)s::float8[]) as lead (since, until, paid)
            on n.hour >= lead.since and n.hour < lead.until
          where n.account_id = %(id)s and n.hour between %(since)s and %(until)s
        )
        select coalesce(min(hour) filter (where valued), min(hour)) as first,
          coalesce(max(hour) filter (where valued), max(hour)) as last,
          min(nav) filter (where valued) as nav_low, max(nav) filter (where valued) as nav_high,
          min(benchmark) filter (where valued) as benchmark_low,
          max(benchmark) filter (where valued) as benchmark_high,
          min(difference) filter (where valued) as difference_low,
          max(difference) filter (where valued) as difference_high,
          min(unit_price) as unit_price_low, max(unit_price) as unit_price_high,
          min(benchmark_unit_price) filter (where valued) as benchmark_unit_price_low,
          max(benchmark_unit_price) filter (where valued) as benchmark_unit_price_high, count(*) filter (where not valued) as gaps,
          bool_or(status = 'RECONSTRUCTED') as reconstructed
        from hours
        group by date_bin(%(step)s, hour, %(since)s)
        order by 1
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
