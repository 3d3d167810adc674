"""The scheduler: anchored hours, supervised children, clean ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import schedule
from freezegun import freeze_time

import backfill_child
import children
import dashboard_child
import run_forever
from sql import embedded
from sql.connect import connect
from sql.embedded.place import find_place
from sql.environment import GIVEN_TO
from tests.venue import KEY, SECRET, Opener

HERE = Path(__file__).parents[1]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Counts worker runs instead of starting them."""
    seen: list[str] = []
    monkeypatch.setattr(run_forever, "run_python", lambda *arguments, **_: seen.append(arguments[-1]) or 3)
    monkeypatch.setattr(run_forever.Worker, "run", lambda *_: seen.append("run"))
    return seen


@pytest.mark.parametrize("zone", ["UTC", "Europe/Prague", "Australia/Lord_Howe", "America/Sao_Paulo"])
def test_every_hour_runs_once_at_two_past_in_any_zone(
    zone: str, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    with freeze_time("2026-10-24 22:30:00", auto_tick_seconds=0) as clock:
        run_forever.plan_hours(run_forever.Stopping(), run_forever.Worker())
        del runs[:]
        for _ in range(12 * 60):
            clock.tick(60)
            schedule.run_pending()
    monkeypatch.undo()
    time.tzset()

    assert runs == ["run", "stale"] * 12


def test_a_gap_of_five_hours_is_one_late_run(runs: list[str]) -> None:
    with freeze_time("2026-05-01 10:30:00") as clock:
        run_forever.plan_hours(run_forever.Stopping(), run_forever.Worker())
        del runs[:]
        clock.tick(5 * 3600)
        schedule.run_pending()
        schedule.run_pending()

    assert runs == ["run", "stale"]


def test_a_program_that_hangs_is_ended() -> None:
    began = time.monotonic()
    code = children.run_python("-c", "import time; time.sleep(600)", limit_seconds=0.5)

    assert code == -signal.SIGTERM
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(("began", "ends"), [("10:02", "10:06:40"), ("10:58", "11:02"), ("11:01", "11:02")])
def test_a_run_stops_sending_alerts_before_its_end_and_before_the_next_hour_is_read(began: str, ends: str) -> None:
    moment, end = (datetime.fromisoformat(f"2026-05-01T{text}+00:00") for text in (began, ends))

    assert run_forever.end_alerts(moment) == end


def test_a_dashboard_that_dies_at_once_is_started_ever_more_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[float] = []

    def dying(*_: str) -> subprocess.Popen[bytes]:
        started.append(moment)
        child = subprocess.Popen([sys.executable, "-c", ""])
        child.wait()
        return child

    monkeypatch.setattr(dashboard_child, "start_python", dying)
    dashboard, moment = dashboard_child.Dashboard(), 0.0
    for tick in range(400):
        moment = tick * 0.5
        dashboard.keep_alive(moment)

    gaps = [b - a for a, b in zip(started, started[1:], strict=False)]
    assert gaps == sorted(gaps) and gaps[0] <= 3 and 60 <= max(gaps) <= 61


@pytest.fixture
def backfill(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[backfill_child.Backfill, list[tuple[str, ...]]]]:
    """A rebuilding whose process ends when its standard input does, and what was started."""
    started: list[tuple[str, ...]] = []

    def start(*words: str) -> subprocess.Popen[bytes]:
        started.append(words)
        code = "import sys; sys.exit(int(sys.stdin.readline()))"
        return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, start_new_session=True)

    monkeypatch.setattr(backfill_child, "start_python", start)
    made = backfill_child.Backfill()
    yield made, started
    made.stop()


def end_with(backfill: backfill_child.Backfill, code: int) -> None:
    assert backfill.child and backfill.child.stdin
    backfill.child.stdin.write(f"{code}\n".encode())
    backfill.child.stdin.close()
    backfill.child.wait(30)


SOON, LATER = timedelta(minutes=4, seconds=59), timedelta(minutes=5)


