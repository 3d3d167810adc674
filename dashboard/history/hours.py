"""One hour as it was recorded: its row, its readings, prices, events, checks and changes."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from dashboard.history.flows import IN_OPENING, in_currency
from dashboard.history.members import IN_VIEW, member, own
from dashboard.history.rates import USDT, has_rate, per
from finance.exchanges import NAMES
from sql.rows import Db, Row, load_rows


def load_hour(db: Db, account_id: int, benchmark: str, hour: datetime, currency: str = USDT) -> Row | None:
    """The hour's row and its benchmark's; `previous` and `next` are the hours recorded beside it (or None)."""
    return db.execute(
        f"""
        select n.*, n.nav{per("n.hour", currency)} as nav,
          b.nav{per("n.hour", currency)} as benchmark_nav, b.quantities, b.debt{per("n.hour", currency)} as debt,
          c.assets as benchmark_assets, {has_rate("n.hour", currency)} as has_rate,
          (select max(p.hour) from nav p where p.account_id = n.account_id and p.hour < n.hour) as previous,
          (select min(p.hour) from nav p where p.account_id = n.account_id and p.hour > n.hour) as next,
          (
            select max(p.hour)
            from nav p
            where p.account_id = n.account_id
              and p.hour < n.hour
              and p.unit_price is not null
              and {has_rate("p.hour", currency)}
          ) as valued_before
        from nav n
        left join benchmarks c on c.account_id = n.account_id and c.name = %(benchmark)s
        left join benchmark_nav b on b.benchmark_id = c.benchmark_id and b.hour = n.hour
        where n.account_id = %(id)s and n.hour = %(hour)s
        """,
        {"id": account_id, "benchmark": benchmark, "hour": hour, "currency": currency},
    ).fetchone()


def load_explanations(db: Db, account_id: int, since: datetime, hour: datetime, currency: str = USDT) -> list[Row]:
    """The explanations that lead from one valued hour to the next, of the account or of all members, with `label`."""
    return db.execute(
        f"""
        select e.*, a.label, e.nav_change{per("e.hour", currency)} as nav_change,
          e.residual{per("e.hour", currency)} as residual
        from explanations e
        join accounts a using (account_id)
        where e.hour > %(since)s and e.hour <= %(hour)s and {IN_VIEW}
        order by a.label, e.hour
        """,
        {"id": account_id, "since": since, "hour": hour, "currency": currency},
    ).fetchall()


def load_readings(db: Db, account_id: int, hour: datetime, currency: str = USDT) -> list[Row]:
    """Every reading of the hour, the newest first: `label`, `taken_at`, `status`, `reason`, `nav`, and its `run_id`."""
    return db.execute(
        f"""
        select s.*, a.label, s.nav{per("s.hour", currency)} as nav
        from snapshots s
        join accounts a using (account_id)
        where s.hour = %(hour)s and {member("s", "s.hour")}
        order by a.label, s.snapshot_id desc
        """,
        {"id": account_id, "hour": hour, "currency": currency},
    ).fetchall()


def load_basket(db: Db, account_id: int, hours: list[datetime], assets: list[str], currency: str = USDT) -> list[Row]:
    """Prices of the benchmark's `assets` at the account's valued `hours`: `hour`, `asset`, `price`, `route`; of a portfolio
    those of the first exchange that has them."""
    return db.execute(
        f"""
        select distinct on (n.hour, p.asset) n.hour, p.asset, p.price{per("n.hour", currency)} as price, p.route
        from nav n
        join accounts a using (account_id)
        join prices p on p.at = n.prices_at and p.asset = any(%(assets)s)
        where n.account_id = %(id)s and n.hour = any(%(hours)s) and (n.account_id <= 0 or p.exchange = a.exchange)
        order by n.hour, p.asset, array_position(%(exchanges)s, p.exchange)
        """,
        {"id": account_id, "hours": hours, "assets": assets, "currency": currency, "exchanges": list(NAMES)},
    ).fetchall()


def load_hour_flows(db: Db, account_id: int, since: datetime, hour: datetime, currency: str = USDT) -> list[Row]:
    """Flows that came or went, or began to count, between the readings of two valued hours, and what was opened with the
    later, in order."""
    return db.execute(
        f"""
        select f.*, a.label, f.occurred_at as at, {IN_OPENING} as in_opening, {in_currency(currency)}
        from flows f
        join accounts a using (account_id)
        join nav t on t.account_id = f.account_id and t.hour = %(hour)s
        left join nav s on s.account_id = f.account_id and s.hour = %(since)s
        where {member("f", "t.hour")}
          and (
            (
              (f.occurred_at < t.taken_at or (f.kind = 'opening' and f.occurred_at = t.taken_at))
                and f.occurred_at >= coalesce(s.taken_at, %(since)s)
            )
              or (f.counted_at < t.taken_at and f.counted_at >= coalesce(s.taken_at, %(since)s))
          )
        order by f.occurred_at, f.transaction_id
        """,
        {"id": account_id, "since": since, "hour": hour, "currency": currency},
    ).fetchall()


def load_hour_fills(db: Db, account_id: int, since: datetime, hour: datetime, limit: int) -> list[Row]:
    """Trades that are counted in the hour, in order, each with the one from flat to flat that it moved first."""
    return db.execute(
        f"""
        select f.*, a.label,
          (
            select m.trade_id
            from trade_moves m
            where m.account_id = f.account_id and m.hour = e.hour and m.row = 'f' || f.id
            order by m.number
            limit 1
          ) as trade_id
        from fills f
        join accounts a using (account_id)
        join explanations e on e.account_id = f.account_id and e.hour > %(since)s and e.hour <= %(hour)s
        join nav s on s.account_id = e.account_id and s.hour = e.from_hour
        join nav t on t.account_id = e.account_id and t.hour = e.hour
        left join explanations b on b.account_id = e.account_id and b.hour = e.from_hour
        where {member("e", "e.from_hour", "e.hour")}
          and f.occurred_at >= coalesce(b.through, s.taken_at)
          and f.occurred_at < coalesce(e.through, t.taken_at)
          and f.standing = 'booked'
        order by f.occurred_at, f.id
        limit %(limit)s
        """,
        {"id": account_id, "since": since, "hour": hour, "limit": limit},
    ).fetchall()


class HourParts(NamedTuple):
    """What an explanation is made of, in the valuation asset; gains are None while they are not computed yet."""

    hour: datetime
    realised: Decimal | None
    spent_gain: Decimal | None
    transferred_gain: Decimal | None
    unexplained_gain: Decimal | None
    unrealised_change: Decimal | None
    positions: Decimal
    flows: Decimal
    income: Decimal
    fees: Decimal
    residual: Decimal


def load_hour_parts(db: Db, account_id: int, since: datetime, hour: datetime) -> tuple[HourParts, ...]:
    """The parts of the explanations of what is shown that lead from one valued hour to the next."""
    return load_rows(
        db,
        HourParts,
        f"""
        select {", ".join(f"e.{name}" for name in HourParts._fields)}
        from explanations e
        where {own("e")} and e.hour > %(since)s and e.hour <= %(hour)s
        order by e.hour
        """,
        {"id": account_id, "since": since, "hour": hour},
    )


def load_hour_income(db: Db, account_id: int, since: datetime, hour: datetime, limit: int) -> list[Row]:
    """Income and costs that are counted in the hour, in order."""
    return db.execute(
        f"""
        select i.*, a.label
        from income i
        join accounts a using (account_id)
        join explanations e on e.account_id = i.account_id and e.hour > %(since)s and e.hour <= %(hour)s
        join nav s on s.account_id = e.account_id and s.hour = e.from_hour
        join nav t on t.account_id = e.account_id and t.hour = e.hour
        left join explanations b on b.account_id = e.account_id and b.hour = e.from_hour
        where {member("e", "e.from_hour", "e.hour")}
          and i.occurred_at >= coalesce(b.through, s.taken_at)
          and i.occurred_at < coalesce(e.through, t.taken_at)
        order by i.occurred_at, i.id
        limit %(limit)s
        """,
        {"id": account_id, "since": since, "hour": hour, "limit": limit},
    ).fetchall()


def load_hour_checks(db: Db, account_id: int, hour: datetime) -> list[Row]:
    """Our figures of the hour beside the exchange's own."""
    return db.execute(
        f"""
        select c.*, a.label
        from cross_checks c
        join accounts a using (account_id)
        where {member("c", "c.hour")} and c.hour = %(hour)s
        order by c.kind, c.subject, a.account_id
        """,
        {"id": account_id, "hour": hour},
    ).fetchall()
