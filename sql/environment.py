"""What a program is configured with: its environment over the file `.env`, which must be closed to others if it holds secrets."""

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from sql.errors import SettingsFault

EXCHANGES = ("BINANCE", "BITGET", "GATE", "MEXC")  # how the names of their settings begin
SECRETS = (
    *("MASTER_KEY", "NEW_MASTER_KEY", "NOTIFY_URLS", "PAPER_MASTER_KEY"),
    *(f"{exchange}_API_{part}" for exchange in EXCHANGES for part in ("KEY", "SECRET", "PASSPHRASE")),
    *("DATABASE_URL", "OWNER_DATABASE_URL", "DASHBOARD_DATABASE_URL", "LEGACY_DATABASE_URL", "DASHBOARD_PASSWORD_HASH"),
    *("PAPER_DATABASE_URL", "PAPER_READER_DATABASE_URL"),
)

GIVEN_TO = {  # which program is given which settings, by the beginning of their names
    **dict.fromkeys(
        (*(f"{exchange}_" for exchange in EXCHANGES), "MASTER_KEY", "NEW_MASTER_KEY", "NOTIFY_", "ACCEPT_TRADING_KEY"),
        ("monitor",),
    ),
    **dict.fromkeys(
        ("BENCHMARK", "ACCOUNT_", "CALL_", "UNEXPLAINED_", "DUST_", "BACKFILL", "LEGACY_", "ORDER_"), ("monitor",)
    ),
    "DATABASE_URL": ("monitor", "sql"),
    "OWNER_DATABASE_URL": ("sql",),
    "PAPER_": ("paper",),
    **dict.fromkeys(("DASHBOARD_HOST", "DASHBOARD_PORT"), ("dashboard", "monitor")),  # links lead there
    **dict.fromkeys(("DASHBOARD_", "ALLOWED_HOSTS"), ("dashboard",)),
    **dict.fromkeys(("DATA_DIR", "LOG_LEVEL"), ("monitor", "sql", "dashboard")),
}

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")  # in small letters, too
NETWORK = (  # what a program needs to start and to find its way into the network, and nothing of ours
    *("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)


def is_given_to(program: str, name: str) -> bool:
    """Whether a program is given a variable: one of its settings, or no setting at all."""
    programs = next((given for beginning, given in GIVEN_TO.items() if name.startswith(beginning)), (program,))
    return program in programs


def refuse_contradictions(environment: Mapping[str, str]) -> None:
    """Raise SettingsFault for settings that concern more than one program."""
    if environment.get("BACKFILL", "on") not in ("on", "off"):
        raise SettingsFault("BACKFILL is on or off: whether past hours are rebuilt between the runs by themselves.")
    if environment.get("DASHBOARD", "on") not in ("on", "off"):
        raise SettingsFault("DASHBOARD is on or off: whether this starts the dashboard, or a unit of its own does.")
    is_external = any(environment.get(f"DATABASE_URL{end}") for end in ("", "_FILE"))
    has_reader = any(environment.get(f"DASHBOARD_DATABASE_URL{end}") for end in ("", "_FILE"))
    if is_external and not has_reader and environment.get("DASHBOARD") != "off":
        raise SettingsFault(
            "DASHBOARD_DATABASE_URL: DATABASE_URL is set, so the address of the read-only role is needed, too (or "
            "DASHBOARD=off)."
        )


def read_environment(directory: Path = Path()) -> dict[str, str]:
    """The process's environment over `.env` in `directory`.

    Raises SettingsFault if that can't be read, belongs to another user or may be written by one, or holds secrets that
    others may read.
    """
    path = directory / ".env"
    try:
        file = {name: value for name, value in dotenv_values(path, interpolate=False).items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsFault(f"{path} can't be read ({type(error).__name__}).") from None
    if not file:
        return dict(os.environ)
    status = path.stat()
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
        # Who may write it decides where keys are sent and which database is read.
        raise SettingsFault(
            f"{path} belongs to another user or may be changed by one. Run: chmod go-w {path} (and own it)"
        )
    if any(file.get(name) for name in SECRETS) and status.st_mode & 0o077:
        raise SettingsFault(f"{path} holds secrets and is open to other users. Run: chmod 600 {path}")
    return file | dict(os.environ)


def network_environment() -> dict[str, str]:
    """The process's environment for a program that is given nothing but the way into the network."""
    return {name: value for name, value in os.environ.items() if name in NETWORK or name.upper() in PROXIES}


def process_environment() -> dict[str, str]:
    """The process's environment alone: for a program that must not open `.env`."""
    return dict(os.environ)
