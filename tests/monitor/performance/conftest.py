"""Fixtures of the tests of an hour."""

from tests.monitor.performance.hours import hours

__all__ = ["hours"]
