"""The dashboard's only SQL: stored facts, thinned and added up by the database, never a history that isn't shown.

database (connections, data version) → accounts → track (NAV, benchmark) → holdings → flows → runs
"""

from dashboard.history.database import Database

__all__ = ["Database"]
