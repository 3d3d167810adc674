"""Servers of other versions of PostgreSQL: those that are supported can be restored into, an older one is refused at once."""

import sys
from pathlib import Path

import pytest

from dashboard import program as dashboard_program
from monitor import __main__ as worker_program
from sql import __main__ as sql_program
from sql.backup import back_up, restore
from sql.connect import connect
from sql.migrate import check_schema, migrate
from sql.roles import ROLES, ensure_roles
from tests.postgres import Database
from tests.sql.other_postgres import open_other

ADD = "insert into monitor.accounts (label, exchange, created_at) values ('kept', 'binance', now())"


def labels(url: str) -> list[str]:
    with connect(url, name="test") as db:
        check_schema(db)
        return [row["label"] for row in db.execute("select label from monitor.accounts order by id")]


@pytest.mark.parametrize("major", [16, 17])
def test_backups_of_this_and_of_the_embedded_server_are_restored(
    major: int, data_dir: Path, database: Database, tmp_path: Path
) -> None:
    with connect(database.owner_url, name="test") as db:
        db.execute(ADD)
    back_up(database.owner_url, tmp_path / "embedded")
    with open_other(major, data_dir) as url:
        with connect(url, name="test") as db:
            assert db.info.server_version // 10_000 == major
            ensure_roles(db, dict.fromkeys(ROLES, "x"))
            migrate(db)
        assert labels(url) == ["All accounts"]
        back_up(url, tmp_path / "own")
        restore(url, tmp_path / "embedded", replace=True)
        assert labels(url) == ["All accounts", "kept"]
        restore(url, tmp_path / "own", replace=True)
        assert labels(url) == ["All accounts"]
    restore(database.owner_url, tmp_path / "own", replace=True)  # and back
    assert labels(database.owner_url) == ["All accounts"]


def test_an_older_server_is_refused_in_a_sentence_by_every_command(
    data_dir: Path,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    back_up(database.owner_url, tmp_path / "backup")
    file, new = str(tmp_path / "backup"), str(tmp_path / "new")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    monkeypatch.setenv("DASHBOARD_PORT", "0")
    programs = {
        sql_program: (("migrate",), ("status",), ("backup", new), ("restore", file), ("restore", file, "--replace")),
        worker_program: (("run",), ("due",), ("account", "list"), ("verify",), ("notify", "list")),
        dashboard_program: ((),),
    }
    with open_other(15, data_dir) as url:
        for name in ("DATABASE_URL", "DASHBOARD_DATABASE_URL"):
            monkeypatch.setenv(name, url)
        for program, commands in programs.items():
            for words in commands:
                monkeypatch.setattr(sys, "argv", [program.__name__, *words])
                code = program.main()
                said = capsys.readouterr().err
                assert (words, code) == (words, 2)
                assert said.endswith(
                    "The database is PostgreSQL 15; 16 or newer is needed. Upgrade it, or leave DATABASE_URL out for the "
                    "embedded one.\n"
                )
                assert said.count("\n") == 1
    assert not (tmp_path / "new").exists()
