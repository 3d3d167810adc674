"""A portfolio's rows as a whole: made from its members' stored hours, and taken back."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from finance.hour_status import RECONSTRUCTED_REASON, VALUED, HourStatus
from finance.moments import HOUR
from monitor.performance.store.trades import take_back_trades
from sql.rows import Db, load_row, load_value, load_values

# Why the NAVs of accounts are estimates, as one text; null: none of them is.
ESTIMATES = (
    "string_agg(a.label || ': ' || nullif(ltrim(replace(n.reason, %(reason)s, ''), '; '), ''), '; ' order by a.id)"
)
PROBLEMS = """string_agg(
            a.label || ': ' || n.status || case when n.reason <> '' then ' (' || n.reason || ')' else '' end,
            '; ' order by a.id
          ) filter (where n.status <> all(%(valued)s))"""


def record_member_hours(db: Db, portfolio_id: int, since: datetime) -> None:
    """Write the portfolio's rows of every hour from `since` on that a member has a row of: their sum, or why it is unknown.

    An hour has a NAV if every member that has a row of it has one.
    """
    db.execute(
        f"""
        insert into nav_history (account_id, hour, status, reason, taken_at, prices_at, nav)
        select %(portfolio)s, hour, status,
          case status
            when 'COMPLETE' then coalesce(estimate, '')
            when 'RECONSTRUCTED' then concat_ws('; ', %(reason)s::text, estimate)
            else problems
          end,
          case when is_valued then taken_at end,
          case when is_valued then prices_at end,
          case when is_valued then nav end
        from (
          select n.hour,
            case
              when bool_and(n.status = 'COMPLETE') then 'COMPLETE'
              when bool_and(n.status = any(%(valued)s)) then 'RECONSTRUCTED'
              when bool_and(n.status = 'MISSED') then 'MISSED'
              else 'PARTIAL'
            end as status,
            bool_and(n.status = any(%(valued)s)) as is_valued,
            {ESTIMATES} as estimate,
            {PROBLEMS} as problems,
            max(n.taken_at) as taken_at,
            (array_agg(n.prices_at order by n.taken_at desc))[1] as prices_at,
            sum(n.nav) as nav
          from member_hours n
          join accounts a on a.id = n.account_id
          where n.portfolio_id = %(portfolio)s and n.hour >= %(since)s
          group by n.hour
        ) h
        """,
        {"portfolio": portfolio_id, "since": since, "valued": VALUED, "reason": RECONSTRUCTED_REASON},
    )


def forget_portfolio_hours(db: Db, portfolio_id: int, since: datetime, moment: datetime) -> None:
    """Take back a portfolio's rows of the hours from `since` on, and what flows from `moment` on were booked at."""
    asked = {"portfolio": portfolio_id, "since": since, "moment": moment}
    db.execute(
        "delete from nav_history where account_id = %(portfolio)s and account_id <= 0 and hour >= %(since)s", asked
    )
    db.execute("delete from explanations where account_id = %(portfolio)s and hour >= %(since)s", asked)
    take_back_trades(db, portfolio_id, since - HOUR)
    db.execute(
        """
        delete from benchmark_history h
        using benchmark_configs c
        where c.id = h.benchmark_id and c.account_id = %(portfolio)s and h.hour >= %(since)s
        """,
        asked,
    )
    db.execute("delete from flow_valuations where account_id = %(portfolio)s and occurred_at >= %(moment)s", asked)
    db.execute(
        """
        delete from benchmark_flows f
        using benchmark_configs c
        where c.id = f.benchmark_id
          and c.account_id = %(portfolio)s
          and not exists (
            select from flow_valuations v
            where v.account_id = c.account_id and v.transaction_id = f.transaction_id
          )
        """,
        asked,
    )


