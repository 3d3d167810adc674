"""Settings and the vault: all faults at once, no secret in sight."""

import os
from pathlib import Path

import pytest

from monitor.credentials import open_vault
from monitor.errors import CredentialsError, SettingsError
from monitor.settings import Secret, read_settings

CANARY = "canary-5up3r-s3cr3t"


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(
            {
                "BENCHMARK": "BTC=50 ETH=40",
                "CALL_TIMEOUT_SECONDS": "soon",
                "BINANCE_API_KEY": CANARY,
                "BINANCE_BASE_URL": "http://example.com",
                "MASTER_KEY_FILE": "/nowhere",
            }
        )
    said = str(caught.value)
    for name in ("BENCHMARK", "CALL_TIMEOUT_SECONDS", "BINANCE_API_SECRET", "BINANCE_BASE_URL", "MASTER_KEY_FILE"):
        assert name in said
    assert CANARY not in said


def test_secrets_are_invisible_and_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{CANARY}\n")
    settings = read_settings({"BINANCE_API_KEY": CANARY, "BINANCE_API_SECRET_FILE": str(tmp_path / "secret")})

    assert settings.binance_api_secret.value == CANARY
    assert CANARY not in repr(settings) + str(settings.binance_api_key) + f"{settings}"


def test_what_is_sealed_opens_and_is_bound_to_its_row(tmp_path: Path) -> None:
    vault = open_vault(read_settings({"DATA_DIR": str(tmp_path)}))
    sealed = vault.seal(7, "key", Secret(CANARY))

    assert vault.open(7, "key", vault.key_id, sealed) == Secret(CANARY)
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600
    assert vault.seal(7, "key", Secret(CANARY)) != sealed and CANARY.encode() not in sealed
    flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for row in ((8, "key", sealed), (7, "secret", sealed), (7, "key", flipped), (7, "key", sealed[:5])):
        with pytest.raises(CredentialsError):
            vault.open(row[0], row[1], vault.key_id, row[2])


def test_another_master_key_is_named(tmp_path: Path) -> None:
    one, two = (open_vault(read_settings({"DATA_DIR": str(tmp_path / name)})) for name in "ab")
    with pytest.raises(CredentialsError, match=one.key_id):
        two.open(1, "key", one.key_id, one.seal(1, "key", Secret("x")))


def test_a_master_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    open_vault(read_settings({"DATA_DIR": str(tmp_path)}))
    os.chmod(tmp_path / "master.key", 0o644)
    with pytest.raises(CredentialsError, match="chmod 600"):
        open_vault(read_settings({"DATA_DIR": str(tmp_path)}))
