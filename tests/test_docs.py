"""Documents and code say the same."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from monitor.settings import list_exchange_settings

HERE = Path(__file__).parents[1]
SETTINGS = (
    *("monitor/settings.py", "dashboard/settings.py", "sql/settings.py"),
    *("paper/api/policy.py", "paper/platform/settings.py"),
)


def settings_in_code() -> set[str]:
    code = "".join((HERE / path).read_text() for path in SETTINGS)
    return {
        n
        for n in re.findall(r'"([A-Z][A-Z_]{3,})"', code)
        if n not in ("INFO", "WARNING", "ERROR") and not n.endswith("_FILE")
    }


def test_the_example_the_readme_and_the_code_know_the_same_settings() -> None:
    example = set(re.findall(r"^#?([A-Z_]{4,})=", (HERE / "deploy/environment.example").read_text(), re.MULTILINE))
    cells = re.findall(r"^\| (`[A-Z_]+`[^|]*)\|", (HERE / "README.md").read_text(), re.MULTILINE)
    table = {name for cell in cells for name in re.findall(r"`([A-Z_]{4,})`", cell)}

    assert example == table == settings_in_code() | {"DASHBOARD"} | set(list_exchange_settings())


def test_the_adapters_readme_knows_every_endpoint() -> None:
    folder = HERE / "monitor/exchanges/binance"
    code = "".join(path.read_text() for path in sorted(folder.glob("*.py")))
    paths = set(re.findall(r'Endpoint\(\s*family="[^"]+", path="([^"]+)"', code))
    readme = (folder / "README.md").read_text()

    assert len(paths) > 50
    assert [path for path in sorted(paths) if f"{path}`" not in readme] == []


def test_every_command_of_the_readme_exists() -> None:
    readme, makefile = (HERE / "README.md").read_text(), (HERE / "Makefile").read_text()
    for target in re.findall(r"(?:`|^    )make ([a-z]+)", readme, re.MULTILINE):
        assert f"\n{target}:" in makefile, target


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "CONTRIBUTING.md", "GLOSSARY.md", "README.md", "SECURITY.md"])
def test_the_documents_name_files_that_exist(document: str) -> None:
    named = re.findall(
        r"`((?:monitor|dashboard|finance|sql|paper|serving|bench|tests|deploy)/[\w/.]+)`", (HERE / document).read_text()
    )

    missing = [name for name in named if not (HERE / name).exists() and not (HERE / f"{name}.py").exists()]
    assert [name for name in missing if "NNNN" not in name] == []


def test_there_is_one_version() -> None:
    from sql.version import VERSION

    newest = re.search(r"^## (\S+)", (HERE / "CHANGELOG.md").read_text(), re.MULTILINE)
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]

    assert newest is not None
    assert newest[1] == project["version"] == VERSION


def test_the_readme_and_the_help_name_every_command() -> None:
    readme = set(re.findall(r"`python -m monitor ([a-z-]+)", (HERE / "README.md").read_text()))
    shown = subprocess.run([sys.executable, "-m", "monitor", "--help"], cwd=HERE, capture_output=True, text=True)
    commands = set(re.findall(r"^    ([a-z-]+) ", shown.stdout, re.MULTILINE))

    assert {"run", "account", "verify"} <= commands == readme


def pinned(file: str) -> dict[str, Requirement]:
    lines = (line.partition("#")[0].strip() for line in (HERE / file).read_text().splitlines())
    packages = [Requirement(line) for line in lines if line and not line.startswith("-")]
    assert all(str(package.specifier).startswith("==") for package in packages)
    return {canonicalize_name(package.name): package for package in packages}


def brought_along(package: Requirement, seen: set[str]) -> Iterator[str]:
    """Names of everything that is installed because of `package`."""
    try:
        wanted = [Requirement(line) for line in requires(package.name) or ()]
    except PackageNotFoundError:
        return  # what only `make bench` installs
    for other in wanted:
        name = canonicalize_name(other.name)
        if name not in seen and any(not other.marker or other.marker.evaluate({"extra": extra})
                                    for extra in package.extras or {""}):  # fmt: skip
            seen.add(name)
            yield name
            yield from brought_along(other, seen)


def test_every_package_that_another_brings_along_has_its_version_in_the_constraints() -> None:
    ours = pinned("requirements.txt") | pinned("requirements-dev.txt")
    fixed = pinned("constraints.txt")
    along = {name for package in ours.values() for name in brought_along(package, set())}

    assert along - ours.keys() <= fixed.keys()
    assert "pydantic-core" in along and not ours.keys() & fixed.keys()


def test_what_is_installed_is_what_was_asked_for_at_the_tested_versions_with_hashes() -> None:
    text = (HERE / "requirements.lock").read_text()
    locked: dict[str, str] = {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", text, re.MULTILINE)
    }
    asked = {name: str(package.specifier)[2:] for name, package in pinned("requirements.txt").items()}
    tested = {name: str(package.specifier)[2:] for name, package in pinned("constraints.txt").items()}

    assert {str(name): locked.get(name) for name in asked} == {
        str(name): asked[name] for name in asked
    }  # else: make lock
    assert {name: version for name, version in locked.items() if name in tested and tested[name] != version} == {}
    blocks = re.split(r"^(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE)[1:]
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_readme_shows_the_first_page(scheme: str) -> None:
    name = f"docs/overview-{scheme}.png"
    picture = (HERE / name).read_bytes()

    assert f'="{name}"' in (HERE / "README.md").read_text()
    assert picture.startswith(b"\x89PNG") and len(picture) < 150_000
    assert int.from_bytes(picture[16:20]) == 1280  # pixels wide
