"""`import-legacy` of an old database with all its faults: the report and the result against books kept by hand."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finance.orders import OrderRecord, OrderState
from finance.records import FillMarket, FillRecord
from monitor.__main__ import parse_arguments
from monitor.accounts.registry import NewAccount, add_account
from monitor.errors import LegacyError
from monitor.ledger.store.events import load_fills_and_income, load_moves
from monitor.ledger.store.fills_and_income import record_fills
from monitor.ledger.store.orders import record_orders
from monitor.settings import Settings, read_settings
from sql.connect import connect
from sql.rows import Db
from tests.monitor.legacy.books import GROUP, ROUNDED, list_tables
from tests.monitor.legacy.old_database import write_folder, write_postgres
from tests.monitor.notation import D, at
from tests.postgres import Database, Server, open_database

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
WRITTEN = ("legacy_orders", "order_revisions", "fills", "order_plans", "traded_pairs", "recomputations")
Run = Callable[..., tuple[int, str]]


def exchange_fill(order_id: str, number: int, units: str, price: str) -> FillRecord:
    return FillRecord(
        market=FillMarket.SPOT,
        symbol="ETHUSDT",
        exchange_id=str(number),
        base_asset="ETH",
        base_quantity=D(units),
        quote_asset="USDT",
        quote_quantity=-D(units) * D(price),
        fee_asset="USDT",
        fee=D("1"),
        occurred_at=at("2025-01-10 14:00" if number < 3 else "2025-01-10 15:00"),
        order_id=order_id,
    )


OWN_FILLS = (
    exchange_fill("2001", 1, "0.5", "2990"),
    exchange_fill("2001", 2, "0.5", "2992"),
    exchange_fill("2002", 3, "-1", "3100"),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"DATA_DIR": str(tmp_path)})


@pytest.fixture
def db(database: Database, settings: Settings) -> Any:
    """Two accounts that were never read; of one the exchange's fills of two orders are known."""
    with connect(database.worker_url, name="test") as opened:
        for label, exchange in (("main", "binance"), ("bot", "bitget")):
            new = NewAccount(label=label, exchange=exchange, uid=None, overpowered=False, weights=settings.benchmark)
            add_account(opened, new, NOW)
        record_fills(opened, 1, OWN_FILLS, seen_at=NOW, run_id=None)
        yield opened


@pytest.fixture
def call(db: Db, capsys: pytest.CaptureFixture[str]) -> Any:
    """Calls the command."""

    def make(settings: Settings, *words: str) -> tuple[int, str]:
        asked = parse_arguments(["import-legacy", *words])
        code = asked.run(db, settings, asked, NOW)
        return code, capsys.readouterr().out

    return make


@pytest.fixture
def run(call: Any, settings: Settings, tmp_path: Path) -> Run:
    """Calls the command with the old tables as CSV files."""
    write_folder(tmp_path / "old", list_tables())
    return lambda *words: call(settings, "--from", str(tmp_path / "old"), *words)


def everything(db: Db) -> dict[str, list[dict[str, Any]]]:
    return {table: db.execute(f"select * from {table} order by 1, 2, 3, 4").fetchall() for table in WRITTEN}


def test_the_report_says_what_becomes_of_every_order_and_writes_nothing(run: Run, db: Db) -> None:
    before = everything(db)
    code, out = run("--json")
    report = json.loads(out)
    assert (code, report["applied"]) == (1, False)
    main = next(one for one in report["accounts"] if one["account"] == "main")
    became = {one["order_id"]: (one["becomes"], one["reason"]) for one in main["orders"]}
    assert {name: becomes for name, (becomes, _) in became.items()} == {
        **dict.fromkeys(("1001", "1002", "1003", "1004"), "described"),
        **dict.fromkeys(("2001", "2002"), "linked"),
        **dict.fromkeys(("3001", "3002", "3003", "3004"), "order"),
        **dict.fromkeys(("4006", str(ROUNDED)), "noted"),
    }
    assert "price that was asked for is not what was paid" in became["3001"][1]
    assert "without a price" in became["3002"][1]
    assert "may have been rounded" in became[str(ROUNDED)][1]
    assert became["2001"][1] == "2 fills of the exchange's, 1 at 2991 on average; the old row has the limit 3000"
    assert everything(db) == before


