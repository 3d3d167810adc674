"""The keys of all users at hand: which one opens what, from where, with which secret."""

from datetime import datetime

from paper.users.api_keys import is_allowed_from
from paper.users.directory import Directory
from paper.users.key_commands import note_use, open_secret
from paper.users.records import ApiKey, Record
from sql.vault import Vault


class KeyRing:
    """Finds keys and opens their secrets, each just before it is needed."""

    def __init__(self, directory: Directory, vault: Vault) -> None:
        self._directory, self._vault = directory, vault

    def find(self, key: str, address: str) -> ApiKey | None:
        """A key that is not revoked and may be used from an address."""
        found = self._directory.key(key)
        return found if found and is_allowed_from(found, address) else None

    def secret(self, key: ApiKey) -> str:
        """The secret of an HMAC key. Raises CredentialsError if it was sealed with another master key."""
        return open_secret(self._vault, key).value

    def note_use(self, key: ApiKey, now: datetime) -> tuple[Record, ...]:
        """What is to be written of a key's use, in memory already; nothing, if it was used a moment ago, too."""
        records = note_use(key, now)
        self._directory.apply(records)
        return records
