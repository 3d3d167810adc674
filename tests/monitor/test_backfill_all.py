"""History that rebuilds itself: month by month, the newest first, interrupted anywhere, and never for ever."""

import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.accounts.registry import set_enabled
from monitor.commands.backfill_all import backfill_all
from monitor.database.runs import hold_run_lock, release_run_lock
from monitor.errors import AlreadyRunning
from monitor.performance.verification import verify
from monitor.recovery import rebuilding
from sql.connect import connect
from sql.locks import try_backfill_lock
from sql.vault import Credentials, Secret
from tests.postgres import Database
from tests.venue import KEY, SECRET, RunningVenue
from tests.venue import Opener as OpenVenue
from tests.worker import Opener, Worker, patch_budgets

START = datetime(2026, 2, 20, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OTHER = "key-of-the-other-account-0123456789", "secret-of-the-other-account-9876543210"
STORY = f"""
+0m account test key {KEY} secret {SECRET}
+10m deposit 10000 USDT
+20m buy for 4000 BTCUSDT
+5d buy for 3000 ETHUSDT
+12d sell 0.02 BTCUSDT
"""
NOW = START + 14 * DAY + timedelta(minutes=2)  # 2026-03-06
DEPOSITS = "/sapi/v1/capital/deposit/hisrec"
HERE = Path(__file__).parents[2]
# `backfill --all` in a process of its own, killed while it writes the second month.
KILLED = """
import os, signal, sys
from monitor.recovery import filling
from monitor.__main__ import main

months, move_opening = set(), filling.move_opening

def move_or_die(db, account_id, hour, *rest):
    months.add(hour.month)
    if len(months) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    move_opening(db, account_id, hour, *rest)

filling.move_opening = move_or_die
sys.argv[1:] = ["backfill", "--all"]
sys.exit(main())
"""


@pytest.fixture(autouse=True)
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of dear histories would take minutes: nobody counts here, and one quiet month is the end."""
    patch_budgets(monkeypatch, account=10**9, endpoint=10**9)
    monkeypatch.setattr("paper.wire.binance.weights.LIMITS", {})
    monkeypatch.setattr(rebuilding, "MOST_QUIET", 1)


@pytest.fixture
def venue(open_venue: OpenVenue) -> RunningVenue:
    """An account that lived for two weeks."""
    return open_venue(STORY, start=START, stands=NOW)


@pytest.fixture
def reader(worker: Worker, venue: RunningVenue) -> Worker:
    """A worker that has read it once."""
    worker.run(venue.now())
    return worker


def rebuild(worker: Worker, venue: RunningVenue, seconds: float | None = None) -> int:
    return backfill_all(worker.db, worker.settings, venue.now(), seconds)


def state(worker: Worker, account: int = 1) -> dict[str, Any]:
    return worker.rows("select * from rebuildings where account_id = %(a)s", a=account)[0]


def assert_whole(worker: Worker, account: int = 1) -> None:
    hours = worker.hours(account)
    assert [hour["hour"] for hour in hours] == [START + n * HOUR for n in range(14 * 24 + 1)]
    assert {hour["status"] for hour in hours} == {"RECONSTRUCTED", "COMPLETE"}


def test_a_new_accounts_history_is_rebuilt_as_far_as_it_goes(
    worker: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "MOST_QUIET", 3)
    assert rebuild(worker, venue) == 3
    worker.run(venue.now())

    assert rebuild(worker, venue) == 0

    # How far it is, is said where it takes long, as on a busy machine.
    said = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("test: rebuilding ")]
    assert said[0] == "test: 120 hours rebuilt, back to 2026-03-01 00:00 UTC"
    assert said[1] == "test: 216 hours rebuilt, back to 2026-02-20 00:00 UTC"
    assert said[-1].startswith("test: its history is rebuilt as far as it goes: the exchange's records add nothing")
    for account in (1, 0):
        assert_whole(worker, account)
    assert verify(worker.db).differences == ()
    assert state(worker)["is_finished"]
    assert rebuild(worker, venue) == 3


def test_killed_it_goes_on_where_it_was(
    reader: Worker, venue: RunningVenue, database: Database, tmp_path: Path
) -> None:
    environment = {"DATABASE_URL": database.worker_url, "BINANCE_BASE_URL": venue.url, "DATA_DIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=tmp_path, env={**environment, "PYTHONPATH": str(HERE)}, timeout=120
    )
    assert ended.returncode == -signal.SIGKILL
    assert reader.hours()[0]["hour"] == datetime(2026, 3, 1, tzinfo=UTC)

    assert rebuild(reader, venue) == 0
    for account in (1, 0):
        assert_whole(reader, account)


def test_whoever_waits_for_the_lock_has_it_at_once_and_it_goes_on_later(
    reader: Worker, venue: RunningVenue, database: Database
) -> None:
    venue.fault(DEPOSITS, {"kind": "slow", "seconds": 9})
    codes: list[int] = []

    def work() -> None:
        with connect(database.worker_url, name="rebuild") as db:
            codes.append(backfill_all(db, reader.settings, venue.now(), 240))

    thread = threading.Thread(target=work)
    thread.start()
    deadline = time.monotonic() + 20
    while not reader.rows("select from rebuildings") and time.monotonic() < deadline:
        time.sleep(0.02)
    began = time.monotonic()
    hold_run_lock(reader.db)  # as a run or a command does
    took = time.monotonic() - began
    release_run_lock(reader.db)
    thread.join(30)

    assert took < 7 and codes == [1]
    venue.clear_faults()
    assert rebuild(reader, venue) == 0
    assert_whole(reader)


def test_it_ends_with_its_time_and_with_the_hour(reader: Worker, venue: RunningVenue) -> None:
    venue.fault(DEPOSITS, {"kind": "slow", "seconds": 1.5})

    assert rebuild(reader, venue, 0.5) == 1
    assert not state(reader)["is_finished"]
    almost_over = venue.now().replace(minute=59, second=59)
    assert backfill_all(reader.db, reader.settings, almost_over, 240) == 1


def test_two_do_not_rebuild_at_once(reader: Worker, venue: RunningVenue, database: Database) -> None:
    with connect(database.worker_url, name="rebuild") as other:
        assert try_backfill_lock(other)
        with pytest.raises(AlreadyRunning, match="rebuilt already"):
            rebuild(reader, venue)


def test_while_a_run_reads_nothing_is_rebuilt(
    reader: Worker, venue: RunningVenue, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.database.runs.GIVE_WAY_SECONDS", 0.1)
    with connect(database.worker_url, name="run") as run:
        hold_run_lock(run)
        with pytest.raises(AlreadyRunning):
            rebuild(reader, venue)
    assert len(reader.hours()) == 1


def test_what_fails_is_tried_later_and_not_for_ever(
    reader: Worker, venue: RunningVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "MOST_FAILURES", 2)
    venue.fault(DEPOSITS, {"status": 500, "body": ""})

    assert rebuild(reader, venue) == 4
    assert (state(reader)["failures"], state(reader)["is_finished"]) == (1, False)
    assert rebuild(reader, venue) == 4
    assert state(reader)["is_finished"] and "failed 2 times in a row" in state(reader)["reason"]
    assert rebuild(reader, venue) == 3


@pytest.mark.parametrize(
    ("story", "reason"),
    [
        ("+4d vanish 2000 USDT", "something that went out later is shown by no history"),
        ("+2d transfer 500 USDT from spot to futures\n+3d long 0.01 BTCUSDT", "no longer than that"),
    ],
    ids=["contradiction", "position"],
)
def test_what_can_not_be_rebuilt_ends_with_the_reason(
    story: str, reason: str, open_venue: OpenVenue, open_worker: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue = open_venue(STORY + story, start=START, stands=NOW)
    worker = open_worker(venue)
    worker.add()
    worker.run(venue.now())
    monkeypatch.setattr(rebuilding, "MOST_QUIET", 2)

    assert rebuild(worker, venue) == 0
    assert state(worker)["is_finished"] and reason in state(worker)["reason"]
    assert rebuild(worker, venue) == 3
    open_from = min(hour["hour"] for hour in worker.hours() if hour["nav"] is None) if "long" in story else NOW
    wrong = [hour["hour"] for hour in worker.hours()[:-1] if hour["nav"] is not None and hour["hour"] > open_from]
    assert wrong == [] and (open_from == NOW or open_from == START + 3 * DAY + HOUR)


@pytest.mark.parametrize("story", [f"+0m account test key {KEY} secret {SECRET}\n+10m deposit 5000 USDT"])
def test_what_was_held_all_the_time_is_known_as_far_as_anybody_looks(
    story: str, open_venue: OpenVenue, open_worker: Opener
) -> None:
    venue = open_venue(story, start=START - 100 * DAY, stands=NOW)
    worker = open_worker(venue)
    worker.add()
    worker.run(venue.now())

    assert rebuild(worker, venue) == 0
    assert worker.hours()[0]["hour"] == datetime(2026, 3, 1, tzinfo=UTC)
    assert "add nothing in the year before" in state(worker)["reason"]


def test_an_account_that_is_disabled_meanwhile_is_left_alone_and_a_new_one_taken_up(
    open_venue: OpenVenue, open_worker: Opener
) -> None:
    story = STORY + f"+0m account other key {OTHER[0]} secret {OTHER[1]}\n+1d account other\n+1d deposit 700 USDT"
    venue = open_venue(story, start=START, stands=NOW)
    worker = open_worker(venue)
    worker.add()
    worker.run(venue.now())
    assert rebuild(worker, venue) == 0
    other = worker.add("other", *OTHER)
    worker.run(venue.now())
    set_enabled(worker.db, "test", venue.now(), enabled=False)

    assert rebuild(worker, venue) == 0
    assert worker.hours(other)[0]["hour"] == START + DAY
    assert state(worker, other)["is_finished"]


AT_TWO = f"""
+0m account test key {KEY} secret {SECRET}
+10:00 deposit 10000 USDT
+0m account other on mexc key mx0-key-of-other secret secret-of-other
+10:00 deposit 700 USDT
"""
REFUSED = {"status": 429, "headers": {"Retry-After": "600"}, "body": "{}"}


@pytest.mark.parametrize(
    ("path", "fault", "paused"),
    [("*", {"status": 503, "body": "down"}, []), ("/api/v3/capital/deposit/hisrec", REFUSED, ["mexc"])],
)
def test_an_exchange_that_is_away_costs_its_own_accounts_their_history_and_no_other(
    path: str, fault: dict[str, Any], paused: list[str], open_venue: OpenVenue, open_worker: Opener
) -> None:
    venue = open_venue(AT_TWO, start=NOW - DAY, stands=NOW)
    worker = open_worker(venue)
    worker.add()
    worker.add_at("mexc", "other", Credentials(key=Secret("mx0-key-of-other"), secret=Secret("secret-of-other")))
    worker.run(venue.now())
    venue.fault(path, fault, exchange="mexc")

    assert rebuild(worker, venue) == 4
    assert [len(worker.hours(account)) for account in (1, 2)] == [15, 1]
    assert [row["exchange"] for row in worker.rows("select exchange from exchange_pauses")] == paused

    venue.clear_faults()
    venue.advance(minutes=30)
    assert rebuild(worker, venue) == 0
    assert [len(worker.hours(account)) for account in (0, 1, 2)] == [15, 15, 15]
