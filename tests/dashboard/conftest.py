"""The dashboard's fixtures."""

from tests.dashboard.site import site

__all__ = ["site"]
