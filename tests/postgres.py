"""A real Postgres for the tests: one cluster a session, one fresh copy of the migrated database a test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path

import psycopg
import pytest

from sql import embedded
from sql.connect import connect
from sql.embedded.cluster import SUPERUSER, ensure_passwords
from sql.embedded.place import find_place
from sql.migrate import migrate
from sql.roles import ROLES, ensure_roles

NUMBERS = count(1)
MEMORY_DISK = Path("/dev/shm")  # where there is one: most of what a fresh database costs is the files it is copied into
ENOUGH_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A migrated database of one test."""

    name: str
    owner_url: str
    worker_url: str
    dashboard_url: str
    paper_url: str
    paper_reader_url: str


@dataclass(frozen=True, kw_only=True)
class Server:
    """The session's server."""

    data_dir: Path

    @cached_property
    def keeper(self) -> psycopg.Connection[tuple[object, ...]]:
        """A superuser's connection that stays open: two for every database took a third of what it costs."""
        return self.admin()

    def admin(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A superuser's connection."""
        place = find_place(self.data_dir)
        return psycopg.connect(
            host=str(place.socket_dir),
            user=SUPERUSER,
            password=ensure_passwords(place)[SUPERUSER],
            dbname=database,
            autocommit=True,
        )

    def url(self, role: str, database: str) -> str:
        """The address of `database` for `role`."""
        return embedded.url(self.data_dir, role).replace("/portfolio?", f"/{database}?")


def find_fast_disk() -> Path | None:
    """A disk in memory with room for the session's databases; None means the usual place for temporary files."""
    is_fit = MEMORY_DISK.is_dir() and os.access(MEMORY_DISK, os.W_OK)
    return MEMORY_DISK if is_fit and shutil.disk_usage(MEMORY_DISK).free > ENOUGH_BYTES else None


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The session's embedded server, its own database migrated and used as the template."""
    folder = Path(tempfile.mkdtemp(prefix="pm-", dir=find_fast_disk()))
    os.chmod(folder, 0o755)
    embedded.start(folder)
    try:
        with connect(embedded.url(folder, "owner"), name="tests") as connection:
            migrate(connection)
        served = Server(data_dir=folder)
        _hurry(served)
        yield served
        served.keeper.close()
    finally:
        embedded.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _hurry(server: Server) -> None:
    """Nobody pulls the plug of a test: the disk need not be waited for. Nobody guesses its passwords, each of which costs
    whoever connects two thousandths of a second: one round of hashing is enough."""
    quick = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "scram_iterations": "1"}
    with server.admin() as admin:
        for setting, value in quick.items():
            admin.execute(f"alter system set {setting} = {value}")
        admin.execute("select pg_reload_conf()")
    passwords = ensure_passwords(find_place(server.data_dir))
    with server.admin() as admin:
        ensure_roles(admin, {role: passwords[role] for role in ROLES})
        admin.execute(f"alter role {SUPERUSER} password '{passwords[SUPERUSER]}'")


@contextmanager
def open_database(server: Server, template: str = "portfolio") -> Iterator[Database]:
    """A fresh migrated database, or a copy of `template`, dropped at the end."""
    name = f"test_{next(NUMBERS)}"
    keeper = server.keeper
    keeper.execute(f"create database {name} template {template} owner portfolio_owner strategy file_copy")
    keeper.execute(
        f"grant connect on database {name} to portfolio_worker, portfolio_dashboard, portfolio_paper, portfolio_paper_reader"
    )
    roles = {role: server.url(role, name) for role in ROLES}
    yield Database(
        name=name,
        owner_url=roles["owner"],
        worker_url=roles["worker"],
        dashboard_url=roles["dashboard"],
        paper_url=roles["paper"],
        paper_reader_url=roles["paper_reader"],
    )
    keeper.execute(f"drop database {name} with (force)")


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """A fresh migrated database."""
    with open_database(server) as opened:
        yield opened
