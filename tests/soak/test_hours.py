"""Thousands of hours in which everything breaks: no figure is ever wrong, and what the records allow is recovered.

Each life has a seed, two accounts, a database of its own that is killed with its worker, and a calm twin that nothing
happens to. SOAK_LIVES, SOAK_HOURS and SOAK_SEED say how many, how long, and the first seed; the default is 20 lives of
100 hours. After everything that happens `verify` computes every stored figure again.

Most hours are runs of the worker, each a process that can be killed at any statement or call. A part of them is lived by
the real run_forever.py, which starts the worker, the dashboard and the database by itself: 2 to 4 hours in a row, in
which it, its worker, its dashboard or its database are killed, or its clock is set wrong. An hour of the story takes
seconds, so the scheduler and all it starts read their clock from a file (tests/soak/clock), as if the machine's clock
had been set to two minutes past the next hour. What counts by the monotonic clock, like the four minutes between two
looks for what is missing, is not waited for.

The exchange's clock stands while an hour is read. Some flows are told hours late, some with another amount for a while
or from some time on, and some as completed at a time that has not come.
"""

import copy
import os
import shutil
import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from monitor.settings import read_settings
from paper.market.simulated import SimulatedMarket
from sql import embedded
from sql.connect import connect
from sql.migrate import migrate
from tests.endtoend.comparison import COMBINED, VALUED, compare_account
from tests.endtoend.conftest import doom, start_process
from tests.endtoend.journey import HOUR, Journey
from tests.postgres import Server, open_database
from tests.soak.lives import NAMES, write_life
from tests.soak.scheduler import Clock
from tests.soak.strikes import Stricken, on_own_server
from tests.venue import RunningVenue
from tests.worker import Worker

LIVES, HOURS = int(os.environ.get("SOAK_LIVES", "20")), int(os.environ.get("SOAK_HOURS", "100"))
FIRST_SEED = int(os.environ.get("SOAK_SEED", "1"))
START = datetime(2026, 3, 28, 8, tzinfo=UTC)
CALM_END = 12  # hours at the end in which nothing strikes: what is late arrives, what is missing is rebuilt
TOTAL: Counter[str] = Counter()
FIGURES = ("nav", "unit_price", "units", "flows", "invested", "episode")


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + LIVES))
def test_whatever_strikes_no_figure_is_wrong_and_every_hour_comes_back(seed: int, server: Server) -> None:
    story = write_life(seed, HOURS)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="soak-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        data_dir = folder / "data"
        embedded.start(data_dir)
        stack.callback(embedded.stop, data_dir)
        with connect(embedded.url(data_dir, "owner"), name="soak") as owner:
            migrate(owner)
        venue = RunningVenue(SimulatedMarket(seed), story, START, START + timedelta(minutes=30))
        stack.callback(venue.stop)
        calm = _open_calm(stack, server, venue, folder)
        clock = Clock(folder)
        clock.stand_at(START)
        process = start_process(stack, clock.environment)
        doomed = doom(stack, process, venue, data_dir, on_own_server(data_dir))
        struck = Stricken(clock, doomed, venue, server, seed)
        stack.push(
            lambda _, failure, __: print(f"life {seed}: {failure or 'well'}", *struck.lived, sep="\n  ", flush=True)
        )
        stack.callback(struck.scheduled.stop)
        journey = stack.enter_context(Journey(venue, calm, story, START))
        for worker in (calm, struck.doomed.worker):
            for name in NAMES:
                worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
        for number in range(1, HOURS + 1):
            journey.skip_hours(1)
            venue.control("/weights", method="DELETE")
            journey.run_here()
            venue.control("/weights", method="DELETE")
            if 1 < number <= HOURS - CALM_END:
                struck.live_hour(venue.now())
            else:
                struck.scheduled.stop()
                struck.run(venue.now())
        struck.check("the end")
        found = stack.enter_context(struck.connected())
        _judge(journey, Worker(found, struck.doomed.worker.settings), struck)
    TOTAL.update(struck.counts)
    print(
        f"\nAfter life {seed}, all together:",
        *(f"{count:9,} {name}" for name, count in sorted(TOTAL.items())),
        sep="\n",
        flush=True,
    )


def _open_calm(stack: ExitStack, server: Server, venue: RunningVenue, folder: Path) -> Worker:
    database = stack.enter_context(open_database(server))
    db = stack.enter_context(connect(database.worker_url, name="calm"))
    return Worker(db, read_settings({"BINANCE_BASE_URL": venue.url, "DATA_DIR": str(folder / "calm")}))


def _judge(journey: Journey, struck: Worker, life: Stricken) -> None:
    """Every hour has a figure; each is the onlooker's to the last digit; and where both read it, the calm twin's."""
    counts = life.counts
    counts.update({"lives": 1, "hours lived": HOURS, "hours without a figure at first": len(life.open)})
    for account in (COMBINED, 1, 2):
        rows, calm = struck.hours(account), {row["hour"]: row for row in journey.worker.hours(account)}
        counts.update(f"hours {row['status']} at the end" for row in rows)
        lost = [f"{row['hour']} {row['status']}: {row['reason']}" for row in rows[:-1] if row["status"] not in VALUED]
        assert lost == [], "\n".join(lost)
        assert [row["hour"] for row in rows] == sorted(calm)
        read = [row for row in rows if row["status"] == "COMPLETE"]  # what was rebuilt is of the full hour instead
        both = [(row, calm[row["hour"]]) for row in read if row["taken_at"] == calm[row["hour"]]["taken_at"]]
        # after an hour that was rebuilt, a flow of its first minutes counts in the next one
        begun, calm_begun = _list_beginnings(rows), _list_beginnings(list(calm.values()))
        different = [
            f"account {account} {row['hour']} {name}: {row[name]}, calm {other[name]}"
            for row, other in both
            for name in FIGURES
            if row[name] != other[name] and (name != "flows" or begun.get(row["hour"]) == calm_begun.get(row["hour"]))
        ]
        assert different == [], "\n".join(different[:9])
        counts["figures equal to the calm twin's"] += len(both) * len(FIGURES)
        valued = {(account, row["hour"]) for row in rows if row["status"] in VALUED}
        counts["hours without a figure at first that have one"] += len(valued & life.open)
    seen = copy.copy(journey)
    seen.worker = struck
    until = journey.hour - 6 * HOUR  # later flows are not in the history yet
    for account, labels in ((1, NAMES[:1]), (2, NAMES[1:]), (COMBINED, ())):
        comparison = compare_account(seen, account, *labels, until=until)
        assert comparison.differing == [], "\n".join(comparison.differing[:9])
        counts["figures equal to the independent calculation"] += comparison.figures
    counts["differences"] += 0  # anything else has failed by now


def _list_beginnings(rows: list[dict[str, Any]]) -> dict[datetime, datetime]:
    """By hour, in time order, when the valued hour before it was read: from then on its flows count."""
    valued = [row for row in rows if row["status"] in VALUED]
    return {after["hour"]: before["taken_at"] for before, after in pairwise(valued)}
