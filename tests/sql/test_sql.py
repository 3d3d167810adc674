"""The database: roles, addresses, backups."""

from pathlib import Path

import psycopg
import pytest

from sql.backup import back_up, restore
from sql.connect import connect
from sql.errors import ClusterError, DatabaseAway
from tests.postgres import Database

HERE = Path(__file__).parents[2]
START = "import sys; from pathlib import Path; from sql import embedded; embedded.start(Path(sys.argv[1]))"


@pytest.mark.parametrize(
    "statement",
    [
        "select * from monitor.api_credentials",
        "select * from monitor.nav_history",
        "insert into monitor.accounts (label, exchange, created_at) values ('x', 'y', now())",
        "set default_transaction_read_only = off; create table reading.mine (a int)",
        "select pg_read_file('/etc/passwd')",
    ],
)
def test_the_dashboards_role_can_do_nothing_but_read_views(database: Database, statement: str) -> None:
    with connect(database.dashboard_url, name="test", schema="reading", read_only=True) as db:
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
            db.execute(statement)


def test_no_view_of_the_dashboard_has_a_column_of_secrets(database: Database) -> None:
    with connect(database.dashboard_url, name="test", schema="reading", read_only=True) as db:
        columns = db.execute(
            "select table_schema, column_name from information_schema.columns where table_schema in ('monitor', 'reading')"
        ).fetchall()

    assert columns and {c["table_schema"] for c in columns} == {"reading"}
    assert not [c for c in columns if any(w in c["column_name"] for w in ("secret", "sealed", "token", "hash"))]


@pytest.mark.parametrize("table", ["snapshots", "holdings", "price_history", "processed_transactions", "system_logs"])
@pytest.mark.parametrize("statement", ["delete from {}", "update {} set {} = {}"])
def test_the_worker_cannot_change_what_was_observed(database: Database, table: str, statement: str) -> None:
    with connect(database.worker_url, name="test") as db:
        column = db.execute(f"select * from {table} limit 0").description[1].name  # type: ignore[index]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(statement.format(table, column, column))


def test_not_a_number_is_no_amount(database: Database) -> None:
    with connect(database.owner_url, name="test") as db, pytest.raises(psycopg.errors.CheckViolation):
        db.execute("select 'NaN'::monitor.amount")


@pytest.mark.parametrize(
    "url", ["postgresql://u:s3cretpw@127.0.0.1:1/x", "host=127.0.0.1 port=1 password=s3cretpw", "u:s3cretpw"]
)
def test_a_server_that_is_away_is_named_without_the_password(url: str) -> None:
    with pytest.raises(DatabaseAway) as caught:
        connect(url, name="test", patience_seconds=0.3)
    assert "s3cretpw" not in str(caught.value)


def test_a_backup_restores_to_the_same_rows(database: Database, tmp_path: Path) -> None:
    with connect(database.owner_url, name="test") as db:
        db.execute("insert into monitor.accounts (label, exchange, created_at) values ('kept', 'binance', now())")
    back_up(database.owner_url, tmp_path / "backup")
    with connect(database.owner_url, name="test") as db:
        before = db.execute("select * from monitor.accounts order by id").fetchall()
        db.execute("delete from monitor.accounts where label = 'kept'")

    with pytest.raises(ClusterError, match="--replace"):
        restore(database.owner_url, tmp_path / "backup")
    restore(database.owner_url, tmp_path / "backup", replace=True)

    with connect(database.owner_url, name="test") as db:
        assert db.execute("select * from monitor.accounts order by id").fetchall() == before
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
