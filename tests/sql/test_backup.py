"""Backups: restored whole or not at all, into an empty database or in place of one of whatever version."""

import json
import subprocess
from functools import partial
from pathlib import Path

import pytest

from sql.backup import back_up, restore, verify_backup
from sql.connect import connect
from sql.errors import ClusterError, UsageFault
from sql.migrate import check_schema
from tests.postgres import Database
from tests.sql.programs import Programs


def labels(database: Database) -> list[str]:
    with connect(database.owner_url, name="test") as db:
        return [row["label"] for row in db.execute("select label from monitor.accounts order by id")]


@pytest.fixture
def backup(database: Database, tmp_path: Path) -> Path:
    """A backup that knows the account 'kept', which the database has lost since."""
    with connect(database.owner_url, name="test") as db:
        db.execute("insert into monitor.accounts (label, exchange, created_at) values ('kept', 'binance', now())")
        back_up(database.owner_url, tmp_path / "backup")
        db.execute("delete from monitor.accounts where label = 'kept'")
    return tmp_path / "backup"


def test_a_backup_is_for_its_owners_eyes_and_leaves_nothing_else(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    checksum = backup.with_name("backup.sha256")
    assert sorted(backup.parent.iterdir()) == [backup, checksum]
    done = subprocess.run(["sha256sum", "--check", checksum.name], cwd=backup.parent, capture_output=True, text=True)
    assert done.stdout == "backup: OK\n"


def test_a_backup_that_is_whole_is_said_to_be(backup: Path) -> None:
    assert verify_backup(backup) == f"{backup} is whole and can be restored."


def test_one_changed_bit_of_a_backup_is_noticed_and_nothing_is_restored(database: Database, backup: Path) -> None:
    changed = bytearray(backup.read_bytes())
    changed[len(changed) // 2] ^= 1
    backup.write_bytes(changed)
    for act in (verify_backup, partial(restore, database.owner_url, replace=True)):
        with pytest.raises(ClusterError, match="is not what was written"):
            act(backup)
    assert labels(database) == ["All accounts"]


def test_a_backup_without_its_checksum_can_be_restored_but_is_not_vouched_for(database: Database, backup: Path) -> None:
    backup.with_name("backup.sha256").unlink()
    assert "that it is unchanged can't be said" in verify_backup(backup)
    restore(database.owner_url, backup, replace=True)
    assert labels(database) == ["All accounts", "kept"]
    backup.write_bytes(backup.read_bytes()[:-20])
    with pytest.raises(ClusterError, match="pg_restore failed"):
        verify_backup(backup)


def test_a_backup_is_restored_only_when_told_to_replace_what_is_there(database: Database, backup: Path) -> None:
    with pytest.raises(UsageFault, match="--replace"):
        restore(database.owner_url, backup)
    assert labels(database) == ["All accounts"]
    restore(database.owner_url, backup, replace=True)
    assert labels(database) == ["All accounts", "kept"]


def test_a_backup_of_an_older_program_replaces_a_newer_database(database: Database, backup: Path) -> None:
    with connect(database.owner_url, name="test") as db:
        db.execute("create table monitor.newer (account_id bigint references monitor.accounts)")
        db.execute("insert into public.schema_migrations (name) values ('9999_newer')")
    restore(database.owner_url, backup, replace=True)
    with connect(database.owner_url, name="test") as db:
        check_schema(db)
        assert db.execute("select to_regclass('monitor.newer') as t").fetchone() == {"t": None}


def test_a_damaged_backup_leaves_everything_as_it_was(database: Database, backup: Path) -> None:
    whole = backup.read_bytes()
    backup.with_name("backup.sha256").unlink()
    for length in (0, 100, len(whole) // 2, len(whole) - 20):
        backup.write_bytes(whole[:length])
        with pytest.raises(ClusterError, match="pg_restore failed"):
            restore(database.owner_url, backup, replace=True)
    assert labels(database) == ["All accounts"]


def test_a_backup_makes_a_new_machine_the_old_one(programs: Programs, data_dir: Path, tmp_path: Path) -> None:
    assert programs.run("monitor", "run")[0] == 0
    before = json.loads(programs.run("monitor", "last-hour", "main")[1])
    code, said = programs.run("sql", "backup", str(tmp_path / "backup"))
    assert (code, "master.key" in said) == (0, True)
    fresh = data_dir.with_name("fresh")
    programs.environment["DATA_DIR"] = str(fresh)

    assert programs.run("sql", "restore", str(tmp_path / "backup"))[0] == 0
    assert before and json.loads(programs.run("monitor", "last-hour", "main")[1]) == before
    assert programs.run("monitor", "run", "--dry-run")[0] == 0
    programs.run("sql", "stop")


@pytest.mark.parametrize("target", ["nowhere/portfolio.backup", "a_directory"])
def test_a_backup_that_cannot_be_written_says_so(target: str, database: Database, tmp_path: Path) -> None:
    (tmp_path / "a_directory").mkdir()
    with pytest.raises(ClusterError, match=f"can't be written to .*{target}"):
        back_up(database.owner_url, tmp_path / target)
    assert [path.name for path in tmp_path.iterdir()] == ["a_directory"]


def test_a_role_that_may_not_read_everything_is_told_which_address_is_needed(
    database: Database, tmp_path: Path
) -> None:
    with pytest.raises(ClusterError, match=r"pg_dump failed: .* Give the address of .* owner as OWNER_DATABASE_URL"):
        back_up(database.worker_url, tmp_path / "backup")
