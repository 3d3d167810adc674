"""Starting and stopping the embedded server, believing sockets and processes rather than pid files."""

import fcntl
import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from sql.embedded.cluster import SUPERUSER, ensure_cluster, ensure_passwords, run_as_server
from sql.embedded.place import Place, find_place
from sql.errors import ClusterError
from sql.roles import ROLES, ensure_roles, restrict_functions

DATABASE = "portfolio"
PROCESSES = Path("/proc")
RECOVERY_PATIENCE_SECONDS = 300
ORPHANS_PATIENCE_SECONDS = 60
LOOK_AGAIN_SECONDS = 0.1
ORPHANS_COMPLAINT = "pre-existing shared memory block"


def start(data_dir: Path) -> bool:
    """Make sure that the server runs and has database and roles; returns whether this call started it."""
    place = find_place(data_dir)
    with _locked(place):
        ensure_cluster(place)
        started = not _await_answer(place)
        if started:
            _launch(place)
            if not _await_answer(place):
                raise ClusterError(f"The database server ended just after its start: {_last_complaint(place, 0)}")
        _ensure_database(place)
    return started


def stop(data_dir: Path) -> None:
    """Stop the server, ending its sessions; nothing happens when it does not run."""
    place = find_place(data_dir)
    with _locked(place):
        if _process_of(place):
            _run_pg_ctl(place, "stop", "-w", "-m", "fast", "-t", "60")


def is_running(data_dir: Path) -> bool:
    """Whether a process serves this data directory."""
    return _process_of(find_place(data_dir)) is not None


def url(data_dir: Path, role: str) -> str:
    """The address for `role` (owner, worker or dashboard). It holds the password: never print it."""
    place = find_place(data_dir)
    name, password = ROLES[role], ensure_passwords(place)[role]
    return f"postgresql://{name}:{quote(password)}@/{DATABASE}?host={quote(str(place.socket_dir), safe='')}"


@contextmanager
def attached(data_dir: Path) -> Iterator[None]:
    """The server running for the time of the block; stopped afterwards only if it was started for it."""
    started = start(data_dir)
    try:
        yield
    finally:
        if started:
            stop(data_dir)


@contextmanager
def _locked(place: Place) -> Iterator[None]:
    with (place.data_dir / "postgres.lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _launch(place: Place) -> None:
    """Start the server. Children of a killed one hold its memory until they notice; they are waited for, never killed."""
    deadline = time.monotonic() + ORPHANS_PATIENCE_SECONDS
    socket = f"-k {shlex.quote(str(place.socket_dir))}"  # where it is now: the data directory may have been moved
    while True:
        for stale in (place.cluster / "postmaster.pid", place.socket_dir / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)  # the shared memory, not these, shows whether somebody still works here
        written = place.log.stat().st_size if place.log.exists() else 0
        try:
            _run_pg_ctl(place, "start", "-w", "-t", str(RECOVERY_PATIENCE_SECONDS), "-l", str(place.log), "-o", socket)
        except ClusterError as error:
            complaint = _last_complaint(place, written)
            if ORPHANS_COMPLAINT not in complaint or time.monotonic() > deadline:
                raise ClusterError(f"{error} It said: {complaint}") from None
        else:
            return
        time.sleep(LOOK_AGAIN_SECONDS)


def _run_pg_ctl(place: Place, action: str, *arguments: str) -> None:
    command = [str(place.binaries / "pg_ctl"), action, "-D", str(place.cluster), "-s", *arguments]
    run_as_server(place, command, f"to {action} the database server")


def _last_complaint(place: Place, position: int) -> str:
    """What the server's log says last, from `position` on: its last fatal line, else its last line."""
    with place.log.open("rb") as log:
        log.seek(position)
        lines = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    fatal = [line for line in lines if " FATAL: " in line or " PANIC: " in line]
    return (fatal or lines or ["nothing"])[-1].strip()


def _process_of(place: Place) -> int | None:
    """The server's process, or None. The pid file may be stale, short, or name a process that is something else."""
    try:
        pid = int((place.cluster / "postmaster.pid").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if _is_started_with(pid, str(place.cluster)) else None


def _is_started_with(pid: int, argument: str) -> bool:
    """Whether a process runs and was started with an argument."""
    if (PROCESSES / "self").exists():  # Linux, where `ps` may be missing
        try:
            return os.fsencode(argument) in (PROCESSES / str(pid) / "cmdline").read_bytes().split(
                b"\0"
            )  # none: a zombie
        except OSError:
            return False
    shown = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return f" {argument} " in f"{shown.stdout.strip()} "


def _superuser(place: Place, database: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(place.socket_dir),
        user=SUPERUSER,
        password=ensure_passwords(place)[SUPERUSER],
        dbname=database,
        autocommit=True,
        connect_timeout=10,
    )


def _await_answer(place: Place) -> bool:
    """Whether the server answers; False when there is none. A crash recovery ('starting up') is waited out."""
    deadline = time.monotonic() + RECOVERY_PATIENCE_SECONDS
    while _process_of(place):
        try:
            _superuser(place, "postgres").close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                reason = " ".join(str(error).split())
                raise ClusterError(f"The database server does not answer: {reason} (log: {place.log})") from None
            time.sleep(LOOK_AGAIN_SECONDS)
        else:
            return True
    return False


def _ensure_database(place: Place) -> None:
    passwords = ensure_passwords(place)
    with _superuser(place, "postgres") as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
        if not known or not _has_roles(connection):
            ensure_roles(connection, {role: passwords[role] for role in ROLES})
        if not known:
            _create_database(connection)
        # Also for a known one: a start that was killed may have got no further than to make it.
        connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(DATABASE)))
        for role in ROLES.keys() - {"owner"}:
            connection.execute(
                sql.SQL("grant connect on database {} to {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(ROLES[role])
                )
            )
    with _superuser(place, DATABASE) as connection:
        restrict_functions(connection)


def _has_roles(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Whether all are there: an older program made fewer."""
    found = connection.execute("select rolname from pg_roles where rolname = any(%s)", [list(ROLES.values())])
    return len(found.fetchall()) == len(ROLES)


def _create_database(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    owner = sql.Identifier(ROLES["owner"])
    try:
        connection.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(DATABASE), owner))
    except psycopg.errors.DuplicateDatabase:
        return  # a start that was killed had asked for it; the server went on
