"""Something happens between the worker's calls, at every place of a run: the reading never comes out torn."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from paper.faults import Faults
from tests.venue import KEY, SECRET, RunningVenue
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker, patch_budgets

STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 90000 USDT
+1m transfer 20000 USDT from spot to funding
+1m transfer 20000 USDT from spot to earn_flexible
+1m transfer 20000 USDT from spot to futures
"""
WAYS = ("futures to cross_margin", "cross_margin to futures")
PACE = timedelta(milliseconds=120)  # of the venue's clock, a call


class Meanwhile(Faults):
    """Lets time pass with every call, and lets something happen just before one of them."""

    def __init__(self, venue: RunningVenue) -> None:
        super().__init__()
        self.calls, self.event, self.always = 0, "", ""
        self.at: int | str = 0
        self._venue = venue.venue

    def plan(self, at: int | str, event: str) -> None:
        """Let `event` happen before the call number `at` from now, or before the first one of a path."""
        self.calls, self.at, self.event = 0, at, event

    def pick(self, exchange: str, path: str, sent: str) -> dict[str, object] | None:
        """No fault; the event, if its call has come."""
        self.calls += 1
        self._venue.clock.advance(PACE)
        if self.at in (self.calls, path):
            self.at = 0
            self._venue.run(self.event, "test")
        if self.always:
            self._venue.run(self.always, "test")
        return super().pick(exchange, path, sent)


class Scene:
    """A worker that is interrupted once an hour."""

    def __init__(self, venue: RunningVenue, worker: Worker) -> None:
        self.venue, self.worker = venue, worker
        self.meanwhile = Meanwhile(venue)
        venue.exchange.faults = self.meanwhile
        self.run()

    def run(self, at: int | str = 0, event: str = "") -> dict[str, Any]:
        """The next hour's row, with `event` before call number `at` of its run, or before the first one of a path."""
        self.venue.advance(hours=1)
        self.meanwhile.plan(at, event)
        self.worker.run(self.venue.now())
        return self.worker.hours()[-1]

    def rows_of(self, event: str) -> list[dict[str, Any]]:
        """The rows of one hour after the other, interrupted before the first call, the third, and so on."""
        rows = []
        for at in count(1, 2):
            rows.append(self.run(at, event))
            if self.meanwhile.calls < at:
                return rows
        raise AssertionError("a run has a last call")


@pytest.fixture
def scene(open_venue: VenueOpener, open_worker: Opener, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """An account with USDT in four wallets, read once. No run waits for the next minute, as one that looks at flows a third
    time would."""
    patch_budgets(monkeypatch, account=10**9)
    venue = open_venue(STORY)
    worker = open_worker(venue)
    worker.add()
    return Scene(venue, worker)


@pytest.mark.parametrize(
    "event", ["deposit 500 USDT", "withdraw 300 USDT fee 1", "withdraw 200 USDT completed after 1s"]
)
def test_a_flow_that_lands_within_a_run_moves_no_unit_price(scene: Scene, event: str) -> None:
    rows = scene.rows_of(event)
    scene.run()

    assert len(rows) > 8
    for row in (*rows, *scene.worker.hours()):
        assert row["status"] != "COMPLETE" or row["nav"] == row["invested"]
    assert scene.worker.hours()[-1]["status"] == "COMPLETE"
    assert {hour["unit_price"] for hour in scene.worker.hours()} == {100}


@pytest.mark.parametrize(("source", "target"), [("spot", "funding"), ("earn_flexible", "spot"), ("funding", "futures")])
def test_a_transfer_between_wallets_within_a_run_counts_neither_twice_nor_not_at_all(
    scene: Scene, source: str, target: str
) -> None:
    scene.rows_of(f"transfer 700 USDT from {source} to {target}")

    assert [hour["nav"] for hour in scene.worker.hours() if hour["nav"] != 90000] == []


@pytest.mark.parametrize("path", ["/fapi/v3/account", "/sapi/v1/margin/account"])
def test_a_move_from_one_wallet_straight_to_another_is_counted_once(scene: Scene, path: str) -> None:
    """One of the two is read before the move and the other after it, and 200 USDT are within what totals may differ; an hour
    without a move is read once."""
    scene.run(1, "transfer 9000 USDT from spot to cross_margin")
    scene.run()
    quiet = scene.meanwhile.calls

    rows = [scene.run(path, f"transfer 200 USDT from {way}") for way in WAYS]

    assert [(row["status"], row["nav"]) for row in rows] == [("COMPLETE", 90000)] * len(WAYS)
    scene.run()
    assert scene.meanwhile.calls == quiet


def test_an_account_that_trades_without_a_pause_is_read_all_the_same(scene: Scene) -> None:
    """Before every call a trade: spot is never twice the same, and no move between wallets is possible."""
    scene.meanwhile.always = "buy 0.0001 BTCUSDT"

    row = scene.run()

    assert scene.meanwhile.calls > 8
    assert row["status"] == "COMPLETE"
    assert 89999 < row["nav"] < 90001
