"""The vault: what is sealed opens only where it belongs, with the master key it was sealed with."""

import base64
import os
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.settings import mark_key, read_settings
from sql.errors import CredentialsError
from sql.vault import NONCE_BYTES, Secret, Vault, open_vault

CANARY = "canary-5up3r-s3cr3t"
MASTER = base64.b64encode(bytes(range(32))).decode()
VAULT = open_vault(read_settings({"MASTER_KEY": MASTER}))
SEALED = VAULT.seal(7, "key", Secret(CANARY))


def vault_in(folder: Path) -> Vault:
    return open_vault(read_settings({"DATA_DIR": str(folder)}))


def refuse(sealed: bytes, account_id: int = 7, name: str = "key") -> None:
    with pytest.raises(CredentialsError, match="account rekey") as caught:
        VAULT.open(account_id, name, VAULT.key_id, sealed)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@given(st.text(max_size=200), st.integers(1, 2**62), st.sampled_from(["key", "secret"]))
def test_what_is_sealed_opens_again(text: str, account_id: int, name: str) -> None:
    sealed = VAULT.seal(account_id, name, Secret(text))

    assert VAULT.open(account_id, name, VAULT.key_id, sealed) == Secret(text)


def test_every_changed_bit_is_noticed() -> None:
    for position in range(len(SEALED)):
        for bit in range(8):
            refuse(SEALED[:position] + bytes([SEALED[position] ^ 1 << bit]) + SEALED[position + 1 :])


def test_every_missing_byte_is_noticed() -> None:
    for length in range(len(SEALED)):
        refuse(SEALED[:length])
    refuse(SEALED + b"\0")


def test_a_sealed_value_belongs_to_its_account_and_field() -> None:
    refuse(SEALED, account_id=8)
    refuse(SEALED, name="secret")


def test_a_nonce_is_never_used_twice() -> None:
    sealed = [VAULT.seal(7, "key", Secret(CANARY)) for _ in range(2_000)]

    assert len({one[:NONCE_BYTES] for one in sealed}) == len(sealed)
    assert not any(CANARY.encode() in one for one in sealed)


def test_another_master_key_is_named(tmp_path: Path) -> None:
    other = vault_in(tmp_path)
    with pytest.raises(CredentialsError) as caught:
        other.open(7, "key", VAULT.key_id, SEALED)

    assert VAULT.key_id in str(caught.value) and other.key_id in str(caught.value) and "MASTER_KEY" in str(caught.value)


def test_a_name_of_a_master_key_that_was_changed_in_the_database_opens_nothing(tmp_path: Path) -> None:
    other = vault_in(tmp_path)
    with pytest.raises(CredentialsError, match="damaged or moved"):
        other.open(7, "key", other.key_id, SEALED)


def test_a_vault_shows_nothing() -> None:
    shown = f"{VAULT!r} {VAULT}"

    assert MASTER not in shown and VAULT._sealing_key.value not in shown


def test_a_mark_tells_keys_apart_and_shows_nothing() -> None:
    assert mark_key(Secret(CANARY)) == mark_key(Secret(CANARY)) != mark_key(Secret(f"{CANARY}x"))
    assert CANARY not in mark_key(Secret(CANARY))


def test_the_master_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first, second = vault_in(tmp_path / "new"), vault_in(tmp_path / "new")

    assert first == second
    assert (tmp_path / "new" / "master.key").stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path / "new") == ["master.key"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_master_key_that_others_can_reach_is_refused(mode: int, tmp_path: Path) -> None:
    vault_in(tmp_path)
    os.chmod(tmp_path / "master.key", mode)
    with pytest.raises(CredentialsError, match="chmod 600"):
        vault_in(tmp_path)


def test_a_master_key_behind_a_link_is_refused(tmp_path: Path) -> None:
    vault_in(tmp_path / "real")
    (tmp_path / "master.key").symlink_to(tmp_path / "real" / "master.key")
    with pytest.raises(CredentialsError, match="plain file"):
        vault_in(tmp_path)


def test_a_master_key_that_is_no_file_is_refused(tmp_path: Path) -> None:
    for kind, make in (("folder", os.mkdir), ("pipe", os.mkfifo)):
        (tmp_path / kind).mkdir()
        make(tmp_path / kind / "master.key", 0o700)
        with pytest.raises(CredentialsError, match="plain file"):
            vault_in(tmp_path / kind)


@pytest.mark.parametrize("text", ["", "short", "ключ", base64.b64encode(bytes(31)).decode(), f"{MASTER}!"])
def test_what_is_no_master_key_is_refused_without_being_shown(text: str, tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(CredentialsError, match="openssl rand -base64 32") as caught:
        vault_in(tmp_path)
    assert str(file) in str(caught.value) and (not text or text not in str(caught.value))


def test_a_master_key_of_the_settings_is_judged_the_same_way() -> None:
    with pytest.raises(CredentialsError, match="MASTER_KEY is not 32 bytes"):
        open_vault(read_settings({"MASTER_KEY": CANARY}))
