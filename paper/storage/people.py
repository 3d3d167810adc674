"""Users, their refresh tokens and keys, and the audit trail, as rows."""

import json
from typing import Any, LiteralString

from psycopg.rows import tuple_row

from paper.storage.arrays import Table
from paper.storage.trading_configs import CONFIGS, load_configs, write_config
from paper.users.fields import fold_email
from paper.users.records import (
    ApiKey,
    AuditEntry,
    KeyKind,
    Record,
    RefreshToken,
    Role,
    TokensForgotten,
    TradingConfig,
    User,
)
from sql.rows import Db

Row = tuple[Any, ...]
# Within a group an address may go from one user to another: all that change let go of theirs before they take a new one.
RELEASED = Table("update users set email_folded = id::text where id = any(%s::uuid[])")
USERS = Table(
    """
    insert into users (
      id, account, email, email_folded, name, date_of_birth, password, role, is_verified, is_deleted, password_updated_at,
      secret_token, secret_token_created_at, created_at, updated_at
    )
    select * from unnest(
      %s::uuid[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::date[], %s::text[], %s::text[], %s::boolean[],
      %s::boolean[], %s::timestamptz[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[]
    )
    on conflict (id) do update set email = excluded.email, email_folded = excluded.email_folded, name = excluded.name,
      date_of_birth = excluded.date_of_birth, password = excluded.password, role = excluded.role,
      is_verified = excluded.is_verified, is_deleted = excluded.is_deleted,
      password_updated_at = excluded.password_updated_at, secret_token = excluded.secret_token,
      secret_token_created_at = excluded.secret_token_created_at, updated_at = excluded.updated_at
    """,
    frozenset([2, 3, 4, 6, 7, 11]),
    replaces=True,
)
TOKENS = Table(
    """
    insert into refreshtokens (
      id, "user", account, family, hash, "isRevoked", "tokenExpiry", used_at, replaced_by, created_at, updated_at,
      "deletedAt"
    )
    select * from unnest(
      %s::uuid[], %s::uuid[], %s::integer[], %s::uuid[], %s::text[], %s::boolean[], %s::timestamptz[], %s::timestamptz[],
      %s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[]
    )
    on conflict (id) do update set "isRevoked" = excluded."isRevoked", used_at = excluded.used_at,
      replaced_by = excluded.replaced_by, updated_at = excluded.updated_at, "deletedAt" = excluded."deletedAt"
    """,
    frozenset([4]),
    replaces=True,
)
FORGOTTEN = Table('delete from refreshtokens where "tokenExpiry" <= any (%s::timestamptz[])')
KEYS = Table(
    """
    insert into api_keys (
      key, account, label, kind, master_key_id, sealed_secret, public_key, permissions, addresses, created_at, last_used,
      revoked_at
    )
    select key, account, label, kind, master_key_id, sealed_secret, public_key, permissions::text[], addresses::cidr[],
      created_at, last_used, revoked_at
    from unnest(
      %s::text[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::bytea[], %s::text[], %s::text[],
      %s::timestamptz[], %s::timestamptz[], %s::timestamptz[]
    ) as k (
      key, account, label, kind, master_key_id, sealed_secret, public_key, permissions, addresses, created_at, last_used,
      revoked_at
    )
    on conflict (key) do update set last_used = excluded.last_used, revoked_at = excluded.revoked_at
    """,
    frozenset([0, 2, 3, 4, 5, 6, 7, 8]),
    replaces=True,
)
AUDIT = Table(
    """
    insert into audit_logs (
      account, user_id, actor, action, table_name, record_id, old_values, new_values, ip_address, user_agent, created_at
    )
    select * from unnest(
      %s::integer[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::jsonb[], %s::text[],
      %s::text[], %s::timestamptz[]
    )
    """,
    frozenset([2, 3, 4, 5, 6, 7, 8, 9]),
)
ALL_USERS = """
    select id, email, name, date_of_birth, password, role, is_verified, is_deleted, password_updated_at, secret_token,
      secret_token_created_at, created_at, updated_at
    from users
    """
ALL_TOKENS = """
    select id, "user", family, hash, "isRevoked", "tokenExpiry", used_at, replaced_by, created_at, updated_at, "deletedAt"
    from refreshtokens
    order by "tokenExpiry"
    """
