"""The dashboard over what was imported."""

from tests.dashboard.site import site

__all__ = ["site"]
