"""Portfolios beside their accounts: whatever kills a run between them, no page and no check finds a figure that the ledger
does not give, of any of them."""

import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.performance.verification import verify
from sql.connect import connect
from tests.endtoend.conftest import Doomed
from tests.endtoend.contents import read_contents
from tests.endtoend.test_killed import START, hours, open_tracking
from tests.endtoend.test_one_truth import STORY
from tests.monitor.test_portfolios import make
from tests.postgres import Database
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue

EVERY = int(os.environ.get("KILL_EVERY", "331"))  # 1: before and after every statement
BETWEEN = 1000  # points from the first account's hour to the end of the run
KILLED = -signal.SIGKILL
OpenDoomed = Callable[[RunningVenue], Doomed]
Shown = dict[tuple[int, datetime], tuple[Any, ...]]


@pytest.fixture
def venue(open_venue: VenueOpener) -> RunningVenue:
    """Every hour a deposit is told that came three hours before, and one account sends something to the other."""
    late = (f"+{n // 24}d{n % 24:02}:20 deposit {1 + n / 100:.2f} ETH shown after 3h" for n in range(400))
    story = STORY + "every hour :50 send 5 USDT to two\n" + "\n".join(late)
    return open_venue(story, start=START, stands=START + timedelta(minutes=30))


def read_shown(database: Database) -> Shown:
    """The figures of portfolios that pages show, by portfolio and hour."""
    with connect(database.dashboard_url, name="test", schema="reading", read_only=True) as db:
        rows = db.execute(
            "select n.account_id, n.hour, n.nav, n.units, n.unit_price, n.invested, b.unit_price as benchmark from nav n"
            " left join benchmarks c on c.account_id = n.account_id and c.is_default"
            " left join benchmark_nav b on b.benchmark_id = c.benchmark_id and b.hour = n.hour"
            " where n.account_id <= 0 and n.unit_price is not null"
        ).fetchall()
    return {(row.pop("account_id"), row.pop("hour")): tuple(row.values()) for row in rows}


def test_killed_between_accounts_and_portfolios_nobody_finds_a_false_figure(
    venue: RunningVenue, open_doomed: OpenDoomed
) -> None:
    calm, struck = (open_tracking(open_doomed, venue) for _ in range(2))
    lives = hours(venue)
    now = next(lives)
    for side in (calm, struck):
        assert side.run(now)["codes"] == [0]
        make(side.worker, venue, "alone", "two")
        make(side.worker, venue, "both", "one,two")
    for now in (next(lives) for _ in range(3)):
        assert [side.run(now)["codes"] for side in (calm, struck)] == [[0], [0]]
    killed = hidden = 0
    for back, now in zip(range(1, BETWEEN, EVERY), lives, strict=False):
        points = calm.run(now)["points"]
        killed += struck.run(now, point=points - back)["codes"] == [KILLED]
        assert verify(struck.worker.db).differences == ()
        are_read = all(struck.worker.hours(account)[-1]["hour"] == now.replace(minute=0) for account in (1, 2))
        shown = read_shown(struck.database) if are_read else {}
        assert struck.run(now)["codes"] == [0]
        final = read_shown(struck.database)
        assert shown == {place: figures for place, figures in final.items() if place in shown}
        hidden += bool(shown) and len(shown) < len(final) - 3  # the hour itself is not there yet

    assert killed >= 3 and hidden
    assert read_contents(struck.worker.db) == read_contents(calm.worker.db)
