"""Data directories of their own for tests that stop, kill and spoil an embedded server."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sql import embedded
from sql.embedded.place import find_place
from tests.postgres import find_fast_disk


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A place that the server's user may enter; pytest closes its own directories to others."""
    folder = Path(tempfile.mkdtemp(prefix="pm-", dir=find_fast_disk()))
    folder.chmod(0o755)
    yield folder / "data"
    embedded.stop(folder / "data")
    shutil.rmtree(folder)


def postmaster(data_dir: Path) -> int:
    """The process of the running server."""
    return int((find_place(data_dir).cluster / "postmaster.pid").read_text().split()[0])


def kill_server(data_dir: Path) -> None:
    """End the running server as a power cut would."""
    os.kill(postmaster(data_dir), signal.SIGKILL)
