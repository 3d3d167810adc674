"""`trades metrics`: figures of trades as the worker's database has them."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from dashboard.api.trade_metrics_shapes import TradeFigures
from dashboard.history.trade_costs import load_costs
from dashboard.history.trade_metrics import load_for_metrics
from dashboard.history.trades import Wanted
from finance.moments import EPOCH
from finance.trade_metrics.answer import answer
from monitor.__main__ import parse_arguments
from sql.connect import connect
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker


def trades(worker: Worker, *words: str) -> int:
    asked = parse_arguments(["trades", *words])
    return int(asked.run(worker.db, worker.settings, asked, datetime.now(UTC)) or 0)


def found(worker: Worker, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    assert trades(worker, "metrics", "--json", *words) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


def test_figures_are_those_of_the_trades(
    worker: Worker, venue: RunningVenue, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """SOL is bought once and sold in three orders, BTC is bought and sold; the ETH of before is sold, too, and not counted.

    LINK is paid in and sold: it counts only if that is asked for.
    """
    venue.do("deposit 50000 USDT")
    worker.run(venue.now())
    assert trades(worker, "metrics") == 3
    assert "nothing to measure" in capsys.readouterr().err
    for event in ("buy 9 SOLUSDT", "sell 3 SOLUSDT", "buy 0.1 BNBUSDT", "sell 3 SOLUSDT", "sell 2.99 SOLUSDT"):
        venue.advance(minutes=10)
        venue.do(event)
    venue.do("sell 0.0999 BNBUSDT")
    venue.do("deposit 100 LINK")
    venue.do("sell 100 LINKUSDT")
    venue.do(f"sell {worker.rows('select h.free from holdings h where asset = %(a)s', a='ETH')[0]['free']} ETHUSDT")
    venue.advance(minutes=10)
    worker.run(venue.now())

    rows = worker.rows("select * from trades where closed_at is not null and opened_by = 'fill'")
    [whole] = found(worker, capsys)
    assert whole["total_trades"] == len(rows) == 2
    assert Decimal(whole["total_net_pnl"]) == sum(row["net"] for row in rows)
    assert Decimal(whole["total_fees"]) == sum(row["fees"] for row in rows)
    assert whole["winning_trades"] == sum(row["net"] > 0 for row in rows)
    assert whole["average_r_multiple"] is None and "stop" in whole["reasons"]["average_r_multiple"]
    assert Decimal(whole["roi_of_trades_percentage"])

    [month] = found(worker, capsys, "--period", "monthly")
    assert month == whole | {"period_start": f"{rows[0]['closed_at']:%Y-%m}-01T00:00:00Z"}

    sol = next(row for row in rows if row["asset"] == "SOL")
    trades(worker, "note", sol["id"], "--stop", "1", "--tag", "news")
    capsys.readouterr()
    groups = {row["group"]: row for row in found(worker, capsys, "--by", "symbol")}
    assert groups.keys() == {"BNBUSDT", "SOLUSDT"}
    assert groups["SOLUSDT"]["trades_with_risk"] == groups["SOLUSDT"]["total_trades"] == 1
    assert Decimal(groups["SOLUSDT"]["average_risk"]) == sol["entry_value"] - sol["entered"]
    assert [row["group"] for row in found(worker, capsys, "--by", "tag")] == ["", "news"]
    _compare_with_dashboard(worker, database, found(worker, capsys)[0], deposits=False)
    [with_deposits] = found(worker, capsys, "--deposits")
    assert with_deposits["total_trades"] == 3
    _compare_with_dashboard(worker, database, with_deposits, deposits=True)

    trades(worker, "metrics", "--by", "side")
    told = capsys.readouterr()
    assert "win rate" in told.out and "LONG" in told.out
    assert "fewer than 30 trades" in told.err and "not counted" in told.err
    trades(worker, "metrics")
    assert "SQN" in capsys.readouterr().out


def _compare_with_dashboard(worker: Worker, database: Database, printed: dict[str, Any], *, deposits: bool) -> None:
    """What the dashboard reads of the same trades is the same to the last digit, what was invested in them included."""
    with connect(database.owner_url, name="test", schema="reading") as db:
        read = load_for_metrics(
            db, Wanted(account_id=1, since=EPOCH, until=worker.hours()[-1]["hour"]), deposits=deposits
        )
        wanted = Wanted(account_id=1, since=EPOCH, until=worker.hours()[-1]["hour"])
        shown = answer([one.trade for one in read if one.is_counted], load_costs(db, wanted))
    told = TradeFigures(**shown).model_dump(mode="json")
    assert told == {key: one for key, one in printed.items() if key not in ("period_start", "group")}
    assert told["fees_by_type"] and told["maker_volume"] is not None
