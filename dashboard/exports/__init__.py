"""What can be taken away: tables as CSV, a day's end, and a period's report as one HTML file or as PDF."""

from dashboard.exports.routes import make_exports

__all__ = ["make_exports"]
