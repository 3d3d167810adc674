"""`orders list` and `trades sync --all`: what is printed, what is read, and from where an interrupted call goes on."""

import json
from argparse import Namespace
from collections import Counter
from typing import Any

import pytest

from monitor.commands.orders import run_list
from monitor.commands.trade_sync import sync_all
from monitor.exchanges.binance import fills, orders
from monitor.recovery import orders as hourly
from monitor.recovery import syncing
from monitor.recovery.out_of_reach import ONLY_KNOWN
from tests.venue import RunningVenue
from tests.worker import Worker

ALL, TRADES = "/api/v3/allOrders", "/api/v3/myTrades"


@pytest.fixture
def history(worker: Worker, venue: RunningVenue, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """Hours of which the fills are known and no order is, as after an update."""
    monkeypatch.setattr(syncing, "PAUSE_SECONDS", 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hourly, "MOST_CALLS", 0)
        worker.run(venue.now())
        for _ in range(4):
            venue.do("buy 0.001 BTCUSDT")
        venue.do("limit buy 0.001 BTCUSDT at 20000")
        venue.do("limit buy 0.1 ETHUSDT at 900")
        venue.do("fill ETHUSDT")
        venue.advance(hours=1)
        worker.run(venue.now())
        venue.do("sell 0.001 BTCUSDT")  # not read yet
    assert worker.rows("select 1 from order_revisions") == []
    venue.control("/requests", method="DELETE")
    return worker


def asked(venue: RunningVenue) -> Counter[str]:
    calls = Counter(call["path"] for call in venue.requests() if call["path"] in (ALL, TRADES))
    venue.control("/requests", method="DELETE")
    return calls


def test_everything_is_read_once_and_reported(
    history: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sync_all(history.db, history.settings, None, venue.now()) == 0

    assert capsys.readouterr().out.splitlines() == [
        "test: trades, pair 1 of 2: BTCUSDT, 1 read",
        "test: trades, pair 2 of 2: ETHUSDT, 0 read",
        "test: orders, pair 1 of 2: BTCUSDT, 7 read",
        "test: orders, pair 2 of 2: ETHUSDT, 2 read",
        "test: BTCUSDT: 7 orders, the oldest of 2026-03-01 00:01 UTC",
        "test: BTCUSDT: 6 trades, the oldest of 2026-03-01 00:01 UTC",
        "test: ETHUSDT: 2 orders, the oldest of 2026-03-01 00:01 UTC",
        "test: ETHUSDT: 2 trades, the oldest of 2026-03-01 00:01 UTC",
        "test: out of reach: Binance shows trades pair by pair.",
        "test: out of reach: Binance shows orders pair by pair; those of contracts 90 days back, those of options are not read yet.",
        "test: out of reach: Binance shows open orders; those on margin pair by pair, those of contracts are looked at while "
        "a position is open or one is known to wait.",
        f"test: out of reach: {ONLY_KNOWN}",
        "test: out of reach: Pairs, converts and small balances of before the first reading are looked for by: python -m monitor backfill",
    ]
    assert asked(venue) == {ALL: 2, TRADES: 2}
    sync_all(history.db, history.settings, "test", venue.now())
    assert len(history.rows("select 1 from order_revisions")) == 9
    assert history.rows("select count(*) from open_orders") == [{"count": 1}]
    unordered = (
        "select 1 from fills f where not exists (select from order_revisions o where o.exchange_id = f.order_id)"
    )
    assert history.rows(unordered) == []


def test_what_was_interrupted_goes_on_where_it_stopped(
    history: Worker, venue: RunningVenue, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(orders, "PAGE_SIZE", 3)
    monkeypatch.setattr(fills, "PAGE_SIZE", 3)
    venue.fault(ALL, {"status": 503, "body": ""}, after=1)
    assert sync_all(history.db, history.settings, None, venue.now()) == 1
    assert "What was read stays; call it again to go on." in capsys.readouterr().err
    assert len(history.rows("select 1 from order_revisions")) == 3

    venue.clear_faults()
    asked(venue)
    assert sync_all(history.db, history.settings, None, venue.now(), as_json=True) == 0
    [told] = json.loads(capsys.readouterr().out)
    trades = {"what": "trades", "symbol": "ETHUSDT", "rows": 2, "oldest": "2026-03-01T00:01:00Z"}
    assert trades in told["stored"] and told["failures"] == [] and told["out_of_reach"]
    assert asked(venue)[ALL] == 3  # 3 and 1 more of BTCUSDT, 2 of ETHUSDT
    assert len(history.rows("select 1 from order_revisions")) == 9


HTML = {"status": 200, "body": "<html>maintenance</html>", "headers": {"content-type": "text/html"}}
HOSTILE: list[dict[str, Any]] = [
    HTML,
    {"status": 200, "body": "{}"},
    {"status": 200, "body": '[{"symbol": "BTCUSDT", "id": 1, "orderId": 1, "pri'},
    {"status": 503, "body": ""},
]


def test_what_one_pair_answers_keeps_no_other_from_being_read(
    history: Worker, venue: RunningVenue, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor is it read for ever, or anything of it lost or doubled; the next call reads it. A ban ends what is asked."""
    monkeypatch.setattr(orders, "PAGE_SIZE", 3)
    monkeypatch.setattr(fills, "PAGE_SIZE", 3)
    for path in (ALL, TRADES):
        for answer in HOSTILE:
            venue.fault(path, answer, of="symbol=BTCUSDT")
            assert sync_all(history.db, history.settings, None, venue.now()) == 1
            assert capsys.readouterr().err.count("call it again to go on") == 1, answer
            venue.clear_faults()
            read = [
                row["symbol"] for row in history.rows("select distinct symbol from order_revisions order by symbol")
            ]
            assert read == (["ETHUSDT"] if path == ALL else ["BTCUSDT", "ETHUSDT"])
    assert sync_all(history.db, history.settings, None, venue.now()) == 0
    counts = "select (select count(*) from fills) as fills, (select count(*) from order_revisions) as orders"
    assert history.rows(counts) == [{"fills": 8, "orders": 9}]

    for path, table, number in ((TRADES, "fills", "id"), (ALL, "order_revisions", "orderId")):
        rows = history.rows(
            f"select raw from {table} where symbol = 'BTCUSDT' order by (raw ->> '{number}')::bigint limit 3"
        )
        again = {"status": 200, "body": json.dumps([row["raw"] for row in reversed(rows)])}
        venue.fault(path, again, of="symbol=BTCUSDT")
        assert sync_all(history.db, history.settings, None, venue.now()) == 1
        assert f"before {number}" in capsys.readouterr().err
        venue.clear_faults()
    assert history.rows(counts) == [{"fills": 8, "orders": 9}]

    asked(venue)
    venue.fault(TRADES, {"status": 418, "headers": {"Retry-After": "7200"}, "body": "{}"})
    assert sync_all(history.db, history.settings, None, venue.now()) == 1
    assert asked(venue) == {TRADES: 1}


def show(worker: Worker, capsys: pytest.CaptureFixture[str], state: str, *, as_json: bool = False) -> str:
    assert run_list(worker.db, worker.settings, Namespace(account=None, state=state, json=as_json), None) == 0  # type: ignore[arg-type]
    return capsys.readouterr().out


def test_orders_are_listed_by_what_has_become_of_them(
    history: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(history, capsys, "open") == "test: no order waits\n"
    sync_all(history.db, history.settings, None, venue.now())
    capsys.readouterr()

    (waiting,) = show(history, capsys, "open").splitlines()[2:]
    assert waiting.split()[3:] == ["BTCUSDT", "buy", "limit", "0.001", "20000", "0", "open"]
    assert len(show(history, capsys, "filled").splitlines()) == 2 + 8
    (account,) = json.loads(show(history, capsys, "all", as_json=True))
    assert (account["account"], len(account["orders"])) == ("test", 9)
    (filled,) = [one for one in account["orders"] if one["price"] == "900"]
    assert (filled["state"], filled["executed_quote"], filled["average_price"]) == ("filled", "90", "900")
