"""The dashboard's fixtures."""

from tests.dashboard.site import database, long_history, long_site, own_site, site

__all__ = ["database", "long_history", "long_site", "own_site", "site"]
