"""API keys: Ed25519 as RFC 8032 prints it, HMAC as Binance's documentation does, where one may be used from, and secrets."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from paper.users.api_keys import (
    MOST_KEYS,
    is_allowed_from,
    is_signed_by_key,
    is_signed_by_secret,
    read_public_key,
    write_public_key,
)
from paper.users.directory import Directory
from paper.users.fields import read_addresses, read_permissions
from paper.users.joining import delete
from paper.users.key_commands import Wanted, make_key, note_use, open_secret, revoke_key
from paper.users.records import ApiKey, KeyKind
from paper.users.refusals import Absent, Conflict, Invalid
from sql.errors import CredentialsError
from sql.vault import Secret, Vault, open_vault
from tests.paper.users.people import MOMENT, NOW, ORIGIN, join

# RFC 8032, 7.1: public key, message, signature of tests 1, 2 and 3.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
# Binance's documentation, "Request security", HMAC keys: the example's secret, payload and signature.
BINANCE_SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
BINANCE_PAYLOAD = (
    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
)
BINANCE_SIGNATURE = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"


class Place:
    """Where a test's master key is."""

    master_key = new_master_key = Secret("")

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return open_vault(Place(tmp_path))


def key_of(kind: KeyKind, **more: object) -> ApiKey:
    directory = Directory()
    plain = ApiKey(key="k", user=join(directory).id, label="bot", kind=kind, created_at=NOW)
    return replace(plain, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_signatures_of_rfc_8032(public: str, message: str, signature: str) -> None:
    key = read_public_key(write_public_key(bytes.fromhex(public)))
    told = base64.b64encode(bytes.fromhex(signature)).decode()

    assert key.hex() == public and is_signed_by_key(key, bytes.fromhex(message), told)
    assert not is_signed_by_key(key, bytes.fromhex(message) + b"!", told)
    for wrong in ("", "!", told[:-4], told + "AAAA", signature, base64.b64encode(bytes(64)).decode(), "é", "\ud800"):
        assert not is_signed_by_key(key, bytes.fromhex(message), wrong)


def test_the_signature_of_binances_example() -> None:
    payload = BINANCE_PAYLOAD.encode()

    assert is_signed_by_secret(BINANCE_SECRET, payload, BINANCE_SIGNATURE)
    assert is_signed_by_secret(BINANCE_SECRET, payload, BINANCE_SIGNATURE.upper())
    assert not is_signed_by_secret(BINANCE_SECRET + "x", payload, BINANCE_SIGNATURE)
    for wrong in ("", BINANCE_SIGNATURE[:-1], BINANCE_SIGNATURE + "0", "é" * 64, "ſ" * 64, "\ud800"):
        assert not is_signed_by_secret(BINANCE_SECRET, payload, wrong)


def test_what_is_no_ed25519_key_is_not_taken() -> None:
    other = X25519PrivateKey.generate().public_key()
    foreign = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    good = write_public_key(bytes.fromhex(RFC_8032[0][0]))

    assert read_public_key(good + "\n").hex() == RFC_8032[0][0]
    for wrong in (foreign, "", None, 7, good[:40], good * 20, good.replace("PUBLIC", "PRIVATE"), "\ud800"):
        with pytest.raises(ValueError, match="Ed25519"):
            read_public_key(wrong)


@pytest.mark.parametrize(
    ("addresses", "address", "is_allowed"),
    [
        ([], "203.0.113.7", True),
        (["203.0.113.7"], "203.0.113.7", True),
        (["203.0.113.7"], "::ffff:203.0.113.7", True),
        (["203.0.113.7"], "203.0.113.8", False),
        (["203.0.113.0/24", "2001:db8::/32"], "2001:db8::1", True),
        (["203.0.113.0/24"], "2001:db8::1", False),
        (["203.0.113.0/24"], "", False),
        (["0.0.0.0/0"], "localhost", False),
    ],
)
def test_where_a_key_may_be_used_from(addresses: list[str], address: str, is_allowed: bool) -> None:
    assert is_allowed_from(key_of(KeyKind.HMAC, addresses=read_addresses(addresses)), address) == is_allowed


@pytest.mark.parametrize(
    "wrong", [None, "203.0.113.7", [7], ["x"], ["203.0.113.7/24"], ["fe80::1%eth0"], ["1.1.1.1"] * 31]
)
def test_what_is_no_list_of_addresses(wrong: object) -> None:
    with pytest.raises(ValueError, match="address"):
        read_addresses(wrong)


@pytest.mark.parametrize(
    "wrong", [None, "read", [], ["trade"], ["trade", "read"], ["read", "withdraw"], ["read", "read"], [["read"]]]
)
def test_no_key_may_do_more_than_read_and_trade(wrong: object) -> None:
    with pytest.raises(ValueError, match="read"):
        read_permissions(wrong)


WANTED = Wanted(label="bot", kind=KeyKind.HMAC, may_trade=True)


def test_the_secret_is_told_once_and_sealed_for_its_owner(vault: Vault, tmp_path: Path) -> None:
    directory = Directory()
    ann, bob = join(directory), join(directory, "bob@example.com")
    key, secret, records = make_key(directory, vault, ann, WANTED, ORIGIN, NOW)
    directory.apply(records)

    assert open_secret(vault, key).value == secret.value and len(secret.value) == 64
    assert secret.value not in repr(records) and secret.value.encode() not in key.sealed
    for moved in (replace(key, user=bob.id), replace(key, key="another"), replace(key, sealed=key.sealed[:-1] + b"!")):
        with pytest.raises(CredentialsError):
            open_secret(vault, moved)
    with pytest.raises(CredentialsError):
        open_secret(open_vault(Place(tmp_path / "another")), key)
    assert directory.key(key.key) == key == directory.key_of(ann.id, key.key)
    with pytest.raises(Absent):
        revoke_key(directory, bob, key.key, ORIGIN, NOW)
    directory.apply(revoke_key(directory, ann, key.key, ORIGIN, NOW))
    assert directory.key(key.key) is None and directory.keys_of(ann.id) == []
    with pytest.raises(Absent):
        revoke_key(directory, ann, key.key, ORIGIN, NOW)


def test_as_many_keys_as_there_may_be(vault: Vault) -> None:
    directory = Directory()
    ann = join(directory)
    for _ in range(MOST_KEYS):
        directory.apply(make_key(directory, vault, ann, WANTED, ORIGIN, NOW)[2])
    with pytest.raises(Conflict, match="20 keys"):
        make_key(directory, vault, ann, WANTED, ORIGIN, NOW)
    directory.apply(revoke_key(directory, ann, directory.keys_of(ann.id)[0].key, ORIGIN, NOW))
    assert make_key(directory, vault, ann, WANTED, ORIGIN, NOW)[0].may_trade


def test_a_kind_and_its_public_key_belong_together(vault: Vault) -> None:
    directory = Directory()
    ann = join(directory)
    public = bytes.fromhex(RFC_8032[0][0])
    made = make_key(directory, vault, ann, replace(WANTED, kind=KeyKind.ED25519, public_key=public), ORIGIN, NOW)

    assert (made[0].sealed, made[0].public_key, bool(made[1])) == (b"", public, False)
    for wrong in (replace(WANTED, kind=KeyKind.ED25519), replace(WANTED, public_key=public)):
        with pytest.raises(Invalid):
            make_key(directory, vault, ann, wrong, ORIGIN, NOW)


def test_a_deleted_users_keys_open_nothing(vault: Vault) -> None:
    directory = Directory()
    ann = join(directory)
    key, _, records = make_key(directory, vault, ann, WANTED, ORIGIN, NOW)
    directory.apply(records)
    directory.apply(delete(directory, ann, ORIGIN, NOW))

    assert directory.key(key.key) is None


def test_that_a_key_is_used_is_noted_now_and_then() -> None:
    key = key_of(KeyKind.HMAC)
    (used,) = note_use(key, NOW)

    assert isinstance(used, ApiKey) and used.last_used == NOW
    assert note_use(used, NOW + 59 * MOMENT) == () and note_use(used, NOW + 60 * MOMENT)
