"""The architecture's promises, checked on the code itself."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import sql.environment
from finance.exchanges import NAMES, WITH_PASSPHRASE, WITH_UNDECIDED_FEE
from monitor.exchanges import EXCHANGES
from paper.__main__ import OTHER_PORTS
from paper.stories.exchanges import PASSPHRASES, SYSTEMS

HERE = Path(__file__).parents[1]
PACKAGES = ("finance", "look", "monitor", "dashboard", "paper", "serving", "sql")
SHARED = ("finance", "serving", "sql", "look")  # what every process may import
FILES = sorted(path for package in PACKAGES for path in (HERE / package).rglob("*.py")) + [
    HERE / "run_forever.py",
    HERE / "children.py",
    HERE / "dashboard_child.py",
    HERE / "backfill_child.py",
]
BENCHES = sorted((HERE / "bench").glob("*.py"))
RUNNING = ("execute", "executemany", "execute_each", "load_rows", "load_row", "load_values", "load_value", "load_dict")
ROWS_BY_NAME = (
    "monitor/performance/store/stored_rows.py",  # `verify` compares columns by their names
    "dashboard/portfolio.py",  # wide rows, which templates show by their columns' names
    "dashboard/pages/coin_lines.py",
    "dashboard/pages/health.py",
    "dashboard/pages/holdings.py",
    "dashboard/pages/hour.py",
)
SQL_HOMES = ("sql/", "paper/storage/", "monitor/database/", "monitor/accounts/registry.py", "dashboard/history/")
EXCHANGE_HOMES = (
    *(f"monitor/exchanges/{exchange}/" for exchange in EXCHANGES),
    "monitor/exchanges/__init__.py",
    "finance/exchanges.py",
    "monitor/settings.py",
)
EXCHANGES_WORDS = re.compile(
    r"(?i:binance|\b[sfdpe]api\b|x-mbx)|^-[0-9]{4,}$|\b[A-Z0-9]{2,}(USDT\b|USD_)|recvWindow|^[a-z]+(Asset|Qty|Time|Id|Amount)$"
)
WIRE_WORDS = re.compile(r"^/[a-z]+/v[0-9]|(?i:x-mbx|x-sapi)|^-[0-9]{4,}$|^[A-Z]+_[A-Z_]+$|^[a-z]+([A-Z][a-z]*)+$")
FLOAT_HOMES = ("paper/market/simulated.py", "paper/faults.py", "dashboard/charts/")
CLOCK_HOMES = (
    "run_forever.py",
    "__main__.py",
    "paper/clock.py",
    "dashboard/app.py",
    "monitor/exchanges/http/network.py",
)
ENVIRONMENT_HOMES = ("sql/environment.py", "run_forever.py", "children.py", "sql/backup.py", "sql/embedded/cluster.py")
SETTINGS_HOME = "paper/platform/settings.py"  # settings are called as variables of the environment are
DRAWERS = {"utils", "helpers", "common", "misc", "base", "core", "lib", "manager"}
STATEMENT = re.compile(r"^\s*(select|insert into|update \w+ set|delete from)\s", re.IGNORECASE)


def name(path: Path) -> str:
    return str(path.relative_to(HERE))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree(path)))


def mentioning(words: str) -> list[Path]:
    return [path for path in FILES if words in path.read_text(encoding="utf-8")]


def test_a_file_is_short_and_says_what_it_is() -> None:
    files = FILES + BENCHES

    assert len(files) > 250
    assert [name(path) for path in files if len(path.read_text(encoding="utf-8").splitlines()) > 265] == []
    assert [name(path) for path in files if path.stem in DRAWERS] == []
    assert [name(path) for path in files if not ast.get_docstring(tree(path))] == []


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function after its first statement, its docstring and the text of statements aside."""
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    texts = [part for part in ast.walk(node) if isinstance(part, (ast.Constant, ast.JoinedStr))]
    laid_out = {line for text in texts for line in range(text.lineno + 1, (text.end_lineno or 0))}
    return (node.end_lineno or 0) - first.lineno - len([line for line in laid_out if line > first.lineno])


def test_functions_are_short() -> None:
    functions = [
        (name(path), node)
        for path in FILES + BENCHES
        for node in nodes(path)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name != "make_app"
    ]

    assert [f"{file}: {node.name}" for file, node in functions if length(node) >= 45] == []


