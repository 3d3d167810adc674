"""The database's fixtures."""

from tests.sql.places import data_dir
from tests.sql.programs import programs

__all__ = ["data_dir", "programs"]
