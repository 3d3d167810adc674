"""What rules of alerts judge, from stored rows: a few by index for each account, whatever the length of its history."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from finance.moments import HOUR, hour_of
from finance.portfolios import ALL_ACCOUNTS
from monitor.ledger.store.transfers_by_amount import UnclearTransfer, load_unclear_transfers
from monitor.notify.judgement import Difference, Freshness, Reading, Switch, UnexplainedHour
from sql.rows import Db, load_dict, load_row, load_rows, load_value, load_values

DAY = timedelta(days=1)


LATEST_CHECKS = timedelta(days=3)


def load_freshness(db: Db) -> Freshness | None:
    """The newest hour that was measured of any tracked account, complete or not; None while nothing is tracked."""
    added_at: datetime | None = load_value(db, "select min(created_at) from accounts where enabled and id > 0")
    newest: datetime | None = load_value(
        db,
        """
        select max(n.hour)
        from accounts a
        cross join lateral (
          select hour
          from nav_history
          where account_id = a.id and status <> 'MISSED'
          order by hour desc
          limit 1
        ) n
        where a.enabled and a.id > 0
        """,
    )
    if added_at is None:
        return None
    added = hour_of(added_at)
    return Freshness(newest=newest or added, has_hours=newest is not None)


def load_tracked(db: Db) -> frozenset[int]:
    """The tracked accounts."""
    return frozenset(load_values(db, "select id from accounts where enabled and id > 0"))


def load_judged_portfolios(db: Db, hour: datetime) -> dict[int, str]:
    """The portfolios with more than one tracked account at `hour`, their keys by number."""
    return load_dict(
        db,
        """
        select p.id, p.key
        from portfolios p
        join memberships m on m.portfolio_id = p.id
        join accounts a on a.id = m.account_id and a.enabled
        where m.since <= %(hour)s and m.until > %(hour)s
        group by p.id
        having count(*) > 1
        """,
        {"hour": hour},
    )


def load_readings(db: Db, now: datetime) -> tuple[Reading, ...]:
    """How the reading of each tracked account goes."""
    accounts = load_rows(
        db,
        _Account,
        """
        select id, label, exchange, system, system_before, switched_at, overpowered, key_dangers, key_expires_at
        from accounts
        where enabled and id > 0
        order by id
        """,
    )
    unclear = load_unclear_transfers(db, ALL_ACCOUNTS)
    return tuple(
        _load_reading(db, account, tuple(one for one in unclear if one.out_account == account.id), now)
        for account in accounts
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    id: int
    label: str
    exchange: str
    system: str
    system_before: str
    switched_at: datetime | None
    overpowered: bool
    key_dangers: list[str]
    key_expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Newest:
    """An account's newest hour, the newest one with a NAV, and the first of all."""

    hour: datetime
    reason: str
    valued: datetime | None
    first: datetime


def _load_reading(db: Db, account: _Account, unclear: tuple[UnclearTransfer, ...], now: datetime) -> Reading:
    newest = load_row(
        db,
        _Newest,
        """
        select n.hour, n.reason,
          (
            select v.hour
            from nav_history v
            where v.account_id = n.account_id and v.status in ('COMPLETE', 'RECONSTRUCTED')
            order by v.hour desc
            limit 1
          ) as valued,
          (select min(hour) from nav_history f where f.account_id = n.account_id) as first
        from nav_history n
        where n.account_id = %(id)s
        order by n.hour desc
        limit 1
        """,
        {"id": account.id},
    )
    return Reading(
        account_id=account.id,
        label=account.label,
        newest=newest.hour if newest else None,
        hours_without=(newest.hour - (newest.valued or newest.first - HOUR)) // HOUR if newest else 0,
        reason=newest.reason if newest else "",
        unexplained=_load_unexplained(db, account.id, now),
        refused=_load_refused(db, account.id, newest.reason if newest else ""),
        differences=_load_differences(db, account.id, now),
        unclear_transfers=unclear,
        switch=_read_switch(account, now),
        key_dangers=tuple(account.key_dangers),
        is_overpowered=account.overpowered,
        key_expires_at=account.key_expires_at,
    )


def _read_switch(account: _Account, now: datetime) -> Switch | None:
    at = account.switched_at
    if at is None or now - at >= DAY:
        return None
    return Switch(at=at, exchange=account.exchange, before=account.system_before, now=account.system)


def _load_unexplained(db: Db, account_id: int, now: datetime) -> tuple[UnexplainedHour, ...]:
    return load_rows(
        db,
        UnexplainedHour,
        """
        select hour, residual, cause
        from explanations
        where account_id = %(id)s and hour > %(since)s and state = 'unexplained'
        order by hour
        """,
        {"id": account_id, "since": now - DAY},
    )


def _load_refused(db: Db, account_id: int, reason: str) -> tuple[str, ...]:
    """Wallets and histories that are refused, and stand in an hour's `reason` as what it may lack."""
    return tuple(
        load_values(
            db,
            """
            select wallet
            from account_wallets
            where account_id = %(id)s
              and state = 'refused'
              and position(wallet || ': ' || message in %(reason)s) > 0
            order by wallet
            """,
            {"id": account_id, "reason": reason},
        )
    )


def _load_differences(db: Db, account_id: int, now: datetime) -> tuple[Difference, ...]:
    return load_rows(
        db,
        Difference,
        """
        select kind, subject, difference
        from (
          select kind, subject, difference, within, hour = max(hour) over (partition by kind) as is_last
          from cross_checks
          where account_id = %(id)s and hour > %(since)s
        ) c
        where is_last and not within
        order by kind, subject
        """,
        {"id": account_id, "since": now - LATEST_CHECKS},
    )
