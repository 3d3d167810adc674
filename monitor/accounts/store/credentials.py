"""Stored API keys, sealed."""

from dataclasses import dataclass
from datetime import datetime

from sql.errors import CredentialsError
from sql.rows import Db, load_rows
from sql.vault import Secret, Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedKey:
    """An account's API key and its secret."""

    account_id: int
    master_key_id: str
    sealed_key: bytes
    sealed_secret: bytes

    def open(self, vault: Vault) -> tuple[Secret, Secret]:
        """Key and secret. Raises CredentialsError for another master key, or a value that was changed."""
        return (
            vault.open(self.account_id, "key", self.master_key_id, self.sealed_key),
            vault.open(self.account_id, "secret", self.master_key_id, self.sealed_secret),
        )


def record_credentials(db: Db, vault: Vault, account_id: int, key: Secret, secret: Secret, now: datetime) -> None:
    """Seal and store the key, and prove that it can be opened again."""
    db.execute(
        """
        insert into api_credentials (account_id, master_key_id, sealed_key, sealed_secret, created_at)
        values (%(account)s, %(key_id)s, %(key)s, %(secret)s, %(now)s)
        on conflict (account_id) do update
        set master_key_id = excluded.master_key_id, sealed_key = excluded.sealed_key,
          sealed_secret = excluded.sealed_secret, created_at = excluded.created_at
        """,
        {
            "account": account_id,
            "key_id": vault.key_id,
            "key": vault.seal(account_id, "key", key),
            "secret": vault.seal(account_id, "secret", secret),
            "now": now,
        },
    )
    if load_sealed_keys(db)[account_id].open(vault) != (key, secret):
        raise CredentialsError("The key that was just stored does not open to what was given; nothing was kept.")


def load_sealed_keys(db: Db) -> dict[int, SealedKey]:
    """Every stored key, by account."""
    keys = load_rows(db, SealedKey, "select account_id, master_key_id, sealed_key, sealed_secret from api_credentials")
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
                key, secret = sealed.open(vault)
                record_credentials(db, next_vault, account_id, key, secret, now)
    return len(keys)
