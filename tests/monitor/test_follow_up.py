"""Whose missing fills are looked for first, and within how many calls."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.accounts.client import ExchangeClient
from monitor.cycle.follow_up import take_turns
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

HOUR = datetime(2026, 4, 1, 0, tzinfo=UTC)
START = datetime(2026, 3, 10, 8, tzinfo=UTC)
FILL_PATHS = ("/api/v3/myTrades", "/sapi/v1/convert/tradeFlow", "/sapi/v1/asset/dribblet")
ACCOUNT = """
+0m account {name} key key-{name}-0123456789 secret secret-{name}-0123456789
+0m deposit 5000 USDT
+40m vanish 50 USDT
"""


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_everyone_comes_first_once_in_as_many_hours_and_nobody_is_left_out(count: int) -> None:
    recorded = list(range(count))
    turns = [take_turns(recorded, HOUR + timedelta(hours=number)) for number in range(count)]
    assert sorted(turn[0] for turn in turns) == recorded
    assert all(sorted(turn) == recorded for turn in turns)


def test_without_accounts_there_are_no_turns() -> None:
    assert list(take_turns([], HOUR)) == []


def test_the_accounts_share_the_calls_of_a_run_and_go_on_in_the_next(
    open_venue: VenueOpener, open_worker: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ExchangeClient, "most_fill_calls", 5)
    names = ("one", "two")
    venue = open_venue("".join(ACCOUNT.format(name=name) for name in names), start=START, stands=START)
    worker = open_worker(venue)
    for name in names:
        worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
    calls, looked_at = [], []
    for minutes in (2, 62, 122):
        venue.set_clock(START + timedelta(minutes=minutes))
        venue.control("/requests", method="DELETE")
        worker.run(venue.now())
        calls.append(sum(call["path"] in FILL_PATHS for call in venue.requests()))
        looked_at.append(len(worker.rows("select distinct account_id from traded_pairs")))

    assert calls == [0, 5, 5]
    assert looked_at == [0, 1, 2]
