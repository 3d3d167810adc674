"""Rows as values of a type, by the names of their columns."""

from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

import pytest

from sql.connect import connect
from sql.rows import list_moments, load_rows, load_value
from tests.postgres import Database


class Pair(NamedTuple):
    """Two columns."""

    left: int
    right: int


def test_columns_are_fields_by_their_names_and_moments_are_moments(database: Database) -> None:
    with connect(database.worker_url, name="test") as db:
        assert load_rows(db, Pair, "select 1 as left, 2 as right") == (Pair(1, 2),)
        assert load_rows(db, Pair, "select 2 as right, 1 as left") == (Pair(1, 2),)
        with pytest.raises(TypeError):
            load_rows(db, Pair, "select 1 as left, 2 as middle")
        moments = [
            datetime(2026, 5, 1, 10, 0, 0, 1, UTC),
            datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2))),
        ]
        assert load_value(db, "select %(at)s::timestamptz[]", {"at": list_moments(moments)}) == moments