def test_a_database_says_the_same_as_its_files(run: Run, call: Any, tmp_path: Path, server: Server) -> None:
    files = json.loads(run("--json")[1])
    with open_database(server, template="template0") as old:
        with server.admin(old.name) as admin:
            write_postgres(admin, list_tables())
            admin.execute("grant select on all tables in schema public to portfolio_owner")
        settings = read_settings({"DATA_DIR": str(tmp_path), "LEGACY_DATABASE_URL": old.owner_url})
        found = json.loads(call(settings, "--json")[1])
        password = old.owner_url.partition("@")[0].rpartition(":")[2]
        out = call(settings, "--apply")[1]
    assert found | {"from": files["from"], "unread": files["unread"]} == files
    assert files["unread"] == ["api_credentials.csv"] and len(password) > 8
    assert password not in out and "postgresql:" not in out and "never-read-this-key" not in out


def test_every_bad_row_is_named_with_its_reason(run: Run) -> None:
    report = json.loads(run("--json")[1])
    faults = {(one["row"], one["reason"].partition(";")[0].partition(":")[0]) for one in report["faults"]}
    assert faults == {
        ("orders row 10 (id 10)", "is an exit (SL) of the order 999, which is not there"),
        ("orders row 2 (id 2)", "says the same again as orders row 11 (id 11)"),
        ("orders row 13 (id 13)", "is of 'kraken', which is not read here"),
        ("orders row 14 (id 14)", "side 'HOLD' is neither BUY nor SELL"),
        ("orders row 15 (id 15)", "executed_qty 0 of quantity -1 can't be"),
        ("orders row 16 (id 16)", "status 'LOST' is none that is known"),
        ("orders row 17 (id 17)", "executed_qty 2 of quantity 1 can't be"),
        ("processed_orders row 2 (id 2)", "leverage 'lots' is not like 10x"),
        ("trade_history row 5 (id 5)", "is a trade of nothing"),
    }
    [main] = [one for one in report["accounts"] if one["account"] == "main"]
    assert [(one["row"], one["text"].partition(":")[0]) for one in main["remarks"]] == [
        ("performance_metrics row 1 (id 1)", "its win rate is of no trade"),
        (
            "performance_metrics row 1 (id 1)",
            "it has 0 trades, net not known; ours closed in that time are 0, of which 0 won, net 0",
        ),
        ("performance_metrics row 2 (id 2)", "its profit factor is 0, and nothing was lost"),
        ("performance_metrics row 2 (id 2)", "its net is its gross"),
        ("performance_metrics row 2 (id 2)", "its ROI is of balances, in which deposits and withdrawals are"),
        (
            "performance_metrics row 2 (id 2)",
            "it has 4 trades, net 4100; ours closed in that time are 2, of which 2 won, net 606",
        ),
        ("positions row 1 (id 1)", "open there"),
        ("fees_tracking row 1 (id 1)", "order 2001"),
    ]


def test_each_old_trade_stands_beside_ours_and_the_difference_adds_up(run: Run) -> None:
    report = json.loads(run("--json")[1])
    [main] = [one for one in report["accounts"] if one["account"] == "main"]
    trades = main["trades"]
    assert [Decimal(one["ours"]["gain"]) for one in trades[:4]] == [500, 1000, -1000, 109]
    for one in trades[:4]:
        steps = sum(Decimal(step["amount"]) for step in one["differences"])
        assert Decimal(one["gross"]) + steps == Decimal(one["ours"]["gain"])
    assert [one["differences"][0] for one in trades[:2]] == [
        {"amount": "-1500", "reason": "it multiplied 2 by the prices, and this exit took 0.5 out"},
        {"amount": "-3000", "reason": "it multiplied 2 by the prices, and this exit took 0.5 out"},
    ]
    [step] = trades[3]["differences"]
    assert step["amount"] == "9" and "entry's limit price, 3000" in step["reason"]
    assert trades[3]["remarks"] == ["its net is its gross: fees are left out (3 USDT in the whole trade)"]
    assert "its ROI is percent x leverage (10)" in trades[5]["remarks"][0]
    assert "of a contract or on margin" in trades[5]["remarks"][1]
    assert trades[4]["ours"] is None and "a trade of nothing" in trades[4]["remarks"][0]


