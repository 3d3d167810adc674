"""What was found out about an account: whose its key is, what that may do, until when, and how the exchange keeps the account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from shlex import quote
from typing import NamedTuple

import psycopg

from monitor.errors import AccountError
from monitor.exchanges.contract import Permissions
from monitor.settings import mark_key
from sql.rows import Db, load_row, load_rows, load_value
from sql.vault import Secret

UNCHECKED_TOO_LONG = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCheck:
    """One look at a key."""

    at: datetime
    key_mark: str  # distinguishes keys, see monitor.settings.mark_key
    uid: str  # the exchange's own number of the account
    permissions: Permissions
    limits: tuple[str, ...] = ()  # what the exchange can't say of the account, in sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """What the last look left in the database."""

    uid: str | None  # None: nobody has looked yet
    key_mark: str  # empty: looked at before marks were kept
    checked_at: datetime | None
    overpowered: bool

    def accepted(self, key: Secret) -> bool:
        """Whether this very key was looked at and taken."""
        return self.uid is not None and self.key_mark in ("", mark_key(key))


def load_stored_key(db: Db, account_id: int) -> StoredKey:
    """What is known of the account's key."""
    known = load_row(
        db,
        StoredKey,
        """
        select uid, key_checked as key_mark, key_checked_at as checked_at, overpowered
        from accounts
        where id = %(id)s
        """,
        {"id": account_id},
    )
    assert known
    return known


def record_check(db: Db, account_id: int, check: KeyCheck) -> None:
    """Remember what a look at the key found. Raises AccountError if the account is tracked under another label."""
    try:
        with db.transaction():
            db.execute(
                """
                update accounts
                set uid = %(uid)s, overpowered = %(overpowered)s, key_dangers = %(dangers)s,
                  key_expires_at = %(expires)s, key_checked = %(mark)s, key_checked_at = %(at)s,
                  limits = %(limits)s
                where id = %(id)s
                """,
                {
                    "id": account_id,
                    "uid": check.uid,
                    "overpowered": bool(check.permissions.dangerous),
                    "dangers": list(check.permissions.dangerous),
                    "expires": check.permissions.expires_at,
                    "mark": check.key_mark,
                    "at": check.at,
                    "limits": list(check.limits),
                },
            )
    except psycopg.errors.UniqueViolation:
        raise AccountError(_say_twin(db, account_id, check.uid)) from None


def _say_twin(db: Db, account_id: int, uid: str) -> str:
    label = load_value(
        db,
        """
        select twin.label
        from accounts twin
        join accounts own on own.id = %(id)s and own.exchange = twin.exchange
        where twin.uid = %(uid)s and twin.enabled and twin.id <> own.id
        """,
        {"uid": uid, "id": account_id},
    )
    return (
        f"The key belongs to the exchange's account {uid}, which is tracked already as '{label or 'another label'}': its "
        "money would count twice. Disable one of the two: python -m monitor account disable LABEL"
    )


def load_warnings(db: Db, now: datetime) -> dict[int, tuple[str, ...]]:
    """What the owner should know of the keys of tracked accounts, by account; accounts without a warning are absent."""
    keys = load_rows(
        db,
        _TrackedKey,
        """
        select id, label, overpowered, key_dangers, key_checked_at
        from accounts
        where enabled and id > 0
        order by id
        """,
    )
    warnings = {key.id: tuple(_warn(key, now)) for key in keys}
    return {account_id: found for account_id, found in warnings.items() if found}


@dataclass(frozen=True, slots=True, kw_only=True)
class _TrackedKey:
    id: int
    label: str
    overpowered: bool
    key_dangers: list[str]
    key_checked_at: datetime | None


def _warn(key: _TrackedKey, now: datetime) -> list[str]:
    warnings = []
    if key.overpowered:
        may = f" ({', '.join(key.key_dangers)})" if key.key_dangers else ""
        warnings.append(
            f"The key may do more than read{may}. Make one at the exchange that may only read, then: "
            f"python -m monitor account rekey {quote(key.label)}"
        )
    if key.key_checked_at and key.key_checked_at < now - UNCHECKED_TOO_LONG:
        warnings.append(
            f"What the key may do could not be read since {key.key_checked_at:%Y-%m-%d %H:%M} UTC. "
            f"Look at it: python -m monitor account check {quote(key.label)}"
        )
    return warnings


class StoredSystem(NamedTuple):
    """How an account was kept when it was last read."""

    name: str  # empty where it is not known yet, or there is but one
    switched_at: datetime | None  # since when, where it was another before


def load_system(db: Db, account_id: int) -> StoredSystem:
    """The account's system."""
    (found,) = load_rows(
        db, StoredSystem, "select system as name, switched_at from accounts where id = %(id)s", {"id": account_id}
    )
    return found


def record_system(db: Db, account_id: int, system: str, limits: Sequence[str], at: datetime) -> None:
    """Remember the account's system and what the exchange can't say of it then, and of a switch what it was before and when
    that was noticed."""
    db.execute(
        """
        update accounts
        set system = %(system)s, limits = %(limits)s, system_before = system, switched_at = case when system <> '' then %(at)s end
        where id = %(id)s
        """,
        {"id": account_id, "system": system, "limits": list(limits), "at": at},
    )
