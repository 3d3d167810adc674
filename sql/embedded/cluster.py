"""Making a cluster: beside its place, finished, then renamed, so that a kill at any moment leaves none or a whole one."""

import json
import os
import secrets
import shutil
import subprocess
from pathlib import Path

from sql.embedded.place import Place
from sql.errors import ClusterError
from sql.roles import ROLES

MAJOR_VERSION = "18"
SUPERUSER = "postgres"

# For a small box: idles at about 10 MB. What guards the data (fsync, full pages, checksums) stays on.
CONFIGURATION = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 30
shared_buffers = 16MB
work_mem = 4MB
maintenance_work_mem = 32MB
io_method = sync
wal_level = minimal
max_wal_senders = 0
max_wal_size = 128MB
max_worker_processes = 2
max_parallel_workers = 0
max_parallel_workers_per_gather = 0
max_logical_replication_workers = 0
client_connection_check_interval = 500ms
password_encryption = scram-sha-256
timezone = UTC
log_timezone = UTC
log_min_messages = warning
log_min_error_statement = panic
"""
AUTHENTICATION = "local all all scram-sha-256\n"


def ensure_cluster(place: Place) -> None:
    """Make the cluster unless it is there. Raises ClusterError when it belongs to another major version."""
    version_file = place.cluster / "PG_VERSION"
    if version_file.exists():
        found = version_file.read_text(encoding="ascii").strip()
        if found != MAJOR_VERSION:
            raise ClusterError(
                f"{place.cluster} was made by PostgreSQL {found}, this program brings {MAJOR_VERSION}. With the old "
                "program run: python -m sql backup FILE, move the directory away, then: python -m sql restore FILE"
            )
        return
    _remove_unfinished(place)
    passwords = ensure_passwords(place)
    unfinished = place.home / f"unfinished-{os.getpid()}"
    _run_initdb(place, unfinished, passwords[SUPERUSER])
    _append(unfinished / "postgresql.conf", CONFIGURATION)
    (unfinished / "pg_hba.conf").write_text(AUTHENTICATION, encoding="utf-8")
    unfinished.rename(place.cluster)
    _sync(place.home)


def _remove_unfinished(place: Place) -> None:
    for left in place.home.glob("unfinished-*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in place.home.glob("initial-*"):
        left.unlink()


def _run_initdb(place: Place, target: Path, password: str) -> None:
    password_file = place.home / f"initial-{os.getpid()}"
    descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # never through a link
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(password)
        if os.getuid() == 0:
            os.fchown(file.fileno(), place.uid, place.gid)
    command = [
        *(str(place.binaries / "initdb"), "-D", str(target), "-U", SUPERUSER, "--pwfile", str(password_file)),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums"),
    ]
    try:
        run_as_server(place, command, "making the database cluster")
    finally:
        password_file.unlink(missing_ok=True)


def run_as_server(place: Place, command: list[str], doing: str) -> str:
    """Run one of the server's programs as its user and return what it printed. Raises ClusterError if it fails."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=place.home,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        **place.user_options,  # type: ignore[call-overload]
    )
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-600:]
        raise ClusterError(f"Failed {doing}: {said} (log: {place.log})")
    return str(done.stdout)


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def ensure_passwords(place: Place) -> dict[str, str]:
    """The generated passwords of the superuser and the roles, each made once, in a 0600 file."""
    read: dict[str, str] = json.loads(place.passwords.read_text(encoding="utf-8")) if place.passwords.exists() else {}
    if missing := [name for name in (SUPERUSER, *ROLES) if name not in read]:  # some, where an older program made it
        made = read | {name: secrets.token_urlsafe(24) for name in missing}
        unfinished = place.passwords.with_suffix(f".{os.getpid()}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(made, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(place.passwords)
        return made
    return read
