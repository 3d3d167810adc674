"""The exchange's own Python clients, in the environment that `make .venv-judges/installed` makes for them."""

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[2]
PYTHON = HERE / ".venv-judges" / "bin" / "python"
MOST_SECONDS = 120


@cache
def describe() -> dict[str, Any]:
    """What `clients.describe` says: every method of the clients, by "GET /path"."""
    told: dict[str, Any] = run("describe")
    return told


def run(*arguments: str, given: object = None, python: Path = PYTHON, program: str = "clients.py") -> Any:
    """What a program beside this one answers in the clients' environment. Raises RuntimeError where that is missing or fails."""
    if not python.exists():
        raise RuntimeError("The exchange's own clients are not installed: make .venv-judges/installed")
    ended = subprocess.run(
        [str(python), str(Path(__file__).with_name(program)), *arguments],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
    )
    if ended.returncode:
        raise RuntimeError(f"The exchange's own clients failed: {ended.stderr.strip()[-2000:]}")
    return json.loads(ended.stdout)
