"""No program of ours, nor the server it starts, may leave a core dump: keys and passwords would be in it."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sql.places import postmaster

HERE = Path(__file__).parents[2]


def core_limit(pid: int) -> list[str]:
    limits = Path(f"/proc/{pid}/limits").read_text()
    return next(line for line in limits.splitlines() if line.startswith("Max core file size")).split()[4:6]


def run(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A program started where core dumps are allowed."""
    environment = os.environ | {"DATA_DIR": str(data_dir)}
    largest = resource.getrlimit(resource.RLIMIT_CORE)[1]
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=HERE,
        env=environment,
        text=True,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (largest, largest)),
    )


def test_the_embedded_server_leaves_none(data_dir: Path) -> None:
    assert run(data_dir, "-m", "sql", "start").returncode == 0

    assert core_limit(postmaster(data_dir)) == ["0", "0"]


@pytest.mark.parametrize("module", ["monitor.__main__", "dashboard.program", "paper.__main__", "sql.__main__"])
def test_no_program_leaves_one(data_dir: Path, module: str) -> None:
    shown = (
        f"import resource, sys; sys.argv = ['x', '--help']; import {module} as program\n"
        "try:\n    program.main()\nfinally:\n    print(resource.getrlimit(resource.RLIMIT_CORE))"
    )

    assert run(data_dir, "-c", shown).stdout.splitlines()[-1] == "(0, 0)"
