"""What a program is told: its environment over the file `.env`, which must be closed to others if it holds secrets."""

import os
from pathlib import Path

from dotenv import dotenv_values

from sql.errors import SettingsFault

SECRETS = (
    *("MASTER_KEY", "NEW_MASTER_KEY", "BINANCE_API_KEY", "BINANCE_API_SECRET", "NOTIFY_URLS"),
    *("DATABASE_URL", "OWNER_DATABASE_URL", "DASHBOARD_DATABASE_URL"),
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
