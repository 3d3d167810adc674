"""Prices and holdings kept in sets: what an older database has of them is told unchanged after its migration."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from finance.flow_values import ValuationPrice
from finance.prices import AssetPrice
from monitor.market.store.prices import load_minute_prices, record_ticker_prices
from sql.connect import connect
from sql.migrate import list_migrations, migrate
from tests.postgres import Database, Server

AT = datetime(2026, 1, 1, 5, 2, tzinfo=UTC)
NUMBERED = "_sets.sql"
OLD_ROWS = """
insert into accounts (label, exchange, created_at) values ('old', 'binance', 'epoch');
insert into runs (hour, started_at, pid, version) values ('2026-01-01T05:00Z', '2026-01-01T05:02Z', 1, 'test');
insert into snapshots (account_id, hour, run_id, taken_at, prices_at, status, nav)
    select 1, date_trunc('hour', t), 1, t, t, 'COMPLETE', 0
    from generate_series('2026-01-01T05:02Z'::timestamptz, '2026-01-01T07:02Z', '1 hour') t;
insert into holdings (snapshot_id, wallet, asset, free, locked, owed, unrealised, price, route, value)
    select s, w, a, f, l, o, u, p, r, (f + l - o) * p from (values
    (1, 'spot', 'BTC', 0.50000000, 0.1, 0, 0, 60000.10, 'BTCUSDT'), (1, 'funding', 'BTC', 1, 0, 0, 0, 60000.10, 'BTCUSDT'),
    (1, 'spot', 'MYSTERY', 7, 0, 0, 0, null, ''), (2, 'cross_margin', 'ETH', 2, 0, 2.5, 0, 2000, 'ETHUSDT'),
    (2, 'usdm_futures', 'USDT', 90, 0, 0, -10, 1, 'USDT')) as h (s, w, a, f, l, o, u, p, r);
insert into price_history (exchange, asset, at, source, price, route, stale) values
    ('binance', 'BTC', '2026-01-01T05:02Z', 'ticker', 60000.10, 'BTCUSDT', false),
    ('binance', 'ETH', '2026-01-01T05:02Z', 'ticker', 1999.5, 'ETHUSDT', false),
    ('binance', 'BTC', '2026-01-01T05:02Z', 'minute', 60001, 'BTCUSDT', true),
    ('binance', 'ETH', '2026-01-01T06:02Z', 'ticker', 2000, 'ETHUSDT', false),
    ('binance', 'USDT', '2026-01-01T06:02Z', 'ticker', 1, 'USDT', false);
"""
PRICES = "select exchange, at, asset, price, route from"
HOLDINGS = "select * from reading.holdings order by snapshot_id, wallet, asset"


@pytest.fixture
def old(server: Server, tmp_path: Path) -> Iterator[Connection[dict[str, Any]]]:
    """The owner's connection to a database of the last program that kept every price and holding in a row."""
    folder = tmp_path / "migrations"
    shutil.copytree(list_migrations()[0].parent, folder)
    newer = [path for path in list_migrations(folder) if path.name >= sets(folder).name]
    for path in newer:
        path.unlink()
    with server.admin() as admin:
        admin.execute("create database test_old owner portfolio_owner")
    with connect(server.url("owner", "test_old"), name="test") as db:
        migrate_to(db, folder)
        db.execute(OLD_ROWS)
        yield db
    with server.admin() as admin:
        admin.execute("drop database test_old with (force)")


def sets(folder: Path) -> Path:
    (path,) = [path for path in list_migrations(folder) if path.name.endswith(NUMBERED)]
    return path


def migrate_to(db: Connection[Any], folder: Path) -> None:
    """As `migrate`, without today's grants: they name tables that are not there yet."""
    db.execute("create table public.schema_migrations (name text primary key, checksum text, applied_at timestamptz)")
    for path in list_migrations(folder):
        db.execute(path.read_text())
        db.execute("insert into public.schema_migrations (name) values (%(name)s)", {"name": path.stem})


def price(asset: str, value: str) -> AssetPrice:
    return AssetPrice(asset=asset, value=Decimal(value), route=())


def test_an_older_databases_prices_and_holdings_are_told_unchanged(old: Connection[dict[str, Any]]) -> None:
    holdings = old.execute(HOLDINGS).fetchall()
    prices = old.execute(f"{PRICES} price_history where source = 'ticker' order by at, asset").fetchall()

    migrate(old)

    found = old.execute(HOLDINGS).fetchall()
    assert found == [row | {"frozen": None, "withdrawing": None} for row in holdings]  # nobody said it then
    assert old.execute(f"{PRICES} reading.prices order by at, asset").fetchall() == prices
    assert (len(found), len(prices)) == (5, 4)


def test_a_minutes_price_and_a_runs_of_the_same_moment_are_kept_apart(old: Connection[dict[str, Any]]) -> None:
    migrate(old)

    assert ticker_prices(old) == {"BTC": Decimal("60000.10"), "ETH": Decimal("1999.5")}
    assert load_minute_prices(old, ("binance",), [("BTC", AT), ("ETH", AT)]) == {
        ("BTC", AT): ValuationPrice(value=Decimal(60001), route="BTCUSDT", stale=True)
    }


def test_a_second_account_adds_only_the_prices_that_the_first_did_not_need(database: Database) -> None:
    with connect(database.worker_url, name="test") as db:
        record_ticker_prices(db, "binance", AT, [price("BTC", "60000"), price("ETH", "2000")])
        record_ticker_prices(db, "binance", AT, [price("ETH", "2001"), price("SOL", "150")])
        record_ticker_prices(db, "binance", AT, [price("SOL", "151")])
        record_ticker_prices(db, "binance", AT, [])

        assert ticker_prices(db) == {
            "BTC": Decimal(60000),
            "ETH": Decimal(2000),
            "SOL": Decimal(150),
        }
        parts = db.execute("select part, assets from price_history order by part").fetchall()
    assert parts == [{"part": 1, "assets": ["BTC", "ETH"]}, {"part": 2, "assets": ["SOL"]}]


@pytest.mark.parametrize(
    "values",
    [
        "'{BTC,ETH}', '{1}', '{BTCUSDT,ETHUSDT}'",
        "'{BTC}', '{1}', '{}'",
        "'{BTC}', '{-1}', '{BTCUSDT}'",
        "'{BTC}', '{null}', '{BTCUSDT}'",
        "'{BTC}', '{NaN}', '{BTCUSDT}'",
        "'{}', '{}', '{}'",
    ],
)
def test_a_set_of_prices_that_is_not_whole_is_refused(database: Database, values: str) -> None:
    with connect(database.worker_url, name="test") as db, pytest.raises(psycopg.errors.CheckViolation):
        db.execute(f"insert into price_history values ('binance', now(), 1, {values})")


def ticker_prices(db: Connection[dict[str, Any]]) -> dict[str, Decimal]:
    rows = db.execute("select asset, price from ticker_prices where exchange = 'binance' and at = %(at)s", {"at": AT})
    return {row["asset"]: row["price"] for row in rows}
