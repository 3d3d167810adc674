"""`python -m sql`: which database it takes, and what it says when it can't."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from dashboard.history import Database as History
from sql import embedded
from sql.connect import connect
from sql.embedded.place import find_place
from sql.errors import SettingsFault
from sql.migrate import check_schema
from sql.roles import ROLES
from sql.settings import read_settings
from tests.postgres import Database, Server

HERE = Path(__file__).parents[2]


def command(*arguments: str, **environment: str) -> tuple[int, str]:
    """Exit code and words of `python -m sql …`."""
    done = subprocess.run(
        [sys.executable, "-m", "sql", *arguments],
        cwd=HERE,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_owners_address_comes_first_and_may_be_in_a_file(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text(f"{database.owner_url}\n")
    code, said = command("migrate", DATABASE_URL=database.worker_url, OWNER_DATABASE_URL_FILE=str(file))
    assert (code, "The schema is up to date." in said) == (0, True), said
    assert "could not be set up" in said  # the embedded server's owner makes no roles


def test_the_workers_address_alone_does_not_migrate(database: Database) -> None:
    code, said = command("migrate", DATABASE_URL=database.worker_url)
    assert code == 4
    assert "OWNER_DATABASE_URL" in said and "Traceback" not in said


def test_status_looks_at_the_database_of_the_file(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text(f"{database.owner_url}\n")
    assert command("status", DATABASE_URL_FILE=str(file)) == (0, "The schema is up to date.\n")
    assert command("stop", DATABASE_URL_FILE=str(file))[0] == 2


@pytest.fixture
def boss_url(data_dir: Path) -> str:
    """The address of a database on a server of its own, by a role that is no superuser but may create roles."""
    embedded.start(data_dir)
    with Server(data_dir=data_dir).admin() as admin:
        for role in ROLES.values():
            admin.execute(f"alter role {role} rename to former_{role}")
        admin.execute("create role boss login createrole password 'bosspw'")
        admin.execute("create database own owner boss")
    return f"postgresql://boss:bosspw@/own?host={find_place(data_dir).socket_dir}"


def test_on_a_server_of_ones_own_every_part_works_in_its_role(boss_url: str) -> None:
    worker = boss_url.replace("boss:bosspw", "portfolio_worker:workerpw")
    dashboard = boss_url.replace("boss:bosspw", "portfolio_dashboard:dashboardpw")
    code, said = command("migrate", DATABASE_URL=worker, OWNER_DATABASE_URL=boss_url)
    assert (code, "Applied: 0001_core" in said) == (0, True), said
    assert "bosspw" not in said
    with connect(boss_url, name="test") as db:
        db.execute("alter role portfolio_worker password 'workerpw'")
        db.execute("alter role portfolio_dashboard password 'dashboardpw'")

    with connect(worker, name="test") as db:
        check_schema(db)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("delete from snapshots")
    History(dashboard).check()
    with pytest.raises(PermissionError, match="may do more than read"):
        History(worker).check()


@pytest.mark.parametrize(
    ("environment", "fault"),
    [
        ({"DATABASE_URL": "a", "DATABASE_URL_FILE": "b"}, "DATABASE_URL and DATABASE_URL_FILE are both set"),
        ({"DATABASE_URL_FILE": "/nowhere/at/all"}, "DATABASE_URL_FILE: /nowhere/at/all can't be read"),
        ({"OWNER_DATABASE_URL": "a"}, "OWNER_DATABASE_URL is set without DATABASE_URL"),
    ],
)
def test_settings_that_contradict_are_named(environment: dict[str, str], fault: str) -> None:
    with pytest.raises(SettingsFault, match=fault):
        read_settings(environment)


@pytest.mark.parametrize("url", ["postgresql:/u:s3cretpw", "s3cretpw"])
@pytest.mark.parametrize("arguments", [("status",), ("restore", "/dev/null")])
def test_no_command_prints_a_password(url: str, arguments: tuple[str, ...]) -> None:
    code, said = command(*arguments, DATABASE_URL=url)
    assert code == 2
    assert said and "s3cretpw" not in said and "Traceback" not in said
