"""Histories read back in time: stored as they come, going on where they stopped, as deep as the exchange tells them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.commands.backfill import run_backfill
from monitor.recovery import depths
from tests.venue import START, RunningVenue
from tests.worker import Worker, patch_budgets

YEAR_BEFORE = START - timedelta(days=365)
ORDERS, PAYMENTS = "/sapi/v1/fiat/orders", "/sapi/v1/fiat/payments"
DEPOSITS = "/sapi/v1/capital/deposit/hisrec"
TOO_OLD = {"status": 400, "body": '{"code": -1127, "msg": "More than 180 days ago."}'}


def backfill(worker: Worker, *, again: bool = False) -> int:
    asked: Any = SimpleNamespace(since=YEAR_BEFORE, until=None, account=None, again=again, all=False)
    return run_backfill(worker.db, worker.settings, asked, datetime.now(UTC))


def asked(venue: RunningVenue) -> Counter[tuple[str, object]]:
    """How often each path was asked, by its answer's status, since the log was cleared."""
    found = Counter((request["path"], request["status"]) for request in venue.requests())
    venue.control("/requests", method="DELETE")
    return found


@pytest.fixture(autouse=True)
def budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of dear histories would take minutes; nobody counts here."""
    patch_budgets(monkeypatch, account=10**9)


@pytest.fixture
def reader(worker: Worker, venue: RunningVenue) -> Worker:
    """A worker that has read the account once."""
    worker.run(venue.now())
    asked(venue)
    return worker


def test_no_history_is_asked_for_what_the_exchange_does_not_keep(reader: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 10 USDT from spot to options")
    assert backfill(reader) == 0

    told = reader.rows("select source, reason from history_depths order by source")
    assert {"P2P orders", "margin interest", "bill of options"} <= {row["source"] for row in told}
    assert [row for row in told if row["reason"]] == []


def test_a_refused_window_ends_a_history_that_told_nothing_and_nothing_else(
    reader: Worker, venue: RunningVenue
) -> None:
    venue.fault(PAYMENTS, TOO_OLD, after=6)

    assert backfill(reader) == 0

    told = asked(venue)
    answered = told[PAYMENTS, 200] + told[PAYMENTS, 400]  # on a busy machine the clocks differ by a second in between
    assert (answered, told[PAYMENTS, "fault"]) == (6, 2)
    assert reader.hours()[0]["hour"] == START


def test_what_an_account_uses_and_is_told_no_further_back_limits_its_history(
    reader: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    venue.do("card buy 0.001 BTC for 2600 TRY")
    venue.advance(hours=1)
    reader.run(venue.now())
    venue.fault(PAYMENTS, TOO_OLD, after=2)

    assert backfill(reader) == 1
    assert "fiat payments go no further back" in capsys.readouterr().out


@pytest.mark.parametrize("again", [False, True])
def test_an_interrupted_reading_goes_on_where_it_stopped(again: bool, reader: Worker, venue: RunningVenue) -> None:
    venue.fault(ORDERS, {"status": 500, "body": ""}, after=8)
    assert backfill(reader) == 1
    first = asked(venue)
    venue.clear_faults()
    venue.control("/weights", method="DELETE")

    assert backfill(reader, again=again) == 0
    second = asked(venue)

    whole = -(-(365 + 7 - 27) // 29) * 2
    assert 0 < first[ORDERS, 200] < whole
    assert second[ORDERS, 200] == whole - (0 if again else first[ORDERS, 200])
    assert (second[DEPOSITS, 200] > 0) is again


def test_it_says_what_it_waits_for(
    reader: Worker, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(depths, "SAID_EVERY_SECONDS", 0)

    backfill(reader)

    said = capsys.readouterr().out.splitlines()
    assert "test: fiat orders: 6 of 12 windows, 3 min left" in said