def imported(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_processes_never_import_each_other() -> None:
    foreign = [
        f"{name(path)}: {module}"
        for path in FILES
        for module in imported(path)
        if module.split(".")[0] in {"monitor", "dashboard", "paper"} - {name(path).split("/")[0]}
    ]

    assert foreign == []


def test_what_is_shared_imports_nothing_of_ours() -> None:
    foreign = [
        f"{name(path)}: {module}"
        for path in FILES
        for module in imported(path)
        if (home := name(path).split("/")[0]) in SHARED and module.split(".")[0] in set(PACKAGES) - {home}
    ]

    assert foreign == []


def rooms(package: str) -> list[str]:
    """The rooms of a package, in the order in which its docstring names them."""
    return re.findall(r"^([a-z_]+) {2,}", ast.get_docstring(tree(HERE / package / "__init__.py")) or "", re.MULTILINE)


@pytest.mark.parametrize("package", ["monitor", "paper"])
def test_the_rooms_are_those_that_are_named(package: str) -> None:
    found = {
        path.stem for path in (HERE / package).iterdir() if path.stem[0] not in "_." and path.suffix in ("", ".py")
    }
    architecture = (HERE / "ARCHITECTURE.md").read_text(encoding="utf-8")

    assert set(rooms(package)) == found
    assert re.findall(rf"^\| `{package}/([a-z_]+)` \|", architecture, re.MULTILINE) == rooms(package)


@pytest.mark.parametrize("package", ["monitor", "paper"])
def test_a_room_imports_only_rooms_above_it(package: str) -> None:
    order = [*rooms(package), "__main__"]
    below = [
        f"{name(path)}: {module}"
        for path in FILES
        for module in imported(path)
        if name(path).startswith(f"{package}/") and module.startswith(f"{package}.")
        if order.index(module.split(".")[1])
        > order.index(path.relative_to(HERE / package).parts[0].removesuffix(".py"))
    ]

    assert below == []


def test_the_worker_measures_nothing() -> None:
    """What describes a period needs numpy, which costs memory every hour."""
    users = [
        f"{name(path)}: {module}"
        for path in FILES
        for module in imported(path)
        if name(path).startswith(("monitor/", "sql/")) or path.parent == HERE / "finance"
        if module.startswith(("numpy", "finance.measures"))
    ]

    assert users == []


def test_one_file_knows_the_exchanges_client() -> None:
    users = {name(path) for path in FILES if any(module.startswith("ccxt") for module in imported(path))}

    assert users == {"monitor/exchanges/http/connection.py"}
    loaded = [module for module in imported(HERE / "monitor/exchanges/http/connection.py") if module.startswith("ccxt")]
    assert loaded == ["ccxt.base.errors"]  # an exchange's class is loaded by name, when a connection first needs it


def texts(node: ast.AST) -> Iterator[str]:
    """What a node is called, or says."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        yield f"-{node.operand.value!r}"
    elif isinstance(node, (ast.Name, ast.Attribute, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield str(getattr(node, "id", "") or getattr(node, "attr", "") or getattr(node, "name", ""))


def test_an_exchanges_folder_is_imported_by_nobody_else() -> None:
    """So that taking it away, with its line, breaks nothing."""
    folders = {exchange: f"monitor.exchanges.{exchange}" for exchange in EXCHANGES}
    users = [
        f"{name(path)}: {module}"
        for path in FILES
        for module in imported(path)
        for exchange, folder in folders.items()
        if f"{module}.".startswith(f"{folder}.") and not name(path).startswith(f"monitor/exchanges/{exchange}/")
    ]

    assert users == []


def test_every_list_of_exchanges_has_the_same() -> None:
    folders = {path.parent.name for path in (HERE / "monitor/exchanges").glob("*/adapter.py")}

    assert folders == set(EXCHANGES) <= NAMES.keys() == SYSTEMS.keys()
    assert tuple(map(str.upper, NAMES)) == sql.environment.EXCHANGES  # whose secrets a file must keep to itself
    assert {*WITH_PASSPHRASE, *WITH_UNDECIDED_FEE} <= NAMES.keys() and set(PASSPHRASES) == set(WITH_PASSPHRASE)
    assert {"binance", *OTHER_PORTS} == NAMES.keys() and len(set(OTHER_PORTS.values())) == len(OTHER_PORTS)


def test_an_exchanges_words_stand_in_its_own_folder() -> None:
    """Names of the exchange, families and headers of its API, its error codes, symbols, names of its fields."""
    strays = [
        f"{name(path)}:{getattr(node, 'lineno', 1)}: {found[0]}"
        for path in FILES
        if name(path).startswith(("monitor/", "finance/")) and not name(path).startswith(EXCHANGE_HOMES)
        for node in nodes(path)
        for text in texts(node)
        if (found := EXCHANGES_WORDS.search(text))
    ]

    assert strays == []


def test_the_papers_words_of_the_wire_stand_under_wire() -> None:
    """Routes, headers, names of fields and codes of errors: the venue itself speaks no protocol."""
    strays = [
        f"{name(path)}:{getattr(node, 'lineno', 1)}: {found[0]}"
        for path in FILES
        if name(path).startswith("paper/") and not name(path).startswith(("paper/wire/", "paper/api/", SETTINGS_HOME))
        for node in nodes(path)
        for text in texts(node)
        if isinstance(node, (ast.Constant, ast.UnaryOp)) and (found := WIRE_WORDS.search(text))
    ]
    ambient = [name(path) for path in FILES if name(path).startswith("paper/") and "venue.current" in path.read_text()]

    assert strays == []
    assert ambient == []


def test_nothing_but_its_adapter_is_asked_of_an_exchange() -> None:
    """Its folder is loaded by name: no other room knows how it is read."""
    users = [
        f"{name(path)}: {module}"
        for path in FILES
        for module in imported(path)
        if re.match(r"monitor\.exchanges\.binance\b", module)
        and not name(path).startswith("monitor/exchanges/binance/")
    ]

    assert users == []


def test_statements_live_where_they_belong() -> None:
    strays = [
        f"{name(path)}: {node.value}"
        for path in FILES
        if not name(path).startswith(SQL_HOMES) and "/store/" not in name(path)
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.match(node.value)
    ]

    assert strays == []


def written(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Calls that run a statement, each with the statement as it is written."""
    source = path.read_text(encoding="utf-8")
    for node in nodes(path):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in RUNNING:
            texts = [part for part in node.args if isinstance(part, (ast.Constant, ast.JoinedStr))]
            yield from ((node, ast.get_source_segment(source, text) or "") for text in texts)


def test_a_statement_is_one_text_that_can_be_pasted() -> None:
    joined = [
        f"{name(path)}:{call.lineno}"
        for path in FILES
        for call, text in written(path)
        if not re.match(r'f?"""', text) and "\n" in text
    ]

    assert joined == []


def test_rows_are_values_of_a_type() -> None:
    found = [name(path) for path in mentioning('row["') if name(path).startswith(("monitor/", "dashboard/"))]

    # What an exchange answers is read by names, too: its fields are looked at one by one.
    assert [path for path in found if not path.startswith("monitor/exchanges/") and path not in ROWS_BY_NAME] == []


def test_money_is_never_a_float() -> None:
    floats = [
        f"{name(path)}:{node.lineno}"
        for path in FILES
        if not name(path).startswith(FLOAT_HOMES)
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
    ]

    assert floats == []


def test_the_clock_is_read_at_the_edges() -> None:
    assert [name(path) for path in mentioning("datetime.now(") if not name(path).endswith(CLOCK_HOMES)] == []


def test_the_environment_is_read_in_one_place() -> None:
    assert [name(path) for path in mentioning("os.environ") if not name(path).endswith(ENVIRONMENT_HOMES)] == []


def test_broad_excepts_are_boundaries() -> None:
    broad = [name(path) for path in FILES if re.search(r"except(:| .*\b(Base)?Exception\b)", path.read_text())]

    assert broad == ["monitor/database/containment.py", "run_forever.py"]


def test_values_are_frozen() -> None:
    dataclasses = [
        (f"{name(path)}: {node.name}", ast.unparse(decorator))
        for path in FILES
        if name(path).startswith(("monitor/", "finance/"))
        for node in nodes(path)
        if isinstance(node, ast.ClassDef) and node.name not in ("Response", "Clock")
        for decorator in node.decorator_list
        if "dataclass" in ast.unparse(decorator)
    ]

    assert [place for place, decorator in dataclasses if "frozen=True" not in decorator] == []
