"""What makes figures wrong or old as long as it stands."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from dashboard.history.members import present
from sql.rows import Db, load_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFact:
    """One reason for an alarm, of one account."""

    account_id: int
    label: str
    exchange: str
    key_label: str  # the account whose key it is read with: its own, or its master's
    kind: str  # vanished, appeared: an hour that nothing explains; key, unread, refused; stale: when it is late
    since: datetime
    value: Decimal | None  # of what is unexplained, USDT
    what: str  # the coins, the wallet, or why
    acknowledged_at: datetime | None
    is_shown: bool  # the account is part of what the page shows


def load_alarm_facts(db: Db, account_id: int | None) -> tuple[AlarmFact, ...]:
    """What stands of every account, the newest of each kind first; `account_id` is what the page shows."""
    return load_rows(
        db,
        AlarmFact,
        f"""
        select a.account_id, a.label, a.exchange, k.label as key_label, f.kind, f.since, f.value, f.what,
          f.acknowledged_at, {present("a")} as is_shown
        from alarms f
        join accounts a using (account_id)
        join accounts k on k.account_id = coalesce(a.master_id, a.account_id)
        order by a.account_id, f.since desc
        """,
        {"id": account_id},
    )
