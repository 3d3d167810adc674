"""SIGKILL of the scheduler: what it started ends by itself, and the next one finds everything free and as it was."""

from pathlib import Path

import pytest

from tests.soak.scheduler import Clock, Scheduler, wait_until
from tests.sql.places import data_dir
from tests.sql.programs import Programs, programs

__all__ = ["data_dir", "programs"]


@pytest.fixture
def scheduler(programs: Programs, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Scheduler:
    """A scheduler in the environment of the programs, in the venue's hour."""
    for name, value in programs.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BACKFILL", "off")  # the page is to stay as it is
    clock = Clock(data_dir.parent)
    clock.stand_at(programs.venue.now())
    return Scheduler(data_dir, clock, programs.venue.url)


def test_a_scheduler_killed_at_rest_or_in_its_run_leaves_nothing_in_the_way_of_the_next(
    scheduler: Scheduler, programs: Programs
) -> None:
    scheduler.start()
    assert wait_until(lambda: bool(programs.venue.requests()), 30)
    scheduler.kill()  # while its worker reads
    programs.venue.control("/weights", method="DELETE")
    scheduler.start()
    page = scheduler.read("/")
    scheduler.kill()
    scheduler.start()

    assert scheduler.read("/") == page
    scheduler.stop()
