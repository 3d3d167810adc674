"""Migrations: numbered without gap, never changed, whole or not at all; schema.sql tells what they add up to."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from finance.cash import USUAL
from sql.__main__ import SCHEMA
from sql.connect import connect
from sql.embedded.place import wheel_binaries
from sql.errors import SchemaMismatch
from sql.migrate import MIGRATIONS, check_schema, list_migrations, migrate
from sql.rows import load_values
from tests.endtoend.test_old_contracts import make_old
from tests.postgres import Database, Server

OLD_FILL = """
    insert into fills (
      account_id, market, symbol, exchange_id, base_asset, base_quantity, quote_asset, quote_quantity, occurred_at,
      first_seen_at, source, standing
    )
    values (1, 'spot', 'BTCUSDT', %s, 'BTC', 1, 'USDT', -1, now(), now(), %s, %s)
    """

# A fill that was charged twice, one through zero, interest of a trade and of none, what contracts cost, and what nothing cost.
OLD_MOVES = """
    insert into trade_moves (account_id, hour, number, trade_id, at, effect, kind, row, order_id, quantity, value, gain, worth)
    select 1, '2026-01-01 01:00Z', number, trade, '2026-01-01 00:30Z', effect, 'manual', row, 'a', 1, 2.50, 0, 2
    from (values (0, 'o.A', 'entry', ''), (1, 'f1', 'entry', 'f1'), (2, 'f1', 'exit', 'f2'), (3, 'f2', 'entry', 'f2'),
      (4, 'c1', 'entry', 'c1')) as moves (number, trade, effect, row)
    """
OLD_FEES = """
    insert into fees (account_id, hour, number, at, row, kind, asset, quantity, value, trade_id)
    select 1, '2026-01-01 01:00Z', number, '2026-01-01 00:30Z', row, kind, 'BNB', number, -0.10, trade
    from (values (0, 'i1', 'margin_interest', null), (1, 'f1', 'trading_commission', 'f1'), (2, 'f1', 'trading_commission', 'f1'),
      (3, 'f2', 'trading_commission', 'f1'), (4, 'f2', 'trading_commission', 'f2'), (5, 'i2', 'futures_commission', 'c1'),
      (6, 'f9', 'trading_commission', null), (7, 'f1', 'margin_interest', 'f1')) as paid (number, row, kind, trade)
    """
OLD_TRADE = """
    insert into trades (account_id, id, asset, side, opened_by, opened_at, opened_hour, entered, entry_value, exited, exit_value,
      gross, transferred, transferred_units, greatest_value, fees, interest, fills)
    values (1, 'f1', 'EURI', 'LONG', 'fill', '2026-01-01 00:30Z', '2026-01-01 01:00Z', 10, 11, 0, 0, 0, 0, 0, 11, 0, 0, 1)
    """


# By a fill's number, an order's, a moment and side; of a fill that is not stored; and funding.
OLD_BOOKINGS = """
    insert into contract_fills (account_id, wallet, symbol, exchange_id, side, quantity, price, occurred_at, settle, order_id)
        values (1, 'futures', 'BTCUSDT', 'x1', 'both', 1, 100, '2026-03-01 10:10Z', 'USDT', 'one');
    insert into income (account_id, kind, exchange_id, wallet, asset, amount, occurred_at, first_seen_at, raw)
        select 1, kind, kind || named, 'futures', 'USDT', -1, '2026-03-01 10:10Z', now(), named::jsonb || '{"symbol": "BTCUSDT"}'
        from (values ('futures_commission', '{"tradeId": "x1"}'), ('futures_commission', '{"orderId": "two"}'),
            ('futures_commission', '{"positionSide": "any"}'), ('futures_commission', '{"tradeId": "x2"}'), ('funding_fee', '{}'))
            v (kind, named)
    """


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the migrations, to be spoilt."""
    copied = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, copied)
    return copied


