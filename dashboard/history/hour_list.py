"""The hours of a period as a list: what each was recorded as, what it made, and why some have no figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import LiteralString

from dashboard.history.members import IN_VIEW
from dashboard.history.rates import USDT, has_rate, per
from sql.rows import Db, load_row, load_rows, load_value

NEWEST: LiteralString = "hour desc"
HOUR = timedelta(hours=1)
COLUMNS: Mapping[str, LiteralString] = {
    "hour": "hour",
    "difference": "difference",
    "nav": "nav",
    "gain": "gain",
    "flows": "flows",
    "unexplained": "abs(unexplained)",
    "status": "status",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedHour:
    """An hour; its changes are since the valued hour before it, None where one of the two has no figure."""

    hour: datetime
    status: str
    reason: str
    estimated: bool
    nav: Decimal | None
    flows: Decimal
    gain: Decimal | None  # the change of NAV without what came and went
    difference: Decimal | None  # what it made more than the benchmark
    unexplained: Decimal | None  # of the gain that no history contains


def load_hour_list(
    db: Db,
    account_id: int,
    benchmark: str,
    since: datetime,
    until: datetime | None,
    *,
    find: str,
    order: LiteralString,
    limit: int,
    skip: int,
    currency: str = USDT,
    zone: str = "UTC",
) -> tuple[ListedHour, ...]:
    """Hours from `since` on that contain the text `find`, in the `order` of a statement; changes are from there on."""
    first = before = since
    if order.startswith("hour") and not find:  # which hours are on the page is known before anything is made up of them
        first, until = _find_bounds(db, account_id, since, until, order, limit, skip)
        before, skip = _find_valued(db, account_id, since, first, currency), 0
    is_converted = currency != USDT
    rate: LiteralString = " / r.rate" if is_converted else ""
    rates: LiteralString = "left join rates r on r.currency = %(currency)s and r.hour = n.hour" if is_converted else ""
    return load_rows(
        db,
        ListedHour,
        f"""
        with valued as (
          select n.hour,
            n.nav{rate} - lag(n.nav{rate}) over w - (n.invested - lag(n.invested) over w){rate} as gain,
            (n.nav - b.nav){rate} - lag((n.nav - b.nav){rate}) over w
              - (n.invested - b.invested - lag(n.invested - b.invested) over w){rate} as difference
          from nav n
          {rates}
          left join benchmarks c on c.account_id = n.account_id and c.name = %(benchmark)s
          left join benchmark_nav b on b.benchmark_id = c.benchmark_id and b.hour = n.hour
          where n.account_id = %(id)s
            and n.unit_price is not null
            and {has_rate("n.hour", currency)}
            and n.hour >= %(before)s
            and (%(until)s::timestamptz is null or n.hour <= %(until)s)
          window w as (order by n.hour)
        ),
          unknown as (
            select e.hour, sum(e.residual{per("e.hour", currency)}) as unexplained
            from explanations e
            where {IN_VIEW} and e.state = 'unexplained' and e.hour >= %(first)s
            group by e.hour
          ),
          listed as (
            select n.hour, n.status, n.reason, n.estimated, n.nav{rate} as nav, n.flows{rate} as flows, v.gain, v.difference, u.unexplained
            from nav n
            left join valued v using (hour)
            left join unknown u using (hour)
            {rates}
            where n.account_id = %(id)s
              and n.hour >= %(first)s
              and (%(until)s::timestamptz is null or n.hour <= %(until)s)
          )
        select *
        from listed
        where strpos(
          lower(concat_ws(' ', to_char(hour at time zone %(zone)s, 'YYYY-MM-DD HH24:MI'), status, reason,
            case when estimated then 'estimated' end, case when unexplained is not null then 'unexplained' end)),
          lower(%(find)s)
        ) > 0
        order by {order}
        limit %(limit)s offset %(skip)s
        """,
        {
            "id": account_id,
            "benchmark": benchmark,
            "since": since,
            "first": first,
            "before": before,
            "until": until,
            "find": find,
            "limit": limit,
            "skip": skip,
            "currency": currency,
            "zone": zone,
        },
    )


def _find_bounds(
    db: Db, account_id: int, since: datetime, until: datetime | None, order: LiteralString, limit: int, skip: int
) -> tuple[datetime, datetime]:
    """The first and the last hour of a page of the list by time; of a page behind its end nothing lies between them."""
    found = load_row(
        db,
        lambda first, last: (first, last),
        f"""
        select min(hour) as first, max(hour) as last
        from (
          select hour
          from nav
          where account_id = %(id)s
            and hour >= %(since)s
            and (%(until)s::timestamptz is null or hour <= %(until)s)
          order by {order}
          limit %(limit)s offset %(skip)s
        ) page
        """,
        {"id": account_id, "since": since, "until": until, "limit": limit, "skip": skip},
    )
    first, last = found or (None, None)
    return (first, last) if first and last else (since, since - HOUR)


def _find_valued(db: Db, account_id: int, since: datetime, first: datetime, currency: str) -> datetime:
    """The hour from which on the changes of a page are made up: the valued one before its `first`, if there is one."""
    found: datetime | None = load_value(
        db,
        f"""
        select max(hour)
        from nav
        where account_id = %(id)s
          and unit_price is not null
          and hour >= %(since)s
          and hour < %(first)s
          and {has_rate("nav.hour", currency)}
        """,
        {"id": account_id, "since": since, "first": first, "currency": currency},
    )
    return found or first
