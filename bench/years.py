"""Does an hour cost the same after five years as after a week? Time of a run, and rows and pages that Postgres touched."""

import time
from collections.abc import Callable, Iterator
from statistics import median

from bench.budgets import SAMPLES, Line
from bench.cycle import RUN
from bench.stage import Stage, open_stage

SAME, SAME_SECONDS = 1.1, 1.25  # a search tree of five years is one level higher; other programs take time, too
REPORTED_SECONDS = 0.5  # a session's counts arrive when it has ended
TOUCHED = """
select tup_returned + tup_fetched as rows, blks_hit + blks_read as pages from pg_stat_database
where datname = current_database()
"""


def measure_years(five_years: Stage) -> Iterator[Line]:
    """A run after five years beside one after a week."""
    with open_stage() as week:
        seconds, rows, pages = _measure_run(week)
    yield Line(what="a run after a week", value=seconds, unit="s", samples=SAMPLES)
    yield Line(what="  rows Postgres looked at", value=rows, unit="", samples=SAMPLES)
    yield Line(what="  pages (8 kB) Postgres looked at", value=pages, unit="", samples=SAMPLES)
    budgets = (SAME_SECONDS * seconds, SAME * rows, SAME * pages)
    seconds, rows, pages = _measure_run(five_years)
    yield Line(what="a run after five years", value=seconds, unit="s", samples=SAMPLES, budget=budgets[0])
    yield Line(what="  rows Postgres looked at", value=rows, unit="", samples=SAMPLES, budget=budgets[1])
    yield Line(what="  pages (8 kB) Postgres looked at", value=pages, unit="", samples=SAMPLES, budget=budgets[2])


def _measure_run(stage: Stage) -> tuple[float, float, float]:
    stage.run(*RUN)
    samples = [_sample(stage) for _ in range(SAMPLES)]
    seconds, rows, pages = (median(values) for values in zip(*samples, strict=True))
    return seconds, rows, pages


def _sample(stage: Stage) -> tuple[float, float, float]:
    stage.forget_hour()
    return count_touched(stage, lambda: stage.run(*RUN))


def count_touched(stage: Stage, act: Callable[[], object]) -> tuple[float, float, float]:
    """How long `act` takes in seconds, and how many rows and pages Postgres looks at meanwhile."""
    rows, pages = _touched(stage)
    began = time.perf_counter()
    act()
    seconds = time.perf_counter() - began
    rows_after, pages_after = _touched(stage)
    return seconds, rows_after - rows, pages_after - pages


def _touched(stage: Stage) -> tuple[float, float]:
    stage.db.execute("select pg_stat_force_next_flush()")  # what this session did before is not the run's
    time.sleep(REPORTED_SECONDS)
    row = stage.db.execute(TOUCHED).fetchone()
    assert row
    return float(row["rows"]), float(row["pages"])
