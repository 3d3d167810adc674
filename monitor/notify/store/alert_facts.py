"""What rules of alerts judge, from stored rows: a few by index for each account, whatever the length of its history."""

from datetime import datetime, timedelta
from decimal import Decimal

from monitor.database import Db, Row
from monitor.notify.facts import Difference, Figures, Freshness, Level, Performance, Reading, UnexplainedHour

DAY = timedelta(days=1)
YEAR = timedelta(days=365)
LATEST_CHECKS = timedelta(days=3)
HOUR = timedelta(hours=1)


def load_freshness(db: Db) -> Freshness | None:
    """The newest hour that was measured of any tracked account, complete or not; None while nothing is tracked."""
    row = db.execute(
        "select (select max(n.hour) from accounts a cross join lateral (select hour from nav_history"
        " where account_id = a.id and status <> 'MISSED' order by hour desc limit 1) n where a.enabled and a.id > 0)"
        " as newest, (select min(created_at) from accounts where enabled and id > 0) as added_at"
    ).fetchone()
    if row is None or row["added_at"] is None:
        return None
    added = row["added_at"].replace(minute=0, second=0, microsecond=0)
    return Freshness(newest=row["newest"] or added, has_hours=row["newest"] is not None)


def load_tracked(db: Db) -> frozenset[int]:
    """The tracked accounts."""
    return frozenset(row["id"] for row in db.execute("select id from accounts where enabled and id > 0"))


def load_judged_portfolios(db: Db, hour: datetime) -> dict[int, str]:
    """The portfolios with more than one tracked account at `hour`, their keys by number."""
    rows = db.execute(
        "select p.id, p.key from portfolios p join memberships m on m.portfolio_id = p.id"
        " join accounts a on a.id = m.account_id and a.enabled where m.since <= %(hour)s and m.until > %(hour)s"
        " group by p.id having count(*) > 1",
        {"hour": hour},
    )
    return {row["id"]: row["key"] for row in rows}


def load_readings(db: Db, now: datetime) -> tuple[Reading, ...]:
    """How the reading of each tracked account goes."""
    rows = db.execute(
        "select id, label, overpowered, key_dangers, key_expires_at from accounts where enabled and id > 0 order by id"
    ).fetchall()
    return tuple(_load_reading(db, row, now) for row in rows)


def _load_reading(db: Db, account: Row, now: datetime) -> Reading:
    newest = db.execute(
        "select n.hour, n.reason, (select v.hour from nav_history v where v.account_id = n.account_id"
        " and v.status in ('COMPLETE', 'RECONSTRUCTED') order by v.hour desc limit 1) as valued,"
        " (select min(hour) from nav_history f where f.account_id = n.account_id) as first"
        " from nav_history n where n.account_id = %(id)s order by n.hour desc limit 1",
        {"id": account["id"]},
    ).fetchone()
    return Reading(
        account_id=account["id"],
        label=account["label"],
        newest=newest["hour"] if newest else None,
        hours_without=(newest["hour"] - (newest["valued"] or newest["first"] - HOUR)) // HOUR if newest else 0,
        reason=newest["reason"] if newest else "",
        unexplained=_load_unexplained(db, account["id"], now),
        refused=_load_refused(db, account["id"], newest["reason"] if newest else ""),
        differences=_load_differences(db, account["id"], now),
        key_dangers=tuple(account["key_dangers"]),
        is_overpowered=account["overpowered"],
        key_expires_at=account["key_expires_at"],
    )


def _load_unexplained(db: Db, account_id: int, now: datetime) -> tuple[UnexplainedHour, ...]:
    rows = db.execute(
        "select hour, residual, cause from explanations where account_id = %(id)s and hour > %(since)s"
        " and state = 'unexplained' order by hour",
        {"id": account_id, "since": now - DAY},
    )
    return tuple(UnexplainedHour(**row) for row in rows)


def _load_refused(db: Db, account_id: int, reason: str) -> tuple[str, ...]:
    """Wallets and histories that are refused, and stand in an hour's `reason` as what it may lack."""
    rows = db.execute(
        "select wallet from account_wallets where account_id = %(id)s and state = 'refused'"
        " and position(wallet || ': ' || message in %(reason)s) > 0 order by wallet",
        {"id": account_id, "reason": reason},
    )
    return tuple(row["wallet"] for row in rows)