def test_history_is_rebuilt_after_a_run_while_there_is_time_and_something_left(
    backfill: tuple[backfill_child.Backfill, list[tuple[str, ...]]],
) -> None:
    child, started = backfill
    child.keep_going(0, LATER)
    assert started == []  # no run has ended yet
    child.is_wanted = True
    child.keep_going(1, SOON)
    assert started == []
    child.keep_going(2, LATER)
    assert started == [("-m", "monitor", "backfill", "--all", "--for", "240")]
    for moment, code, next_run_in in ((10, 1, LATER), (40, 75, LATER)):  # more is left; another run works
        end_with(child, code)
        child.keep_going(moment, next_run_in)
        child.keep_going(moment + 9, next_run_in)
        assert child.child is None
        child.keep_going(moment + 10, next_run_in)
        assert child.child
    end_with(child, 4)  # it failed: again a little later
    child.keep_going(60, LATER)
    child.keep_going(659, LATER)
    assert child.child is None
    child.keep_going(660, LATER)
    for code in (0, 3, 70):  # nothing is left, or it waits for the next run
        end_with(child, code)
        child.keep_going(1000, LATER)
        child.keep_going(2000, LATER)
        assert child.child is None
        child.is_wanted = True
        child.keep_going(2001, LATER)
    assert len(started) == 7


def test_a_run_that_ends_meanwhile_is_not_forgotten(
    backfill: tuple[backfill_child.Backfill, list[tuple[str, ...]]],
) -> None:
    child, started = backfill
    child.is_wanted = True
    child.keep_going(0, LATER)
    child.is_wanted = True  # a run has read a new account
    end_with(child, 0)
    child.keep_going(20, LATER)
    child.keep_going(31, LATER)

    assert len(started) == 2


def test_a_rebuilding_that_does_not_end_is_ended_and_off_is_off(
    backfill: tuple[backfill_child.Backfill, list[tuple[str, ...]]],
) -> None:
    child, started = backfill
    child.is_wanted = True
    child.keep_going(0, LATER)
    assert child.child
    child.keep_going(284, LATER)
    assert child.child.poll() is None
    child.keep_going(286, LATER)
    assert child.child.poll() is not None
    off = backfill_child.Backfill(is_on=False, is_wanted=True)
    off.keep_going(0, LATER)

    assert off.child is None and len(started) == 1


