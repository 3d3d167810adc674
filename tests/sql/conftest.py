"""The database's fixtures."""

from tests.sql.places import data_dir

__all__ = ["data_dir"]
