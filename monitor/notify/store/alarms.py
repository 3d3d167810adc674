"""Alarms on the dashboard's pages: which stand, and which the owner knows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sql.rows import Db, load_rows

LATE = timedelta(hours=1)  # after the hour that is not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One that stands and is not acknowledged."""

    account_id: int
    label: str
    kind: str
    since: datetime
    value: Decimal | None  # of what is unexplained, in the valuation asset
    what: str  # the coins, the wallet, or why


def load_open_alarms(db: Db, now: datetime) -> tuple[Alarm, ...]:
    """What stands at `now` and nobody has acknowledged, by account."""
    return load_rows(
        db,
        Alarm,
        """
        select f.account_id, a.label, f.kind, f.since, f.value, f.what
        from alarms f
        join accounts a on a.id = f.account_id
        where f.acknowledged_at is null and (f.kind <> 'stale' or f.since < %(late)s)
        order by f.account_id, f.kind, f.since
        """,
        {"late": now - LATE},
    )


def record_acknowledgement(db: Db, alarm: Alarm, now: datetime) -> None:
    """Note that the owner has seen it."""
    db.execute(
        """
        insert into acknowledgements (account_id, kind, since, acknowledged_at)
        values (%(account)s, %(kind)s, %(since)s, %(now)s)
        on conflict do nothing
        """,
        {"account": alarm.account_id, "kind": alarm.kind, "since": alarm.since, "now": now},
    )
