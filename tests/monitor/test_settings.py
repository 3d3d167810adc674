"""Settings: all faults at once, by name; no secret in sight; the environment before the file."""

import os
import subprocess
import sys
import traceback
from decimal import Decimal
from pathlib import Path

import pytest

from monitor.errors import SettingsError
from monitor.settings import name_parts, parse_weights, read_settings
from sql.environment import read_environment
from sql.errors import SettingsFault
from sql.vault import Secret

CANARY = "canary-5up3r-s3cr3t"
BITGET = ("BITGET_API_KEY", "BITGET_API_SECRET", "BITGET_API_PASSPHRASE")
SECRETS = ("DATABASE_URL", "MASTER_KEY", "BINANCE_API_KEY", "BINANCE_API_SECRET", *BITGET)
BAD = {
    "BENCHMARK": ("BTC=50 ETH=40", "BTC", "BTC=50 BTC=50", "BTC=NaN ETH=50", "BTC=150 ETH=-50", "BTC=Infinity"),
    "CALL_TIMEOUT_SECONDS": ("soon", "0", "-1", "3601", "1.5", "٣"),
    "ACCOUNT_DEADLINE_SECONDS": ("0", "1e2"),
    "ACCEPT_TRADING_KEY": ("maybe", "1", "true"),
    "LOG_LEVEL": ("DEBUG", "loud"),
    "BINANCE_BASE_URL": (
        "http://example.com", "ftp://127.0.0.1", "example.com", "https://example.com/path", "https://", "https://x/?a=1"
    ),
    "BINANCE_LABEL": ("x" * 61, "a\tb"),
}  # fmt: skip