def forget_transfers(db: Db, portfolio_id: int, since: datetime) -> datetime | None:
    """Take back which withdrawals were matched with deposits of the portfolio, of those not over before `since`.

    Returns when the earliest of them left.
    """
    left_at: list[datetime] = load_values(
        db,
        """
        delete from matched_transfers m
        using processed_transactions o, processed_transactions i
        where m.portfolio_id = %(portfolio)s
          and o.id = m.out_id
          and i.id = m.in_id
          and greatest(o.occurred_at, i.occurred_at) >= %(since)s
        returning o.occurred_at
        """,
        {"portfolio": portfolio_id, "since": since},
    )
    return min(left_at, default=None)


class _Moments(NamedTuple):
    taken_at: datetime | None
    prices_at: datetime


def load_hour_moments(db: Db, portfolio_id: int, hour: datetime) -> tuple[datetime, datetime] | None:
    """The latest taken_at and prices_at of the members' valued rows at `hour`; None without any."""
    row = load_row(
        db,
        _Moments,
        """
        select max(taken_at) as taken_at, max(prices_at) as prices_at
        from member_hours
        where portfolio_id = %(portfolio)s and hour = %(hour)s and status = any(%(valued)s)
        """,
        {"portfolio": portfolio_id, "hour": hour, "valued": VALUED},
    )
    return (row.taken_at, row.prices_at) if row and row.taken_at else None


def load_hour_estimate(db: Db, portfolio_id: int, hour: datetime) -> str:
    """Why the NAV of the members together is an estimate at `hour`; empty: it is none."""
    estimate: str | None = load_value(
        db,
        f"""
        select {ESTIMATES}
        from member_hours n
        join accounts a on a.id = n.account_id
        where n.portfolio_id = %(portfolio)s and n.hour = %(hour)s and n.status = any(%(valued)s)
        """,
        {"portfolio": portfolio_id, "hour": hour, "reason": RECONSTRUCTED_REASON, "valued": VALUED},
    )
    return estimate or ""


def load_combinable(db: Db, portfolio_id: int, since: datetime, until: datetime) -> list[datetime]:
    """Hours of [since, until] whose row of a portfolio has no NAV though every member that was tracked has one.

    And those whose NAV is without that of an account which was disabled then and has been rebuilt since.
    """
    return load_values(
        db,
        """
        select n.hour
        from member_hours n
        left join nav_history whole on whole.account_id = n.portfolio_id and whole.hour = n.hour
        where n.portfolio_id = %(portfolio)s and n.hour between %(since)s and %(until)s
        group by n.hour, whole.status, whole.nav, whole.in_transit, whole.taken_at
        having (coalesce(whole.status, 'MISSED') in ('MISSED', 'PARTIAL') and bool_and(n.status = any(%(valued)s)))
          or whole.nav <> sum(n.nav) filter (where n.taken_at <= whole.taken_at) + whole.in_transit
        order by n.hour
        """,
        {"portfolio": portfolio_id, "since": since, "until": until, "valued": VALUED},
    )


def record_reconstructed_portfolio_hour(db: Db, portfolio_id: int, hours: Iterable[datetime]) -> None:
    """Write a portfolio's rows of `hours` as the sums of its members'."""
    db.execute(
        f"""
        insert into nav_history (account_id, hour, status, reason, taken_at, prices_at, nav)
        select
          %(portfolio)s,
          hour,
          %(reconstructed)s,
          concat_ws('; ', %(reason)s::text, {ESTIMATES}),
          max(taken_at),
          (array_agg(prices_at order by taken_at desc))[1],
          sum(nav)
        from member_hours n
        join accounts a on a.id = n.account_id
        where portfolio_id = %(portfolio)s and hour = any(%(hours)s)
        group by hour
        on conflict (account_id, hour) do update
        set
          status = excluded.status,
          reason = excluded.reason,
          taken_at = excluded.taken_at,
          prices_at = excluded.prices_at,
          nav = excluded.nav
        where nav_history.nav is null
        """,
        {
            "portfolio": portfolio_id,
            "reconstructed": HourStatus.RECONSTRUCTED,
            "reason": RECONSTRUCTED_REASON,
            "hours": list(hours),
        },
    )
