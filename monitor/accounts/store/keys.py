"""What was found out about an account's key: whose it is, what it may do, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from shlex import quote

import psycopg

from monitor.database import Db, Row
from monitor.errors import AccountError
from monitor.exchanges.contract import Permissions
from monitor.settings import Secret, mark_key

UNCHECKED_TOO_LONG = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCheck:
    """One look at a key."""

    at: datetime
    key_mark: str  # tells keys apart, see monitor.credentials.mark_key
    uid: str  # the exchange's own number of the account
    permissions: Permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """What the last look left in the database."""

    uid: str | None  # None: nobody has looked yet
    key_mark: str  # empty: looked at before marks were kept
    checked_at: datetime | None
    overpowered: bool

    def accepted(self, key: Secret) -> bool:
        """Whether this very key was looked at and taken."""
        return self.uid is not None and self.key_mark in ("", mark_key(key))


def load_known_key(db: Db, account_id: int) -> KnownKey:
    """What is known of the account's key."""
    row = db.execute(
        "select uid, key_checked, key_checked_at, overpowered from accounts where id = %(id)s", {"id": account_id}
    ).fetchone()
    assert row
    return KnownKey(
        uid=row["uid"],
        key_mark=row["key_checked"],
        checked_at=row["key_checked_at"],
        overpowered=row["overpowered"],
    )


def record_check(db: Db, account_id: int, check: KeyCheck) -> None:
    """Remember what a look at the key found. Raises AccountError if the account is tracked under another label."""
    try:
        with db.transaction():
            db.execute(
                "update accounts set uid = %(uid)s, overpowered = %(overpowered)s, key_dangers = %(dangers)s,"
                " key_expires_at = %(expires)s, key_checked = %(mark)s, key_checked_at = %(at)s where id = %(id)s",
                {
                    "id": account_id,
                    "uid": check.uid,
                    "overpowered": bool(check.permissions.dangerous),
                    "dangers": list(check.permissions.dangerous),
                    "expires": check.permissions.expires_at,
                    "mark": check.key_mark,
                    "at": check.at,
                },
            )
    except psycopg.errors.UniqueViolation:
        raise AccountError(_say_twin(db, account_id, check.uid)) from None


def _say_twin(db: Db, account_id: int, uid: str) -> str:
    row = db.execute(
        "select label from accounts where uid = %(uid)s and enabled and id <> %(id)s", {"uid": uid, "id": account_id}
    ).fetchone()
    label = row["label"] if row else "another label"
    return (
        f"The key belongs to the exchange's account {uid}, which is tracked already as '{label}': its money would "
        "count twice. Disable one of the two: python -m monitor account disable LABEL"
    )


def load_warnings(db: Db, now: datetime) -> dict[int, tuple[str, ...]]:
    """What the owner should know of the keys of tracked accounts, by account; accounts without a warning are absent."""
    rows = db.execute(
        "select id, label, overpowered, key_dangers, key_checked_at from accounts where enabled and id > 0 order by id"
    )
    warnings = {row["id"]: tuple(_warn(row, now)) for row in rows}
    return {account_id: told for account_id, told in warnings.items() if told}


def _warn(row: Row, now: datetime) -> list[str]:
    warnings = []
    if row["overpowered"]:
        may = f" ({', '.join(row['key_dangers'])})" if row["key_dangers"] else ""
        warnings.append(
            f"The key may do more than read{may}. Make one with 'Enable Reading' alone at the exchange, then: "
            f"python -m monitor account rekey {quote(row['label'])}"
        )
    if row["key_checked_at"] and row["key_checked_at"] < now - UNCHECKED_TOO_LONG:
        warnings.append(
            f"What the key may do could not be read since {row['key_checked_at']:%Y-%m-%d %H:%M} UTC. "
            f"Look at it: python -m monitor account check {quote(row['label'])}"
        )
    return warnings
