"""The scheduler: anchored hours, supervised children, clean ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import schedule
from freezegun import freeze_time

import run_forever
from sql import embedded
from sql.embedded.place import find_place

HERE = Path(__file__).parents[1]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Counts worker runs instead of starting them."""
    seen: list[str] = []
    monkeypatch.setattr(run_forever, "run_python", lambda *arguments, **_: seen.append(arguments[-1]) or 3)
    return seen


@pytest.mark.parametrize("zone", ["UTC", "Europe/Prague", "Australia/Lord_Howe", "America/Sao_Paulo"])
def test_every_hour_runs_once_at_two_past_in_any_zone(
    zone: str, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    with freeze_time("2026-10-24 22:30:00", auto_tick_seconds=0) as clock:
        run_forever.plan_hours(run_forever.Stopping())
        del runs[:]
        for _ in range(12 * 60):
            clock.tick(60)
            schedule.run_pending()
    monkeypatch.undo()
    time.tzset()

    assert runs == ["run", "stale"] * 12


def test_a_gap_of_five_hours_is_one_late_run(runs: list[str]) -> None:
    with freeze_time("2026-05-01 10:30:00") as clock:
        run_forever.plan_hours(run_forever.Stopping())
        del runs[:]
        clock.tick(5 * 3600)
        schedule.run_pending()
        schedule.run_pending()

    assert runs == ["run", "stale"]


def test_a_program_that_hangs_is_ended() -> None:
    began = time.monotonic()
    code = run_forever.run_python("-c", "import time; time.sleep(600)", limit_seconds=0.5)

    assert code == -signal.SIGTERM
    assert time.monotonic() - began < 30


def test_a_dashboard_that_dies_at_once_is_started_ever_more_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[float] = []

    def dying(*_: str) -> subprocess.Popen[bytes]:
        started.append(moment)
        child = subprocess.Popen([sys.executable, "-c", ""])
        child.wait()
        return child

    monkeypatch.setattr(run_forever, "start_python", dying)
    dashboard, moment = run_forever.Dashboard(), 0.0
    for tick in range(400):
        moment = tick * 0.5
        dashboard.keep_alive(moment)

    gaps = [b - a for a, b in zip(started, started[1:], strict=False)]
    assert gaps == sorted(gaps) and gaps[0] <= 3 and 60 <= max(gaps) <= 61


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


def test_each_program_is_given_its_own_secrets_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in run_forever.NEEDED_BY:
        monkeypatch.setenv(name, "secret")

    given = {
        program: {name for name, value in run_forever.environment_of(program).items() if value == "secret"}
        for program in ("monitor", "sql", "dashboard")
    }
    assert given == {
        "monitor": {"BINANCE_API_KEY", "BINANCE_API_SECRET", "MASTER_KEY", "NOTIFY_URLS"},
        "sql": {"OWNER_DATABASE_URL"},
        "dashboard": {"DASHBOARD_DATABASE_URL"},
    }


def test_a_data_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "run_forever.py"],
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
    stopping = run_forever.Stopping()
    database = run_forever.Database(is_external=True, looked_at=0)
    dashboard = run_forever.Dashboard(next_start_at=float("inf"))
    with freeze_time(wrong) as clock:
        run_forever.plan_hours(stopping)
        for moment in ("2026-05-01 10:30:00", "2026-05-01 11:02:30", "2026-05-01 11:14:30", "2026-05-01 12:02:30"):
            del runs[:]
            clock.move_to(moment)
            run_forever.step(database, dashboard, stopping)
            assert "run" in runs or not moment.endswith("02:30")
