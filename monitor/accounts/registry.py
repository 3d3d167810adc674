"""The accounts that are tracked: their rows, their first benchmarks, and whose key opens each."""

from dataclasses import dataclass
from datetime import datetime
from shlex import quote

import psycopg

from monitor.accounts.client import TrackedAccount
from monitor.accounts.store.credentials import SealedKey, load_sealed_keys
from monitor.errors import AccountError
from monitor.exchanges import EXCHANGES
from monitor.settings import Settings, Weights
from sql.errors import CredentialsError
from sql.rows import Db, load_rows, load_value
from sql.vault import NOBODY, open_vault

POLICIES = (("hold", "never"), ("monthly", "monthly"))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAccount:
    """An account as it is stored, tracked or not."""

    id: int
    label: str
    exchange: str
    uid: str | None  # the exchange's own number of the account; None: nobody has looked yet
    enabled: bool  # it is tracked
    sub_email: str | None
    key_state: str
    hours: int  # how many are recorded
    last_hour: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeyedAccount:
    """A tracked account and whose key opens it: its own, or its master's."""

    id: int
    label: str
    exchange: str
    sub_email: str
    key_id: int
    key_label: str


def add_account(db: Db, new: NewAccount, now: datetime) -> int:
    """Add the row and its benchmarks and return the id. Raises AccountError if the label or the account is tracked."""
    refuse_label(db, new.label)
    try:
        account_id: int = load_value(
            db,
            """
            insert into accounts (label, exchange, uid, overpowered, created_at, master_id, sub_email)
            values (%(label)s, %(exchange)s, %(uid)s, %(overpowered)s, %(now)s, %(master)s, %(email)s)
            returning id
            """,
            {
                "label": new.label,
                "exchange": new.exchange,
                "uid": new.uid,
                "overpowered": new.overpowered,
                "now": now,
                "master": new.master_id,
                "email": new.sub_email,
            },
        )
    except psycopg.errors.UniqueViolation:
        raise AccountError(
            f"The key belongs to the {new.exchange} account {new.uid}, which is tracked already under another label: "
            "its money would count twice. See: python -m monitor account list"
        ) from None
    ensure_benchmarks(db, account_id, new.weights)
    ensure_benchmarks(db, 0, new.weights)
    return account_id


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
            """
            insert into benchmark_configs (account_id, name, assets, weights, rebalance, is_default)
            values (%(account)s, %(name)s, %(assets)s, %(weights)s, %(rebalance)s, %(default)s)
            on conflict (account_id, name) do nothing
            """,
            {
                "account": account_id,
                "name": name,
                "assets": [asset for asset, _ in weights],
                "weights": [share for _, share in weights],
                "rebalance": rebalance,
                "default": name == "hold",
            },
        )


def load_accounts(db: Db, settings: Settings) -> tuple[TrackedAccount, ...]:
    """Every enabled account; one whose key can't be opened says why and doesn't stop the others."""
    rows = load_rows(
        db,
        _KeyedAccount,
        """
        select a.id, a.label, a.exchange, coalesce(a.sub_email, '') as sub_email, k.id as key_id, k.label as key_label
        from accounts a
        join accounts k on k.id = coalesce(a.master_id, a.id)
        where a.enabled and a.id > 0
        order by a.id
        """,
    )
    keys = load_sealed_keys(db)
    return tuple(_track(row, keys.get(row.key_id), settings) for row in rows)


def _track(row: _KeyedAccount, sealed: SealedKey | None, settings: Settings) -> TrackedAccount:
    credentials, problem = NOBODY, ""
    given = settings.exchanges[row.exchange]
    try:
        if sealed:
            credentials = sealed.open(open_vault(settings))
        elif row.key_label == given.label and given.credentials.key:
            credentials = given.credentials
        else:
            problem = (
                f"Account '{row.key_label}' has no stored key, and {given.key_setting} is not set for it. Give it one: "
                f"python -m monitor account rekey {quote(row.key_label)}; or stop tracking it: "
                f"python -m monitor account disable {quote(row.label)}"
            )
    except CredentialsError as error:
        problem = str(error)
    return TrackedAccount(
        id=row.id,
        label=row.label,
        exchange=row.exchange,
        credentials=credentials,
        sub_email=row.sub_email,
        problem=problem,
        withdrawal_fee=given.withdrawal_fee,
    )


def find_account(db: Db, label: str) -> StoredAccount:
    """The account of this label. Raises AccountError when there is none."""
    for found in list_accounts(db, label):
        return found
    raise AccountError(f"There is no account '{label}'. See: python -m monitor account list")


def choose_accounts(db: Db, label: str | None) -> tuple[StoredAccount, ...]:
    """The account of this label, or all where none is named. Raises AccountError when there is none of it."""
    return (find_account(db, label),) if label else list_accounts(db)


def list_accounts(db: Db, label: str | None = None) -> tuple[StoredAccount, ...]:
    """All accounts, tracked or not; or the one of this label."""
    return load_rows(
        db,
        StoredAccount,
        """
        select a.id, a.label, a.exchange, a.uid, a.enabled, a.sub_email, a.key_state,
          count(n.hour) as hours, max(n.hour) as last_hour
        from accounts a
        left join nav_history n on n.account_id = a.id
        where a.id > 0 and a.label = coalesce(%(label)s, a.label)
        group by a.id
        order by a.id
        """,
        {"label": label},
    )


def set_enabled(db: Db, label: str, now: datetime, *, enabled: bool) -> None:
    """Start or stop tracking; nothing stored is lost. Raises AccountError when there is no such account."""
    account = find_account(db, label)
    if account.enabled == enabled:
        return
    try:
        db.execute(
            "update accounts set enabled = %(enabled)s, disabled_at = %(at)s where id = %(id)s",
            {"id": account.id, "enabled": enabled, "at": None if enabled else now},
        )
    except psycopg.errors.UniqueViolation:
        raise AccountError(
            f"The account behind '{label}' (number {account.uid}) is tracked under another label now: its money "
            "would count twice. Disable that one first: python -m monitor account list"
        ) from None


def record_key_state(db: Db, account_id: int, *, state: str, message: str) -> None:
    """Remember whether the exchange takes the key, for the pages."""
    db.execute(
        """
        update accounts
        set key_state = %(state)s, key_message = %(message)s
        where id = %(id)s and (key_state, key_message) is distinct from (%(state)s, %(message)s)
        """,
        {"id": account_id, "state": state, "message": message},
    )


def ensure_environment_accounts(db: Db, settings: Settings, now: datetime) -> None:
    """Make the rows of the accounts whose keys are in the environment, where there is such a key and no row."""
    for exchange in EXCHANGES:
        given = settings.exchanges[exchange]
        known = load_value(db, "select true from accounts where label = %(label)s", {"label": given.label})
        if given.credentials.key and not known:
            new = NewAccount(
                label=given.label, exchange=exchange, uid=None, overpowered=False, weights=settings.benchmark
            )
            add_account(db, new, now)
