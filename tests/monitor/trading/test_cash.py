"""What counts as money: no trades are made of it, and a word about it changes no figure but those of trades, with a reason."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from finance.cash import USUAL
from monitor.__main__ import parse_arguments
from monitor.errors import LedgerError
from monitor.performance.verification import verify
from tests.venue import RunningVenue
from tests.worker import Worker


def ask(worker: Worker, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    asked = parse_arguments(["trades", *words, "--json"])
    assert asked.run(worker.db, worker.settings, asked, datetime.now(UTC)) == 0
    return json.loads(capsys.readouterr().out)


def stored(worker: Worker, *tables: str) -> list[list[dict[str, Any]]]:
    return [worker.rows(f"select * from {name} order by {name}") for name in tables]


def assets(worker: Worker) -> set[str]:
    return {row["asset"] for row in worker.rows("select distinct asset from trades")}


def test_a_new_database_begins_with_the_usual_ones(worker: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(worker, capsys, "cash") == {"cash": sorted(USUAL), "changed": []}
    assert {"USDT", "EURI", "USDP", "AUD", "CHF"} < USUAL


@pytest.mark.usefixtures("first_hour")
def test_a_word_changes_trades_with_a_reason_and_nothing_else(
    worker: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    for event in ("buy 5 SOLUSDT", "sell 2 SOLUSDT", "sell 2.99 SOLUSDT", "buy 1 SOLUSDT", "buy for 500 ETHUSDT"):
        venue.advance(minutes=30)
        venue.do(event)
    venue.advance(minutes=30)
    worker.run(venue.now())
    trades, others = ("trades", "trade_moves", "fees"), ("nav_history", "explanations", "flow_valuations")
    before, figures = stored(worker, *trades), stored(worker, *others)
    [listed] = ask(worker, capsys, "list")

    said = ask(worker, capsys, "cash", "--add", "sol")
    assert "SOL" in said["cash"] and said["changed"][0]["changed"].keys() >= {"trades", "exits and entries"}
    assert assets(worker) == {"BTC", "ETH"}
    assert stored(worker, *others) == figures
    [now] = ask(worker, capsys, "list")
    realised = [
        sum(float(one["gross_pnl"]) for one in found["trades"]) + float(found["rest"]) for found in (listed, now)
    ]
    assert realised[0] == pytest.approx(realised[1]) and float(now["rest"]) != float(listed["rest"])
    [reason] = worker.rows("select account_id, reason from history_changes where reason like '%%trades cash%%'")
    assert reason == {"account_id": 1, "reason": "SOL counts as money (trades cash)"}

    venue.do("buy 1 SOLUSDT")
    venue.advance(minutes=30)
    worker.run(venue.now())
    assert assets(worker) == {"BTC", "ETH"} and verify(worker.db).differences == ()
    ask(worker, capsys, "verify")

    ask(worker, capsys, "cash", "--remove", "SOL")
    assert assets(worker) == {"BTC", "ETH", "SOL"} and verify(worker.db).differences == ()
    after = stored(worker, *trades)
    assert [row for row in after[1] if row["hour"] <= before[1][-1]["hour"]] == before[1]


def test_a_word_that_changes_nothing_or_takes_the_unit_away_is_refused(
    worker: Worker, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, named in (
        ("--add EURI", "EURI is money already"),
        ("--remove SOL", "SOL is not among"),
        ("--remove USDT", "USDT stays money"),
        ("--add SOL --remove SOL", "at once"),
    ):
        with pytest.raises(LedgerError, match=named):
            ask(worker, capsys, "cash", *words.split())
    with pytest.raises(SystemExit):
        ask(worker, capsys, "cash", "--add", "no coin")
    assert ask(worker, capsys, "cash")["cash"] == sorted(USUAL)
