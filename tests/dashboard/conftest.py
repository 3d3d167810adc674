"""The dashboard's fixtures."""

from tests.dashboard.site import long_site, own_site, site

__all__ = ["long_site", "own_site", "site"]
