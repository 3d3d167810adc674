"""The hour rows: their status, and what is derived from them and the ledger (units, benchmarks)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from finance.benchmark import BenchmarkConfig, BenchmarkState
from finance.hour_status import LEFT_OUT, NO_RUN, REBUILT_REASON, VALUED, HourStatus
from finance.track import TrackState
from finance.units import UnitState
from monitor.database import Db, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuedHour:
    """An hour that has a NAV."""

    hour: datetime
    taken_at: datetime
    nav: Decimal
    account: UnitState
    estimate: str = ""  # why its NAV is an estimate; empty: it is none


def load_status(db: Db, account_id: int, hour: datetime) -> HourStatus | None:
    """The status of an hour, None if it has no row."""
    row = db.execute(
        "select status from nav_history where account_id = %(id)s and hour = %(hour)s",
        {"id": account_id, "hour": hour},
    ).fetchone()
    return HourStatus(row["status"]) if row else None


def load_moments(db: Db, account_id: int, hours: Iterable[datetime]) -> dict[datetime, datetime]:
    """When the readings of `hours` were taken."""
    rows = db.execute(
        "select hour, taken_at from nav_history where account_id = %(id)s and hour = any(%(hours)s)",
        {"id": account_id, "hours": list(hours)},
    )
    return {row["hour"]: row["taken_at"] for row in rows}


def load_last_valued(
    db: Db, account_id: int, *, taken_until: datetime, before: datetime | None = None
) -> ValuedHour | None:
    """The last hour with a NAV whose snapshot was taken at or before `taken_until`, and earlier than `before`."""
    row = db.execute(
        "select * from nav_history where account_id = %(id)s and status = any(%(valued)s)"
        " and taken_at <= %(until)s and hour < coalesce(%(before)s, 'infinity'::timestamptz)"
        " order by hour desc limit 1",
        {"id": account_id, "valued": VALUED, "until": taken_until, "before": before},
    ).fetchone()
    return _valued(row) if row else None


def load_next_valued(db: Db, account_id: int, taken_after: datetime) -> ValuedHour | None:
    """The first hour with a NAV whose snapshot was taken after `taken_after`."""
    row = db.execute(
        "select * from nav_history where account_id = %(id)s and status = any(%(valued)s) and taken_at > %(after)s"
        " order by hour limit 1",
        {"id": account_id, "valued": VALUED, "after": taken_after},
    ).fetchone()
    return _valued(row) if row else None


def load_valued_after(db: Db, account_id: int, hour: datetime) -> tuple[ValuedHour, ...]:
    """Every hour with a NAV after `hour`, in order."""
    rows = db.execute(
        "select * from nav_history where account_id = %(id)s and status = any(%(valued)s) and hour > %(hour)s"
        " order by hour",
        {"id": account_id, "valued": VALUED, "hour": hour},
    )
    return tuple(map(_valued, rows))


def _valued(row: dict[str, Any]) -> ValuedHour:
    return ValuedHour(
        hour=row["hour"],
        taken_at=row["taken_at"],
        nav=row["nav"],
        estimate=row["reason"].removeprefix(REBUILT_REASON).removeprefix("; "),
        account=UnitState(
            units=row["units"] or Decimal(0),
            unit_price=row["unit_price"],
            invested=row["invested"],
            peak_nav=row["peak_nav"],
            episode=row["episode"],
            losses=row["losses"],
        )
        if row["unit_price"] is not None
        else UnitState(),
    )


def load_track(db: Db, configs: Sequence[BenchmarkConfig], valued: ValuedHour) -> TrackState | None:
    """The fold's state after a valued hour; None when a benchmark was added since."""
    rows = db.execute(
        "select * from benchmark_history where hour = %(hour)s and benchmark_id = any(%(ids)s)",
        {"hour": valued.hour, "ids": [config.id for config in configs]},
    )
    states = {row["benchmark_id"]: _benchmark(row) for row in rows}
    if len(states) < len(configs):
        return None
    return TrackState(account=valued.account, benchmarks=tuple(states[config.id] for config in configs))


def _benchmark(row: dict[str, Any]) -> BenchmarkState:
    return BenchmarkState(
        quantities=tuple(row["quantities"]),
        debt=row["debt"],
        track=UnitState(
            units=row["units"],
            unit_price=row["unit_price"],
            invested=row["invested"],
            peak_nav=row["peak_nav"],
            episode=row["episode"],
            losses=row["losses"],
        ),
    )


