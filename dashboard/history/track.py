"""Account and benchmark through time."""

from datetime import datetime, timedelta

from dashboard.history.database import Db, Row

SLICES = 400  # of two points each: more than a chart has columns of pixels
HOUR = timedelta(hours=1)


def load_edges(db: Db, account_id: int) -> Row:
    """`first` and `last` valued hour of an account, None before there is one."""
    row = db.execute(
        """
        select min(hour) as first, max(hour) as last
        from nav
        where account_id = %(id)s and unit_price is not null
        """,
        {"id": account_id},
    ).fetchone()
    assert row
    return row


def load_at(db: Db, account_id: int, benchmark: str, at: datetime) -> Row | None:
    """Account and benchmark at the last valued hour up to `at`; `losses`: how often the account had lost everything."""
    return db.execute(
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
    ).fetchone()


def load_ends(db: Db, account_id: int, benchmark: str, since: datetime, until: datetime) -> tuple[Row, Row] | None:
    """Account and benchmark at the start and at the end of a period; None when one of them has no valued hour.

    The start also has the unit prices that returns are measured from, `from_price` and `benchmark_from_price`: its own;
    where nothing was invested, those of the flow that ends this; None where nothing ever does.
    """
    start, end = (load_at(db, account_id, benchmark, at) for at in (since, until))
    if start is None or end is None:
        return None
    if start["units"] > 0:
        prices: Row = {"from_price": start["unit_price"], "benchmark_from_price": start["benchmark_unit_price"]}
    else:
        prices = _load_funding(db, account_id, benchmark, start, end)
    return start | prices, end


def _load_funding(db: Db, account_id: int, benchmark: str, start: Row, end: Row) -> Row:
    """Unit prices of the first flow into an empty account, or of the first hour in which it has something."""
    row = db.execute(
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
            "since": start["hour"],
            "until": end["hour"],
            "losses": start["losses"],
        },
    ).fetchone()
    return row or {"from_price": None, "benchmark_from_price": None}


def load_track(db: Db, account_id: int, benchmark: str, since: datetime, until: datetime) -> list[Row]:
    """Hours from `since` to `until`, one row a slice of time: at most SLICES rows.

    Each has the slice's `first` and `last` valued hour, the lowest and highest NAV of account and benchmark and of
    their difference, how many hours have no figure (`gaps`), and whether an hour was `reconstructed`. A slice without
    any figure has None for all of them, and `first` and `last` are its hours.
    """
    return db.execute(
        """
        with hours as (
          select n.hour, n.status, n.nav::float8, n.unit_price is not null as valued,
            b.nav::float8 as benchmark, (n.nav - n.invested - b.nav + b.invested)::float8 as difference
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
          max(difference) filter (where valued) as difference_high, count(*) filter (where not valued) as gaps,
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
    ).fetchall()
