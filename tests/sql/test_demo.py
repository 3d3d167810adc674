"""`make demo` and `make paper`: what the person in front of them does to them."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sql import embedded

HERE = Path(__file__).parents[2]
PACKAGES = ("deploy", "monitor", "sql", "paper", "dashboard", "serving")
PROGRAM = (*PACKAGES, "run_forever.py", "children.py", "dashboard_child.py", "backfill_child.py")


@pytest.fixture
def program(data_dir: Path) -> Path:
    """A copy of the program where the database's user may go, so that the demo's data lies there too."""
    data_dir.mkdir()
    for name in PROGRAM:
        copy = shutil.copytree if (HERE / name).is_dir() else shutil.copy
        copy(HERE / name, data_dir / name)
    return data_dir


@pytest.mark.parametrize(("script", "name"), [("deploy/demo.py", "demo"), ("deploy/play.py", "paper")])
def test_ctrl_c_ends_it_without_a_word_of_python_and_leaves_nothing_running(
    program: Path, script: str, name: str
) -> None:
    demo = subprocess.Popen(
        [sys.executable, script],
        cwd=program,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # a terminal's Ctrl-C is for the whole group
    )
    assert demo.stdout
    said = demo.stdout.readline()
    time.sleep(0.3)  # until the program it has started is a program
    os.killpg(demo.pid, signal.SIGINT)
    said += demo.communicate(timeout=60)[0]

    assert demo.returncode == 0 and said.startswith("database: "), said
    assert (
        said.endswith(f"\nStopping.\nEverything is stopped. `make {name}` goes on from here.\n")
        and said.count("\n") == 3
    ), said
    assert not embedded.is_running(program / "data" / name)
