"""The roles: what the worker and the dashboard may not do."""

import psycopg
import pytest

from sql.connect import connect
from sql.migrate import migrate
from tests.postgres import Database


@pytest.mark.parametrize(
    "statement",
    [
        "select * from monitor.api_credentials",
        "select * from monitor.nav_history",
        "insert into monitor.accounts (label, exchange, created_at) values ('x', 'y', now())",
        "set default_transaction_read_only = off; create table reading.mine (a int)",
        "select pg_read_file('/etc/passwd')",
        "select pg_try_advisory_lock(1)",
        "select pg_advisory_lock_shared(1, 2)",
        "select lo_create(0)",
        "select lo_import('/etc/passwd')",
        "create temporary table mine (a int)",
        "create schema mine",
        "set role portfolio_worker",
        "copy reading.accounts to program 'true'",
        "copy reading.accounts to '/tmp/taken'",
        "create function reading.mine() returns int language sql as 'select 1'",
        "alter role portfolio_dashboard createrole",
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


@pytest.mark.parametrize(
    "table",
    ["snapshots", "holding_sets", "price_history", "minute_prices", "processed_transactions", "system_logs"],
)
@pytest.mark.parametrize("statement", ["delete from {}", "update {} set {} = {}"])
def test_the_worker_cannot_change_what_was_observed(database: Database, table: str, statement: str) -> None:
    with connect(database.worker_url, name="test") as db:
        column = db.execute(f"select * from {table} limit 0").description[1].name  # type: ignore[index]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(statement.format(table, column, column))


def test_a_right_that_is_not_granted_any_more_is_taken_back(database: Database) -> None:
    with connect(database.owner_url, name="test") as owner:
        owner.execute("grant delete on monitor.snapshots to portfolio_worker")
        owner.execute("grant select on monitor.api_credentials to portfolio_dashboard")
        migrate(owner)
        found = owner.execute(
            "select has_table_privilege('portfolio_worker', 'monitor.snapshots', 'delete') as may_delete,"
            " has_table_privilege('portfolio_dashboard', 'monitor.api_credentials', 'select') as may_see,"
            " has_table_privilege('portfolio_worker', 'monitor.snapshots', 'insert') as may_add"
        ).fetchone()
    assert found == {"may_delete": False, "may_see": False, "may_add": True}


def test_not_a_number_is_no_amount(database: Database) -> None:
    with connect(database.owner_url, name="test") as db, pytest.raises(psycopg.errors.CheckViolation):
        db.execute("select 'NaN'::monitor.amount")
