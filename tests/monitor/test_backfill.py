"""History rebuilt from the exchange's records: equal to really run hours, or left open with the reason."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.commands.backfill import run_backfill
from monitor.performance.verification import verify
from monitor.settings import read_settings
from sql.connect import connect
from tests.postgres import Server, open_database
from tests.venue import KEY, SECRET, RunningVenue
from tests.venue import Opener as OpenVenue
from tests.worker import Opener, Worker, patch_budgets

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
HERE = Path(__file__).parents[2]
# `backfill` in a process of its own that is killed while it writes its second part.
KILLED = """
import os, signal, sys
from monitor.recovery import filling
from monitor.__main__ import main

filling.FIRST_PART = 10
hours, move_opening = set(), filling.move_opening

def move_or_die(db, account_id, hour, *rest):
    hours.add(hour)
    if len(hours) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    move_opening(db, account_id, hour, *rest)

filling.move_opening = move_or_die
sys.argv[1:] = ["backfill", "--from", "2026-03-01"]
sys.exit(main())
"""


class Side(Worker):
    """A worker with a database of its own."""

    url: str


OpenSide = Callable[[RunningVenue], Side]


@pytest.fixture
def open_side(server: Server, tmp_path: Path) -> Iterator[OpenSide]:
    """Opens workers of one venue, each with a database of its own."""
    with ExitStack() as stack:

        def opener(venue: RunningVenue) -> Side:
            database = stack.enter_context(open_database(server))
            settings = read_settings({"BINANCE_BASE_URL": venue.url, "DATA_DIR": str(tmp_path)})
            worker = Side(stack.enter_context(connect(database.worker_url, name="test")), settings)
            worker.url = database.worker_url
            worker.add()
            return worker

        yield opener


def run_at(venue: RunningVenue, worker: Worker, moment: datetime) -> None:
    if venue.now() < moment:
        venue.set_clock(moment)
    worker.run(moment)


def backfill(worker: Worker, since: datetime, until: datetime | None = None, *, again: bool = False) -> int:
    asked: Any = SimpleNamespace(since=since, until=until, account=None, again=again, all=False)
    return run_backfill(worker.db, worker.settings, asked, datetime.now(UTC))


FIGURES = "hour, nav, flows, invested, units, unit_price, peak_nav, episode, estimated"


def figures(worker: Worker, account: int = 1) -> list[dict[str, Any]]:
    return worker.rows(
        f"select {FIGURES}, in_transit from nav_history where account_id = %(account)s order by hour", account=account
    )


def benchmarks(worker: Worker, account: int = 1) -> list[dict[str, Any]]:
    return worker.rows(
        "select h.* from benchmark_history h join benchmark_configs c on c.id = h.benchmark_id"
        " where c.account_id = %(account)s order by h.hour, h.benchmark_id",
        account=account,
    )


def flows(worker: Worker, account: int = 1) -> list[dict[str, Any]]:
    return worker.rows(
        "select t.kind, t.asset, t.quantity, v.occurred_at, v.price, v.value, v.nav_before, v.unit_price, v.units"
        " from flow_valuations v join processed_transactions t on t.id = v.transaction_id"
        " where v.account_id = %(account)s order by v.occurred_at",
        account=account,
    )


def test_rebuilt_hours_are_those_that_were_really_run(open_venue: OpenVenue, open_side: OpenSide) -> None:
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


def test_hours_without_the_monitor_are_those_that_were_really_run(open_venue: OpenVenue, open_side: OpenSide) -> None:
    venue = open_venue(STORY, start=START, stands=START + timedelta(hours=23))
    run, asleep = open_side(venue), open_side(venue)
    first, last = START + timedelta(days=1), START + timedelta(days=1, hours=12)
    for number in range(13):
        run_at(venue, run, first + number * HOUR)
        if number in (0, 12):
            asleep.run(first + number * HOUR)
    assert venue.now() == last

    assert [h["status"] for h in asleep.hours()] == ["COMPLETE", *["RECONSTRUCTED"] * 11, "COMPLETE"]
    assert [h["status"] for h in asleep.hours(0)] == ["COMPLETE", *["RECONSTRUCTED"] * 11, "COMPLETE"]
    assert figures(asleep) == figures(run)
    assert benchmarks(asleep) == benchmarks(run)
    assert flows(asleep) == flows(run)
    assert verify(asleep.db).differences == ()


@pytest.mark.usefixtures("first_hour")
def test_a_coin_that_came_from_nowhere_leaves_the_outage_open_and_named(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(hours=2)
    venue.do("airdrop 0.001 ETH")
    venue.advance(hours=2)
    worker.run(venue.now())
    venue.advance(hours=1)
    worker.run(venue.now())

    hours = worker.hours()
    assert [h["status"] for h in hours] == ["COMPLETE", *["MISSED"] * 3, "COMPLETE", "COMPLETE"]
    assert {h["reason"] for h in hours[1:4]} == {
        "the monitor did not run. Not rebuilt: +0.001 ETH came or went in between, which no history shows"
    }


def test_a_past_that_contradicts_itself_is_not_rebuilt(
    worker: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    venue.do("buy 0.5 SOLUSDT")
    venue.advance(hours=2)
    venue.do("vanish 0.25 SOL")
    venue.advance(hours=30)
    worker.run(venue.now())

    assert backfill(worker, venue.now() - timedelta(hours=40)) == 1

    (told,) = [line for line in capsys.readouterr().out.splitlines() if "0 hours rebuilt" in line]
    assert "before 2026-03-01 01:02:00 UTC there would be -0.25 SOL" in told
    assert [h["status"] for h in worker.hours()] == ["COMPLETE"]


def test_nothing_is_rebuilt_before_a_loan(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(hours=3)
    venue.do("borrow 100 USDT on loans")
    worker.run(venue.now())

    assert backfill(worker, venue.now() - timedelta(hours=3)) == 1

    assert [h["status"] for h in worker.hours()] == ["COMPLETE"]


@pytest.mark.parametrize(
    ("wallet", "opening", "closing", "name"),
    [
        ("futures", "long 0.01 BTCUSDT", "close BTCUSDT", "BTCUSDT"),
        ("options", "option buy 0.5 ETH-C at 900 fee 1", "option settle ETH-C at 950", "options"),
    ],
)
def test_hours_with_an_open_position_stay_open_between_rebuilt_ones(
    wallet: str, opening: str, closing: str, name: str, worker: Worker, venue: RunningVenue
) -> None:
    venue.do(f"transfer 800 USDT from spot to {wallet}")
    venue.advance(hours=4)
    venue.do(opening)
    venue.advance(hours=3)
    venue.do(closing)
    venue.advance(hours=4)
    worker.run(venue.now())

    assert backfill(worker, START) == 1  # before the account had any money: nothing can have been open

    hours = worker.hours()
    assert [h["status"] for h in hours] == [
        *["RECONSTRUCTED"] * 6, *["MISSED"] * 3, *["RECONSTRUCTED"] * 3, "COMPLETE",
    ]  # fmt: skip
    assert all(f"a position in {name} was open" in h["reason"] for h in hours[6:9])
    assert verify(worker.db).differences == ()


def test_a_rebuilding_that_was_killed_goes_on_where_it_stopped(
    open_venue: OpenVenue, open_side: OpenSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed within its second part: the first one stays, whole, and the next call writes the rest alone."""
    venue = open_venue(STORY, start=START, stands=START + timedelta(hours=40))
    killed, whole = open_side(venue), open_side(venue)
    for side in (killed, whole):
        side.run(venue.now())
    assert backfill(whole, START) == 0
    monkeypatch.setattr("monitor.recovery.filling.FIRST_PART", 10)
    told = {"BINANCE_BASE_URL": venue.url, "DATABASE_URL": killed.url, "DATA_DIR": str(killed.settings.data_dir)}
    program = subprocess.run(
        [sys.executable, "-c", KILLED], env=os.environ | told, cwd=HERE, capture_output=True, text=True
    )
    assert program.returncode == -signal.SIGKILL, program.stderr

    between = killed.hours()
    assert [h["status"] for h in between] == [*["RECONSTRUCTED"] * 10, "COMPLETE"]
    assert verify(killed.db).differences == ()
    assert backfill(killed, START) == 0
    assert figures(killed) == figures(whole)
    assert benchmarks(killed) == benchmarks(whole)
    assert [h["snapshot_id"] for h in killed.hours()][-11:] == [h["snapshot_id"] for h in between]