def _load_differences(db: Db, account_id: int, now: datetime) -> tuple[Difference, ...]:
    rows = db.execute(
        "select kind, subject, difference from (select kind, subject, difference, within,"
        " hour = max(hour) over (partition by kind) as is_last from cross_checks"
        " where account_id = %(id)s and hour > %(since)s) c where is_last and not within order by kind, subject",
        {"id": account_id, "since": now - LATEST_CHECKS},
    )
    return tuple(Difference(**row) for row in rows)


def load_figures(db: Db, hour: datetime, behind_days: int) -> tuple[Figures, ...]:
    """How those fare that have a figure at `hour`: each tracked account, and each portfolio of more than one."""
    rows = db.execute(
        "select a.id, a.label, n.episode, n.units > 0 or n.unit_price = 0 as is_judged, b.id as benchmark_id, b.name"
        " from accounts a join nav_history n on n.account_id = a.id and n.hour = %(hour)s"
        " and n.status in ('COMPLETE', 'RECONSTRUCTED')"
        " left join benchmark_configs b on b.account_id = a.id and b.is_default"
        " where a.enabled and (a.id > 0 or a.id = any(%(portfolios)s))"
        " and not exists (select from recomputations r where r.account_id = a.id) order by a.id",
        {"hour": hour, "portfolios": list(load_judged_portfolios(db, hour))},
    ).fetchall()
    return tuple(
        Figures(
            account_id=row["id"],
            label=row["label"],
            performance=_load_performance(db, row, hour, timedelta(days=behind_days)) if row["is_judged"] else None,
        )
        for row in rows
    )


def _load_performance(db: Db, account: Row, hour: datetime, period: timedelta) -> Performance:
    level, day_start = _load_first(db, account, hour, hour), _load_first(db, account, hour - DAY, hour)
    return Performance(
        level=level,
        benchmark=account["name"] or "",
        period_start=_load_first(db, account, hour - period, hour),
        day_start=day_start,
        day_flows=_load_flows(db, account["id"], day_start.hour, hour),
        peak=_load_peak(db, account, hour),
    )


def _load_first(db: Db, account: Row, since: datetime, until: datetime) -> Level:
    row = db.execute(
        "select n.hour, n.nav, n.unit_price, b.unit_price as benchmark_unit_price from nav_history n"
        " left join benchmark_history b on b.benchmark_id = %(benchmark)s and b.hour = n.hour"
        " and b.hour between %(since)s and %(until)s"
        " where n.account_id = %(id)s and n.hour between %(since)s and %(until)s and n.episode = %(episode)s"
        " and (n.unit_price > 0 or n.hour = %(until)s) and n.status in ('COMPLETE', 'RECONSTRUCTED')"
        " order by n.hour limit 1",
        {
            "id": account["id"],
            "benchmark": account["benchmark_id"],
            "episode": account["episode"],
            "since": since,
            "until": until,
        },
    ).fetchone()
    assert row
    return Level(**row)


def _load_peak(db: Db, account: Row, hour: datetime) -> Level:
    row = db.execute(
        "select hour, nav, unit_price, null::numeric as benchmark_unit_price from nav_history"
        " where account_id = %(id)s and hour between %(since)s and %(hour)s and episode = %(episode)s"
        " and (unit_price > 0 or hour = %(hour)s) and status in ('COMPLETE', 'RECONSTRUCTED')"
        " order by unit_price desc, hour limit 1",
        {"id": account["id"], "episode": account["episode"], "since": hour - YEAR, "hour": hour},
    ).fetchone()
    assert row
    return Level(**row)


def _load_flows(db: Db, account_id: int, after: datetime, until: datetime) -> Decimal:
    row = db.execute(
        "select coalesce(sum(flows), 0) as flows from nav_history"
        " where account_id = %(id)s and hour > %(after)s and hour <= %(until)s",
        {"id": account_id, "after": after, "until": until},
    ).fetchone()
    assert row
    return Decimal(row["flows"])