@pytest.fixture
def empty_url(server: Server) -> Iterator[str]:
    """The owner's address of a database in which nothing is."""
    with server.admin() as admin:
        admin.execute("create database test_empty owner portfolio_owner")
    yield server.url("owner", "test_empty")
    with server.admin() as admin:
        admin.execute("drop database test_empty with (force)")


def next_name(folder: Path) -> str:
    return f"{len(list_migrations(folder)) + 1:04}_next.sql"


def dump(url: str) -> list[str]:
    """What pg_dump says about both schemas, without remarks and its random marks."""
    command = [str(wheel_binaries() / "pg_dump"), "--schema-only", "--no-owner", "--no-privileges"]
    done = subprocess.run(
        [*command, "--schema=monitor", "--schema=reading", "--schema=paper", f"--dbname={url}"],
        capture_output=True,
        text=True,
        check=True,
        env={"LC_ALL": "C"},
    )
    return [line for line in done.stdout.splitlines() if line and not line.startswith(("--", "\\"))]


def test_schema_sql_makes_the_database_that_the_migrations_make(database: Database, empty_url: str) -> None:
    with connect(empty_url, name="test") as db:
        db.execute(SCHEMA.read_text())

    migrated = dump(database.owner_url)
    assert len(migrated) > 500
    assert dump(empty_url) == migrated, "Change sql/schema.sql as the newest migration changes the database."


def test_migrating_twice_changes_nothing(database: Database) -> None:
    with connect(database.owner_url, name="test") as db:
        assert migrate(db) == ()
        check_schema(db)


def test_an_older_systems_fills_are_what_they_were_after_an_update(empty_url: str) -> None:
    kinds = ("exchange", "booked"), ("legacy", "booked"), ("legacy", "described"), ("legacy", "given_way")
    with connect(empty_url, name="test") as db:
        make_old(db, "0074")
        db.execute("insert into accounts (label, exchange, created_at) values ('main', 'binance', now())")
        for number, kind in enumerate(kinds):
            db.execute(OLD_FILL, [number, *kind])
        assert migrate(db)[0].startswith("0074")
        stored = "select legacy from fills order by exchange_id"
        assert load_values(db, stored) == [None, "booked", "described", "given_way"]
        shown = db.execute("select source, standing from reading.fills order by id").fetchall()
        assert [tuple(row.values()) for row in shown] == [*kinds[:3]]


def test_what_was_traded_so_far_stays_traded_after_an_update(empty_url: str) -> None:
    name = next(path.stem for path in list_migrations() if path.stem.endswith("_cash"))
    with connect(empty_url, name="test") as db:
        make_old(db, name)
        db.execute("insert into accounts (label, exchange, created_at) values ('main', 'binance', now())")
        db.execute(OLD_TRADE)
        assert migrate(db)[0] == name
        assert set(load_values(db, "select asset from cash")) == USUAL - {"EURI"}


def test_every_fee_is_what_it_was_once_fills_have_theirs_in_their_moves(empty_url: str) -> None:
    moves = "select * from reading.trade_moves order by number"
    columns = "account_id, hour, number, at, row, kind, asset, quantity, value, trade_id"
    fees, shown = f"select {columns} from fees order by number", "select * from reading.fees order by id"
    with connect(empty_url, name="test") as db:
        make_old(db, next(path.name for path in list_migrations() if path.stem.endswith("_fees_in_moves")))
        db.execute("insert into accounts (label, exchange, created_at) values ('main', 'binance', now())")
        db.execute(OLD_MOVES)
        db.execute(OLD_FEES)
        stored = [db.execute(statement).fetchall() for statement in (moves, fees, shown)]
        migrate(db)
        assert [db.execute(statement).fetchall() for statement in (moves, fees, shown)] == stored
        assert [len(rows) for rows in stored] == [5, 8, 8]
        charged = "select row, trade_id, fee_number from trade_moves where fee_number is not null order by number"
        assert [tuple(row.values()) for row in db.execute(charged)] == [
            ("f1", "f1", 1),
            ("f2", "f1", 3),
            ("f2", "f2", 4),
        ]
        assert load_values(db, "select number from other_fees order by number") == [0, 2, 5, 6, 7]


