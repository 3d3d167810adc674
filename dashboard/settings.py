"""The dashboard's settings: what the environment says, checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.access import Access
from dashboard.access.password import is_hash
from sql.errors import SettingsFault
from sql.settings import read_dashboard_address, read_secret

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - refused as names
HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\]")
BEYOND = (
    "DASHBOARD_HOST: {host} is open to others, so a password is needed: `python -m dashboard password` makes "
    "DASHBOARD_PASSWORD_HASH. For this machine and SSH tunnels leave DASHBOARD_HOST out"
)
NO_HASH = "DASHBOARD_PASSWORD_HASH: this is no hash of a password. Make one: python -m dashboard password"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The dashboard's settings."""

    host: str
    port: int
    access: Access
    database_url: str = field(repr=False)  # empty: the embedded server in data_dir
    data_dir: Path


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from `environment`. Raises SettingsFault, which names all that is wrong."""
    faults: list[str] = []
    host, port = read_dashboard_address(environment)
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535):
        faults.append(f"DASHBOARD_PORT: '{port}' is not a port")
        port = "0"
    url = _read_secret(environment, "DASHBOARD_DATABASE_URL", faults)
    if not url and (environment.get("DATABASE_URL", "").strip() or environment.get("DATABASE_URL_FILE", "").strip()):
        faults.append("DASHBOARD_DATABASE_URL: DATABASE_URL is set, so the read-only role's address is needed too")
    access = _read_access(environment, host, faults)
    if faults:
        raise SettingsFault("The settings have faults:\n" + "\n".join(f"  {fault}" for fault in faults))
    data_dir = Path(environment.get("DATA_DIR", "").strip() or "data")
    return Settings(host=host, port=int(port), access=access, database_url=url, data_dir=data_dir)


def _read_access(environment: Mapping[str, str], host: str, faults: list[str]) -> Access:
    """By which names and with which password the dashboard may be reached; what is wrong is added to `faults`."""
    names = environment.get("ALLOWED_HOSTS", "").lower().replace(",", " ").split()
    faults += [
        f"ALLOWED_HOSTS: '{name[:60]}' is no host name; names alone stand there, without https:// and port"
        for name in names
        if not HOST_NAME.fullmatch(name)
    ]
    known = len(faults)
    password_hash = _read_secret(environment, "DASHBOARD_PASSWORD_HASH", faults)
    if password_hash and not is_hash(password_hash):
        faults.append(NO_HASH)
    if host not in LOOPBACK and not password_hash and len(faults) == known:
        faults.append(BEYOND.format(host=host))
    own = [f"[{host}]" if ":" in host else host.lower()] if host not in (*LOOPBACK, *EVERYWHERE) else []
    return Access(names=frozenset([*names, *own]), password_hash=password_hash)


def _read_secret(environment: Mapping[str, str], name: str, faults: list[str]) -> str:
    try:
        return read_secret(environment, name)
    except SettingsFault as fault:
        faults.append(str(fault).rstrip("."))
        return ""
