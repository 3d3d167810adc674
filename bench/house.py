"""How the code hangs together: files, lines, mean fan-out, depth of imports and circles of rooms, a line a package.

`python -m bench.house`, a part of `make lint`. Fan-out is how many files of its own package a file imports; depth is the
longest chain of imports; a room is a file or folder at a package's top.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("finance", "sql", "serving", "look", "monitor", "dashboard", "paper")
Graph = dict[str, set[str]]


def main() -> int:
    """Print the figures; returns 1 if rooms of the worker import each other in a circle."""
    for package in PACKAGES:
        files = {_name(path): path for path in Path(package).rglob("*.py")}
        graph = {name: _imports(name, path, files) for name, path in files.items()}
        lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files.values())
        fan_out = sum(map(len, graph.values())) / len(graph)
        circles = _find_circles(graph)
        print(
            f"{package}: {len(files)} files, {lines:,} lines, fan-out {fan_out:.1f}, depth {_depth(graph)}, "
            f"rooms in circles: {', '.join(sorted(circles)) or 'none'}"
        )
        if circles and package == "monitor":
            return 1
    return 0


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _imports(name: str, path: Path, files: dict[str, Path]) -> set[str]:
    named = {found for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for found in _imported(node)}
    return {module for found in named if (module := _resolve(found, files)) and module != name}


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _resolve(name: str, files: dict[str, Path]) -> str:
    """The file that holds `name`: a module, or what is defined in one; empty for what is not of the package."""
    while name and name not in files:
        name = name.rpartition(".")[0]
    return name


def _depth(graph: Graph) -> int:
    known: dict[str, int] = {}

    def measure(name: str, above: tuple[str, ...] = ()) -> int:
        if name in above:
            return 0
        if name not in known:
            known[name] = 1 + max((measure(found, (*above, name)) for found in graph[name]), default=0)
        return known[name]

    return max(measure(name) for name in graph)


def _find_circles(graph: Graph) -> set[str]:
    """The rooms that can be reached from themselves."""
    rooms: Graph = {}
    for name, imports in graph.items():
        room = rooms.setdefault(_room(name), set())
        room |= {_room(found) for found in imports} - {_room(name)}
    return {room for room in rooms if room in _reach(room, rooms)}


def _room(name: str) -> str:
    return ".".join(name.split(".")[:2])


def _reach(room: str, rooms: Graph) -> set[str]:
    reached: set[str] = set()
    left = [room]
    while left:
        found = rooms[left.pop()] - reached
        reached |= found
        left += found
    return reached


if __name__ == "__main__":
    sys.exit(main())
