"""Fixtures of the whole suite: a real Postgres and a paper exchange over HTTP."""

import gc
import os
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent

# Looking for circles in what a session imported took a twentieth of its time.
gc.set_threshold(100_000, 50, 100)

pytest_plugins = [
    "tests.postgres",
    "tests.venue",
    "tests.worker",
    "tests.commands",
    "tests.receiver",
    "tests.hostile",
    "tests.lived_once",
]


def pytest_sessionstart() -> None:
    """Where several processes run the tests, each begins to import their files at another one: what is compiled the first
    time, which takes as long as all imports, is compiled by one of them."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        return
    count, number = int(os.environ["PYTEST_XDIST_WORKER_COUNT"]), int(worker.removeprefix("gw"))
    files = [path for path in sorted(HERE.rglob("test_*.py")) if "soak" not in path.parts]
    first = len(files) * number // count
    for path in files[first:] + files[:first]:
        import_module(".".join(path.relative_to(HERE.parent).with_suffix("").parts))
