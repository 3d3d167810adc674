"""History rebuilt from the exchange's records: equal to really run hours, or left open with the reason."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.backfill_commands import run_backfill
from monitor.settings import read_settings
from monitor.verification import verify
from sql.connect import connect
from tests.postgres import Server, open_database
from tests.venue import KEY, SECRET, RunningVenue
from tests.venue import Opener as OpenVenue
from tests.worker import Worker

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
STORY = f"""
+0m account test key {KEY} secret {SECRET}
+10m deposit 10000 USDT
+20m buy for 4000 BTCUSDT
+21m buy for 3000 ETHUSDT
+1d01:17 transfer 500 USDT from spot to earn_flexible
+1d02:33 deposit 0.1 BTC credited after 40m
+1d03:05 convert 300 USDT to SOL
+1d04:50 buy for 200 BNBUSDT
+1d04:51 bnbfees on
+1d05:10 sell 0.02 BTCUSDT
+1d06:40 withdraw 0.3 ETH fee 0.0012 completed after 27m
+1d08:20 deposit 700 USDC
+1d09:10 dividend 12 ADA
+1d10:30 sell 0.2 SOLUSDT
every day 12:10 interest 6.5 USDT
"""
Side = Callable[[RunningVenue], Worker]


@pytest.fixture
def open_side(server: Server, tmp_path: Path) -> Iterator[Side]:
    """Opens workers of one venue, each with a database of its own."""
    with ExitStack() as stack:

        def opener(venue: RunningVenue) -> Worker:
            database = stack.enter_context(open_database(server))
            settings = read_settings({"BINANCE_BASE_URL": venue.url, "DATA_DIR": str(tmp_path)})
            worker = Worker(stack.enter_context(connect(database.worker_url, name="test")), settings)
            worker.add()
            return worker

        yield opener


def run_at(venue: RunningVenue, worker: Worker, moment: datetime) -> None:
    if venue.now() < moment:
        venue.set_clock(moment)
    worker.run(moment)


def backfill(worker: Worker, since: datetime, until: datetime | None = None) -> int:
    asked: Any = SimpleNamespace(since=since.isoformat(), until=until.isoformat() if until else None, account=None)
    return run_backfill(worker.db, worker.settings, asked, datetime.now(UTC))


FIGURES = "hour, nav, flows, invested, units, unit_price, peak_nav, episode, estimated"


def figures(worker: Worker) -> list[dict[str, Any]]:
    return worker.rows(f"select {FIGURES} from nav_history where account_id = 1 order by hour")


def benchmarks(worker: Worker) -> list[dict[str, Any]]:
    return worker.rows("select * from benchmark_history where benchmark_id in (1, 2) order by hour, benchmark_id")


def flows(worker: Worker) -> list[dict[str, Any]]:
    return worker.rows(
        "select t.kind, t.asset, t.quantity, v.occurred_at, v.price, v.value, v.nav_before, v.unit_price, v.units"
        " from flow_valuations v join processed_transactions t on t.id = v.transaction_id"
        " where v.account_id = 1 order by v.occurred_at"
    )


def test_rebuilt_hours_are_those_that_were_really_run(open_venue: OpenVenue, open_side: Side) -> None:
    venue = open_venue(STORY, start=START, stands=START + timedelta(hours=23))
    run, rebuilt = open_side(venue), open_side(venue)
    first, last = START + timedelta(days=1), START + timedelta(days=1, hours=14)
    for number in range(15):
        run_at(venue, run, first + number * HOUR)
    rebuilt.run(last)

    assert backfill(rebuilt, first) == 0

    assert [h["status"] for h in rebuilt.hours()] == [*["RECONSTRUCTED"] * 14, "COMPLETE"]
    assert figures(rebuilt) == figures(run)
    assert benchmarks(rebuilt) == benchmarks(run)
    assert flows(rebuilt) == flows(run)
    assert verify(rebuilt.db).differences == ()
    assert {
        e["state"] for e in rebuilt.rows("select state from explanations where residual <> 0 or state <> 'explained'")
    } == set()
