"""What is shown at the end of days: its balance, and what was realised and is unrealised of it."""

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


class Snapshot(NamedTuple):
    """The same with what was out of reach, and how trades had gone since the beginning; None: not known, or there was none."""

    date: date
    hour: datetime
    total: Decimal
    available: Decimal | None
    locked: Decimal | None
    owed: Decimal | None
    positions_value: Decimal | None  # of what is open in trades
    realised: Decimal | None
    unrealised: Decimal | None
    open_trades: int
    trades: int  # closed
    won: int
    lost: int
    win_rate: Decimal | None  # per cent
    fees: Decimal
    average_net: Decimal | None
    largest_win: Decimal | None
    largest_loss: Decimal | None


class Balance(NamedTuple):
    """What is held at an hour: the total is available and locked less owed, and what is in transit."""

    available: Decimal | None  # None: not everything has a price
    locked: Decimal | None
    owed: Decimal | None


class Trading(NamedTuple):
    """What had been traded up to an hour."""

    open: int  # trades
    open_value: Decimal | None  # of the coins in them, without a sign
    contracts: int  # open positions
    counted: int  # closed trades that fills opened and closed
    won: int


# The readings that a valued hour of what is shown is made of, for an account its own.
READINGS = f"""
    readings as materialized (
      select n.account_id, n.hour, n.snapshot_id, n.taken_at
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
    """What was held at a valued hour, by whether it could be used."""
    found = load_row(
        db,
        Balance,
        f"""
        with {READINGS}
        select case when bool_and(h.price is not null) then sum(h.free * h.price) end as available,
          case when bool_and(h.price is not null) then sum(h.locked * h.price) end as locked,
          case when bool_and(h.price is not null) then sum(h.owed * h.price) end as owed
        from readings r
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
            select sum(abs(h.value))
            from (
              select h.asset, sum(h.value) as value
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


def load_snapshots(
    db: Db, account_id: int, since: datetime, until: datetime, *, limit: int, skip: int
) -> tuple[Snapshot, ...]:
    """The ends of the days of a period, the newest first; amounts in USDT."""
    return load_rows(
        db,
        Snapshot,
        """
        select d.date, d.hour, d.total, d.available, d.locked, d.owed, d.positions_value, d.realised, d.unrealised,
          d.open_trades, d.trades, d.won, d.lost, d.win_rate, d.fees, d.average_net, d.largest_win, d.largest_loss
        from daily_snapshots d
        where d.account_id = %(id)s and d.hour >= %(since)s and d.hour <= %(until)s
        order by d.date desc
        limit %(limit)s offset %(skip)s
        """,
        {"id": account_id, "since": since, "until": until, "limit": limit, "skip": skip},
    )
