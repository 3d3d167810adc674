"""The accounts that are tracked: their rows, keys and benchmarks. This file holds all statements about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from shlex import quote

import psycopg

from monitor.credentials import Vault, open_vault
from monitor.database import Db, Row
from monitor.errors import AccountError, CredentialsError
from monitor.exchanges import FIRST_EXCHANGE
from monitor.settings import KEY_SETTING, Secret, Settings, Weights

POLICIES = (("hold", "never"), ("monthly", "monthly"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedAccount:
    """An enabled account with its key, or with the problem that keeps the key closed."""

    id: int
    label: str
    exchange: str
    key: Secret
    secret: Secret
    sub_email: str = ""  # a sub-account's address: key and secret are its master's then
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What is known of an account before it has a row."""

    label: str
    exchange: str
    uid: str | None
    overpowered: bool
    weights: Weights
    master_id: int | None = None  # a sub-account's
    sub_email: str | None = None


def add_account(db: Db, new: NewAccount, now: datetime) -> int:
    """Add the row and its benchmarks and return the id. Raises AccountError if the label or the account is tracked."""
    refuse_label(db, new.label)
    try:
        row = db.execute(
            "insert into accounts (label, exchange, uid, overpowered, created_at, master_id, sub_email)"
            " values (%(label)s, %(exchange)s, %(uid)s, %(overpowered)s, %(now)s, %(master)s, %(email)s) returning id",
            {
                "label": new.label,
                "exchange": new.exchange,
                "uid": new.uid,
                "overpowered": new.overpowered,
                "now": now,
                "master": new.master_id,
                "email": new.sub_email,
            },
        ).fetchone()
    except psycopg.errors.UniqueViolation:
        raise AccountError(
            f"The key belongs to the {new.exchange} account {new.uid}, which is tracked already under another label: "
            "its money would count twice. See: python -m monitor account list"
        ) from None
    assert row
    ensure_benchmarks(db, int(row["id"]), new.weights)
    ensure_benchmarks(db, 0, new.weights)
    return int(row["id"])


def refuse_label(db: Db, label: str) -> None:
    """Raise AccountError if an account or portfolio has this label, or if it would be taken for an account's number."""
    if label.isascii() and label.isdigit():
        raise AccountError(f"A label needs more than digits: {label} would be taken for an account's number.")
    if db.execute("select 1 from accounts where label = %(label)s", {"label": label}).fetchone():
        raise AccountError(
            f"There is an account '{label}' already. Choose another label, or give that one a new key: "
            f"python -m monitor account rekey {quote(label)}"
        )


def ensure_benchmarks(db: Db, account_id: int, weights: Weights) -> None:
    """Give the account its buy-and-hold and its monthly rebalanced benchmark, unless it has them."""
    for name, rebalance in POLICIES:
        db.execute(
            "insert into benchmark_configs (account_id, name, assets, weights, rebalance, is_default)"
            " values (%(account)s, %(name)s, %(assets)s, %(weights)s, %(rebalance)s, %(default)s)"
            " on conflict (account_id, name) do nothing",
            {
                "account": account_id,
                "name": name,
                "assets": [asset for asset, _ in weights],
                "weights": [share for _, share in weights],
                "rebalance": rebalance,
                "default": name == "hold",
            },
        )


def record_credentials(db: Db, vault: Vault, account_id: int, key: Secret, secret: Secret, now: datetime) -> None:
    """Seal and store the key, and prove that it can be opened again."""
    db.execute(
        "insert into api_credentials (account_id, master_key_id, sealed_key, sealed_secret, created_at)"
        " values (%(account)s, %(key_id)s, %(key)s, %(secret)s, %(now)s)"
        " on conflict (account_id) do update set master_key_id = excluded.master_key_id,"
        " sealed_key = excluded.sealed_key, sealed_secret = excluded.sealed_secret, created_at = excluded.created_at",
        {
            "account": account_id,
            "key_id": vault.key_id,
            "key": vault.seal(account_id, "key", key),
            "secret": vault.seal(account_id, "secret", secret),
            "now": now,
        },
    )
    row = db.execute("select * from api_credentials where account_id = %(id)s", {"id": account_id}).fetchone()
    assert row
    if _open(vault, row) != (key, secret):
        raise CredentialsError("The key that was just stored does not open to what was given; nothing was kept.")


def _open(vault: Vault, row: Row) -> tuple[Secret, Secret]:
    account_id, key_id = row["account_id"], row["master_key_id"]
    return (
        vault.open(account_id, "key", key_id, bytes(row["sealed_key"])),
        vault.open(account_id, "secret", key_id, bytes(row["sealed_secret"])),
    )