def record_missed(db: Db, account_id: int, hour: datetime) -> int:
    """Add a MISSED row for every hour between the account's last row and `hour`; returns how many.

    Its reason is what became of that hour's runs: the last one that failed, or that there was none.
    """
    return db.execute(
        "insert into nav_history (account_id, hour, status, reason)"
        " select %(id)s, missed, 'MISSED', coalesce((select case when r.outcome = 'failed'"
        " then 'the run of this hour failed: ' || r.message else %(left_out)s end from runs r where r.hour = missed"
        " order by r.outcome = 'failed', r.id desc limit 1), %(no_run)s) from generate_series("
        " (select max(hour) from nav_history where account_id = %(id)s and hour < %(hour)s) + interval '1 hour',"
        " %(hour)s::timestamptz - interval '1 hour', interval '1 hour') as missed",
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
        "insert into nav_history (account_id, hour, status, reason, snapshot_id, taken_at, prices_at, nav)"
        " values (%(account)s, %(hour)s, %(status)s, %(reason)s, %(snapshot)s, %(taken_at)s, %(prices_at)s, %(nav)s)"
        " on conflict (account_id, hour) do update set status = excluded.status, reason = excluded.reason,"
        " snapshot_id = excluded.snapshot_id, taken_at = excluded.taken_at, prices_at = excluded.prices_at,"
        " nav = excluded.nav"
        " where nav_history.nav is null",
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


def record_combined_navs(db: Db, portfolio_id: int, navs: Mapping[datetime, tuple[Decimal, Decimal]]) -> None:
    """Set NAV, and how much of it was on its way between accounts, of a portfolio's valued hours."""
    db.cursor().executemany(
        "update nav_history set nav = %(nav)s, in_transit = %(in_transit)s where account_id = %(portfolio)s and hour = %(hour)s"
        " and (nav, in_transit) is distinct from (%(nav)s, %(in_transit)s)",
        [
            {"portfolio": portfolio_id, "hour": hour, "nav": nav, "in_transit": in_transit}
            for hour, (nav, in_transit) in navs.items()
        ],
    )


def has_hour(db: Db, hour: datetime) -> bool:
    """Whether any account has a row for `hour`."""
    return bool(db.execute("select 1 from nav_history where hour = %(hour)s limit 1", {"hour": hour}).fetchone())


def load_shown(
    db: Db, account_id: int, since: datetime, before: datetime | None
) -> dict[datetime, tuple[Decimal, ...]]:
    """The account's figures by hour, of hours that were read after `since` and are earlier than `before`."""
    rows = db.execute(
        "select hour, nav, in_transit, flows, invested, units, unit_price from nav_history"
        " where account_id = %(id)s and unit_price is not null and taken_at > %(since)s"
        " and hour < coalesce(%(before)s, 'infinity'::timestamptz) order by hour",
        {"id": account_id, "since": since, "before": before},
    )
    return {row.pop("hour"): tuple(row.values()) for row in rows}


def load_due_accounts(db: Db, hour: datetime) -> frozenset[int]:
    """Accounts that are enabled and were not read in `hour` at all: it has no row, or one without a snapshot.

    A key that the exchange rejects is not tried again before the next hour.
    """
    rows = db.execute(
        "select a.id from accounts a left join nav_history n on n.account_id = a.id and n.hour = %(hour)s"
        " where a.enabled and a.id > 0 and n.snapshot_id is null and (n.hour is null or a.key_state <> 'rejected')",
        {"hour": hour},
    )
    return frozenset(row["id"] for row in rows)


def load_hour_figures(db: Db, account_id: int, hour: datetime) -> list[Row]:
    """NAV and unit price of the account (name null), then of each of its benchmarks, at an hour."""
    return db.execute(
        "select null as name, nav, unit_price, invested, 0 as number from nav_history"
        " where account_id = %(id)s and hour = %(hour)s union all"
        " select c.name, h.nav, h.unit_price, h.invested, c.id from benchmark_history h"
        " join benchmark_configs c on c.id = h.benchmark_id where c.account_id = %(id)s and h.hour = %(hour)s"
        " order by number",
        {"id": account_id, "hour": hour},
    ).fetchall()


def load_last_hour(db: Db, account_id: int) -> datetime | None:
    """The last hour that has a row of the account."""
    row = db.execute(
        "select max(hour) as hour from nav_history where account_id = %(id)s", {"id": account_id}
    ).fetchone()
    return row["hour"] if row else None
