"""The settings of `python -m sql`, and where the dashboard listens, which the scheduler asks, too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sql.errors import SettingsFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Which database to work on."""

    owner_url: str = field(repr=False)  # empty: the embedded server in data_dir
    data_dir: Path


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from `environment`: the owner's address, else the only one there is. Raises SettingsFault."""
    worker = read_secret(environment, "DATABASE_URL")
    owner = read_secret(environment, "OWNER_DATABASE_URL")
    if owner and not worker:
        raise SettingsFault("OWNER_DATABASE_URL is set without DATABASE_URL: the worker would use the embedded server.")
    return Settings(owner_url=owner or worker, data_dir=Path(environment.get("DATA_DIR", "").strip() or "data"))


def read_secret(environment: Mapping[str, str], name: str) -> str:
    """A setting, or what is in the file that its `_FILE` names. Raises SettingsFault."""
    value, file = environment.get(name, "").strip(), environment.get(f"{name}_FILE", "").strip()
    if value and file:
        raise SettingsFault(f"{name} and {name}_FILE are both set: keep one.")
    if not file:
        return value
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsFault(f"{name}_FILE: {file} can't be read ({type(error).__name__}).") from None


def read_dashboard_address(environment: Mapping[str, str]) -> tuple[str, str]:
    """Where the dashboard listens, as it is written: its host and its port."""
    host, port = environment.get("DASHBOARD_HOST", ""), environment.get("DASHBOARD_PORT", "")
    return host.strip() or "127.0.0.1", port.strip() or "8000"
