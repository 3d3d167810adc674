"""Fixtures of the whole suite: a real Postgres and a paper exchange over HTTP."""

pytest_plugins = ["tests.postgres", "tests.venue", "tests.worker", "tests.commands", "tests.receiver", "tests.hostile"]
