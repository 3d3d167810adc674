"""Stored API keys, sealed."""

from dataclasses import dataclass
from datetime import datetime

from sql.errors import CredentialsError
from sql.rows import Db, load_rows
from sql.vault import Credentials, Secret, Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedKey:
    """An account's API key with its secret."""

    account_id: int
    master_key_id: str
    sealed_key: bytes
    sealed_secret: bytes
    sealed_passphrase: bytes | None  # where the exchange's keys have one

    def open(self, vault: Vault) -> Credentials:
        """What was sealed. Raises CredentialsError for another master key, or a value that was changed."""
        return Credentials(
            key=self._open(vault, "key", self.sealed_key),
            secret=self._open(vault, "secret", self.sealed_secret),
            passphrase=self._open(vault, "passphrase", self.sealed_passphrase),
        )

    def _open(self, vault: Vault, name: str, sealed: bytes | None) -> Secret:
        return vault.open(self.account_id, name, self.master_key_id, sealed) if sealed is not None else Secret("")


def record_credentials(db: Db, vault: Vault, account_id: int, credentials: Credentials, now: datetime) -> None:
    """Seal and store the credentials, and prove that they can be opened again."""
    passphrase = credentials.passphrase
    db.execute(
        """
        insert into api_credentials (
          account_id, master_key_id, sealed_key, sealed_secret, sealed_passphrase, created_at
        )
        values (%(account)s, %(key_id)s, %(key)s, %(secret)s, %(passphrase)s, %(now)s)
        on conflict (account_id) do update
        set master_key_id = excluded.master_key_id, sealed_key = excluded.sealed_key,
          sealed_secret = excluded.sealed_secret, sealed_passphrase = excluded.sealed_passphrase,
          created_at = excluded.created_at
        """,
        {
            "account": account_id,
            "key_id": vault.key_id,
            "key": vault.seal(account_id, "key", credentials.key),
            "secret": vault.seal(account_id, "secret", credentials.secret),
            "passphrase": vault.seal(account_id, "passphrase", passphrase) if passphrase else None,
            "now": now,
        },
    )
    if load_sealed_keys(db)[account_id].open(vault) != credentials:
        raise CredentialsError("The key that was just stored does not open to what was given; nothing was kept.")


def load_sealed_keys(db: Db) -> dict[int, SealedKey]:
    """Every stored key, by account."""
    keys = load_rows(
        db,
        SealedKey,
        "select account_id, master_key_id, sealed_key, sealed_secret, sealed_passphrase from api_credentials",
    )
    return {key.account_id: key for key in keys}


def reseal_credentials(db: Db, vault: Vault, next_vault: Vault, now: datetime) -> int:
    """Seal every stored key with `next_vault` instead of `vault`, all or none; returns how many are sealed with it now.

    Raises CredentialsError for one that neither can open.
    """
    with db.transaction():
        db.execute("select from api_credentials order by account_id for update")
        keys = load_sealed_keys(db)
        for account_id, sealed in keys.items():
            if sealed.master_key_id != next_vault.key_id:
                record_credentials(db, next_vault, account_id, sealed.open(vault), now)
    return len(keys)
