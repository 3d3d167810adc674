"""Backups with Postgres's own tools: one compressed file, restored in one transaction."""

import hashlib
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict

from sql.connect import connect, is_local
from sql.embedded.place import wheel_binaries
from sql.errors import ClusterError, UsageFault
from sql.locks import try_run_lock
from sql.migrate import migrate

LACKS = "permission denied|privilege"
NOT_OWNER = " This role may not read everything. Give the address of the database's owner as OWNER_DATABASE_URL."
DROP_ALL = """
    set client_min_messages = warning;
    drop schema if exists monitor, reading, paper cascade; drop table if exists public.schema_migrations"""
HEAD_BYTES = 2_000  # of a script of pg_restore: settings, before the first of our own words
LATER_SETTING, LATER_SETTING_SINCE = b"SET transaction_timeout = 0;\n", 170_000
VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}  # by the environment, so that no list of processes shows a password


def back_up(owner_url: str, file: Path) -> int:
    """Write a backup of everything to `file` (mode 0600, whole or not at all); returns its size in bytes.

    Raises DatabaseAway, and ClusterError, also where `file` can't be written.
    """
    connect(owner_url, name="backup", read_only=True).close()  # says in a sentence why it can't be had, or is too old
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        # Rights are none of a backup's: sql/grants.sql gives them anew, and only a superuser could give some of these.
        _run(owner_url, "pg_dump", "--format=custom", "--no-owner", "--no-acl", "--file", str(unfinished.resolve()))
        checksum = _checksum(unfinished)
        unfinished.rename(file)
        _checksum_file(file).write_text(f"{checksum}  {file.name}\n", encoding="utf-8")
    except OSError as error:
        raise ClusterError(f"The backup can't be written to {file} ({error.strerror}).") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return file.stat().st_size


def verify_backup(file: Path) -> str:
    """A sentence that says that `file` is a whole backup. Raises UsageFault, or ClusterError saying what is wrong."""
    is_known = check_checksum(file)
    _run("", "pg_restore", "--file=-", str(file.resolve()))  # reads and unpacks every byte, and writes to nowhere
    beside = (
        "" if is_known else f" There is no {_checksum_file(file).name} beside it: that it is unchanged can't be said."
    )
    return f"{file} is whole and can be restored.{beside}"


def check_checksum(file: Path) -> bool:
    """Whether the checksum beside `file` was there and right. Raises UsageFault for no backup, ClusterError for another."""
    if not file.is_file():
        raise UsageFault(f"There is no backup {file}.")
    try:
        words = _checksum_file(file).read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return False
    if words[:1] != [_checksum(file)]:
        raise ClusterError(f"{file} is not what was written: its checksum differs from {_checksum_file(file).name}.")
    return True


def _checksum_file(file: Path) -> Path:
    """As `sha256sum --check` reads it."""
    return file.with_name(f"{file.name}.sha256")


def _checksum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


TRIES, DEADLOCK = 5, "deadlock detected"


def restore(owner_url: str, file: Path, *, replace: bool = False) -> None:
    """Read a backup into an empty database and bring it up to date; `replace` drops what is there, of whatever version.

    No run works meanwhile. Raises UsageFault or ClusterError and leaves all as it was; raises SchemaMismatch when the
    restored backup is of a newer program.
    """
    check_checksum(file)
    with connect(owner_url, name="restore") as connection:
        if not try_run_lock(connection):
            raise ClusterError("A run works with the database right now. Wait for it to end, or stop run_forever.py.")
        held = connection.execute("select to_regnamespace('monitor') is not null as held").fetchone()
        if held and held["held"] and not replace:
            raise UsageFault("The database is not empty. Restore with --replace to drop what it holds first.")
        with tempfile.NamedTemporaryFile() as script:  # whole before any of it is believed
            _run(owner_url, "pg_restore", "--no-owner", "--no-acl", f"--file={script.name}", str(file.resolve()))
            _adapt(script.fileno(), connection.info.server_version)
            _replace(owner_url, script)
        migrate(connection)


def _replace(owner_url: str, script: IO[bytes]) -> None:
    """Run a backup's script instead of what is there. A page that reads meanwhile may stand in its way: then once more."""
    once = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
    for left in reversed(range(TRIES)):
        try:
            script.seek(0)
            return _run(owner_url, "psql", *once, "--command", DROP_ALL, "--file=-", source=script)
        except ClusterError as error:
            if not left or DEADLOCK not in str(error):
                raise


def _adapt(script: int, server_version: int) -> None:
    """Let an older server understand a script of the embedded one's tools: its head sets what that server lacks."""
    start = os.pread(script, HEAD_BYTES, 0).find(LATER_SETTING)
    if server_version < LATER_SETTING_SINCE and start >= 0:
        os.pwrite(script, b"--", start)  # a comment of the same length


def _run(
    owner_url: str,
    program: str,
    *arguments: str,
    source: IO[bytes] | int = subprocess.DEVNULL,
) -> None:
    target = {"sslmode": "verify-full"} if not is_local(owner_url) else {}
    target |= {key: str(value) for key, value in conninfo_to_dict(owner_url).items() if value}
    environment = {name: target[key] for key, name in VARIABLES.items() if key in target}
    done = subprocess.run(
        [str(wheel_binaries() / program), *arguments],
        stdin=source,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        env=environment | {"LC_ALL": "C"},
    )
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())
        raise ClusterError(f"{program} failed: {said[-600:]}{NOT_OWNER if re.search(LACKS, said) else ''}")
