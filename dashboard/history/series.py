"""The hours of a period as arrays, for measuring.

The database packs each column into one value, in network byte order: 43,800 hours arrive as a few bytes fields instead
of half a million objects. It neither sorts them nor writes times as numbers: here that takes a tenth as long. What was
paid in is sent where it changes, and of the benchmark where it is another: to make a float of a numeric takes longest.
"""

from datetime import UTC, datetime
from typing import Any, LiteralString

import numpy as np
from numpy.typing import NDArray

from dashboard.history.rates import USDT, has_rate
from finance.measures import Flows, Series, Track
from sql.rows import Db, Row, load_value

Floats = NDArray[np.float64]
SINCE_1970 = round(datetime(2000, 1, 1, tzinfo=UTC).timestamp())


def load_series_and_rates(
    db: Db, account_id: int, benchmark: str, since: datetime, until: datetime, currency: str
) -> tuple[Series, Floats | None]:
    """Account and benchmark at every hour from `since` to `until`; an hour without a figure is NaN.

    Amounts are in USDT; beside them stands what `currency` cost at each hour (NaN: nobody knows), None for USDT.

    They begin with the last valued hour up to the midnight before `since`: the first day that ends in the period does.
    """
    rate: LiteralString = "string_agg(float8send(coalesce(rate, 'NaN')), '')" if currency != USDT else "null"
    row = db.execute(
        f"""
        with opened as (
          select min(hour) as hour from nav where account_id = %(id)s and hour >= %(first)s and unit_price is not null
        ),
          hours as (
            select n.hour, coalesce(n.taken_at, n.hour) as taken_at, n.nav::float8, n.unit_price::float8,
              b.nav::float8 as benchmark_nav, b.unit_price::float8 as benchmark_unit_price,
              case when n.flows <> 0 or n.hour = (select hour from opened) then n.invested::float8 end as contributed,
              case when b.invested <> n.invested then b.invested::float8 end as other_contributed,
              4 * n.losses + case when n.units > 0 then 2 else 0 end + case when b.units > 0 then 1 else 0 end as flags,
              r.rate::float8
            from nav n
            left join rates r on r.currency = %(currency)s and r.hour = n.hour
            left join benchmark_nav b
              on b.hour = n.hour
              and b.benchmark_id = (
                select benchmark_id from benchmarks where account_id = %(id)s and name = %(benchmark)s
              )
            where n.account_id = %(id)s and n.hour <= %(until)s and n.hour >= %(first)s
          )
        select string_agg(timestamptz_send(hour), '') as hour, string_agg(timestamptz_send(taken_at), '') as taken_at,
          string_agg(timestamptz_send(hour), '') filter (where contributed is not null) as contributed_at,
          string_agg(float8send(contributed), '') filter (where contributed is not null) as contributed,
          string_agg(timestamptz_send(hour), '') filter (where other_contributed is not null) as other_contributed_at,
          string_agg(float8send(other_contributed), '') filter (where other_contributed is not null) as other_contributed,
          string_agg(int4send(flags), '') as flags, string_agg(float8send(coalesce(nav, 'NaN')), '') as nav,
          string_agg(float8send(coalesce(unit_price, 'NaN')), '') as unit_price,
          string_agg(float8send(coalesce(benchmark_nav, 'NaN')), '') as benchmark_nav,
          string_agg(float8send(coalesce(benchmark_unit_price, 'NaN')), '') as benchmark_unit_price,
          {rate} as rate
        from hours
        """,
        {
            "id": account_id,
            "benchmark": benchmark,
            "first": _find_first(db, account_id, since, currency),
            "until": until,
            "currency": currency,
        },
        binary=True,
    ).fetchone()
    assert row
    sent = _unpack_moments(row, "hour")
    order = np.argsort(sent)
    hours = sent[order]
    flags = _unpack(row, "flags", np.int32).astype(np.int64)[order]
    account, other = _track(row, "", order, flags & 2 > 0), _track(row, "benchmark_", order, flags & 1 > 0)
    contributed = _go_on(_unpack_few(row, "contributed", hours), account)
    paid = _unpack_few(row, "other_contributed", hours)
    series = Series(
        hour=hours,
        taken_at=_unpack_moments(row, "taken_at")[order],
        contributed=contributed,
        benchmark_contributed=np.where(np.isnan(paid) & np.isfinite(other.nav), contributed, paid),
        losses=flags >> 2,
        account=account,
        benchmark=other,
    )
    return series, None if currency == USDT else _unpack(row, "rate", np.float64)[order]


