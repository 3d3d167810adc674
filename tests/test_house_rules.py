"""The architecture's promises, checked on the code itself."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
PACKAGES = ("monitor", "dashboard", "paper", "sql")
FILES = sorted(path for package in PACKAGES for path in (HERE / package).rglob("*.py")) + [HERE / "run_forever.py"]
NAMES = [str(path.relative_to(HERE)) for path in FILES]
SQL_HOMES = ("sql/", "monitor/store/", "monitor/accounts.py", "dashboard/history/")
FLOAT_HOMES = ("paper/simulated.py", "paper/faults.py", "dashboard/charts/")
CLOCK_HOMES = ("run_forever.py", "__main__.py", "paper/clock.py", "dashboard/app.py", "monitor/exchanges/connection.py")
DRAWERS = {"utils", "helpers", "common", "misc", "base", "core", "lib", "manager"}
each_file = pytest.mark.parametrize("path", FILES, ids=NAMES)
BENCHES = sorted((HERE / "bench").glob("*.py"))
each_file_and_bench = pytest.mark.parametrize(
    "path", FILES + BENCHES, ids=[*NAMES, *(f"bench/{b.name}" for b in BENCHES)]
)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return str(path.relative_to(HERE))


@each_file_and_bench
def test_a_file_is_short_and_says_what_it_is(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 265
    assert path.stem not in DRAWERS
    assert ast.get_docstring(tree(path))


@each_file_and_bench
def test_functions_are_short(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name != "make_app":
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            assert (node.end_lineno or 0) - first.lineno < 45, node.name


@each_file
def test_packages_meet_only_in_sql(path: Path) -> None:
    package = name(path).split("/")[0]
    allowed = {"sql"} | ({package} if package in PACKAGES else set())
    for node in ast.walk(tree(path)):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for module in modules:
            assert module.split(".")[0] not in set(PACKAGES) - allowed, module
            assert not module.startswith("ccxt") or name(path) == "monitor/exchanges/connection.py"


@each_file
def test_statements_live_where_they_belong(path: Path) -> None:
    if name(path).startswith(SQL_HOMES):
        return
    pattern = re.compile(r"^\s*(select|insert into|update \w+ set|delete from)\s", re.IGNORECASE)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not pattern.match(node.value), node.value


@each_file
def test_money_is_never_a_float(path: Path) -> None:
    if name(path).startswith(FLOAT_HOMES):
        return
    for node in ast.walk(tree(path)):
        is_float = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
        assert not is_float


@each_file
def test_the_clock_is_read_at_the_edges(path: Path) -> None:
    assert "datetime.now(" not in path.read_text() or name(path).endswith(CLOCK_HOMES)


@each_file
def test_the_environment_is_read_in_settings(path: Path) -> None:
    homes = ("settings.py", "run_forever.py", "sql/backup.py", "sql/embedded/cluster.py")
    assert "os.environ" not in path.read_text() or name(path).endswith(homes)


def test_there_is_one_broad_except() -> None:
    broad = [name(path) for path in FILES if re.search(r"except( Exception| BaseException)?:", path.read_text())]
    assert broad == ["run_forever.py"]


@each_file
def test_values_are_frozen(path: Path) -> None:
    if not name(path).startswith("monitor/"):
        return
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef) and node.name not in ("Answer", "Clock"):
            for decorator in node.decorator_list:
                assert "dataclass" not in ast.unparse(decorator) or "frozen=True" in ast.unparse(decorator), node.name
