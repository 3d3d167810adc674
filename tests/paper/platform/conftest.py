"""The platform on a database of its own."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.paper.platform.served import Client, Served
from tests.postgres import Database


@pytest.fixture
def served(database: Database, tmp_path: Path) -> Iterator[Served]:
    found = Served(database=database, data_dir=tmp_path)
    yield found
    if found.process:
        found.end(signal.SIGKILL)


@pytest.fixture
def keys(served: Served) -> list[tuple[str, str]]:
    """Of a new account: the one that may trade, and the one that only reads."""
    return served.add_user()


@pytest.fixture
def trader(served: Served, keys: list[tuple[str, str]]) -> Client:
    """Who may trade, on a platform that runs."""
    (key, secret), _ = keys
    return Client(url=served.start().url, key=key, secret=secret)