LIVE_KEYS = """
    select k.key, a.name::uuid, k.label, k.kind, k.sealed_secret, k.master_key_id, k.public_key, 'trade' = any(k.permissions),
      k.addresses::text[], k.created_at, k.last_used
    from api_keys k
    join accounts a on a.id = k.account
    where k.revoked_at is null
    order by k.created_at, k.key
    """


def write_person(record: object, accounts: dict[str, int]) -> tuple[Table, Row]:
    """The table of a record and its row. Raises TypeError for one that nobody knows."""
    match record:
        case User():
            return USERS, _write_user(record, accounts[str(record.id)])
        case RefreshToken():
            return TOKENS, _write_token(record, accounts[str(record.user)])
        case ApiKey():
            return KEYS, _write_key(record, accounts[str(record.user)])
        case TradingConfig():
            return CONFIGS, write_config(record, accounts[str(record.user)])
        case AuditEntry():
            return AUDIT, _write_entry(record, accounts[str(record.user)] if record.user else None)
        case TokensForgotten(until=until):
            return FORGOTTEN, (until,)
    raise TypeError(f"the journal does not know how to write a {type(record).__name__}")


def _write_user(u: User, account: int) -> Row:
    return (u.id, account, u.email, fold_email(u.email), u.name, u.date_of_birth, u.password, u.role.value, u.is_verified,
            u.is_deleted, u.password_updated_at, u.secret_token, u.secret_token_created_at, u.created_at, u.updated_at)  # fmt: skip


def _write_token(t: RefreshToken, account: int) -> Row:
    return (t.id, t.user, account, t.family, t.hash, t.is_revoked, t.expires_at, t.used_at, t.replaced_by, t.created_at,
            t.updated_at, t.revoked_at)  # fmt: skip


def _write_key(k: ApiKey, account: int) -> Row:
    sealed, public = (f"\\x{part.hex()}" if part else None for part in (k.sealed, k.public_key))
    permissions, addresses = ("{" + ",".join(part) + "}" for part in (k.permissions, k.addresses))
    return (k.key, account, k.label, k.kind.value, k.sealed_with or None, sealed, public, permissions, addresses,
            k.created_at, k.last_used, k.revoked_at)  # fmt: skip


def _write_entry(e: AuditEntry, account: int | None) -> Row:
    old = None if e.old_values is None else json.dumps(e.old_values)
    return (
        account,
        e.user,
        e.actor,
        e.action,
        e.table,
        e.record,
        old,
        json.dumps(e.new_values),
        e.address,
        e.agent,
        e.at,
    )


def load_people(db: Db) -> list[Record]:
    """All users, how they trade, refresh tokens, and the keys that are not revoked, those of accounts without a user among them."""
    return [
        *(_read_user(row) for row in _load(db, ALL_USERS)),
        *(_read_token(row) for row in _load(db, ALL_TOKENS)),
        *(_read_key(row) for row in _load(db, LIVE_KEYS)),
        *load_configs(db),
    ]


def _load(db: Db, statement: LiteralString) -> list[Row]:
    return db.cursor(row_factory=tuple_row).execute(statement).fetchall()


def _read_user(row: Row) -> User:
    (
        number,
        email,
        name,
        born,
        password,
        role,
        is_verified,
        is_deleted,
        password_at,
        secret,
        secret_at,
        made,
        changed,
    ) = row
    return User(
        id=number,
        email=email,
        name=name,
        date_of_birth=born,
        password=password,
        role=Role(role),
        is_verified=is_verified,
        is_deleted=is_deleted,
        password_updated_at=password_at,
        secret_token=secret,
        secret_token_created_at=secret_at,
        created_at=made,
        updated_at=changed,
    )


def _read_token(row: Row) -> RefreshToken:
    number, user, family, digest, is_revoked, ends, used, successor, made, changed, revoked = row
    return RefreshToken(
        id=number,
        user=user,
        family=family,
        hash=digest,
        is_revoked=is_revoked,
        expires_at=ends,
        used_at=used,
        replaced_by=successor,
        created_at=made,
        updated_at=changed,
        revoked_at=revoked,
    )


def _read_key(row: Row) -> ApiKey:
    key, user, label, kind, sealed, sealed_with, public_key, may_trade, addresses, made, used = row
    return ApiKey(
        key=key,
        user=user,
        label=label,
        kind=KeyKind(kind),
        sealed=sealed or b"",
        sealed_with=sealed_with or "",
        public_key=public_key or b"",
        may_trade=may_trade,
        addresses=tuple(addresses),
        created_at=made,
        last_used=used,
    )
