"""The password's hash: argon2id, as the owner keeps it, and whether a password fits."""

import unicodedata

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 256  # letters; bytes of UTF-8, so that no try costs more than another
MEMORY_KIB, ROUNDS = 64 * 1024, 3
LEAST_MEMORY_KIB, MOST_MEMORY_KIB, MOST_ROUNDS = 8 * 1024, 256 * 1024, 20  # of a hash that is believed


def hash_password(password: str, *, memory_kib: int = MEMORY_KIB, rounds: int = ROUNDS) -> str:
    """The hash of a password, with a salt of its own: another one each time."""
    return PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1).hash(normalize(password))


def normalize(password: str) -> str:
    """The same letters as the same bytes: keyboards and browsers write an accent in two ways."""
    return unicodedata.normalize("NFC", password)


def find_fault(password: str) -> str:
    """Why a password can't be taken, or an empty text."""
    if len(password) < SHORTEST:
        return f"It has {len(password)} letters; at least {SHORTEST} are needed. Several words are easy to remember."
    if len(password.encode(errors="replace")) > LONGEST:
        return f"It is longer than {LONGEST} bytes."
    return ""


def is_hash(text: str) -> bool:
    """Whether this is a hash of argon2id which a small machine can compute and nobody can guess quickly."""
    try:
        made = extract_parameters(text)
    except InvalidHashError:
        return False
    is_bounded = LEAST_MEMORY_KIB <= made.memory_cost <= MOST_MEMORY_KIB and made.time_cost <= MOST_ROUNDS
    return made.type is Type.ID and is_bounded


def fits(password_hash: str, password: str) -> bool:
    """Whether it is the password; this takes long, and `MEMORY_KIB`. One that is too long is none."""
    if len(password.encode(errors="replace")) > LONGEST:
        return False
    try:
        return PasswordHasher().verify(password_hash, normalize(password))
    except VerificationError:
        return False
