"""A damaged file of the database is said in a sentence, and no figure is made of it."""

from pathlib import Path

import pytest

from sql import embedded
from sql.connect import connect
from sql.embedded.place import find_place
from tests.sql.programs import Programs

PAGE = 8192


def damage(data_dir: Path, table: str) -> None:
    """Let a bit rot in the first page of a table."""
    with connect(embedded.url(data_dir, "owner"), name="test") as db:
        row = db.execute("select pg_relation_filepath(%(table)s) as file", {"table": table}).fetchone()
    assert row
    embedded.stop(data_dir)
    with (find_place(data_dir).cluster / row["file"]).open("r+b") as file:
        file.seek(PAGE // 2)
        byte = file.read(1)[0]
        file.seek(PAGE // 2)
        file.write(bytes([byte ^ 0xFF]))
    embedded.start(data_dir)


@pytest.mark.parametrize("command", ["verify", "run"])
def test_a_damaged_page_is_said_with_what_to_do(programs: Programs, data_dir: Path, command: str) -> None:
    assert programs.run("monitor", "run")[0] == 0
    damage(data_dir, "monitor.nav_history")
    code, said = programs.run("monitor", command)

    assert code == 4
    assert "The database's files are damaged: invalid page in block 0" in said
    assert "python -m sql restore" in said
    assert "Traceback" not in said