def test_what_is_applied_is_written_once(run: Run, db: Db) -> None:
    run("--apply")
    first = everything(db)
    fills = [one for one in first["fills"] if one["legacy"]]
    assert [(one["order_id"], one["base_quantity"], one["quote_quantity"], one["legacy"]) for one in fills] == [
        ("1001", 2, -80000, "described"),
        ("1002", D("-0.5"), 20500, "described"),
        ("1003", D("-0.5"), 21000, "described"),
        ("1004", -1, 39000, "described"),
    ]
    entry = next(one for one in first["legacy_orders"] if one["exchange_id"] == "1001")
    assert (entry["role"], entry["group_id"], entry["tp_levels"], entry["sl_price"]) == (
        "ENTRY",
        GROUP,
        [41000, 42000],
        39000,
    )
    assert entry["note"] == "breakout; half at each target" and entry["raw"]["price"].startswith("40000")
    assert {one["exchange_id"] for one in first["legacy_orders"] if one["parent_id"] == "1001"} == {
        "1002",
        "1003",
        "1004",
    }
    revisions = {one["exchange_id"]: one for one in first["order_revisions"]}
    assert {one["source"] for one in revisions.values()} == {"legacy"} and not {"4006", str(ROUNDED)} & revisions.keys()
    assert (revisions["3001"]["price"], revisions["3001"]["executed_quote"], revisions["3004"]["state"]) == (
        43000,
        None,
        "gone",
    )
    [plan] = first["order_plans"]
    assert (plan["plan_id"], plan["source"], plan["leverage"], plan["margin_mode"]) == (
        "legacy-1",
        "legacy",
        10,
        "isolated",
    )
    assert [one["price"] for one in plan["targets"]] == ["160", "170.5"]

    day = at("2025-01-10 00:00"), at("2025-01-11 00:00")
    counted = load_fills_and_income(db, 1, *day)
    assert [one.number for one in counted] == [one["id"] for one in first["fills"] if not one["legacy"]]
    assert {one.asset for one in load_moves(db, 1, *day)} == {"ETH", "USDT"}

    code, out = run("--apply", "--json")
    assert everything(db) == first and code == 1 and "have come in its place" not in out
    [main] = [one for one in json.loads(out)["accounts"] if one["account"] == "main"]
    assert {one["becomes"] for one in main["orders"]} == {"before"}
    assert [Decimal(one["ours"]["gain"]) for one in main["trades"][:4]] == [500, 1000, -1000, 109]


def test_the_exchanges_own_fills_take_the_place_of_one_that_describes(run: Run, db: Db) -> None:
    run("--apply")
    others = replace(
        OWN_FILLS[0], order_id="1002", exchange_id="8"
    )  # of another pair, whose orders have numbers of their own
    record_fills(db, 1, [others], seen_at=NOW, run_id=None)
    own = replace(OWN_FILLS[0], order_id="1001", symbol="BTCUSDT", base_asset="BTC", exchange_id="9")
    assert record_fills(db, 1, [own], seen_at=NOW, run_id=None) == own.occurred_at
    standings = "select order_id, legacy from fills where legacy is not null order by order_id"
    found = {row["order_id"]: row["legacy"] for row in db.execute(standings)}
    assert found == {"1001": "given_way", **dict.fromkeys(("1002", "1003", "1004"), "described")}
    _, out = run("--apply")
    assert "orders row 1 (id 1): BTCUSDT 1001 ENTRY buy 2: was imported on 2026-05-01" in out
    assert "the exchange's own fills have come in its place" in out
    assert [row["legacy"] for row in db.execute(standings)].count("given_way") == 1


def test_an_order_that_the_exchange_shows_later_is_its_own_from_then_on(run: Run, db: Db, database: Database) -> None:
    run("--apply")
    seen = OrderRecord(
        market="spot",
        symbol="BTCUSDT",
        exchange_id="1002",
        base_asset="BTC",
        quote_asset="USDT",
        side="sell",
        type="limit",
        quantity=D("0.5"),
        price=D(41000),
        executed_quantity=D("0.5"),
        executed_quote=D(20501),
        state=OrderState.FILLED,
        ordered_at=at("2025-01-10 10:00"),
        updated_at=at("2025-01-10 10:59"),  # before the old system had noticed
    )
    assert record_orders(db, 1, [seen], seen_at=NOW, run_id=None) == 1
    with connect(database.dashboard_url, name="test", schema="reading", read_only=True) as reader:
        statement = "select source, executed_quote, parent_id from orders where exchange_id = '1002'"
        [shown] = reader.execute(statement).fetchall()
    assert shown == {"source": "exchange", "executed_quote": 20501, "parent_id": "1001"}


def test_keys_and_addresses_stay_where_they_are(run: Run, db: Db, settings: Settings) -> None:
    _, out = run("--apply")
    assert "never-read-this-key" not in out + str(everything(db))
    assert "postgresql://" not in out
    assert "Keys of the older system are not imported" in out
    for address in ("postgresql://old:s3cret@127.0.0.1/old", "postgresql://127.0.0.1/old?password=s3cret"):
        asked = parse_arguments(["import-legacy", "--from", address])
        with pytest.raises(LegacyError, match="LEGACY_DATABASE_URL") as refused:
            asked.run(db, settings, asked, NOW)
        assert "s3cret" not in str(refused.value)