def test_fees_of_contracts_have_the_orders_of_the_fills_that_are_stored(empty_url: str) -> None:
    with connect(empty_url, name="test") as db:
        make_old(db, next(path.name for path in list_migrations() if path.stem.endswith("_orders_of_fees")))
        db.execute("insert into accounts (label, exchange, created_at) values ('main', 'binance', now())")
        db.execute(OLD_BOOKINGS)
        db.execute(
            "insert into other_fees (account_id, hour, number, at, row, kind, asset, quantity, value)"
            " select 1, '2026-03-01 11:00Z', id, occurred_at, 'i' || id, kind, 'USDT', 1, 1 from income"
        )
        migrate(db)
        told = db.execute("select row, order_id, value from reading.fees order by row").fetchall()
        assert [tuple(row.values()) for row in told] == [
            ("i1", "one", 1), ("i2", "two", 1), ("i3", "one", 1), ("i4", "", 1), ("i5", "", 1)
        ]  # fmt: skip


def test_an_old_schema_is_refused_with_the_command_that_helps(database: Database) -> None:
    newest = list_migrations()[-1]
    with connect(database.owner_url, name="test") as db:
        db.execute("delete from public.schema_migrations where name = %(name)s", {"name": newest.stem})
        with pytest.raises(SchemaMismatch, match=rf"lacks {newest.name}\. Run: python -m sql migrate"):
            check_schema(db)


def test_a_database_newer_than_the_program_is_refused(database: Database) -> None:
    with connect(database.owner_url, name="test") as db:
        db.execute("insert into public.schema_migrations (name) values ('9999_from_the_future')")
        with pytest.raises(SchemaMismatch, match="newer than this program"):
            check_schema(db)


def test_a_migration_that_fails_leaves_nothing_and_is_named(database: Database, folder: Path) -> None:
    name = next_name(folder)
    (folder / name).write_text("create table monitor.half (a int); select 1 / 0;")
    with connect(database.owner_url, name="test") as db:
        with pytest.raises(SchemaMismatch, match=f"{name} failed, and nothing of it was kept: division by zero"):
            migrate(db, folder)
        assert db.execute("select to_regclass('monitor.half') as t").fetchone() == {"t": None}


def test_a_migration_changed_after_it_was_applied_is_refused(database: Database, folder: Path) -> None:
    first = list_migrations(folder)[0]
    first.write_text(first.read_text() + "-- an afterthought\n")
    with connect(database.owner_url, name="test") as db, pytest.raises(SchemaMismatch, match=f"database: {first.name}"):
        migrate(db, folder)


def test_checksums_are_added_to_a_database_that_has_none(database: Database) -> None:
    with connect(database.owner_url, name="test") as db:
        db.execute("alter table public.schema_migrations drop column checksum")
        check_schema(db)
        migrate(db)
        found = db.execute("select count(*) as all, count(checksum) as known from public.schema_migrations").fetchone()
    assert found and found["all"] == found["known"] == len(list_migrations())


@pytest.mark.parametrize("name", ["0001_again.sql", "0099_far.sql", "12_short.sql", "0003-dash.sql"])
def test_a_gap_or_a_double_in_the_numbers_is_named(folder: Path, name: str) -> None:
    (folder / name).write_text("select 1;")
    with pytest.raises(SchemaMismatch, match="without gap or double"):
        list_migrations(folder)


def test_a_role_that_may_not_migrate_is_told_whose_address_is_needed(database: Database) -> None:
    with connect(database.owner_url, name="test") as db:
        db.execute("delete from public.schema_migrations")
    with connect(database.worker_url, name="test") as db, pytest.raises(SchemaMismatch, match="OWNER_DATABASE_URL"):
        migrate(db)
