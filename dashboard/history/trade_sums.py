"""Closed trades of a period added up: by when they were closed, by coin, by when they were opened; and what was realised."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import LiteralString, NamedTuple

from dashboard.history.members import member, own
from dashboard.history.trades import CLOSED, Wanted
from finance.decimals import CONTEXT
from finance.trades import UNSOLD
from sql.rows import Db, load_row, load_rows

GROUPS: Mapping[str, LiteralString] = {
    "coin": "t.asset",
    "weekday": "to_char(t.opened_at at time zone 'UTC', 'ID')",  # 1 is Monday
    "hour": "to_char(t.opened_at at time zone 'UTC', 'HH24')",
}


class TradeStep(NamedTuple):
    """What was closed in an hour or on a day of UTC."""

    at: datetime  # where it begins
    trades: int
    gained: Decimal  # net of those that gained
    lost: Decimal  # net of those that lost, negative

    @property
    def net(self) -> Decimal:
        """Of all of them."""
        return CONTEXT.add(self.gained, self.lost)


class TradeGroup(NamedTuple):
    """Closed trades of one kind."""

    name: str
    trades: int
    counted: int  # opened and closed by fills
    won: int  # of those
    net: Decimal
    paid: Decimal  # fees and interest


class Realised(NamedTuple):
    """What was realised in the hours of a period, in and outside of trades."""

    realised: Decimal
    by_trades: Decimal  # by selling coins in trades, whether they are closed by now or not
    positions: Decimal  # what contracts made; it is no part of the others
    by_contracts: Decimal  # of that, realised by trades in contracts
    open_contracts: Decimal  # and by what is open in them
    lacking: int  # hours of an earlier version, of which nothing is known yet

    @property
    def rest(self) -> Decimal:
        """On cash, rewards and dust."""
        return CONTEXT.subtract(self.realised, self.by_trades)

    @property
    def beside_contracts(self) -> Decimal:
        """What positions made that is in no trade."""
        return CONTEXT.subtract(CONTEXT.subtract(self.positions, self.by_contracts), self.open_contracts)


def load_trade_steps(db: Db, wanted: Wanted, *, is_hourly: bool) -> tuple[TradeStep, ...]:
    """The hours or days of UTC in which trades were closed, in order."""
    return load_rows(
        db,
        TradeStep,
        f"""
        select date_trunc(%(step)s, t.closed_at, 'UTC') as at, count(*) as trades,
          coalesce(sum(t.net) filter (where t.net > 0), 0) as gained, coalesce(sum(t.net) filter (where t.net < 0), 0) as lost
        from trades t
        where {CLOSED}
        group by 1
        order by 1
        """,
        wanted.parameters | {"step": "hour" if is_hourly else "day"},
    )


def load_trade_groups(db: Db, wanted: Wanted, by: str) -> tuple[TradeGroup, ...]:
    """Closed trades by one of GROUPS, in the order of their names."""
    name = GROUPS[by]
    return load_rows(
        db,
        TradeGroup,
        f"""
        select {name} as name, count(*) as trades, count(*) filter (where t.is_counted) as counted,
          count(*) filter (where t.is_counted and t.net > 0) as won, sum(t.net) as net, sum(t.fees + t.interest) as paid
        from trades t
        where {CLOSED}
        group by 1
        order by 1
        """,
        wanted.parameters,
    )


def load_realised(db: Db, account_id: int, since: datetime, until: datetime) -> Realised:
    """What the hours after `since` up to `until` realised."""
    found = load_row(
        db,
        Realised,
        f"""
        with hours as (
          select e.account_id, e.hour, e.realised, e.positions, e.unrealised is null as is_lacking
          from explanations e
          where {own("e")} and e.hour > %(since)s and e.hour <= %(until)s
        ), contracts as (
          select c.realised, c.unrealised_change
          from contract_hours c
          where {member("c", "c.hour")} and c.hour > %(since)s and c.hour <= %(until)s
        )
        select coalesce(sum(realised), 0) as realised, coalesce(sum(positions), 0) as positions,
          count(*) filter (where is_lacking) as lacking,
          (select coalesce(sum(realised), 0) from contracts) as by_contracts,
          (select coalesce(sum(unrealised_change), 0) from contracts) as open_contracts,
          (
            select coalesce(sum(m.gain), 0)
            from trade_moves m
            join hours using (account_id, hour)
            where m.effect = 'exit' and m.kind <> all(%(unsold)s) and m.settled_gain is null
          ) as by_trades
        from hours
        """,
        {"id": account_id, "since": since, "until": until, "unsold": list(UNSOLD)},
    )
    assert found
    return found


class OpenBefore(NamedTuple):
    """A position in a contract that was open when an account's history began and is in no trade: its mark, or what it settles in,
    is not known."""

    label: str
    symbol: str
    side: str  # LONG or SHORT
    quantity: Decimal  # in the contract's unit


def load_open_before(db: Db, account_id: int) -> tuple[OpenBefore, ...]:
    """What the first valued hour of each account of what is shown found open, without what trades were made of."""
    return load_rows(
        db,
        OpenBefore,
        """
        select a.label, p.symbol, case when p.quantity < 0 then 'SHORT' else 'LONG' end as side, abs(sum(p.quantity)) as quantity
        from accounts a
        cross join lateral (
          select n.snapshot_id from nav n where n.account_id = a.account_id and n.nav is not null order by n.hour limit 1
        ) first
        join positions p on p.snapshot_id = first.snapshot_id and p.quantity <> 0 and p.wallet <> 'options'
        where a.account_id in (select m.account_id from members m where m.id = %(id)s)
          and not exists (
            select from trades t
            where t.account_id = a.account_id and t.opened_by = 'opening' and t.asset = p.symbol and t.position_side = p.side
          )
        group by 1, 2, 3
        order by 1, 2, 3
        """,
        {"id": account_id},
    )
