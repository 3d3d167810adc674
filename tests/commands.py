"""The worker's commands as a user types them, in this process: real Postgres, paper exchange over HTTP."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.__main__ import main
from tests.postgres import Database
from tests.venue import KEY, SECRET, RunningVenue
from tests.venue import Opener as VenueOpener

TWO_LINES = f"{KEY}\n{SECRET}\n"
OTHER_KEY, OTHER_SECRET = "key-of-another-account-0123456789", "secret-of-another-account-9876543210"
PRESENT_STORY = f"""
+0m account other key {OTHER_KEY} secret {OTHER_SECRET}
+0m deposit 700 USDT
+0m account test key {KEY} secret {SECRET}
+0m deposit 10000 USDT
+1m buy for 4000 BTCUSDT
+1m buy for 3000 ETHUSDT
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a command left."""

    code: int
    out: str
    err: str


class Commands:
    """Types commands."""

    def __init__(self, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._patch = patch
        self._capsys = capsys

    def setting(self, name: str, value: str) -> None:
        """Set a variable of the environment."""
        self._patch.setenv(name, value)

    def __call__(self, *words: str, stdin: str = "") -> Told:
        """`python -m monitor WORDS`, with `stdin` as what is typed."""
        self._patch.setattr(sys, "argv", ["python -m monitor", *words])
        self._patch.setattr(sys, "stdin", io.StringIO(stdin))
        self._capsys.readouterr()
        try:
            code = main()
        except SystemExit as refused:  # argparse's way to end for words that it can't read
            code = int(refused.code or 0)
        out, err = self._capsys.readouterr()
        return Told(code=code, out=out, err=err)


@pytest.fixture
def present_venue(open_venue: VenueOpener) -> RunningVenue:
    """A venue whose clock stands at the real time, with two accounts: `test` and `other`."""
    now = datetime.now(UTC)
    return open_venue(PRESENT_STORY, start=now - timedelta(hours=2), stands=now)


Opener = Callable[[RunningVenue], Commands]


@pytest.fixture
def command(
    present_venue: RunningVenue,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Commands:
    """Commands for the present venue and a fresh database."""
    monkeypatch.chdir(tmp_path)
    commands = Commands(monkeypatch, capsys)
    commands.setting("DATABASE_URL", database.worker_url)
    commands.setting("DATA_DIR", str(tmp_path))
    commands.setting("BINANCE_BASE_URL", present_venue.url)
    commands.setting("CALL_TIMEOUT_SECONDS", "2")
    commands.setting("ACCOUNT_DEADLINE_SECONDS", "60")
    return commands
