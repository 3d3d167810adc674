"""Who was part of an hour: the account itself, or a portfolio's members."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from finance.hour_status import RECONSTRUCTED_REASON, VALUED, HourStatus
from monitor.accounts.store.portfolios import is_portfolio
from sql.rows import Db

# Why the NAVs of accounts are estimates, as one text; null: none of them is.
ESTIMATES = (
    "string_agg(a.label || ': ' || nullif(ltrim(replace(n.reason, %(reason)s, ''), '; '), ''), '; ' order by a.id)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One account's part in a valued hour."""

    account_id: int
    nav: Decimal
    snapshot_id: int
    taken_at: datetime  # of its own snapshot


def load_members(db: Db, account_id: int, since: datetime, until: datetime) -> dict[datetime, tuple[Member, ...]]:
    """Members with a NAV by hour, of the hours from `since` to `until`.

    An account that was first read after the hour's row of a portfolio had been written is no part of that row.
    """
    rows = db.execute(
        "select n.hour, n.account_id, n.nav, n.snapshot_id, n.taken_at from nav_history n"
        " join nav_history whole on whole.account_id = %(account)s and whole.hour = n.hour"
        " where n.hour between %(since)s and %(until)s and n.status = any(%(valued)s) and n.snapshot_id is not null"
        " and (n.account_id = %(account)s or (%(is_portfolio)s and n.taken_at <= whole.taken_at and exists (select"
        " from memberships m where m.portfolio_id = %(account)s and m.account_id = n.account_id and n.hour >= m.since"
        " and n.hour < m.until)))"
        " order by n.hour, n.account_id",
        {
            "account": account_id,
            "is_portfolio": is_portfolio(account_id),
            "since": since,
            "until": until,
            "valued": VALUED,
        },
    )
    members: dict[datetime, tuple[Member, ...]] = {}
    for row in rows:
        hour = row.pop("hour")
        members[hour] = (*members.get(hour, ()), Member(**row))
    return members


def load_basket_prices(
    db: Db, account_id: int, exchanges: Sequence[str], assets: list[str], since: datetime, until: datetime
) -> dict[datetime, dict[str, Decimal]]:
    """Prices of `assets` at each valued hour from `since` to `until`, as the hour's own run read them at the first of
    `exchanges` that has one."""
    rows = db.execute(
        "select distinct on (n.hour, p.asset) n.hour, p.asset, p.price from nav_history n join ticker_prices p"
        " on p.exchange = any(%(exchanges)s) and p.at = n.prices_at and p.asset = any(%(assets)s)"
        " where n.account_id = %(account)s and n.hour between %(since)s and %(until)s and n.status = any(%(valued)s)"
        " order by n.hour, p.asset, array_position(%(exchanges)s, p.exchange)",
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
        prices.setdefault(row["hour"], {})[row["asset"]] = row["price"]
    return prices


def load_hour_members(db: Db, portfolio_id: int, hour: datetime) -> tuple[dict[int, str], dict[int, Member]]:
    """For a portfolio's row: problems of enabled members at `hour`, and every member with a NAV, even if disabled since."""
    rows = db.execute(
        "select a.id, a.label, n.status, n.reason, n.nav, n.snapshot_id, n.taken_at from accounts a left join nav_history n"
        " on n.account_id = a.id and n.hour = %(hour)s where (a.enabled or n.nav is not null) and exists (select"
        " from memberships m where m.portfolio_id = %(portfolio)s and m.account_id = a.id and m.since <= %(hour)s"
        " and m.until > %(hour)s) order by a.id",
        {"portfolio": portfolio_id, "hour": hour},
    ).fetchall()
    problems = {
        row["id"]: f"{row['label']}: {row['status'] or HourStatus.MISSED}"
        + (f" ({row['reason']})" if row["reason"] else "")
        for row in rows
        if row["status"] not in VALUED
    }
    members = {
        row["id"]: Member(
            account_id=row["id"], nav=row["nav"], snapshot_id=row["snapshot_id"], taken_at=row["taken_at"]
        )
        for row in rows
        if row["status"] in VALUED
    }
    return problems, members


def load_hour_moments(db: Db, portfolio_id: int, hour: datetime) -> tuple[datetime, datetime] | None:
    """The latest taken_at and prices_at of the members' valued rows at `hour`; None without any."""
    row = db.execute(
        "select max(taken_at) as taken_at, max(prices_at) as prices_at from member_hours"
        " where portfolio_id = %(portfolio)s and hour = %(hour)s and status = any(%(valued)s)",
        {"portfolio": portfolio_id, "hour": hour, "valued": VALUED},
    ).fetchone()
    return (row["taken_at"], row["prices_at"]) if row and row["taken_at"] else None


def load_hour_estimate(db: Db, portfolio_id: int, hour: datetime) -> str:
    """Why the NAV of the members together is an estimate at `hour`; empty: it is none."""
    row = db.execute(
        "select coalesce(" + ESTIMATES + ", '') as estimate from member_hours n join accounts a on a.id = n.account_id"
        " where n.portfolio_id = %(portfolio)s and n.hour = %(hour)s and n.status = any(%(valued)s)",
        {"portfolio": portfolio_id, "hour": hour, "reason": RECONSTRUCTED_REASON, "valued": VALUED},
    ).fetchone()
    return str(row["estimate"]) if row else ""


def load_combinable(db: Db, portfolio_id: int, since: datetime, until: datetime) -> list[datetime]:
    """Hours of [since, until] whose row of a portfolio has no NAV though every member that was tracked has one.

    And those whose NAV is without that of an account which was disabled then and has been rebuilt since.
    """
    rows = db.execute(
        "select n.hour from member_hours n"
        " left join nav_history whole on whole.account_id = n.portfolio_id and whole.hour = n.hour"
        " where n.portfolio_id = %(portfolio)s and n.hour between %(since)s and %(until)s"
        " group by n.hour, whole.status, whole.nav, whole.in_transit, whole.taken_at"
        " having (coalesce(whole.status, 'MISSED') in ('MISSED', 'PARTIAL') and bool_and(n.status = any(%(valued)s)))"
        " or whole.nav <> sum(n.nav) filter (where n.taken_at <= whole.taken_at) + whole.in_transit order by n.hour",
        {"portfolio": portfolio_id, "since": since, "until": until, "valued": VALUED},
    )
    return [row["hour"] for row in rows]


def record_reconstructed_portfolio_hour(db: Db, portfolio_id: int, hours: Iterable[datetime]) -> None:
    """Write a portfolio's rows of `hours` as the sums of its members'."""
    db.execute(
        "insert into nav_history (account_id, hour, status, reason, taken_at, prices_at, nav)"
        " select %(portfolio)s, hour, %(reconstructed)s, concat_ws('; ', %(reason)s::text, "
        + ESTIMATES
        + "), max(taken_at),"
        " (array_agg(prices_at order by taken_at desc))[1], sum(nav) from member_hours n join accounts a on a.id = n.account_id"
        " where portfolio_id = %(portfolio)s and hour = any(%(hours)s) group by hour"
        " on conflict (account_id, hour) do update set status = excluded.status, reason = excluded.reason,"
        " taken_at = excluded.taken_at, prices_at = excluded.prices_at, nav = excluded.nav"
        " where nav_history.nav is null",
        {
            "portfolio": portfolio_id,
            "reconstructed": HourStatus.RECONSTRUCTED,
            "reason": RECONSTRUCTED_REASON,
            "hours": list(hours),
        },
    )
