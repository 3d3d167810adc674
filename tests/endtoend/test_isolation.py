"""An error that nobody thought of, anywhere in a run: the other accounts keep their hour, and the next run heals."""

import random

import pytest

from monitor import __main__ as program
from monitor import recording
from monitor.checks.verification import verify
from monitor.errors import Crashed
from tests.commands import Commands
from tests.endtoend.broken_code import Unexpected, broken_at
from tests.venue import Opener as OpenVenue
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

NAMES = ("one", "two", "three")
STORY = "".join(
    f"+0m account {name} key key-of-{name}-0123456789 secret secret-of-{name}-9876543210\n"
    "+0m deposit 1000 USDT\n+1m buy for 300 BTCUSDT\n"
    for name in NAMES
)
SITES = 10


@pytest.fixture
def three(open_worker: Opener, open_venue: OpenVenue) -> tuple[Worker, RunningVenue]:
    """A worker of three accounts."""
    venue = open_venue(STORY)
    worker = open_worker(venue)
    for name in NAMES:
        worker.add(name, f"key-of-{name}-0123456789", f"secret-of-{name}-9876543210")
    return worker, venue


def break_hours(worker: Worker, venue: RunningVenue, sites: int, seed: int) -> list[str]:
    """Break one call of each of many runs, look at what is left and let the next run heal it; returns what crashed whole."""
    worker.run(venue.now())
    venue.advance(hours=1)
    with broken_at(None) as calls:
        worker.run(venue.now())
    chosen = random.Random(seed)
    crashed = []
    for _ in range(sites):
        venue.advance(hours=1)
        hour = venue.now().replace(minute=0, second=0)
        is_whole = True
        with broken_at(chosen.randrange(calls.made) + 1) as broken:
            try:
                worker.run(venue.now())
            except (Crashed, Unexpected):
                is_whole = False
                crashed.append(broken.place)
        check_hour(worker, hour, broken.place, is_whole=is_whole)
        worker.run(venue.now())
        assert statuses(worker, hour) == ["COMPLETE"] * 4, broken.place
    assert verify(worker.db).differences == ()
    return crashed


def statuses(worker: Worker, hour: object) -> list[str]:
    rows = worker.rows("select status from nav_history where hour = %(hour)s order by account_id", hour=hour)
    return [row["status"] for row in rows]


def check_hour(worker: Worker, hour: object, place: str, *, is_whole: bool) -> None:
    """At most one account lost its hour, and the run's row says what happened."""
    found = statuses(worker, hour)
    (run,) = worker.rows("select * from runs order by id desc limit 1")
    if is_whole:
        assert sorted(found[1:])[:2] == ["COMPLETE", "COMPLETE"], (place, found)
        assert found[0] == "PARTIAL" or "PARTIAL" not in found, (place, found)
        assert run["outcome"] == ("partial" if "PARTIAL" in found else "complete"), (place, found)
        return
    is_over = run["outcome"] in ("complete", "partial")  # it broke when everything was done
    is_told = run["outcome"] == "failed" and run["message"].startswith("The run: Unexpected in ")
    assert is_over or is_told, place


def test_what_breaks_anywhere_costs_one_account_and_heals(three: tuple[Worker, RunningVenue]) -> None:
    crashed = break_hours(*three, sites=SITES, seed=5)

    assert len(crashed) <= SITES // 4, crashed


def test_what_breaks_in_one_account_is_told_with_its_place(
    three: tuple[Worker, RunningVenue], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, venue = three
    kept = recording.book_histories

    def broken(db: object, scope: object, *rest: object) -> object:
        if scope.account_id == 2:  # type: ignore[attr-defined]
            raise ZeroDivisionError("what was read")
        return kept(db, scope, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(recording, "book_histories", broken)
    worker.run(venue.now())

    assert [worker.hours(number)[-1]["status"] for number in range(4)] == ["PARTIAL", "COMPLETE", "PARTIAL", "COMPLETE"]
    reason = worker.hours(2)[-1]["reason"]
    assert reason.startswith("Recording the account two: ZeroDivisionError in test_isolation.py, line")
    assert "please report it" in reason and "what was read" not in reason


def test_a_command_that_breaks_has_an_exit_code_of_its_own(command: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(program, "_dispatch", broken)
    told = command("due")

    assert told.code == 70
    assert told.err.splitlines()[-1].startswith("The command: ZeroDivisionError in test_isolation.py, line")
