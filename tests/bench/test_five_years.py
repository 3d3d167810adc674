"""The benches' history is one that the worker could have written."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench.five_years import ASSETS, fill, fill_combined
from finance.moments import EPOCH
from monitor.market.known_prices import Fetched
from monitor.performance.derivation import derive_history
from sql.connect import connect
from sql.rows import Db
from tests.postgres import Database

UNTIL = datetime(2026, 11, 20, 5, tzinfo=UTC)
HOURS = 2_200  # three flows, three months' starts


@pytest.fixture
def db(database: Database) -> Any:
    with connect(database.owner_url, name="test") as opened:
        yield opened


def count(db: Db, statement: str) -> int:
    row = db.execute(statement).fetchone()
    assert row
    return int(row["n"])


def figures(db: Db) -> list[dict[str, Any]]:
    return db.execute(
        "select n.account_id, n.hour, n.nav, n.units, n.unit_price, n.invested, b.benchmark_id, b.unit_price as other,"
        " b.quantities from nav_history n join benchmark_configs c using (account_id) join benchmark_history b"
        " on b.benchmark_id = c.id and b.hour = n.hour order by n.account_id, b.benchmark_id, n.hour"
    ).fetchall()


def test_every_hour_is_complete_and_worth_its_holdings(db: Db) -> None:
    account = fill(db, "long", until=UNTIL, hours=HOURS)

    rows = db.execute(
        "select n.hour, n.status, n.nav, sum(h.value) as held, count(*) as assets from nav_history n"
        " join holdings h using (snapshot_id) where n.account_id = %(id)s group by n.account_id, n.hour order by n.hour",
        {"id": account},
    ).fetchall()
    assert [row["hour"] for row in rows] == [UNTIL - timedelta(hours=n) for n in reversed(range(HOURS))]
    assert all(row["status"] == "COMPLETE" and row["nav"] == row["held"] for row in rows)
    assert {row["assets"] for row in rows} == {len(ASSETS)}


def test_deriving_again_changes_nothing_and_every_flow_has_its_price(db: Db) -> None:
    account = fill(db, "long", until=UNTIL, hours=HOURS)
    before = figures(db)

    derive_history(db, account, Fetched(exchange="binance"), since=EPOCH, current_hour=UNTIL)

    assert len(before) == 2 * HOURS
    assert figures(db) == before
    assert count(db, "select count(*) as n from flow_valuations where unit_price is not null and not estimated") == 4


def test_two_accounts_share_a_market_and_add_up(db: Db) -> None:
    for label in ("one", "two"):
        fill(db, label, until=UNTIL, hours=100)
    fill_combined(db, until=UNTIL)

    assert count(db, "select count(*) as n from ticker_prices") == 100 * len(ASSETS)
    assert count(db, "select count(*) as n from runs") == 100
    sums = db.execute("select hour, sum(nav) as nav from nav_history where account_id > 0 group by hour order by hour")
    combined = db.execute("select hour, nav from nav_history where account_id = 0 order by hour")
    assert sums.fetchall() == combined.fetchall()
    assert count(db, "select count(*) as n from nav_history where unit_price is null") == 0
