"""A machine whose clock is wrong: no hour is recorded under another hour's name, and all is well when it is right again."""

import asyncio
import os
from datetime import UTC, datetime, timedelta

import pytest

from monitor.accounts.opening import open_client
from monitor.accounts.registry import load_accounts
from monitor.cycle.run import run_cycle
from monitor.errors import ClockWrong
from tests.venue import RunningVenue
from tests.worker import Worker

EPOCH = datetime(1970, 1, 1, 0, 2, tzinfo=UTC)
BUSY = {"status": 429, "headers": {"Retry-After": "60"}, "body": '{"code":-1003,"msg":"Too many requests."}'}
AWAY = {"kind": "reset"}


def run_at(worker: Worker, now: datetime) -> None:
    """One run on a machine whose clock says `now`."""

    async def run() -> None:
        client = open_client(worker.settings)
        client._network.clock.set(now)
        try:
            accounts = load_accounts(worker.db, worker.settings)
            await run_cycle(worker.db, client, accounts, now=now, pid=os.getpid(), version="test")
        finally:
            await client.close()

    asyncio.run(run())


def statuses(worker: Worker) -> list[str]:
    """Of every hour of the account, and the combined row's must be the same."""
    found = [hour["status"] for hour in worker.hours()]
    assert [hour["status"] for hour in worker.hours(0)] == found
    return found


SKEW, DAY = timedelta(minutes=6), timedelta(days=1)
AHEAD = [SKEW, timedelta(hours=3), 2 * DAY, 40 * DAY, 20_000 * DAY]


@pytest.mark.parametrize(
    ("fault", "jump"),
    [
        *((None, jump) for jump in AHEAD),
        *((None, -jump) for jump in AHEAD),
        *((BUSY, jump) for jump in (SKEW, 2 * DAY, 40 * DAY, -40 * DAY)),
        *((AWAY, jump) for jump in (SKEW, 40 * DAY, -20_000 * DAY)),
    ],
)
def test_a_wrong_clock_records_no_hour_and_leaves_nothing_behind(
    fault: dict[str, object] | None, jump: timedelta, worker: Worker, venue: RunningVenue
) -> None:
    run_at(worker, venue.now())
    venue.advance(hours=1)
    if fault:
        venue.fault("*", fault)
    is_next_hour = jump == SKEW  # or the same: 09:08, and 08:56 of the hour that is recorded already
    for _ in range(2):
        if fault and abs(jump) == SKEW:
            run_at(worker, venue.now() + jump)  # nothing can tell that the clock is wrong
        else:
            with pytest.raises(ClockWrong):
                run_at(worker, venue.now() + jump)
    assert statuses(worker) == ["COMPLETE", "PARTIAL"][: 2 if fault and is_next_hour else 1]

    venue.clear_faults()
    if fault == BUSY and abs(jump) == SKEW:
        venue.advance(minutes=8)  # the pause is over by either clock
    run_at(worker, venue.now())
    venue.advance(hours=1)
    run_at(worker, venue.now())
    assert statuses(worker) == ["COMPLETE"] * 3


def test_the_attempt_says_what_both_clocks_said(worker: Worker) -> None:
    with pytest.raises(
        ClockWrong, match=r"this machine says 1970-01-01 00:02:00 UTC, the exchange 2026-03-01 01:02:00"
    ):
        run_at(worker, EPOCH)

    (run,) = worker.rows("select hour, outcome, message from runs")
    assert (run["hour"], run["outcome"]) == (datetime(2026, 3, 1, 1, tzinfo=UTC), "failed")
    assert "Correct the machine's clock" in run["message"]
    assert [row["message"] for row in worker.rows("select message from system_logs")] == [run["message"]]


def test_an_exchange_that_is_away_is_recorded_hour_by_hour(worker: Worker, venue: RunningVenue) -> None:
    run_at(worker, venue.now())
    venue.fault("*", AWAY)
    for _ in range(3):
        venue.advance(hours=1)
        run_at(worker, venue.now())
    assert statuses(worker) == ["COMPLETE", "PARTIAL", "PARTIAL", "PARTIAL"]

    venue.advance(hours=3)
    with pytest.raises(ClockWrong, match="does not answer its time"):
        run_at(worker, venue.now())
    assert len(statuses(worker)) == 4
    venue.clear_faults()
    run_at(worker, venue.now())
    assert statuses(worker) == ["COMPLETE", *["RECONSTRUCTED"] * 5, "COMPLETE"]


def test_a_pause_that_was_asked_for_is_believed_and_a_longer_one_replaces_it(
    worker: Worker, venue: RunningVenue
) -> None:
    run_at(worker, venue.now())
    venue.advance(hours=1)
    venue.fault("*", {**BUSY, "headers": {"Retry-After": "600"}})
    run_at(worker, venue.now())
    venue.clear_faults()
    asked = len(venue.requests())
    run_at(worker, venue.now() + timedelta(minutes=1))

    assert statuses(worker) == ["COMPLETE", "PARTIAL"]
    assert len(venue.requests()) == asked


def test_a_clock_that_jumps_while_the_exchange_asks_for_silence_fills_no_gap(
    worker: Worker, venue: RunningVenue
) -> None:
    run_at(worker, venue.now())
    venue.advance(hours=1)
    venue.fault("*", {**BUSY, "headers": {"Retry-After": "200000"}})
    run_at(worker, venue.now())

    with pytest.raises(ClockWrong):
        run_at(worker, venue.now() + timedelta(days=1))
    assert statuses(worker) == ["COMPLETE", "PARTIAL"]
