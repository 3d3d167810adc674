"""The hour rows: their status, and what is derived from them and the ledger (units, benchmarks)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from finance.hour_status import LEFT_OUT, NO_RUN, HourStatus
from sql.rows import Db, execute_each, load_dict, load_rows, load_value, load_values


def load_status(db: Db, account_id: int, hour: datetime) -> HourStatus | None:
    """The status of an hour, None if it has no row."""
    status = load_value(
        db,
        "select status from nav_history where account_id = %(id)s and hour = %(hour)s",
        {"id": account_id, "hour": hour},
    )
    return HourStatus(status) if status else None


def load_moments(db: Db, account_id: int, hours: Iterable[datetime]) -> dict[datetime, datetime]:
    """When the readings of `hours` were taken."""
    return load_dict(
        db,
        "select hour, taken_at from nav_history where account_id = %(id)s and hour = any(%(hours)s)",
        {"id": account_id, "hours": list(hours)},
    )


def record_missed(db: Db, account_id: int, hour: datetime) -> int:
    """Add a MISSED row for every hour between the account's last row and `hour`; returns how many.

    Its reason is what became of that hour's runs: the last one that failed, or that there was none.
    """
    return db.execute(
        """
        insert into nav_history (account_id, hour, status, reason)
        select %(id)s, missed, 'MISSED',
          coalesce(
            (
              select case when r.outcome = 'failed' then 'the run of this hour failed: ' || r.message else
                %(left_out)s end
              from runs r
              where r.hour = missed
              order by r.outcome = 'failed', r.id desc
              limit 1
            ),
            %(no_run)s
          )
        from generate_series(
          (select max(hour) from nav_history where account_id = %(id)s and hour < %(hour)s) + interval '1 hour',
          %(hour)s::timestamptz - interval '1 hour', interval '1 hour'
        ) as missed
        """,
        {"id": account_id, "hour": hour, "left_out": LEFT_OUT, "no_run": NO_RUN},
    ).rowcount


def record_hour(
    db: Db,
    account_id: int,
    hour: datetime,
    *,
    status: HourStatus,
    reason: str,
    snapshot_id: int | None = None,
    taken_at: datetime | None = None,
    prices_at: datetime | None = None,
    nav: Decimal | None = None,
) -> None:
    """Set the hour's row. A row with a NAV is never replaced; one without gives way to a better reading."""
    db.execute(
        """
        insert into nav_history (account_id, hour, status, reason, snapshot_id, taken_at, prices_at, nav)
        values (
          %(account)s, %(hour)s, %(status)s, %(reason)s, %(snapshot)s, %(taken_at)s, %(prices_at)s, %(nav)s
        )
        on conflict (account_id, hour) do update
        set status = excluded.status, reason = excluded.reason, snapshot_id = excluded.snapshot_id,
          taken_at = excluded.taken_at, prices_at = excluded.prices_at, nav = excluded.nav
        where nav_history.nav is null
        """,
        {
            "account": account_id,
            "hour": hour,
            "status": status,
            "reason": reason,
            "snapshot": snapshot_id,
            "taken_at": taken_at,
            "prices_at": prices_at,
            "nav": nav,
        },
    )


def record_portfolio_navs(db: Db, portfolio_id: int, navs: Mapping[datetime, tuple[Decimal, Decimal]]) -> None:
    """Set NAV, and how much of it was on its way between accounts, of a portfolio's valued hours."""
    execute_each(
        db,
        """
        update nav_history
        set nav = %(nav)s, in_transit = %(in_transit)s
        where account_id = %(portfolio)s
          and hour = %(hour)s
          and (nav, in_transit) is distinct from (%(nav)s, %(in_transit)s)
        """,
        [
            {"portfolio": portfolio_id, "hour": hour, "nav": nav, "in_transit": in_transit}
            for hour, (nav, in_transit) in navs.items()
        ],
    )


def has_hour(db: Db, hour: datetime) -> bool:
    """Whether any account has a row for `hour`."""
    return bool(db.execute("select 1 from nav_history where hour = %(hour)s limit 1", {"hour": hour}).fetchone())


class Figures(NamedTuple):
    """What is shown of an hour."""

    nav: Decimal
    in_transit: Decimal
    flows: Decimal
    invested: Decimal
    units: Decimal
    unit_price: Decimal


def load_shown(db: Db, account_id: int, since: datetime, before: datetime | None) -> dict[datetime, Figures]:
    """The account's figures by hour, of hours that were read after `since` and are earlier than `before`."""
    found = load_rows(
        db,
        _read_shown,
        """
        select hour, nav, in_transit, flows, invested, units, unit_price
        from nav_history
        where account_id = %(id)s
          and unit_price is not null
          and taken_at > %(since)s
          and hour > %(since)s::timestamptz - interval '2 hours'
          and hour < coalesce(%(before)s, 'infinity'::timestamptz)
        order by hour
        """,
        {"id": account_id, "since": since, "before": before},
    )
    return dict(found)


def _read_shown(*, hour: datetime, **figures: Decimal) -> tuple[datetime, Figures]:
    return hour, Figures(**figures)


def load_due_accounts(db: Db, hour: datetime) -> frozenset[int]:
    """Accounts that are enabled and were not read in `hour` at all: it has no row, or one without a snapshot.

    A key that the exchange rejects is not tried again before the next hour.
    """
    return frozenset(
        load_values(
            db,
            """
            select a.id
            from accounts a
            left join nav_history n on n.account_id = a.id and n.hour = %(hour)s
            where a.enabled and a.id > 0 and n.snapshot_id is null and (n.hour is null or a.key_state <> 'rejected')
            """,
            {"hour": hour},
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HourFigures:
    """What an account, or one of its benchmarks, was worth at an hour."""

    name: str  # a benchmark's; empty: the account
    nav: Decimal | None
    unit_price: Decimal | None
    invested: Decimal | None


def load_hour_figures(db: Db, account_id: int, hour: datetime) -> tuple[HourFigures, ...]:
    """The account's figures at an hour, then those of each of its benchmarks; nothing if it has no row."""
    return load_rows(
        db,
        HourFigures,
        """
        select name, nav, unit_price, invested
        from (
          select '' as name, nav, unit_price, invested, 0 as number
          from nav_history
          where account_id = %(id)s and hour = %(hour)s
          union all
          select c.name, h.nav, h.unit_price, h.invested, c.id
          from benchmark_history h
          join benchmark_configs c on c.id = h.benchmark_id
          where c.account_id = %(id)s and h.hour = %(hour)s
        ) figures
        order by number
        """,
        {"id": account_id, "hour": hour},
    )


def load_last_hour(db: Db, account_id: int) -> datetime | None:
    """The last hour that has a row of the account."""
    hour: datetime | None = load_value(
        db, "select max(hour) from nav_history where account_id = %(id)s", {"id": account_id}
    )
    return hour