def faults_of(environment: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings(environment)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def test_nothing_has_to_be_set() -> None:
    settings = read_settings({})

    assert settings.data_dir == Path("data") and not settings.database_url and not settings.accept_trading_key
    assert settings.benchmark == (("BTC", Decimal("0.5")), ("ETH", Decimal("0.5")))
    assert (settings.exchanges["binance"].label, settings.log_level, settings.call_timeout_seconds) == (
        "main",
        "INFO",
        10,
    )


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_fault_is_told_with_its_variable(name: str, value: str) -> None:
    assert f"\n  {name}: " in faults_of({name: value})


def test_all_faults_are_told_at_once() -> None:
    said = faults_of(
        {name: values[0] for name, values in BAD.items()}
        | {"BINANCE_API_KEY": CANARY, "MASTER_KEY_FILE": "/nowhere", "DATABASE_URL": "x", "DATABASE_URL_FILE": "y"}
    )
    for name in (*BAD, "BINANCE_API_SECRET", "MASTER_KEY_FILE", "DATABASE_URL_FILE"):
        assert name in said


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_may_come_from_a_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f" {CANARY}\n")
    exchange, part = name.lower().partition("_api_")[::2]
    others = {f"{exchange}_api_{one}".upper(): "x" for one in (name_parts(exchange) if part else ())}
    others.pop(name, None)
    settings = read_settings({f"{name}_FILE": str(tmp_path / "secret")} | others)

    place = settings.exchanges[exchange].credentials if part else settings
    assert getattr(place, part or exchange) == Secret(CANARY)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_given_twice_or_unreadable_is_a_fault(name: str, tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xe9")
    assert f"{name} and {name}_FILE are both set" in faults_of({name: CANARY, f"{name}_FILE": "x"})
    assert f"{name}_FILE: {tmp_path} can't be read" in faults_of({f"{name}_FILE": str(tmp_path)})
    assert f"{name}_FILE" in faults_of({f"{name}_FILE": str(tmp_path / "latin")})


@pytest.mark.parametrize("value", [f"{CANARY} x", f"{CANARY}é", f"{CANARY}\nx", "-----BEGIN PRIVATE KEY-----"])
def test_a_key_that_can_not_be_one_is_a_fault_and_not_shown(value: str) -> None:
    names = [f"BITGET_API_{part}" for part in ("KEY", "SECRET", "PASSPHRASE")]
    for name in names:
        assert f"{name}: " in faults_of(dict.fromkeys(names, "x") | {name: value})
        assert "is set without the other" in faults_of({name: "x"})


def test_secrets_are_invisible() -> None:
    settings = read_settings(dict.fromkeys(SECRETS, CANARY))

    assert settings.database_url.value == CANARY
    assert (
        CANARY not in f"{settings!r} {settings} {settings.master_key} {settings.master_key!r} {[settings.master_key]}"
    )


def test_the_environment_comes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text('LOG_LEVEL=ERROR\nBINANCE_LABEL="from the file"\n# DATA_DIR=elsewhere\nEMPTY\n')
    monkeypatch.setenv("LOG_LEVEL", "WARNING")
    monkeypatch.delenv("BINANCE_LABEL", raising=False)
    monkeypatch.delenv("DATA_DIR", raising=False)
    environment = read_environment(tmp_path)
    settings = read_settings(environment)

    assert (settings.log_level, settings.exchanges["binance"].label, settings.data_dir) == (
        "WARNING",
        "from the file",
        Path("data"),
    )
    assert "EMPTY" not in environment


def test_an_empty_variable_is_the_default_and_hides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("BINANCE_BASE_URL=http://127.0.0.1:1\n")
    monkeypatch.setenv("BINANCE_BASE_URL", "")

    assert read_settings(read_environment(tmp_path)).exchanges["binance"].base_url == ""


def test_a_dollar_in_the_file_is_a_dollar(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BINANCE_LABEL=a${HOME}b\n")

    assert read_environment(tmp_path)["BINANCE_LABEL"] == "a${HOME}b"


def test_shares_may_be_written_with_commas_and_in_any_case() -> None:
    assert parse_weights("btc=33.3, eth=66.7") == (("BTC", Decimal("0.333")), ("ETH", Decimal("0.667")))


def test_a_file_with_secrets_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"MASTER_KEY={CANARY}\n")
    file.chmod(0o640)
    with pytest.raises(SettingsFault, match=r"chmod 600 .*\.env") as caught:
        read_environment(tmp_path)
    assert CANARY not in str(caught.value)
    file.chmod(0o600)
    assert read_environment(tmp_path)["MASTER_KEY"] == CANARY
    file.write_text("MASTER_KEY=\nLOG_LEVEL=ERROR\n")
    file.chmod(0o644)
    assert read_environment(tmp_path)["LOG_LEVEL"] == "ERROR"


@pytest.mark.parametrize("program", ["monitor", "sql"])  # the dashboard never opens it
def test_every_program_refuses_a_file_with_secrets_that_others_may_read(program: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"OWNER_DATABASE_URL=postgresql://owner:{CANARY}@127.0.0.1:1/none\n")
    file.chmod(0o644)
    words = {"monitor": ["due"], "sql": ["status"]}[program]
    done = subprocess.run(
        [sys.executable, "-m", program, *words],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "chmod 600 .env" in done.stderr
    assert CANARY not in done.stderr


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"BENCHMARK=\xff")
    with pytest.raises(SettingsFault, match=r"\.env can't be read"):
        read_environment(tmp_path)


@pytest.mark.parametrize("mode", [0o622, 0o602, 0o620, 0o666])
def test_a_file_that_others_may_change_is_refused_whatever_it_holds(tmp_path: Path, mode: int) -> None:
    (tmp_path / ".env").write_text("BINANCE_BASE_URL=http://127.0.0.1:1\n")
    (tmp_path / ".env").chmod(mode)
    with pytest.raises(SettingsFault, match="Run: chmod go-w"):
        read_environment(tmp_path)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BINANCE_BASE_URL=http://127.0.0.1:1\n")
    os.chown(tmp_path / ".env", 65534, 65534)
    with pytest.raises(SettingsFault, match="belongs to another user"):
        read_environment(tmp_path)


@pytest.mark.parametrize(
    ("environment", "link"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"DASHBOARD_PORT": "9000"}, "http://127.0.0.1:9000"),
        ({"DASHBOARD_HOST": "::1", "DASHBOARD_PORT": "9000"}, "http://[::1]:9000"),
        ({"DASHBOARD_HOST": "0.0.0.0"}, "http://127.0.0.1:8000"),
        ({"DASHBOARD_PORT": "many"}, "http://127.0.0.1:8000"),
        ({"DASHBOARD_PORT": "9000", "NOTIFY_LINK": "https://home.example"}, "https://home.example"),
    ],
)
def test_links_lead_to_where_the_dashboard_listens(environment: dict[str, str], link: str) -> None:
    assert read_settings(environment).notify_link == link
