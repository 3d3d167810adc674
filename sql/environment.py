"""What a program is told: its environment over the file `.env`, which must be closed to others if it holds secrets."""

import os
from pathlib import Path

from dotenv import dotenv_values

from sql.errors import SettingsFault

SECRETS = (
    *("MASTER_KEY", "BINANCE_API_KEY", "BINANCE_API_SECRET", "NOTIFY_URLS"),
    *("DATABASE_URL", "OWNER_DATABASE_URL", "DASHBOARD_DATABASE_URL"),
)


def read_environment(directory: Path = Path()) -> dict[str, str]:
    """The process's environment over `.env` in `directory`.

    Raises SettingsFault if that can't be read, or holds secrets that others may read.
    """
    path = directory / ".env"
    try:
        file = {name: value for name, value in dotenv_values(path, interpolate=False).items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsFault(f"{path} can't be read ({type(error).__name__}).") from None
    if any(file.get(name) for name in SECRETS) and path.stat().st_mode & 0o077:
        raise SettingsFault(f"{path} holds secrets and is open to other users. Run: chmod 600 {path}")
    return file | dict(os.environ)
