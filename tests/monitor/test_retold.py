"""A flow that the owner adds and the exchange tells later counts once; two that only look alike count twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from monitor.__main__ import parse_arguments
from monitor.performance.verification import verify
from tests.monitor.notation import D
from tests.monitor.test_backfill import HOUR, START, STORY, OpenSide, Side, backfill, open_side
from tests.venue import Opener as OpenVenue
from tests.venue import RunningVenue
from tests.worker import Worker

__all__ = ["open_side"]
DEPOSITS, WITHDRAWALS = "/sapi/v1/capital/deposit/hisrec", "/sapi/v1/capital/withdraw/history"
Says = Callable[..., str]


@pytest.fixture
def say(worker: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]) -> Says:
    """Types `flow WORDS` and returns what it prints."""

    def typed(*words: str) -> str:
        arguments = parse_arguments(["flow", *words])
        capsys.readouterr()
        assert arguments.run(worker.db, worker.settings, arguments, venue.now()) == 0
        return capsys.readouterr().out

    return typed


def live(worker: Worker, venue: RunningVenue, *lines: str, hours: int = 1) -> str:
    """`lines` happen twenty minutes after a run; then runs of the following hours. Returns when they happened."""
    worker.run(venue.now())
    venue.advance(minutes=20)
    happened = f"{venue.now():%Y-%m-%dT%H:%MZ}"
    for line in lines:
        venue.do(line)
    venue.advance(minutes=40)
    worker.run(venue.now())
    for _ in range(hours - 1):
        venue.advance(hours=1)
        worker.run(venue.now())
    return happened


def flows(worker: Worker, account: int = 1) -> list[Any]:
    return [hour["flows"] for hour in worker.hours(account)[1:]]


def gain(worker: Worker) -> Any:
    return worker.hours()[-1]["unit_price"] / worker.hours()[0]["unit_price"] - 1


LATE = [
    ("deposit 3000 USDT shown after 150m", "--in 3000 USDT", 3000, "manual_in"),
    ("deposit 3000 USDT shown after 150m", "--in 2990 USDT", 3000, "manual_in"),
    ("withdraw 2000 USDT fee 4 completed after 170m", "--out 2000 USDT", -2004, "manual_out"),
]


@pytest.mark.parametrize(("minutes", "late"), [(0, LATE[0]), (25, LATE[0]), (-75, LATE[0]), (0, LATE[1])])
def test_what_was_added_and_is_told_later_is_one_flow(
    minutes: int, late: tuple[str, str, int, str], say: Says, worker: Worker, venue: RunningVenue
) -> None:
    """Whether the owner remembers the minute or is an hour off."""
    line, words, amount, kind = late
    worker.run(venue.now())
    venue.advance(hours=1)
    live(worker, venue, line)
    at = venue.now() - timedelta(minutes=40 - minutes)
    say("add", "--account", "test", *words.split(), "--at", f"{at:%Y-%m-%dT%H:%MZ}", "--note", "from my bank")
    for _ in range(4):
        venue.advance(hours=1)
        worker.run(venue.now())

    for account in (1, 0):
        assert [flow for flow in flows(worker, account) if flow] == [amount]
    assert abs(gain(worker)) < D("0.02")
    assert {hour["status"] for hour in worker.hours()} == {"COMPLETE"}
    (void,) = worker.rows("select * from processed_transactions where kind = %(k)s and state = 'void'", k=kind)
    assert void["note"].startswith("the exchange reports it as the deposit of 3000")
    (told,) = worker.rows("select message from system_logs where message like '%%is void: the exchange reports it%%'")
    assert f"python -m monitor flow reclassify {void['id']} --as flow" in told["message"]
    reasons = [row["reason"] for row in worker.rows("select reason from history_changes where account_id = 1")]
    assert any("is void: the exchange reports it as the deposit" in reason for reason in reasons)
    assert verify(worker.db).differences == ()


def test_one_command_makes_two_of_them_again_and_no_run_undoes_it(
    say: Says, worker: Worker, venue: RunningVenue
) -> None:
    at = live(worker, venue, "deposit 3000 USDT shown after 70m")
    say("add", "--account", "test", "--in", "3000", "USDT", "--at", at, "--note", "from my bank")
    venue.advance(hours=1)
    worker.run(venue.now())
    (void,) = worker.rows("select max(id) as id from processed_transactions where kind = 'manual_in'")
    say("reclassify", str(void["id"]), "--as", "flow", "--note", "there were two")
    venue.advance(hours=1)
    worker.run(venue.now())

    assert flows(worker)[0] == 6000
    assert verify(worker.db).differences == ()


@pytest.mark.usefixtures("first_hour")
def test_added_before_the_hour_is_read_it_is_recognised_in_that_hour(
    say: Says, worker: Worker, venue: RunningVenue
) -> None:
    venue.advance(minutes=20)
    venue.do("deposit 3000 USDT")
    at = f"{venue.now() + timedelta(minutes=3):%Y-%m-%dT%H:%MZ}"
    venue.advance(minutes=10)
    say("add", "--account", "test", "--in", "3000", "USDT", "--at", at, "--note", "from my bank")
    venue.advance(minutes=30)
    worker.run(venue.now())

    assert (worker.hours()[-1]["status"], flows(worker)) == ("COMPLETE", [3000])
    assert verify(worker.db).differences == ()


def test_told_while_an_hour_fails_it_is_recognised_by_the_next(say: Says, worker: Worker, venue: RunningVenue) -> None:
    at = live(worker, venue, "deposit 3000 USDT shown after 70m")
    say("add", "--account", "test", "--in", "3000", "USDT", "--at", at, "--note", "from my bank")
    venue.fault(WITHDRAWALS, {"status": 503, "body": "{}"})
    venue.advance(hours=1)
    worker.run(venue.now())
    venue.clear_faults()
    venue.advance(hours=1)
    worker.run(venue.now())

    assert sum(flows(worker)) == 3000
    assert verify(worker.db).differences == ()


@pytest.mark.usefixtures("first_hour")
def test_a_withdrawal_is_recognised_with_its_fee(say: Says, worker: Worker, venue: RunningVenue) -> None:
    """What the owner calls 2,000 USDT left with a fee of 4; the history is told an hour late."""
    venue.advance(minutes=20)
    venue.do("withdraw 2000 USDT fee 4")
    venue.advance(minutes=40)
    venue.fault(WITHDRAWALS, {"status": 200, "body": "[]"})
    worker.run(venue.now())
    at = f"{venue.now() - timedelta(minutes=40):%Y-%m-%dT%H:%MZ}"
    say("add", "--account", "test", "--out", "2000", "USDT", "--at", at, "--note", "to a friend")
    venue.clear_faults()
    venue.advance(hours=1)
    worker.run(venue.now())

    assert [flow for flow in flows(worker) if flow] == [-2004]
    assert verify(worker.db).differences == ()


def test_equal_sums_in_two_hours_are_two_flows(say: Says, worker: Worker, venue: RunningVenue) -> None:
    """The first is told by no history, the second at once."""
    at = live(worker, venue, "deposit 3000 USDT shown after 60d")
    say("add", "--account", "test", "--in", "3000", "USDT", "--at", at, "--note", "from my bank")
    live(worker, venue, "deposit 3000 USDT", hours=2)

    assert sum(flows(worker)) == 6000
    assert worker.rows("select 1 from processed_transactions where state = 'void'") == []
    assert verify(worker.db).differences == ()


def test_what_was_added_before_the_history_is_told_by_its_rebuilding(
    open_venue: OpenVenue, open_side: OpenSide
) -> None:
    venue = open_venue(STORY, start=START, stands=START + timedelta(hours=8))
    side: Side = open_side(venue)
    venue.fault(DEPOSITS, {"status": 200, "body": "[]"})
    side.run(venue.now())
    venue.clear_faults()
    words = ["add", "--account", "test", "--in", "10000", "USDT", "--at", "2026-03-01T00:30Z", "--note", "the first"]
    arguments = parse_arguments(["flow", *words])
    assert arguments.run(side.db, side.settings, arguments, venue.now() + HOUR) == 0
    venue.advance(hours=2)

    assert backfill(side, START) == 0
    side.run(venue.now())

    assert sum(hour["flows"] for hour in side.hours()) == 10_000
    assert verify(side.db).differences == ()
