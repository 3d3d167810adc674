"""Account and combined row are one truth: whatever kills a run between them, no page, backup or check finds a figure
that the ledger does not give."""

import os
import signal
from collections.abc import Callable, Iterator
from csv import DictReader
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from monitor.performance.verification import verify
from sql.backup import back_up, restore
from sql.connect import connect
from tests.dashboard.site import Site
from tests.endtoend.conftest import Doomed
from tests.endtoend.contents import read_contents
from tests.endtoend.test_killed import START, hours, open_tracking
from tests.postgres import Database, Server, open_database
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue

EVERY = int(os.environ.get("KILL_EVERY", "151"))  # 1: before and after every statement
BETWEEN = 460  # points from the first account's hour to the end of the run
KILLED = -signal.SIGKILL
OpenDoomed = Callable[[RunningVenue], Doomed]


STORY = """
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 900000 USDT
+1m buy for 300000 BTCUSDT
every hour :40 withdraw 30 USDT fee 1 completed after 30m
+0m account two key key-two-0123456789 secret secret-two-0123456789
+0m deposit 9000 USDT
+0m deposit 3 BTC
every hour :30 withdraw 0.001 BTC fee 0.0001
+0m account one
"""


@pytest.fixture
def venue(open_venue: VenueOpener) -> RunningVenue:
    """Every hour a deposit is told that came three hours before, of another amount than any other flow."""
    late = (f"+{n // 24}d{n % 24:02}:20 deposit {1 + n / 100:.2f} ETH shown after 3h" for n in range(800))
    return open_venue(STORY + "\n".join(late), start=START, stands=START + timedelta(minutes=30))


def read_shown(database: Database) -> dict[datetime, tuple[Any, ...]]:
    """The figures of the combined row that pages show, by hour."""
    with connect(database.dashboard_url, name="test", schema="reading", read_only=True) as db:
        rows = db.execute(
            "select n.hour, n.nav, n.units, n.unit_price, n.invested, b.unit_price as benchmark from nav n"
            " left join benchmarks c on c.account_id = n.account_id and c.is_default"
            " left join benchmark_nav b on b.benchmark_id = c.benchmark_id and b.hour = n.hour"
            " where n.account_id = 0 and n.unit_price is not null"
        ).fetchall()
    return {row.pop("hour"): tuple(row.values()) for row in rows}


def is_between(struck: Doomed, now: datetime) -> bool:
    """Whether both accounts have the hour of `now`."""
    hour = now.replace(minute=0)
    return all(struck.worker.hours(account)[-1]["hour"] == hour for account in (1, 2))


def strike(calm: Doomed, struck: Doomed, lives: Iterator[datetime]) -> None:
    """Four hours, and one in which the run is killed while the combined row is being written."""
    for now in islice(lives, 4):
        assert [side.run(now)["codes"] for side in (calm, struck)] == [[0], [0]]
    now = next(lives)
    assert struck.run(now, point=calm.run(now)["points"] - 280)["codes"] == [KILLED]
    assert is_between(struck, now)


def test_killed_between_the_accounts_and_the_total_nobody_finds_a_false_figure(
    venue: RunningVenue, open_doomed: OpenDoomed
) -> None:
    calm, struck = (open_tracking(open_doomed, venue) for _ in range(2))
    lives = hours(venue)
    strike(calm, struck, lives)
    struck.run(venue.now())
    hidden = 0
    for back, now in zip(range(1, BETWEEN, EVERY), lives, strict=False):
        points = calm.run(now)["points"]
        assert struck.run(now, point=points - back)["codes"] in ([KILLED], [0])  # its run may have a few points less
        assert verify(struck.worker.db).differences == ()
        shown = read_shown(struck.database) if is_between(struck, now) else {}
        assert struck.run(now)["codes"] == [0]
        final = read_shown(struck.database)
        assert shown == {hour: figures for hour, figures in final.items() if hour in shown}
        hidden += bool(shown) and len(shown) < len(final) - 1  # the hour itself is not there yet

    assert hidden >= BETWEEN // EVERY // 4
    assert read_contents(struck.worker.db) == read_contents(calm.worker.db)


def test_what_is_out_of_date_is_said_hidden_and_backed_up(
    venue: RunningVenue, open_doomed: OpenDoomed, server: Server, tmp_path: Path
) -> None:
    calm, struck = (open_tracking(open_doomed, venue) for _ in range(2))
    strike(calm, struck, hours(venue))
    back_up(struck.database.owner_url, tmp_path / "backup")
    with open_database(server) as elsewhere:
        restore(elsewhere.owner_url, tmp_path / "backup", replace=True)
        for database in (struck.database, elsewhere):
            assert_said(database)
            assert_hidden(database, venue)
            assert list(read_shown(database)) == [START.replace(hour=9)]


def assert_said(database: Database) -> None:
    """`verify` tells a difference from what is marked to be computed again."""
    with connect(database.worker_url, name="test") as db:
        verified = verify(db)
        with db.transaction(force_rollback=True):
            db.execute("delete from recomputations")
            unmarked = verify(db)
    (waiting,) = verified.waiting
    assert verified.differences == ()
    assert waiting.startswith("All accounts: not compared from 2026-03-10 09:20 UTC on")
    assert "python -m monitor run" in waiting
    assert len(unmarked.differences) > 10 and unmarked.waiting == ()


def assert_hidden(database: Database, venue: RunningVenue) -> None:
    """Pages and lists have no figure of the combined row that is out of date, and say so."""
    site = Site(database.dashboard_url, venue.now)
    try:
        pages = [site.get(f"/?account={account}").text for account in (0, 1)]
        listed = site.get("/export/series.csv?account=0&period=all").text.splitlines()
    finally:
        site.server.should_exit = True
    assert all("All accounts: figures after 2026-03-10 09:20 UTC are out of date." in page for page in pages)
    rows = list(DictReader(listed))
    assert [row["status"] for row in rows] == ["COMPLETE", "PARTIAL", "PARTIAL", "PARTIAL"]
    figures = ("nav", "units", "unit_price", "invested", "benchmark_nav", "benchmark_unit_price")
    assert {row[name] for row in rows[1:] for name in figures} == {""}
    assert {row["reason"] for row in rows[1:]} == {"being computed again by the next run"}
