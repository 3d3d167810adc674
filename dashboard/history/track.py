"""Account and benchmark through time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from sql.rows import Db, load_row, load_rows

SLICES = 400  # of two points each: more than a chart has columns of pixels
HOUR = timedelta(hours=1)


class Extent(NamedTuple):
    """The first and the last valued hour of an account; None before there is one."""

    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Account and benchmark at a valued hour.

    The start of a period has the unit prices that returns are measured from: its own; where nothing was invested, those
    of the flow that ends this; None where nothing ever does.
    """

    hour: datetime
    taken_at: datetime
    nav: Decimal
    invested: Decimal
    units: Decimal
    unit_price: Decimal
    episode: int
    losses: int  # how often the account had lost everything
    benchmark_nav: Decimal
    benchmark_invested: Decimal
    benchmark_units: Decimal
    benchmark_unit_price: Decimal
    benchmark_episode: int
    debt: Decimal  # of the benchmark
    from_price: Decimal | None = None
    benchmark_from_price: Decimal | None = None


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


def load_extent(db: Db, account_id: int) -> Extent:
    """Between which valued hours an account's history is."""
    extent = load_row(
        db,
        Extent,
        """
        select min(hour) as first, max(hour) as last
        from nav
        where account_id = %(id)s and unit_price is not null
        """,
        {"id": account_id},
    )
    assert extent
    return extent


def load_at(db: Db, account_id: int, benchmark: str, at: datetime) -> Point | None:
    """Account and benchmark at the last valued hour up to `at`."""
    return load_row(
        db,
        Point,
        """
        select n.hour, n.taken_at, n.nav, n.unit_price, n.invested, b.nav as benchmark_nav,
          b.invested as benchmark_invested, b.unit_price as benchmark_unit_price, b.debt, n.losses, n.units,
          n.episode, b.units as benchmark_units, b.episode as benchmark_episode
        from nav n
        join benchmarks c on c.account_id = n.account_id and c.name = %(benchmark)s
        join benchmark_nav b on b.benchmark_id = c.benchmark_id and b.hour = n.hour
        where n.account_id = %(id)s and n.unit_price is not null and n.hour <= %(at)s
        order by n.hour desc
        limit 1
        """,
        {"id": account_id, "benchmark": benchmark, "at": at},
    )


def load_ends(db: Db, account_id: int, benchmark: str, since: datetime, until: datetime) -> tuple[Point, Point] | None:
    """Account and benchmark at the start and at the end of a period; None when one of them has no valued hour."""
    start, end = (load_at(db, account_id, benchmark, at) for at in (since, until))
    if start is None or end is None:
        return None
    if start.units > 0:
        prices = _Funding(start.unit_price, start.benchmark_unit_price)
    else:
        prices = _load_funding(db, account_id, benchmark, start, end)
    return replace(start, from_price=prices.from_price, benchmark_from_price=prices.benchmark_from_price), end


class _Funding(NamedTuple):
    from_price: Decimal | None
    benchmark_from_price: Decimal | None


def _load_funding(db: Db, account_id: int, benchmark: str, start: Point, end: Point) -> _Funding:
    """Unit prices of the first flow into an empty account, or of the first hour in which it has something."""
    found = load_row(
        db,
        _Funding,
        """
        with chosen as (select benchmark_id from benchmarks where account_id = %(id)s and name = %(benchmark)s),
          funded as (
            select hour, taken_at, unit_price
            from nav
            where account_id = %(id)s
              and unit_price is not null
              and hour > %(since)s
              and hour <= %(until)s
              and (units > 0 or losses > %(losses)s)
            order by hour
            limit 1
          ),
          flow as (
            select (
              array_agg(p.unit_price order by p.occurred_at, p.transaction_id) filter (where p.unit_price > 0)
            )[1] as unit_price,
              (array_agg(b.unit_price order by p.occurred_at, p.transaction_id))[1] as benchmark_unit_price
            from funded f
            join flow_points p
              on p.account_id = %(id)s
              and p.unit_price is not null
              and p.occurred_at < date_trunc('second', f.taken_at)
              and p.occurred_at >= (
                select date_trunc('second', max(taken_at))
                from nav
                where account_id = %(id)s and unit_price is not null and hour < f.hour
              )
            left join benchmark_flow_points b
              on b.transaction_id = p.transaction_id
              and b.benchmark_id = (table chosen)
          )
        select coalesce(w.unit_price, f.unit_price) as from_price,
          coalesce(w.benchmark_unit_price, h.unit_price) as benchmark_from_price
        from funded f
        cross join flow w
        left join benchmark_nav h on h.hour = f.hour and h.benchmark_id = (table chosen)
        """,
        {
            "id": account_id,
            "benchmark": benchmark,
            "since": start.hour,
            "until": end.hour,
            "losses": start.losses,
        },
    )
    return found or _Funding(None, None)


def load_track(db: Db, account_id: int, benchmark: str, since: datetime, until: datetime) -> tuple[Slice, ...]:
    """Hours from `since` to `until`, cut into at most SLICES slices."""
    return load_rows(
        db,
        Slice,
        """
        with hours as (
          select n.hour, n.status, n.nav::float8, n.unit_price is not null as valued,
            b.nav::float8 as benchmark, (n.nav - n.invested - b.nav + b.invested)::float8 as difference,
            n.unit_price::float8 as unit_price, b.unit_price::float8 as benchmark_unit_price
          from nav n
          left join benchmark_nav b
            on b.hour = n.hour
            and b.benchmark_id = (
              select benchmark_id from benchmarks where account_id = %(id)s and name = %(benchmark)s
            )
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
        },
    )
