"""The vault: API keys sealed with AES-256-GCM, opened only by the worker just before use.

The key that seals is derived (HKDF-SHA256) from a master key, which comes from the settings or from a 0600 file made
on first use. Account, field and master key id are bound to each sealed value, so that it can't be moved to another row.
"""

import base64
import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sql.errors import CredentialsError

KEY_BYTES = 32
NONCE_BYTES = 12
LARGEST_FILE = 4096
PURPOSE = b"portfolio-monitor credential v1"
MASTER_FILE, NEXT_FILE = "master.key", "master.key.next"
ANEW = "seal the API key anew: python -m monitor account rekey LABEL"


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that shows itself only when asked."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        return "…"

    def __bool__(self) -> bool:
        return bool(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What opens an account at its exchange."""

    key: Secret
    secret: Secret
    passphrase: Secret = Secret("")  # where the exchange's keys have one


NOBODY = Credentials(key=Secret(""), secret=Secret(""))


class MasterKeys(Protocol):
    """The settings that say where the master keys are."""

    @property
    def master_key(self) -> Secret:
        """The present one; empty: it is in a file."""

    @property
    def new_master_key(self) -> Secret:
        """The next one, where the present one is a setting."""

    @property
    def data_dir(self) -> Path:
        """The folder of the files."""


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and opens with one master key."""

    _sealing_key: Secret
    key_id: str

    def seal(self, account_id: int, name: str, secret: Secret) -> bytes:
        """`secret` as nonce, ciphertext and tag, bound to the account and the field `name`."""
        nonce = os.urandom(NONCE_BYTES)
        bound = self._bound(account_id, name)
        return nonce + self._cipher().encrypt(nonce, secret.value.encode(), bound)

    def open(self, account_id: int, name: str, key_id: str, sealed: bytes) -> Secret:
        """What was sealed. Raises CredentialsError if the master key is another one or the value was changed."""
        if key_id != self.key_id:
            raise CredentialsError(
                f"The stored key was sealed with master key {key_id}, this one is {self.key_id}. Put the right "
                f"master key back (MASTER_KEY or DATA_DIR/master.key), finish a rotation that was interrupted (python -m "
                f"monitor rotate-master-key), or {ANEW}."
            )
        try:
            opened = self._cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._bound(account_id, name))
        except (InvalidTag, ValueError):
            raise CredentialsError(f"The stored key was damaged or moved in the database: {ANEW}.") from None
        return Secret(opened.decode())

    def derive(self, purpose: bytes) -> bytes:
        """A key of 32 bytes for another purpose, from the same master key: who has it can't open what is sealed."""
        sealing = base64.b64decode(self._sealing_key.value)
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(sealing)

    def _cipher(self) -> AESGCM:
        return AESGCM(base64.b64decode(self._sealing_key.value))

    def _bound(self, account_id: int, name: str) -> bytes:
        parts = (PURPOSE, str(account_id).encode(), name.encode(), self.key_id.encode())
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def open_vault(settings: MasterKeys) -> Vault:
    """The vault of the configured master key; makes DATA_DIR/master.key when there is none. Raises CredentialsError."""
    if settings.master_key:
        return _derive(_decode(settings.master_key.value, "MASTER_KEY"))
    return _derive(_read_or_make(settings.data_dir / MASTER_FILE))


def open_next_vault(settings: MasterKeys) -> Vault:
    """The vault of the master key that comes next: NEW_MASTER_KEY where the present one is a setting, else one that is
    made in a file beside the present one's. Raises CredentialsError."""
    if not settings.master_key:
        return _derive(_read_or_make(settings.data_dir / NEXT_FILE))
    if not settings.new_master_key:
        raise CredentialsError(
            "MASTER_KEY is a setting, so the next one must be one, too: NEW_MASTER_KEY, or NEW_MASTER_KEY_FILE. Make one "
            "with: openssl rand -base64 32"
        )
    return _derive(_decode(settings.new_master_key.value, "NEW_MASTER_KEY"))


def put_in_place(settings: MasterKeys, retired: str) -> str:
    """Let the next master key be the present one; `retired` is the old one's id. Returns what the user has to do."""
    if settings.master_key:
        return (
            "Now set MASTER_KEY to what NEW_MASTER_KEY is, and remove NEW_MASTER_KEY: until then no key can be opened."
        )
    present, old = settings.data_dir / MASTER_FILE, settings.data_dir / f"{MASTER_FILE}.{retired}"
    with suppress(FileExistsError):  # by an attempt that was interrupted here
        old.hardlink_to(present)
    (settings.data_dir / NEXT_FILE).rename(present)  # at no moment is there none
    return f"Older backups need the old master key: it is {old} now. Move it to where they are, or delete it with them."


def _derive(master: bytes) -> Vault:
    sealing = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE).derive(master)
    key_id = hashlib.sha256(b"id" + sealing).hexdigest()[:8]
    return Vault(Secret(base64.b64encode(sealing).decode()), key_id)


def _decode(text: str, name: str) -> bytes:
    try:
        master = base64.b64decode(text, validate=True)
    except ValueError:
        master = b""
    if len(master) != KEY_BYTES:
        raise CredentialsError(f"{name} is not {KEY_BYTES} bytes in base64. Make one with: openssl rand -base64 32")
    return master


def _read_or_make(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return _make(path)
    except OSError as error:
        raise CredentialsError(f"{path} can't be read ({error.strerror}). It must be a plain file of yours.") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise CredentialsError(f"{path} can't be read. It must be a plain file of yours.")
        if stat.S_IMODE(status.st_mode) & 0o077 or status.st_uid != os.getuid():
            raise CredentialsError(f"{path} is open to other users. Run: chmod 600 {path} (and own it)")
        return _decode(os.read(descriptor, LARGEST_FILE).decode(errors="replace").strip(), str(path))
    finally:
        os.close(descriptor)


def _make(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    master = os.urandom(KEY_BYTES)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(base64.b64encode(master).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(unfinished, path)  # fails if another process was first: its key is the one
    except FileExistsError:
        return _read_or_make(path)
    finally:
        unfinished.unlink()
    return master