FAMILY = f"""
+0m account test key {KEY} secret {SECRET}
+10m deposit 10000 USDT
+20m buy for 4000 BTCUSDT
+0m account other key key-of-the-other-0123456789 secret secret-of-the-other-0123456789
+10m deposit 2 ETH
+03:10 deposit 100 USDT
+0m account test
+04:30 send 0.02 BTC to other fee 0.0001 arriving after 3h
+09:15 deposit 50 USDT
"""


def test_the_whole_of_two_rebuilt_accounts_knows_what_was_on_its_way(
    open_venue: OpenVenue, open_side: OpenSide
) -> None:
    venue = open_venue(FAMILY, start=START, stands=START + timedelta(minutes=59))
    run, rebuilt = open_side(venue), open_side(venue)
    for side in (run, rebuilt):
        side.add("other", "key-of-the-other-0123456789", "secret-of-the-other-0123456789")
    for number in range(1, 12):
        run_at(venue, run, START + number * HOUR)
    rebuilt.run(venue.now())
    venue.control("/weights", method="DELETE")  # a minute passes

    assert backfill(rebuilt, START + HOUR) == 0

    for account in (0, 1, 2):
        assert [h["status"] for h in rebuilt.hours(account)] == [*["RECONSTRUCTED"] * 10, "COMPLETE"]
        assert figures(rebuilt, account) == figures(run, account)
        assert benchmarks(rebuilt, account) == benchmarks(run, account)
    assert [h["hour"].hour for h in rebuilt.hours(0) if h["in_transit"]] == [5, 6, 7]
    assert flows(rebuilt, 2) == flows(run, 2)
    assert verify(rebuilt.db).differences == ()


