"""Our figures beside the exchange's own, as they were found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from monitor.database.runs import record_log
from monitor.snapshots.cross_checks import CheckKind, CrossCheck, describe_difference
from sql.rows import Db, execute_each, load_row, load_rows, load_value, load_values

DAYS = "daily snapshots"  # the mark of the last day that was asked for, beside those of the flow histories


def record_cross_checks(
    db: Db, account_id: int, hour: datetime, checks: Iterable[CrossCheck], *, run_id: int | None, now: datetime
) -> None:
    """Store the checks of an hour, and log those that differ and did not when they were last made."""
    checks = list(checks)
    known = load_differing(db, account_id, hour)
    execute_each(
        db,
        """
        insert into cross_checks (account_id, hour, kind, subject, ours, theirs, difference, within)
        values (%(account)s, %(hour)s, %(kind)s, %(subject)s, %(ours)s, %(theirs)s, %(difference)s, %(within)s)
        on conflict (account_id, hour, kind, subject) do update
        set ours = excluded.ours, theirs = excluded.theirs, difference = excluded.difference,
          within = excluded.within
        """,
        [
            {
                "account": account_id,
                "hour": hour,
                "kind": str(check.kind),
                "subject": check.subject,
                "ours": check.ours,
                "theirs": check.theirs,
                "difference": check.difference,
                "within": check.within,
            }
            for check in checks
        ],
    )
    for check in checks:
        if not check.within and (str(check.kind), check.subject) not in known:
            said = describe_difference(check)
            record_log(db, at=now, level="warning", message=said, run_id=run_id, account_id=account_id)


class _Differing(NamedTuple):
    kind: str
    subject: str


def load_differing(db: Db, account_id: int, hour: datetime) -> set[tuple[str, str]]:
    """Kind and subject of what differed the last time each kind of check was made before `hour`."""
    return set(
        load_rows(
            db,
            _Differing,
            """
            select c.kind, c.subject
            from cross_checks c
            join (
              select kind, max(hour) as hour
              from cross_checks
              where account_id = %(account)s and hour < %(hour)s
              group by kind
            ) last using (kind, hour)
            where c.account_id = %(account)s and not c.within
            """,
            {"account": account_id, "hour": hour},
        )
    )


def load_totals(db: Db, account_id: int) -> list[str]:
    """The exchange's names of the totals that it has reported of an account."""
    return load_values(
        db,
        "select distinct subject from cross_checks where account_id = %(account)s and kind = %(kind)s",
        {"account": account_id, "kind": str(CheckKind.WALLET_TOTAL)},
    )


def load_days_asked(db: Db, account_id: int) -> datetime | None:
    """When the exchange was last asked for its daily records of the account."""
    through: datetime | None = load_value(
        db,
        "select through from flow_cursors where account_id = %(id)s and kind = %(kind)s",
        {"id": account_id, "kind": DAYS},
    )
    return through


def record_days_asked(db: Db, account_id: int, now: datetime) -> None:
    """Remember that the exchange was asked for its daily records."""
    db.execute(
        """
        insert into flow_cursors (account_id, kind, through)
        values (%(account)s, %(kind)s, %(now)s)
        on conflict (account_id, kind) do update
        set through = excluded.through
        """,
        {"account": account_id, "kind": DAYS, "now": now},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletAt:
    """Quantities of one wallet at its reading, and the prices they were valued at, by asset."""

    taken_at: datetime
    quantities: Mapping[str, Decimal]
    prices: Mapping[str, Decimal]


class _Reading(NamedTuple):
    snapshot_id: int
    taken_at: datetime


class _Holding(NamedTuple):
    asset: str
    quantity: Decimal
    price: Decimal | None


def load_wallet_at(db: Db, account_id: int, wallet: str, hour: datetime) -> WalletAt | None:
    """What one wallet held at a valued hour that was read, or None."""
    reading = load_row(
        db,
        _Reading,
        """
        select n.snapshot_id, n.taken_at
        from nav_history n
        join snapshots s on s.id = n.snapshot_id
        where n.account_id = %(account)s
          and n.hour = %(hour)s
          and n.status = 'COMPLETE'
          and s.run_id is not null
        """,
        {"account": account_id, "hour": hour},
    )
    if reading is None:
        return None
    held = load_rows(
        db,
        _Holding,
        """
        select asset, free + locked - owed as quantity, price
        from holdings
        where snapshot_id = %(snapshot)s and wallet = %(wallet)s
        """,
        {"snapshot": reading.snapshot_id, "wallet": wallet},
    )
    return WalletAt(
        taken_at=reading.taken_at,
        quantities={holding.asset: holding.quantity for holding in held},
        prices={holding.asset: holding.price for holding in held if holding.price is not None},
    )