def _go_on(changes: Floats, track: Track) -> Floats:
    """A total of every hour with a figure, from those of the hours in which it changes; NaN elsewhere."""
    last = np.maximum.accumulate(np.where(np.isfinite(changes), np.arange(changes.size), 0))
    return np.where(np.isfinite(track.unit_price), changes[last], np.nan)


def _find_first(db: Db, account_id: int, since: datetime, currency: str) -> datetime:
    """The last valued hour up to the midnight before `since`; that itself where there is none. Asked for alone, so that
    the database can guess how many hours follow."""
    found: datetime | None = load_value(
        db,
        f"""
        select max(hour)
        from nav
        where account_id = %(id)s
          and unit_price is not null
          and hour <= %(midnight)s
          and {has_rate("nav.hour", currency)}
        """,
        {
            "id": account_id,
            "currency": currency,
            "midnight": since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0),
        },
    )
    return found or since


def load_flow_points(db: Db, account_id: int, benchmark: str) -> Flows:
    """Every valued external flow of an account with the unit prices it was booked at."""
    row = db.execute(
        """
        select string_agg(int8send(extract(epoch from date_trunc('second', p.occurred_at))::int8), '') as at,
          string_agg(float8send(p.value::float8), '') as amount,
          string_agg(float8send(coalesce(p.unit_price, 'NaN')::float8), '') as unit_price,
          string_agg(float8send(coalesce(b.unit_price, 'NaN')::float8), '') as benchmark_unit_price,
          string_agg(boolsend(t.kind = 'opening'), '') as is_opening
        from flow_points p
        join flow_revisions t using (transaction_id)
        left join benchmark_flow_points b
          on b.transaction_id = p.transaction_id
          and b.benchmark_id = (
            select benchmark_id from benchmarks where account_id = %(id)s and name = %(benchmark)s
          )
        where p.account_id = %(id)s
        """,
        {"id": account_id, "benchmark": benchmark},
        binary=True,
    ).fetchone()
    assert row
    return Flows(
        at=_unpack(row, "at", np.int64),
        amount=_unpack(row, "amount", np.float64),
        unit_price=_unpack(row, "unit_price", np.float64),
        benchmark_unit_price=_unpack(row, "benchmark_unit_price", np.float64),
        is_opening=_unpack(row, "is_opening", np.bool_),
    )


def _track(row: Row, prefix: str, order: NDArray[np.int64], invested: NDArray[np.bool_]) -> Track:
    return Track(
        nav=_unpack(row, f"{prefix}nav", np.float64)[order],
        unit_price=_unpack(row, f"{prefix}unit_price", np.float64)[order],
        invested=invested,
    )


def _unpack_few(row: Row, name: str, hours: NDArray[np.int64]) -> Floats:
    """A column that was sent of some of the `hours`, which are in order; NaN of all others."""
    found = np.full(hours.size, np.nan)
    found[np.searchsorted(hours, _unpack_moments(row, f"{name}_at"))] = _unpack(row, name, np.float64)
    return found


def _unpack_moments(row: Row, name: str) -> NDArray[np.int64]:
    """Moments to the second; the database sends them in microseconds since 2000."""
    seconds: NDArray[np.int64] = (_unpack(row, name, np.int64) + 500_000) // 1_000_000 + SINCE_1970
    return seconds


def _unpack(row: Row, name: str, kind: type[np.generic]) -> NDArray[Any]:
    sent = np.dtype(kind).newbyteorder(">")
    return np.frombuffer(row[name] or b"", dtype=sent).astype(kind)
