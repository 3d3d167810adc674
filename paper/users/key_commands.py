"""Commands of API keys: one is made, one is revoked, and that one was used is noted now and then."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from paper.users.api_keys import MOST_KEYS, make_text
from paper.users.audit import Origin, note
from paper.users.directory import Directory
from paper.users.records import ApiKey, KeyKind, Record, User
from paper.users.refusals import Conflict, Invalid
from sql.vault import Secret, Vault

NOTED_EVERY = timedelta(minutes=1)  # that a key was used: not with each of its requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The key that somebody asks for."""

    label: str
    kind: KeyKind
    may_trade: bool
    public_key: bytes = b""
    addresses: tuple[str, ...] = ()


def make_key(
    directory: Directory, vault: Vault, user: User, wanted: Wanted, origin: Origin, now: datetime
) -> tuple[ApiKey, Secret, tuple[Record, ...]]:
    """The new key, its secret, which is never shown again (none for an Ed25519 key), and what is written.

    Raises Invalid or Conflict.
    """
    if (wanted.kind is KeyKind.ED25519) != bool(wanted.public_key):
        what = "is needed for an Ed25519 key" if not wanted.public_key else "is for Ed25519 keys alone"
        raise Invalid({"public_key": what})
    if len(directory.keys_of(user.id)) >= MOST_KEYS:
        raise Conflict(f"There are {MOST_KEYS} keys, as many as a user may have.", "Delete one that is not used.")
    text = make_text()
    secret = Secret(make_text() if wanted.kind is KeyKind.HMAC else "")
    key = ApiKey(
        key=text,
        user=user.id,
        label=wanted.label,
        kind=wanted.kind,
        sealed=seal_secret(vault, user.id, text, secret) if secret else b"",
        sealed_with=vault.key_id if secret else "",
        public_key=wanted.public_key,
        may_trade=wanted.may_trade,
        addresses=wanted.addresses,
        created_at=now,
    )
    return key, secret, (key, note("make_key", None, key, origin, now))


def seal_secret(vault: Vault, user: UUID, key: str, secret: Secret) -> bytes:
    """The secret of a user's key, as it is kept."""
    return vault.seal(user.int, _field(key), secret)


def open_secret(vault: Vault, key: ApiKey) -> Secret:
    """The secret of an HMAC key. Raises CredentialsError if the master key is another one."""
    return vault.open(key.user.int, _field(key.key), key.sealed_with, key.sealed) if key.sealed else Secret("")


def revoke_key(directory: Directory, user: User, key: str, origin: Origin, now: datetime) -> tuple[Record, ...]:
    """What is written when a key ends. Raises Absent."""
    before = directory.key_of(user.id, key)
    after = replace(before, revoked_at=now)
    return after, note("revoke_key", before, after, origin, now)


def note_use(key: ApiKey, now: datetime) -> tuple[Record, ...]:
    """What is written of a key's use: nothing, if it was used a moment ago, too."""
    return (replace(key, last_used=now),) if key.last_used is None or now - key.last_used >= NOTED_EVERY else ()


def _field(key: str) -> str:
    """What the sealed secret is bound to beside its user."""
    return f"paper api_keys {key}"
