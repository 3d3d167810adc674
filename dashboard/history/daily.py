"""What is shown at the end of days: its balance, and what was realised and is unrealised of it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from dashboard.history.members import member, own, own_trade
from sql.rows import Db, load_row, load_rows, load_value


class Day(NamedTuple):
    """The last valued hour of a day, UTC; amounts in USDT."""

    date: date
    hour: datetime
    balance: Decimal
    moved: Decimal | None  # realised on coins and made by contracts in the day's hours; None: not known of all of them
    unrealised: Decimal | None  # of coins against their cost
    contracts: Decimal  # profit of open contracts, part of the balance


class Traded(NamedTuple):
    """What was out of reach at the end of a day, and the trades of the day."""

    hour: datetime
    available: Decimal | None  # None: not everything has a price
    locked: Decimal | None
    owed: Decimal | None
    open: int
    closed: int
    won: int  # of those that fills opened and closed
    lost: int
    net: Decimal


class Balance(NamedTuple):
    """What is held at an hour: the total is available and locked less owed, and what is in transit."""

    available: Decimal | None  # None: not everything has a price
    locked: Decimal | None
    owed: Decimal | None


class Trading(NamedTuple):
    """What had been traded up to an hour."""

    open: int  # trades
    open_value: Decimal | None  # of the coins in them, without a sign; None: one has no price
    contracts: int  # open positions
    counted: int  # closed trades that fills opened and closed
    won: int


# What of the rows h that accounts held at hours n could be used; a rebuilt hour does not show it.
IS_KNOWN = "bool_and(h.price is not null and n.status <> 'RECONSTRUCTED')"
BY_USE = f"""
    case when {IS_KNOWN} then sum(h.free * h.price) end as available,
    case when {IS_KNOWN} then sum(h.locked * h.price) end as locked,
    case when {IS_KNOWN} then sum(h.owed * h.price) end as owed
    """
# The readings that a valued hour of what is shown is made of, for an account its own.
READINGS = f"""
    readings as materialized (
      select n.account_id, n.hour, n.snapshot_id, n.taken_at, n.status
      from nav n
      where n.hour = %(hour)s and n.unit_price is not null and n.account_id > 0 and {member("n", "n.hour")}
    )
    """


def load_days(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[Day, ...]:
    """The last valued hour of every day from the one of `since` on, up to `until`."""
    return load_rows(
        db,
        Day,
        f"""
        with days as materialized (
          select distinct on (date) (n.hour at time zone 'UTC')::date as date, n.hour, n.nav as balance
          from nav n
          where n.account_id = %(id)s and n.unit_price is not null and n.hour between %(since)s and %(until)s
          order by date, n.hour desc
        ), moves as (
          select (e.hour at time zone 'UTC')::date as date,
            case when bool_or(e.unrealised is null) then null else sum(e.realised + e.positions) end as moved
          from explanations e
          where e.hour > %(since)s and e.hour <= %(until)s and {own("e")}
          group by 1
        )
        select d.date, d.hour, d.balance, coalesce(m.moved, case when m.date is null then 0 end) as moved, u.unrealised,
          coalesce(c.contracts, 0) as contracts
        from days d
        left join moves m using (date)
        left join lateral (
          select case when bool_or(e.unrealised is null) then null else sum(e.unrealised) end as unrealised
          from explanations e
          where e.hour = d.hour and {own("e")}
        ) u on true
        left join lateral (
          select sum(h.unrealised * h.price) as contracts
          from nav n
          join holdings h on h.snapshot_id = n.snapshot_id
          where n.hour = d.hour and n.account_id > 0 and h.unrealised <> 0 and {member("n", "n.hour")}
        ) c on true
        order by d.date
        """,
        {"id": account_id, "since": since, "until": until},
    )


def load_moved(db: Db, account_id: int, until: datetime) -> Decimal | None:
    """What was realised on coins and made by contracts since the beginning; None: not known of all hours."""
    moved: Decimal | None = load_value(
        db,
        f"""
        select case when bool_or(e.unrealised is null) then null else coalesce(sum(e.realised + e.positions), 0) end
        from explanations e
        where e.hour <= %(until)s and {own("e")}
        """,
        {"id": account_id, "until": until},
    )
    return moved


def load_balance(db: Db, account_id: int, hour: datetime) -> Balance:
    """What was held at a valued hour, by whether it could be used; not known of one that was rebuilt."""
    found = load_row(
        db,
        Balance,
        f"""
        with {READINGS}
        select {BY_USE}
        from readings n
        join holdings h using (snapshot_id)
        """,
        {"id": account_id, "hour": hour},
    )
    assert found
    return found


def load_trading(db: Db, account_id: int, hour: datetime) -> Trading:
    """What was open at a valued hour, and how closed trades had ended up to it."""
    found = load_row(
        db,
        Trading,
        f"""
        with {READINGS}, mine as (
          select t.*, t.closed_at is null or t.closed_hour > %(hour)s as is_open
          from trades t
          where {own_trade("t", "t.opened_at")} and t.opened_at <= (select max(taken_at) from readings)
        )
        select count(*) filter (where is_open and settle is null) as open,
          (
            select case when coalesce(bool_and(h.is_known), true) then coalesce(sum(abs(h.value)), 0) end
            from (
              select h.asset, sum(h.value) as value, bool_and(h.value is not null) as is_known
              from readings r
              join holdings h using (snapshot_id)
              where h.asset in (select asset from mine where is_open and settle is null)
              group by 1
            ) h
          ) as open_value,
          (select count(*) from readings r join positions p using (snapshot_id)) as contracts,
          count(*) filter (where not is_open and is_counted) as counted,
          count(*) filter (where not is_open and is_counted and net > 0) as won
        from mine
        """,
        {"id": account_id, "hour": hour},
    )
    assert found
    return found


def find_baseline(db: Db, account_id: int, day: datetime) -> datetime | None:
    """The last valued hour before a day, or the first one at all; None where there is none."""
    found: datetime | None = load_value(
        db,
        """
        select coalesce(
          (select n.hour from nav n where n.account_id = %(id)s and n.unit_price is not null and n.hour < %(day)s
            order by n.hour desc limit 1),
          (select n.hour from nav n where n.account_id = %(id)s and n.unit_price is not null order by n.hour limit 1)
        )
        """,
        {"id": account_id, "day": day},
    )
    return found


def load_traded(db: Db, account_id: int, hours: Sequence[datetime]) -> tuple[Traded, ...]:
    """The same of days that end with these hours, in their order."""
    return load_rows(
        db,
        Traded,
        f"""
        with ends as materialized (
          select u.hour, date_trunc('day', u.hour, 'UTC') as day from unnest(%(hours)s::timestamptz[]) as u (hour)
        ), mine as materialized (
          select t.opened_at, t.closed_hour, t.is_counted, t.net, date_trunc('day', t.closed_hour, 'UTC') as day
          from trades t
          where {own_trade("t", "t.opened_at")}
            and t.opened_at <= (select max(hour) from ends)
            and (t.closed_hour is null or t.closed_hour >= (select min(day) from ends))
        ), closed as (
          select m.day, count(*) as closed, count(*) filter (where m.is_counted and m.net > 0) as won,
            count(*) filter (where m.is_counted and m.net < 0) as lost, sum(m.net) as net
          from mine m
          where m.day is not null
          group by m.day
        )
        select e.hour, b.available, b.locked, b.owed,
          (
            select count(*) from mine m where m.opened_at <= e.hour and (m.closed_hour is null or m.closed_hour > e.hour)
          ) as open,
          coalesce(c.closed, 0) as closed, coalesce(c.won, 0) as won, coalesce(c.lost, 0) as lost, coalesce(c.net, 0) as net
        from ends e
        left join closed c using (day)
        left join lateral (
          select {BY_USE}
          from nav n
          join holdings h using (snapshot_id)
          where n.hour = e.hour and n.unit_price is not null and n.account_id > 0 and {member("n", "n.hour")}
        ) b on true
        order by e.hour
        """,
        {"id": account_id, "hours": list(hours)},
    )
