"""Who was part of an hour: the account itself, or a portfolio's members."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from finance.hour_status import VALUED, HourStatus
from finance.portfolios import is_portfolio
from sql.rows import Db, load_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One account's part in a valued hour."""

    account_id: int
    nav: Decimal
    snapshot_id: int
    taken_at: datetime  # of its own snapshot


class _Part(NamedTuple):
    hour: datetime
    account_id: int
    nav: Decimal
    snapshot_id: int
    taken_at: datetime


def load_members(db: Db, account_id: int, since: datetime, until: datetime) -> dict[datetime, tuple[Member, ...]]:
    """Members with a NAV by hour, of the hours from `since` to `until`.

    An account that was first read after the hour's row of a portfolio had been written is no part of that row.
    """
    rows = load_rows(
        db,
        _Part,
        """
        select n.hour, n.account_id, n.nav, n.snapshot_id, n.taken_at
        from nav_history n
        join nav_history whole on whole.account_id = %(account)s and whole.hour = n.hour
        where n.hour between %(since)s and %(until)s
          and n.status = any(%(valued)s)
          and n.snapshot_id is not null
          and (
            n.account_id = %(account)s
              or (
                %(is_portfolio)s
                  and n.taken_at <= whole.taken_at
                  and exists (
                    select
                    from memberships m
                    where m.portfolio_id = %(account)s
                      and m.account_id = n.account_id
                      and n.hour >= m.since
                      and n.hour < m.until
                  )
              )
          )
        order by n.hour, n.account_id
        """,
        {
            "account": account_id,
            "is_portfolio": is_portfolio(account_id),
            "since": since,
            "until": until,
            "valued": VALUED,
        },
    )
    members: dict[datetime, tuple[Member, ...]] = {}
    for hour, number, nav, snapshot_id, taken_at in rows:
        member = Member(account_id=number, nav=nav, snapshot_id=snapshot_id, taken_at=taken_at)
        members[hour] = (*members.get(hour, ()), member)
    return members


class _BasketPrice(NamedTuple):
    hour: datetime
    asset: str
    price: Decimal


def load_basket_prices(
    db: Db, account_id: int, exchanges: Sequence[str], assets: list[str], since: datetime, until: datetime
) -> dict[datetime, dict[str, Decimal]]:
    """Prices of `assets` at each valued hour from `since` to `until`, as the hour's own run read them at the first of
    `exchanges` that has one."""
    rows = load_rows(
        db,
        _BasketPrice,
        """
        select distinct on (n.hour, p.asset) n.hour, p.asset, p.price
        from nav_history n
        join ticker_prices p
          on p.exchange = any(%(exchanges)s)
          and p.at = n.prices_at
          and p.asset = any(%(assets)s)
        where n.account_id = %(account)s
          and n.hour between %(since)s and %(until)s
          and n.status = any(%(valued)s)
        order by n.hour, p.asset, array_position(%(exchanges)s, p.exchange)
        """,
        {
            "account": account_id,
            "exchanges": list(exchanges),
            "assets": assets,
            "since": since,
            "until": until,
            "valued": VALUED,
        },
    )
    prices: dict[datetime, dict[str, Decimal]] = {}
    for row in rows:
        prices.setdefault(row.hour, {})[row.asset] = row.price
    return prices


class _Candidate(NamedTuple):
    """An account in an hour in which it may have no row, or one without a NAV."""

    id: int
    label: str
    status: str | None
    reason: str | None
    nav: Decimal
    snapshot_id: int
    taken_at: datetime


def load_hour_members(db: Db, portfolio_id: int, hour: datetime) -> tuple[dict[int, str], dict[int, Member]]:
    """For a portfolio's row: problems of enabled members at `hour`, and every member with a NAV, even if disabled since."""
    rows = load_rows(
        db,
        _Candidate,
        """
        select a.id, a.label, n.status, n.reason, n.nav, n.snapshot_id, n.taken_at
        from accounts a
        left join nav_history n on n.account_id = a.id and n.hour = %(hour)s
        where (a.enabled or n.nav is not null)
          and exists (
            select
            from memberships m
            where m.portfolio_id = %(portfolio)s
              and m.account_id = a.id
              and m.since <= %(hour)s
              and m.until > %(hour)s
          )
        order by a.id
        """,
        {"portfolio": portfolio_id, "hour": hour},
    )
    problems = {row.id: _describe(row) for row in rows if row.status not in VALUED}
    members = {
        row.id: Member(account_id=row.id, nav=row.nav, snapshot_id=row.snapshot_id, taken_at=row.taken_at)
        for row in rows
        if row.status in VALUED
    }
    return problems, members


def _describe(row: _Candidate) -> str:
    return f"{row.label}: {row.status or HourStatus.MISSED}" + (f" ({row.reason})" if row.reason else "")