def test_flow_histories_that_can_not_be_read_leave_the_past_as_it_was(
    worker: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    venue.advance(hours=5)
    worker.run(venue.now())
    venue.fault("/sapi/v1/capital/withdraw/history", {"status": 503, "body": "{}"})

    assert backfill(worker, START + HOUR) == 1

    assert "withdrawals: " in capsys.readouterr().err
    assert len(worker.hours()) == 1
    venue.clear_faults()
    assert backfill(worker, START + HOUR) == 0
    assert len(worker.hours()) == 6


def test_a_second_rebuilding_invents_nothing_before_the_account_held_something(
    open_venue: OpenVenue, open_side: OpenSide
) -> None:
    venue = open_venue(STORY, start=START, stands=START + timedelta(hours=6))
    side = open_side(venue)
    side.run(venue.now())
    assert backfill(side, START - 5 * HOUR) == 0
    first = side.hours()[0]["hour"]

    assert backfill(side, START - 30 * HOUR) == 0

    assert [hour["hour"] for hour in side.hours()] == [START + number * HOUR for number in range(7)]
    assert first == START


@pytest.mark.parametrize(
    ("line", "told"), [("airdrop 0.001 ETH", "+0.001 ETH"), ("vanish 0.1 BNB", "-0.1 BNB")], ids=["came", "went"]
)
def test_an_untold_coin_costs_a_day_where_daily_records_bracket_it(
    line: str, told: str, open_venue: OpenVenue, open_side: OpenSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asleep for 62 hours over three midnights; what came on the second day leaves that day open."""
    patch_budgets(monkeypatch, account=10**9, endpoint=10**9)  # it asks for more than the limits of a minute allow
    venue = open_venue(STORY, start=START, stands=START + timedelta(hours=21))
    side = open_side(venue)
    side.run(venue.now())
    venue.set_clock(START + timedelta(days=1, hours=14))
    venue.do(line)
    venue.set_clock(START + timedelta(days=1, hours=20))
    venue.do("sell 0.02 ETHUSDT")
    venue.set_clock(START + timedelta(days=3, hours=11))
    side.run(venue.now())

    hours, days = side.hours(), [START + timedelta(days=number) for number in range(4)]
    left_open = [hour for hour in hours if hour["nav"] is None]
    assert [hour["hour"] for hour in left_open] == [days[1] + number * HOUR for number in range(1, 24)]
    assert {hour["reason"] for hour in left_open} == {
        f"the monitor did not run. Not rebuilt: {told} came or went on that day, which no history shows"
    }
    assert [hour["status"] for hour in hours if hour["nav"] is not None] == [
        "COMPLETE", *["RECONSTRUCTED"] * (3 + 35), "COMPLETE",
    ]  # fmt: skip
    unexplained = side.rows("select hour, residual from explanations where state = 'unexplained'")
    assert [row["hour"] for row in unexplained] == [days[2]]
    assert [hour["status"] for hour in side.hours(0)] == [hour["status"] for hour in hours]
    assert verify(side.db).differences == ()


def test_failed_hours_beside_an_outage_do_not_count_towards_its_length(
    open_venue: OpenVenue, open_side: OpenSide
) -> None:
    """Seventy hours without the monitor and ten in which it could not read."""
    venue = open_venue(STORY, start=START, stands=START + timedelta(hours=12))
    side = open_side(venue)
    side.run(venue.now())
    venue.advance(hours=70)
    for _ in range(10):
        venue.advance(hours=1)
        venue.fault("/sapi/v3/asset/getUserAsset", {"status": 503, "body": "{}"})
        side.run(venue.now())
    venue.clear_faults()
    venue.advance(hours=1)
    side.run(venue.now())

    for account in (1, 0):
        statuses = [hour["status"] for hour in side.hours(account)]
        assert statuses == ["COMPLETE", *["RECONSTRUCTED"] * 80, "COMPLETE"]
    assert verify(side.db).differences == ()


def test_a_coin_that_counts_as_nothing_does_not_end_the_past(open_venue: OpenVenue, open_worker: Opener) -> None:
    story = f"""
    +0m account test key {KEY} secret {SECRET}
    +10m deposit 10000 USDT
    +0d03:20 deposit 12 MYSTERY
    +0d05:20 deposit 500 USDT
    """
    venue = open_venue(story, stands=START + timedelta(hours=9, minutes=2))
    worker = open_worker(venue)
    worker.add()
    worker.run(venue.now())
    backfill(worker, START)

    hours = worker.hours()
    assert [row["status"] for row in hours] == ["RECONSTRUCTED"] * 9 + ["COMPLETE"]
    assert [row["flows"] for row in hours] == [0, 10000, 0, 0, 0, 0, 500, 0, 0, 0]
    assert {row["unit_price"] for row in hours} == {100}
    assert [row["estimated"] for row in hours] == [False] * 4 + [True] * 6
    assert verify(worker.db).differences == ()
