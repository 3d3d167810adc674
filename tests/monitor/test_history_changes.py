"""Why rows that were shown are others now: told once of an account, and once of the combined row."""

from typing import Any

import pytest

from monitor.performance.verification import verify
from tests.monitor.test_backfill import HOUR, START, OpenSide, Side, backfill, open_side
from tests.venue import Opener as OpenVenue
from tests.venue import RunningVenue
from tests.worker import Worker

__all__ = ["open_side"]
TWO = """
+0m account one key key-one-0123456789 secret secret-one-0123456789
+10m deposit 10000 USDT
+20m buy for 4000 BTCUSDT
+05:30 deposit 300 USDT
+0m account two key key-two-0123456789 secret secret-two-0123456789
+10m deposit 2 ETH
+04:30 deposit 200 USDT
"""


def changes(worker: Worker, account: int = 0) -> list[dict[str, Any]]:
    return worker.rows(
        "select since_hour, hours, reason from history_changes where account_id = %(account)s order by id",
        account=account,
    )


@pytest.mark.usefixtures("first_hour")
def test_a_late_flow_is_told_once_of_the_combined_row(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=30)
    venue.do("deposit 500 USDT shown after 90m")
    for minutes in (30, 60, 60, 60, 60):
        venue.advance(minutes=minutes)
        worker.run(venue.now())

    (own,), (whole,) = changes(worker, 1), changes(worker)
    assert (own["since_hour"], own["hours"]) == (whole["since_hour"], whole["hours"]) == (worker.hours()[1]["hour"], 1)
    assert whole["reason"] == f"test: {own['reason']}"


@pytest.fixture
def pair(open_venue: OpenVenue, open_side: OpenSide) -> tuple[RunningVenue, Side]:
    """Two accounts, first read eight hours after they began."""
    venue = open_venue(TWO, start=START, stands=START + 8 * HOUR)
    side = open_side(venue)
    side.db.execute("update monitor.accounts set enabled = false where id = 1")
    for name in ("one", "two"):
        side.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
    return venue, side


def test_a_rebuilt_history_is_told_once_of_the_combined_row(
    pair: tuple[RunningVenue, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    venue, side = pair
    monkeypatch.setattr("monitor.recovery.filling.FIRST_PART", 2)
    for _ in range(3):
        side.run(venue.now())
        venue.advance(hours=1)
    assert backfill(side, START + HOUR) == 0
    side.run(venue.now())

    (whole,) = changes(side)
    assert (whole["since_hour"], whole["hours"]) == (START + 8 * HOUR, 3)
    assert whole["reason"] == "one, two: hours before were rebuilt from the exchange's records"
    assert [len(changes(side, account)) for account in (2, 3)] == [1, 1]
    assert verify(side.db).differences == ()


def test_a_rebuilding_that_ends_before_the_combined_row_is_completed_by_the_next_one(
    pair: tuple[RunningVenue, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    venue, side = pair
    side.run(venue.now())

    async def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("monitor.commands.backfill.combine_history", die)
        with pytest.raises(KeyboardInterrupt):
            backfill(side, START + HOUR)
    verified = verify(side.db)
    assert verified.differences == () and verified.waiting[0].startswith("All accounts: not compared from")
    assert backfill(side, START + HOUR) == 0
    assert [hour["status"] for hour in side.hours(0)] == [*["RECONSTRUCTED"] * 7, "COMPLETE"]
    assert (verify(side.db).differences, verify(side.db).waiting, len(changes(side))) == ((), (), 1)
