"""A run that was killed, crashed or found no database: its hour is read within minutes, and what happened is on record."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from freezegun import freeze_time

import children
import run_forever
from sql import embedded
from sql.connect import connect
from sql.embedded.place import find_place
from tests.sql.places import data_dir
from tests.sql.programs import Programs, programs

__all__ = ["data_dir", "programs"]
STOPPING = run_forever.Stopping()
Await = Callable[..., children.End]


@pytest.fixture
def worker(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> run_forever.Worker:
    """The scheduler's worker in the environment of the programs, in any minute of the hour."""
    for name, value in programs.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(run_forever, "RUN_MINUTE", -1)
    return run_forever.Worker()


def recorded(folder: Path) -> tuple[list[tuple[str, str]], list[str]]:
    """Outcome and message of every attempt, and the statuses of the account's hours."""
    with connect(embedded.url(folder, "owner"), name="test") as db:
        runs = db.execute("select outcome, message from monitor.runs order by id").fetchall()
        hours = db.execute("select status from monitor.nav_history where account_id = 1 order by hour").fetchall()
    return [(run["outcome"], run["message"]) for run in runs], [hour["status"] for hour in hours]


def look_again(worker: run_forever.Worker) -> None:
    """What the scheduler does a few minutes later."""
    worker.try_again(worker.asked_at + run_forever.DUE_SECONDS - 1, STOPPING)
    worker.try_again(worker.asked_at + run_forever.DUE_SECONDS, STOPPING)


def test_what_a_killed_run_left_is_read_within_minutes(
    worker: run_forever.Worker, programs: Programs, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(child: subprocess.Popen[bytes], *arguments: object) -> children.End:
        while not programs.venue.requests():
            time.sleep(0.05)
        os.kill(child.pid, signal.SIGKILL)
        return children.await_end(child, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(run_forever, "await_end", kill)
        assert worker.run(STOPPING) == -signal.SIGKILL
    assert recorded(data_dir) == ([("running", "")], [])

    look_again(worker)
    assert recorded(data_dir) == ([("failed", "killed by SIGKILL"), ("complete", "")], ["COMPLETE"])
    programs.venue.control("/requests", method="DELETE")
    look_again(worker)
    assert programs.venue.requests() == []
    assert worker.ended == []


def test_a_database_that_was_away_is_on_record_when_it_is_back(worker: run_forever.Worker, data_dir: Path) -> None:
    secrets = find_place(data_dir).passwords
    told = secrets.read_text()
    secrets.write_text(json.dumps(json.loads(told) | {"worker": "wrong"}))
    assert worker.run(STOPPING) == 4
    assert worker.run(STOPPING) == 4
    secrets.write_text(told)

    look_again(worker)
    (one, other, done), hours = recorded(data_dir)
    assert (one[0], other, done, hours) == ("failed", one, ("complete", ""), ["COMPLETE"])
    assert one[1].startswith("failed: ") and "authentication failed" in one[1]


def test_how_a_program_ended_is_told_and_its_errors_are_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    def end(code: str, limit: float = 60) -> str:
        child = children.start_python("-c", code, stderr=subprocess.PIPE)
        return str(children.await_end(child, "it", limit))

    assert end("import sys; print('first\\n\\x1b[31mlast\\n', file=sys.stderr); sys.exit(71)") == (
        "crashed with exit code 71:  [31mlast"
    )
    assert end("import os, signal; os.kill(os.getpid(), signal.SIGKILL)") == "killed by SIGKILL"
    assert end("import sys; print('no database', file=sys.stderr); sys.exit(4)") == "failed: no database"
    assert end("import time; time.sleep(60)", limit=0.3).endswith("s, unfinished")
    assert len(end("import sys; sys.stderr.write('x' * 300_000); sys.exit(4)")) < 300
    said = capfd.readouterr().err
    assert "first\n" in said and "no database" in said and "x" * 300_000 in said


def test_no_run_begins_before_its_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(run_forever, "run_python", lambda *arguments, **_: asked.append(arguments[-1]) or 3)
    worker = run_forever.Worker()
    with freeze_time("2026-05-01 09:57:00") as clock:
        for _ in range(20):
            worker.try_again(time.monotonic() + 1e6, STOPPING)
            clock.tick(60)

    assert len(asked) == 3 + 14  # of ten o'clock, none in its first three minutes
