"""What only some readers ask for is imported when they do: pages alone take a quarter less memory."""

import inspect
import subprocess
import sys
from pathlib import Path

from dashboard.tables import TABLES

HERE = Path(__file__).parents[2]
IMPORTED = "import dashboard.__main__, sys; print(*sorted({'fastapi', 'pydantic', 'uvloop'} & sys.modules.keys()))"


def test_pages_need_nothing_of_what_makes_json() -> None:
    found = subprocess.run([sys.executable, "-c", IMPORTED], cwd=HERE, capture_output=True, text=True, check=True)

    assert found.stdout.strip() == ""


def test_a_table_is_described_on_the_page_as_in_the_api() -> None:
    for table in TABLES.values():
        assert table.about == " ".join(inspect.cleandoc(table.row.__doc__ or "").split())
