"""Many new accounts begin by turns: who waits has not failed, and every one has its turn within the hour."""

import asyncio

import pytest

from monitor.accounts.client import ExchangeClient
from monitor.commands.report import format_result
from monitor.cycle.reading import AT_ONCE, choose_turns, read_in_time
from monitor.errors import Crashed
from monitor.performance.store.history import load_due_accounts
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

NAMES = ("ada", "bob", "cyd", "dan", "eve")
STORY = "".join(
    f"""
+0m account {name} key key-{name}-0123456789 secret secret-{name}-0123456789
+0m deposit 1000 USDT
"""
    for name in NAMES
)


def test_new_accounts_wait_for_their_turn_and_none_has_failed(
    open_venue: VenueOpener, open_worker: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ExchangeClient, "most_first_readings", 2)
    venue = open_venue(STORY)
    worker = open_worker(venue)
    for name in NAMES:
        worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
    now = venue.now()
    for complete in (2, 4, 5):
        result = worker.run(now)
        statuses = [outcome.status for outcome in result.outcomes]
        assert statuses.count("COMPLETE") == complete
        assert statuses.count("WAITING") == 5 - complete
        assert result.is_complete == (complete == 5)
        assert len(load_due_accounts(worker.db, result.hour)) == 5 - complete  # so that the hour stays due
        assert len(worker.rows("select from nav_history where account_id > 0")) == complete

    assert worker.rows("select level from system_logs where level = 'error'") == []
    assert [row["status"] for row in worker.hours(0)] == ["COMPLETE"]


def test_who_waits_is_said_to_wait(
    open_venue: VenueOpener, open_worker: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ExchangeClient, "most_first_readings", 0)
    venue = open_venue()
    worker = open_worker(venue)
    worker.add()
    result = worker.run(venue.now())

    text = format_result(worker.db, result, {1: "test"}, now=venue.now(), stored=True)
    assert "test: WAITING\n" in text
    assert "waits for its turn" in text


def test_a_run_that_has_no_time_left_lets_the_slow_account_wait_and_keeps_the_others(
    open_venue: VenueOpener, open_worker: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ExchangeClient, "reading_seconds", 1.0)
    venue = open_venue(STORY)
    worker = open_worker(venue)
    for name in NAMES[:2]:
        worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
    venue.fault("/sapi/v1/asset/get-funding-asset", {"kind": "slow", "seconds": 1.9}, times=1)
    result = worker.run(venue.now())

    assert sorted(outcome.status for outcome in result.outcomes) == ["COMPLETE", "WAITING"]


def test_new_accounts_that_cannot_be_read_do_not_keep_the_others_waiting() -> None:
    are_new = [True] * 10 + [False]
    begun = {number for run in range(1, 6) for number in choose_turns(are_new, run, 2)}

    assert begun == set(range(11))
    assert all(10 in choose_turns(are_new, run, 2) for run in range(1, 6))


@pytest.mark.parametrize("error", [asyncio.CancelledError, TimeoutError, ValueError])
def test_a_reading_that_breaks_or_that_nobody_cancelled_has_failed_and_does_not_wait(
    error: type[BaseException],
) -> None:
    async def broken() -> str:
        raise error

    async def read() -> str:
        return "read"

    async def slow() -> str:
        await asyncio.sleep(60)
        return "read too late"

    found = asyncio.run(read_in_time({1: broken(), 2: read(), 3: slow()}, 0.2))

    assert found.keys() == {1, 2}  # the third waits for its turn
    assert found[2] == "read"
    assert isinstance(found[1], Crashed) and error.__name__ in str(found[1])


def test_few_accounts_are_read_at_once_and_who_never_began_waits() -> None:
    reading, most = 0, 0

    async def read(seconds: float) -> str:
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        await asyncio.sleep(seconds)
        reading -= 1
        return "read"

    found = asyncio.run(read_in_time({number: read(0.01) for number in range(5 * AT_ONCE)}, 30))
    assert found == dict.fromkeys(range(5 * AT_ONCE), "read")
    assert most == AT_ONCE

    assert asyncio.run(read_in_time({number: read(60) for number in range(2 * AT_ONCE)}, 0.1)) == {}
