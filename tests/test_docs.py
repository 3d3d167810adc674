"""Documents and code say the same."""

import re
from pathlib import Path

HERE = Path(__file__).parents[1]
SETTINGS = ("monitor/settings.py", "dashboard/settings.py", "sql/settings.py")


def settings_in_code() -> set[str]:
    code = "".join((HERE / path).read_text() for path in SETTINGS)
    return {
        n
        for n in re.findall(r'"([A-Z][A-Z_]{3,})"', code)
        if n not in ("INFO", "WARNING", "ERROR") and not n.endswith("_FILE")
    }


def test_the_example_the_readme_and_the_code_know_the_same_settings() -> None:
    example = set(re.findall(r"^#?([A-Z_]{4,})=", (HERE / "deploy/environment.example").read_text(), re.MULTILINE))
    table = set(re.findall(r"^\| `([A-Z_]+)`", (HERE / "README.md").read_text(), re.MULTILINE))

    assert example == table == settings_in_code()


def test_every_command_of_the_readme_exists() -> None:
    readme, makefile = (HERE / "README.md").read_text(), (HERE / "Makefile").read_text()
    for target in re.findall(r"make ([a-z]+)", readme):
        assert f"\n{target}:" in makefile, target


def test_the_version_is_the_changelogs_newest() -> None:
    from monitor import VERSION

    assert f"## {VERSION}" in (HERE / "CHANGELOG.md").read_text()