def reseal_credentials(db: Db, vault: Vault, next_vault: Vault, now: datetime) -> int:
    """Seal every stored key with `next_vault` instead of `vault`, all or none; returns how many are sealed with it now.

    Raises CredentialsError for one that neither can open.
    """
    with db.transaction():
        rows = db.execute("select * from api_credentials order by account_id for update").fetchall()
        for row in rows:
            if row["master_key_id"] != next_vault.key_id:
                key, secret = _open(vault, row)
                record_credentials(db, next_vault, row["account_id"], key, secret, now)
    return len(rows)


def load_accounts(db: Db, settings: Settings) -> tuple[TrackedAccount, ...]:
    """Every enabled account; one whose key can't be opened says why and doesn't stop the others."""
    rows = db.execute(
        "select a.*, k.label as key_label, c.account_id, c.master_key_id, c.sealed_key, c.sealed_secret from accounts a"
        " join accounts k on k.id = coalesce(a.master_id, a.id) left join api_credentials c on c.account_id = k.id"
        " where a.enabled and a.id > 0 order by a.id"
    ).fetchall()
    return tuple(_track(row, settings) for row in rows)


def _track(row: Row, settings: Settings) -> TrackedAccount:
    key, secret, problem = Secret(""), Secret(""), ""
    try:
        if row["sealed_key"]:
            key, secret = _open(open_vault(settings), row)
        elif row["key_label"] == settings.first_label and settings.api_key:
            key, secret = settings.api_key, settings.api_secret
        else:
            problem = (
                f"Account '{row['key_label']}' has no stored key, and {KEY_SETTING} is not set for it. Give it one: "
                f"python -m monitor account rekey {quote(row['key_label'])}; or stop tracking it: "
                f"python -m monitor account disable {quote(row['label'])}"
            )
    except CredentialsError as error:
        problem = str(error)
    return TrackedAccount(
        id=row["id"],
        label=row["label"],
        exchange=row["exchange"],
        key=key,
        secret=secret,
        sub_email=row["sub_email"] or "",
        problem=problem,
    )


def find_account(db: Db, label: str) -> Row:
    """The account's row. Raises AccountError when there is none."""
    row = db.execute("select * from accounts where label = %(label)s and id > 0", {"label": label}).fetchone()
    if row is None:
        raise AccountError(f"There is no account '{label}'. See: python -m monitor account list")
    return row


def list_accounts(db: Db) -> Sequence[Row]:
    """Rows of all accounts with the number of hours recorded and the last one."""
    return db.execute(
        "select a.*, count(n.hour) as hours, max(n.hour) as last_hour from accounts a"
        " left join nav_history n on n.account_id = a.id where a.id > 0 group by a.id order by a.id"
    ).fetchall()


def set_enabled(db: Db, label: str, now: datetime, *, enabled: bool) -> None:
    """Start or stop tracking; nothing stored is lost. Raises AccountError when there is no such account."""
    account = find_account(db, label)
    if account["enabled"] == enabled:
        return
    try:
        db.execute(
            "update accounts set enabled = %(enabled)s, disabled_at = %(at)s where id = %(id)s",
            {"id": account["id"], "enabled": enabled, "at": None if enabled else now},
        )
    except psycopg.errors.UniqueViolation:
        raise AccountError(
            f"The account behind '{label}' (number {account['uid']}) is tracked under another label now: its money "
            "would count twice. Disable that one first: python -m monitor account list"
        ) from None


def record_key_state(db: Db, account_id: int, *, state: str, message: str) -> None:
    """Remember whether the exchange takes the key, for the pages."""
    db.execute(
        "update accounts set key_state = %(state)s, key_message = %(message)s"
        " where id = %(id)s and (key_state, key_message) is distinct from (%(state)s, %(message)s)",
        {"id": account_id, "state": state, "message": message},
    )


def ensure_environment_account(db: Db, settings: Settings, now: datetime) -> None:
    """Make the row of the account whose key is in the environment, if there is such a key and no row."""
    if not settings.api_key:
        return
    known = db.execute("select 1 from accounts where label = %(label)s", {"label": settings.first_label}).fetchone()
    if not known:
        new = NewAccount(
            label=settings.first_label,
            exchange=FIRST_EXCHANGE,
            uid=None,
            overpowered=False,
            weights=settings.benchmark,
        )
        add_account(db, new, now)