def test_the_first_run_is_followed_by_a_rebuilding(
    open_venue: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    venue = open_venue(start=hour - timedelta(hours=3), stands=datetime.now(UTC))
    settings = {"BINANCE_API_KEY": KEY, "BINANCE_API_SECRET": SECRET, "BINANCE_BASE_URL": venue.url}
    for name, value in (settings | {"DATA_DIR": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)
    stopping, worker = run_forever.Stopping(), run_forever.Worker()
    try:
        assert run_forever.ensure_database()
        worker.run_if_due(stopping)
        began = time.monotonic()
        rows: list[dict[str, Any]] = []
        while not rows and time.monotonic() - began < 60:
            worker.backfill.keep_going(time.monotonic(), LATER)
            time.sleep(0.2)
            with connect(embedded.url(tmp_path, "owner"), name="test") as db:
                rows = db.execute("select * from nav_history where status = 'RECONSTRUCTED'").fetchall()
        worker.backfill.stop()
        assert rows and worker.backfill.child and worker.backfill.child.poll() is not None
    finally:
        embedded.stop(tmp_path)


SILENT_WHILE_THERE = """
import os, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        while os.path.exists(sys.argv[2]):
            time.sleep(0.05)
        self.send_error(503)
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, dashboard_child.Dashboard]]:
    """A dashboard that answers nobody while a file is there, and else that something is away."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setattr(dashboard_child, "ANSWER_SECONDS", 0.5)
    file, started = tmp_path / "silence", list[subprocess.Popen[bytes]]()

    def start(*_: str) -> subprocess.Popen[bytes]:
        program = [sys.executable, "-c", SILENT_WHILE_THERE, str(port), str(file)]
        started.append(subprocess.Popen(program, stderr=subprocess.DEVNULL, start_new_session=True))
        deadline = time.monotonic() + 10
        while not children.is_answered("127.0.0.1", port, "/", 1) and time.monotonic() < deadline:
            time.sleep(0.02)
        return started[-1]

    monkeypatch.setattr(dashboard_child, "start_python", start)
    yield file, dashboard_child.Dashboard(address=("127.0.0.1", str(port)))
    for child in started:
        child.kill()
        child.wait()


def test_a_dashboard_that_lives_and_answers_nobody_is_started_anew(
    silence: tuple[Path, dashboard_child.Dashboard], caplog: pytest.LogCaptureFixture
) -> None:
    file, dashboard = silence
    dashboard.keep_alive(100)
    first = dashboard.child
    assert first
    file.touch()
    for moment in (120, 130, 145, 160, 189):  # asked at 130 and 160
        dashboard.keep_alive(moment)
    assert first.poll() is None
    began = time.monotonic()
    dashboard.keep_alive(190)

    assert time.monotonic() - began < 2
    assert first.wait(5) == -signal.SIGKILL
    assert "The dashboard answers nobody: it is ended and started anew." in caplog.text
    file.unlink()
    dashboard.keep_alive(191)
    dashboard.keep_alive(192)
    assert dashboard.child and dashboard.child is not first
    dashboard.keep_alive(230)
    assert dashboard.unanswered == 0


def test_a_dashboard_that_says_what_is_away_is_left_alone(
    silence: tuple[Path, dashboard_child.Dashboard], caplog: pytest.LogCaptureFixture
) -> None:
    file, dashboard = silence
    for moment in range(100, 400, 10):
        file.touch() if moment in (130, 160, 220, 250) else file.unlink(missing_ok=True)
        dashboard.keep_alive(moment)

    assert dashboard.child and dashboard.child.poll() is None and dashboard.started_at == 100
    assert "(2 in a row)" in caplog.text and "(3 in a row)" not in caplog.text


def test_a_second_instance_is_refused(tmp_path: Path) -> None:
    import fcntl

    with (tmp_path / "run_forever.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            [sys.executable, "run_forever.py"],
            cwd=HERE,
            env=os.environ | {"DATA_DIR": str(tmp_path)},
            timeout=60,
            capture_output=True,
        )
    assert done.returncode == 75


OTHERS = {
    "monitor": ("DASHBOARD_", "OWNER_", "ALLOWED_"),  # but where the dashboard listens
    "sql": ("DASHBOARD_", "ALLOWED_", "BINANCE_", "MASTER_", "NEW_", "NOTIFY_"),
    "dashboard": ("DATABASE_", "OWNER_", "BINANCE_", "MASTER_", "NEW_", "NOTIFY_", "BENCHMARK", "ACCEPT_"),
}


def test_each_program_is_given_its_own_settings_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    example = (HERE / "deploy/environment.example").read_text()
    names = {name for name in re.findall(r"^#?([A-Z_]{4,})=", example, re.MULTILINE) if name != "DASHBOARD"}
    for name in names | {f"{name}_FILE" for name in names}:
        monkeypatch.setenv(name, "canary")
    given = {
        program: {name for name, value in children.environment_of(program).items() if value == "canary"}
        for program in OTHERS
    }

    for program, beginnings in OTHERS.items():
        assert given[program]
        secrets = {name for name in given[program] if not name.startswith(("DASHBOARD_HOST", "DASHBOARD_PORT"))}
        assert [name for name in secrets if name.startswith(beginnings)] == []
    papers = {name for name in names if name.startswith("PAPER_")}  # it starts no paper exchange
    assert set().union(*given.values()) & papers == set()
    assert set().union(*given.values()) >= names - {"DATA_DIR"} - papers
    assert all(any(name.startswith(known) for known in GIVEN_TO) for name in names)


READS = """
import os, runpy, sys, threading
seen = set()
sys.addaudithook(lambda event, given: seen.add(str(given[0])) if event == "open" else None)
sys.argv = ["dashboard"]
threading.Timer(4, lambda: (print(*sorted(seen), sep="\\n", flush=True), os._exit(0))).start()
runpy.run_module("dashboard", run_name="__main__")
"""


def test_the_dashboard_opens_no_file_with_the_workers_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    tmp_path.chmod(0o755)
    (tmp_path / ".env").write_text("MASTER_KEY=canary\n")
    (tmp_path / ".env").chmod(0o600)
    assert run_forever.ensure_database()
    (tmp_path / "data" / "master.key").write_text("canary")
    try:
        done = subprocess.run(
            [sys.executable, "-c", READS],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(HERE), "DASHBOARD_PORT": "0"},
            capture_output=True,
            text=True,
            timeout=120,
        )
    finally:
        embedded.stop(tmp_path / "data")
    opened = done.stdout.split()
    assert any("dashboard" in path for path in opened)
    assert [path for path in opened if path.endswith((".env", "master.key"))] == []


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"DASHBOARD": "perhaps"}, "DASHBOARD is on or off"),
        ({"DATABASE_URL": "postgresql://x@localhost/y"}, "DASHBOARD_DATABASE_URL: DATABASE_URL is set"),
    ],
)
def test_settings_that_concern_several_programs_are_refused_at_once(
    environment: dict[str, str], named: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "run_forever.py"],
        cwd=HERE,
        env=os.environ | {"DATA_DIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 2
    assert named in done.stderr


def test_a_dashboard_with_a_unit_of_its_own_is_never_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard_child, "start_python", lambda *_: pytest.fail("it was started"))
    dashboard = dashboard_child.Dashboard(next_start_at=dashboard_child.NEVER)
    dashboard.keep_alive(1e9)

    assert not dashboard.is_waiting


