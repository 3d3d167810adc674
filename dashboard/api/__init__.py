"""Everything that is shown, as JSON: amounts are decimal text, times ISO 8601 in UTC with a Z, unknown is null."""

from dashboard.api.replies import describe_fault
from dashboard.api.routes import Api

__all__ = ["Api", "describe_fault"]
