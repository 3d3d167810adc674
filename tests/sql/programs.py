"""The project's programs, run as a user runs them, over an embedded database and a venue that stands at the present."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sql import embedded
from sql.connect import connect
from sql.migrate import migrate
from tests.venue import KEY, SECRET, Opener, RunningVenue

HERE = Path(__file__).parents[2]


class Programs:
    """Starts programs with one environment."""

    def __init__(self, environment: dict[str, str], venue: RunningVenue) -> None:
        self.environment = environment
        self.venue = venue

    def start(self, package: str, *arguments: str) -> subprocess.Popen[str]:
        """A running `python -m package …`; its errors go where its words go."""
        return subprocess.Popen(
            [sys.executable, "-m", package, *arguments],
            cwd=HERE,
            env=os.environ | self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, package: str, *arguments: str) -> tuple[int, str]:
        """Exit code and words of `python -m package …`."""
        child = self.start(package, *arguments)
        said = child.communicate()[0]
        return child.returncode, said


@pytest.fixture
def programs(data_dir: Path, open_venue: Opener) -> Programs:
    """Programs whose database is migrated and whose one account is from the environment."""
    embedded.start(data_dir)
    with connect(embedded.url(data_dir, "owner"), name="test") as db:
        migrate(db)
    now = datetime.now(UTC)
    venue = open_venue(start=now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=2), stands=now)
    account = {"BINANCE_BASE_URL": venue.url, "BINANCE_API_KEY": KEY, "BINANCE_API_SECRET": SECRET}
    return Programs({"DATA_DIR": str(data_dir), **account}, venue)
