"""Fixtures: databases side by side, and workers that can be killed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from monitor.settings import read_settings
from sql.connect import connect
from tests.postgres import Database, Server, open_database
from tests.venue import RunningVenue
from tests.worker import Worker

HERE = Path(__file__).parents[2]


class Doomed:
    """Runs of the worker in processes of their own, each of which can be killed."""

    def __init__(
        self, process: "subprocess.Popen[str]", told: dict[str, str], worker: Worker, database: Database
    ) -> None:
        self._process, self._told = process, told
        self.worker = worker
        self.database = database

    def run(self, now: datetime, **order: Any) -> dict[str, Any]:
        """One run at the venue's time; see `killed` for the orders and answers."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"now": now.isoformat(), "settings": self._told, **order}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def start_process(stack: ExitStack, more: Mapping[str, str] = MappingProxyType({})) -> "subprocess.Popen[str]":
    """The process whose forks are the runs, with `more` in its environment, ended with the stack."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.endtoend.killed"],
        cwd=HERE,
        env=os.environ | more,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    stack.callback(process.wait, 10)
    stack.callback(process.kill)
    return process


def doom(
    stack: ExitStack, process: "subprocess.Popen[str]", venue: RunningVenue, folder: Path, database: Database
) -> Doomed:
    """A worker on `database` whose runs are forks of `process`."""
    told = {"BINANCE_BASE_URL": venue.url, "DATA_DIR": str(folder), "CALL_TIMEOUT_SECONDS": "5"}
    db = stack.enter_context(connect(database.worker_url, name="test"))
    worker = Worker(db, read_settings(told))
    return Doomed(process, told | {"DATABASE_URL": database.worker_url}, worker, database)


@pytest.fixture(scope="session")
def process() -> Iterator["subprocess.Popen[str]"]:
    """The process of all killable workers: importing the worker costs more than most of their runs."""
    with ExitStack() as stack:
        yield start_process(stack)


@pytest.fixture
def open_doomed(
    server: Server, tmp_path: Path, process: "subprocess.Popen[str]"
) -> Iterator[Callable[[RunningVenue], Doomed]]:
    """Opens killable workers, each with a database of its own."""
    with ExitStack() as stack:

        def opener(venue: RunningVenue) -> Doomed:
            return doom(stack, process, venue, tmp_path, stack.enter_context(open_database(server)))

        yield opener