def test_whoever_asks_to_stop_does_not_wait_for_a_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "of one's own")
    monkeypatch.setenv("DASHBOARD", "off")
    for name in ("plan_hours", "step"):
        monkeypatch.setattr(run_forever, name, lambda *_: None)
    stopping = run_forever.Stopping()
    before = signal.signal(signal.SIGUSR1, stopping.ask)
    began = time.monotonic()
    threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
    try:
        assert run_forever.supervise(stopping) == 0
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert time.monotonic() - began < run_forever.LONGEST_SLEEP_SECONDS - 1


@pytest.mark.parametrize("program", ["run_forever.py", "-m monitor run", "-m dashboard", "-m sql status"])
def test_a_data_directory_that_cannot_be_used_is_named(program: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, *program.split()],
        cwd=HERE,
        env=os.environ | {"DATA_DIR": str(tmp_path / "file")},
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert f"DATA_DIR {tmp_path / 'file'} can't be used" in done.stderr and "Traceback" not in done.stderr


def test_a_database_that_dies_alone_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    database = run_forever.Database(is_external=False, looked_at=0)
    try:
        assert run_forever.ensure_database()
        os.kill(int((find_place(tmp_path).cluster / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        while embedded.is_running(tmp_path):  # a killed process takes a moment to go
            time.sleep(0.01)

        database.keep_alive(run_forever.DATABASE_LOOK_SECONDS - 1)
        assert not embedded.is_running(tmp_path)
        database.keep_alive(run_forever.DATABASE_LOOK_SECONDS)
        assert embedded.is_running(tmp_path)
    finally:
        embedded.stop(tmp_path)


def test_a_database_of_ones_own_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))

    run_forever.Database(is_external=True, looked_at=0).keep_alive(1e9)

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", ["1970-01-01 00:00:30", "2026-06-10 09:17:00", "2031-01-01 00:00:00"])
def test_hours_run_again_at_once_when_the_clock_is_right_again(wrong: str, runs: list[str]) -> None:
    stopping, worker = run_forever.Stopping(), run_forever.Worker()
    database = run_forever.Database(is_external=True, looked_at=0)
    dashboard = dashboard_child.Dashboard(next_start_at=float("inf"))
    with freeze_time(wrong) as clock:
        run_forever.plan_hours(stopping, worker)
        for moment in ("2026-05-01 10:30:00", "2026-05-01 11:02:30", "2026-05-01 11:14:30", "2026-05-01 12:02:30"):
            del runs[:]
            clock.move_to(moment)
            run_forever.step(database, dashboard, worker, stopping)
            assert "run" in runs or not moment.endswith("02:30")
