"""Passwords: the published vectors of argon2id, its parameters, and that nobody's costs what somebody's does."""

import asyncio
import unicodedata

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from argon2.low_level import ARGON2_VERSION, core, ffi
from hypothesis import given, settings
from hypothesis import strategies as st

from paper.users.fields import LONGEST_PASSWORD, read_password
from paper.users.passwords import MOST_WAITING, Passwords
from paper.users.refusals import Busy

# RFC 9106, 5.3: argon2id with a secret and associated data.
RFC_TAG = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
# The reference implementation's test.c, version 1.3: argon2id, t=2, m=2^8 and 2^16 KiB, p=1, salt "somesalt".
PUBLISHED = [
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
]


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords()


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that were checked: each check is the whole cost of one."""
    found: list[str] = []
    check = PasswordHasher.verify

    def counted(self: PasswordHasher, hash: str, password: str) -> bool:
        found.append(hash)
        return check(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    return found


def test_the_library_computes_what_the_standard_prints() -> None:
    out = ffi.new("uint8_t[]", 32)
    given = {"pwd": b"\x01" * 32, "salt": b"\x02" * 16, "secret": b"\x03" * 8, "ad": b"\x04" * 12}
    kept = {name: ffi.new("uint8_t[]", value) for name, value in given.items()}
    lengths = {f"{name}len": len(value) for name, value in given.items()}
    context = {"out": out, "outlen": 32, "t_cost": 3, "m_cost": 32, "lanes": 4, "threads": 4, "version": ARGON2_VERSION}
    no_functions = {"allocate_cbk": ffi.NULL, "free_cbk": ffi.NULL, "flags": 0}
    core(ffi.new("argon2_context *", context | kept | lengths | no_functions), Type.ID.value)

    assert bytes(ffi.buffer(out, 32)).hex() == RFC_TAG


@pytest.mark.parametrize("published", PUBLISHED)
def test_published_hashes_are_understood_and_made_anew(passwords: Passwords, published: str) -> None:
    assert asyncio.run(passwords.fits(published, "password"))
    assert not asyncio.run(passwords.fits(published, "differentpassword"))
    assert passwords.is_outdated(published)


def test_a_hash_has_the_parameters_of_the_design(passwords: Passwords) -> None:
    made = asyncio.run(passwords.hash("correct horse battery"))
    found = extract_parameters(made)

    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$") and not passwords.is_outdated(made)
    assert (found.type, found.salt_len >= 16, found.hash_len >= 32) == (Type.ID, True, True)


def test_nobodys_password_costs_one_check_like_everybodys(passwords: Passwords, verified: list[str]) -> None:
    somebodys = PUBLISHED[0]

    assert not asyncio.run(passwords.fits(None, "password")) and len(verified) == 1
    assert not asyncio.run(passwords.fits(somebodys, "wrong")) and len(verified) == 2
    assert not passwords.is_outdated(verified[0])  # it costs as much as a real one


@pytest.mark.parametrize("hashed", [None, PUBLISHED[0], "", "no hash", "$argon2id$v=19$m=1"])
def test_what_nobody_could_set_costs_nothing_and_is_wrong(
    passwords: Passwords, verified: list[str], hashed: str | None
) -> None:
    assert not asyncio.run(passwords.fits(hashed, "x" * (LONGEST_PASSWORD + 1))) and not verified
    assert not asyncio.run(passwords.fits(hashed, "ordinary"))


def test_who_would_wait_long_is_sent_away(passwords: Passwords) -> None:
    async def many() -> list[object]:
        tries = (passwords.fits(PUBLISHED[0], "password") for _ in range(MOST_WAITING + 3))
        return await asyncio.gather(*tries, return_exceptions=True)

    found = asyncio.run(many())

    assert found.count(True) == MOST_WAITING and sum(isinstance(one, Busy) for one in found) == 3
    assert asyncio.run(passwords.fits(PUBLISHED[0], "password"))


@given(st.text(max_size=30))
@settings(max_examples=200)
def test_a_password_is_the_same_however_its_accents_are_sent(text: str) -> None:
    found = {_read(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")}

    assert len(found) == 1
    assert all(word is None or 10 <= len(word.encode()) <= 1_024 for word in found)


def _read(text: str) -> str | None:
    try:
        return read_password(text)
    except ValueError:
        return None


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        ("123456789", False),
        ("1234567890", True),
        ("ä" * 5, True),
        ("ä" * 512, True),
        ("ä" * 513, False),
        ("\ud800" * 10, False),
    ],
)
def test_lengths_are_of_bytes(text: str, is_taken: bool) -> None:
    assert (_read(text) is not None) == is_taken
