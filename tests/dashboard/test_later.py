"""What only some readers ask for is imported when they do: pages alone take a quarter less memory."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

from dashboard.tables import TABLES

HERE = Path(__file__).parents[2]
IMPORTED = "import dashboard.program, sys; print(*sorted({'fastapi', 'pydantic', 'uvloop'} & sys.modules.keys()))"


def test_pages_need_nothing_of_what_makes_json() -> None:
    found = subprocess.run([sys.executable, "-c", IMPORTED], cwd=HERE, capture_output=True, text=True, check=True)

    assert found.stdout.strip() == ""


def test_a_table_is_described_on_the_page_as_in_the_api() -> None:
    for table in TABLES.values():
        assert table.about == " ".join(inspect.cleandoc(table.row.__doc__ or "").split())


USED = """
from dashboard.lean import import_leanly
import_leanly()
import dateutil.easter, fontTools.agl, sys
print(dateutil.easter.easter(2026), dateutil.easter.easter.__doc__, fontTools.agl.toUnicode("A"), dateutil.easter.__cached__)
"""


def test_what_draws_is_imported_without_words_and_kept_so(tmp_path: Path) -> None:
    where = os.environ | {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    no_folder = tmp_path / "file"
    no_folder.touch()
    said = [
        subprocess.run([sys.executable, "-c", USED], cwd=HERE, env=where | more, capture_output=True, text=True)
        for more in (
            {"PYTHONPYCACHEPREFIX": str(no_folder)},
            {"PYTHONDONTWRITEBYTECODE": "1"},
            {},
            {"PYTHONDONTWRITEBYTECODE": "1"},
        )
    ]
    asked = [one.stdout.split(" None A ")[0] for one in said]

    for one in said[:2]:  # nowhere to keep it: as usual
        assert "This method" in one.stdout, one.stderr
    assert asked[2:] == ["2026-04-05"] * 2
    assert [path.name for path in tmp_path.rglob("easter*")] == [f"easter.{sys.implementation.cache_tag}.opt-2.pyc"]
