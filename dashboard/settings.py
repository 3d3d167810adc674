"""The dashboard's settings: what the environment says, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sql.errors import SettingsFault
from sql.settings import read_dashboard_address

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The dashboard's settings."""

    host: str
    port: int
    database_url: str = field(repr=False)  # empty: the embedded server in data_dir
    data_dir: Path


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from `environment`. Raises SettingsFault."""
    faults = []
    host, port = read_dashboard_address(environment)
    if host not in LOOPBACK:
        faults.append(f"DASHBOARD_HOST: {host} is open to others; the dashboard is for this machine and SSH tunnels")
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535):
        faults.append(f"DASHBOARD_PORT: '{port}' is not a port")
        port = "0"
    url = environment.get("DASHBOARD_DATABASE_URL", "").strip()
    if file := environment.get("DASHBOARD_DATABASE_URL_FILE", "").strip():
        if url:
            faults.append("DASHBOARD_DATABASE_URL and DASHBOARD_DATABASE_URL_FILE are both set: keep one")
        try:
            url = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            faults.append(f"DASHBOARD_DATABASE_URL_FILE: {file} can't be read ({type(error).__name__})")
    if not url and (environment.get("DATABASE_URL", "").strip() or environment.get("DATABASE_URL_FILE", "").strip()):
        faults.append("DASHBOARD_DATABASE_URL: DATABASE_URL is set, so the read-only role's address is needed too")
    if faults:
        raise SettingsFault("The settings have faults:\n" + "\n".join(f"  {fault}" for fault in faults))
    data_dir = Path(environment.get("DATA_DIR", "").strip() or "data")
    return Settings(host=host, port=int(port), database_url=url, data_dir=data_dir)
