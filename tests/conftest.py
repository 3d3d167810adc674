"""Fixtures of the whole suite: a real Postgres and a paper exchange over HTTP."""

import gc

# Looking for circles in what a session imported took a twentieth of its time.
gc.set_threshold(100_000, 50, 100)

pytest_plugins = ["tests.postgres", "tests.venue", "tests.worker", "tests.commands", "tests.receiver", "tests.hostile"]
