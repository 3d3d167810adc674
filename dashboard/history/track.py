"""Account and benchmark through time."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from dashboard.history.rates import USDT, Invested, exact_rate, has_rate, load_invested, rate_at
from sql.rows import Db, load_row


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
    rate: Decimal = Decimal(1)  # what the currency of the amounts cost in USDT


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedHour:
    """An hour of account and benchmark, in a currency; None for what is unknown."""

    status: str
    reason: str
    nav: Decimal
    flows: Decimal
    invested: Decimal
    unit_price: Decimal | None  # None: no amount is known
    benchmark_nav: Decimal | None
    benchmark_invested: Decimal
    benchmark_unit_price: Decimal | None
    rate: Decimal | None  # what the currency cost in USDT; None: then amounts are in USDT


def load_recorded(db: Db, account_id: int, benchmark: str, hour: datetime, currency: str = USDT) -> RecordedHour | None:
    """The hour as it was recorded, whether or not it has a figure."""
    found = load_row(
        db,
        RecordedHour,
        f"""
        select n.status, n.reason, n.nav, n.flows, n.invested, n.unit_price, b.nav as benchmark_nav,
          b.invested as benchmark_invested, b.unit_price as benchmark_unit_price, {exact_rate("n.hour", currency)} as rate
        from nav n
        left join benchmark_nav b
          on b.hour = n.hour
          and b.benchmark_id = (
            select benchmark_id from benchmarks where account_id = %(id)s and name = %(benchmark)s
          )
        where n.account_id = %(id)s and n.hour = %(hour)s
        """,
        {"id": account_id, "benchmark": benchmark, "hour": hour, "currency": currency},
    )
    if found is None or found.unit_price is None or found.rate is None or currency == USDT:
        return found
    invested, paid = load_invested(db, account_id, benchmark, currency).at(hour)
    rate = found.rate
    return replace(
        found,
        nav=found.nav / rate,
        flows=found.flows / rate,
        invested=invested,
        unit_price=found.unit_price / rate,
        benchmark_nav=_divide(found.benchmark_nav, rate),
        benchmark_invested=paid,
        benchmark_unit_price=_divide(found.benchmark_unit_price, rate),
    )


def load_extent(db: Db, account_id: int, currency: str = USDT) -> Extent:
    """Between which hours with a figure in a currency an account's history is."""
    extent = load_row(
        db,
        Extent,
        f"""
        select min(hour) as first, max(hour) as last
        from nav
        where account_id = %(id)s and unit_price is not null and {has_rate("nav.hour", currency)}
        """,
        {"id": account_id, "currency": currency},
    )
    assert extent
    return extent


def load_at(db: Db, account_id: int, benchmark: str, at: datetime, currency: str = USDT) -> Point | None:
    """Account and benchmark at the last hour up to `at` that has a figure in a currency. Amounts are in USDT."""
    return load_row(
        db,
        Point,
        f"""
        select n.hour, n.taken_at, n.nav, n.unit_price, n.invested, b.nav as benchmark_nav,
          b.invested as benchmark_invested, b.unit_price as benchmark_unit_price, b.debt, n.losses, n.units,
          n.episode, b.units as benchmark_units, b.episode as benchmark_episode,
          {rate_at("n.hour", currency)}::numeric as rate
        from nav n
        join benchmarks c on c.account_id = n.account_id and c.name = %(benchmark)s
        join benchmark_nav b on b.benchmark_id = c.benchmark_id and b.hour = n.hour
        where n.account_id = %(id)s
          and n.unit_price is not null
          and n.hour <= %(at)s
          and {has_rate("n.hour", currency)}
        order by n.hour desc
        limit 1
        """,
        {"id": account_id, "benchmark": benchmark, "at": at, "currency": currency},
        prepare=True,  # both ends of every named period are asked for
    )


def load_ends(
    db: Db,
    account_id: int,
    benchmark: str,
    since: datetime,
    until: datetime,
    currency: str = USDT,
    invested: Invested | None = None,
) -> tuple[Point, Point] | None:
    """Account and benchmark at the start and at the end of a period; None when one of them has no figure.

    Amounts and unit prices are in `currency`; `invested`, of the same, saves that it is loaded.
    """
    start, end = (load_at(db, account_id, benchmark, at, currency) for at in (since, until))
    if start is None or end is None:
        return None
    prices = _Funding(start.unit_price, start.benchmark_unit_price, start.rate)
    if start.units <= 0:
        prices = _load_funding(db, account_id, benchmark, start, end, currency)
    start = replace(start, from_price=prices.from_price, benchmark_from_price=prices.benchmark_from_price)
    if currency == USDT:
        return start, end
    paid = invested or load_invested(db, account_id, benchmark, currency)
    start = replace(
        start,
        from_price=_divide(start.from_price, prices.rate),
        benchmark_from_price=_divide(start.benchmark_from_price, prices.rate),
    )
    return convert(start, paid), convert(end, paid)


def convert(point: Point, invested: Invested) -> Point:
    """The same in the currency of `invested` (but for the prices that returns are measured from)."""
    rate = point.rate
    paid, benchmark_paid = invested.at(point.hour)
    return replace(
        point,
        nav=point.nav / rate,
        unit_price=point.unit_price / rate,
        invested=paid,
        benchmark_nav=point.benchmark_nav / rate,
        benchmark_unit_price=point.benchmark_unit_price / rate,
        benchmark_invested=benchmark_paid,
        debt=point.debt / rate,
    )


def _divide(price: Decimal | None, rate: Decimal | None) -> Decimal | None:
    return price / rate if price is not None and rate is not None else None


class _Funding(NamedTuple):
    from_price: Decimal | None
    benchmark_from_price: Decimal | None
    rate: Decimal | None


def _load_funding(db: Db, account_id: int, benchmark: str, start: Point, end: Point, currency: str) -> _Funding:
    """Unit prices of the first flow into an empty account, or of the first hour in which it has something."""
    found = load_row(
        db,
        _Funding,
        f"""
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
          coalesce(w.benchmark_unit_price, h.unit_price) as benchmark_from_price,
          {rate_at("f.hour", currency)}::numeric as rate
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
            "currency": currency,
        },
    )
    return found or _Funding(None, None, None)
