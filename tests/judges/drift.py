"""`make drift`: what the newest versions of the exchange's own clients say differently, for the endpoints that we use.

It installs them in an environment of their own, which is removed again; the pinned ones stay as they are.
"""

import json
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from paper.wire.binance.routes import ROUTES
from tests.judges.official import HERE, PYTHON, describe, run
from tests.judges.test_endpoints import ENDPOINTS

REQUIREMENTS = HERE / "requirements-judges.txt"
CLIENT = re.compile(r"^binance-sdk-[a-z0-9-]+", re.MULTILINE)


def main() -> int:
    """Print the differences; returns the exit code."""
    used = sorted(ENDPOINTS | {f"{route.method} {path.rpartition(' ')[2]}" for path, route in ROUTES.items()})
    with tempfile.TemporaryDirectory() as folder:
        print("installation: the newest versions of the exchange's own clients, to be removed again", flush=True)
        python = install(Path(folder), CLIENT.findall(REQUIREMENTS.read_text(encoding="utf-8")))
        newer = dict(sorted(list_versions(python).items() - list_versions(PYTHON).items()))
        newest = run("describe", python=python)
    told = [line for name in used for line in compare(name, describe(), newest)]
    print(f"newer: {', '.join(f'{name} {version}' for name, version in newer.items()) or 'none'}")
    print("\n".join(told) or "Nothing differs for the endpoints that are used.")
    return 0


def install(folder: Path, clients: list[str]) -> Path:
    """The interpreter of a new environment that has the newest `clients`. Raises CalledProcessError."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *clients], check=True)
    return python


def list_versions(python: Path) -> dict[str, str]:
    """The clients of an environment and their versions."""
    asked = [str(python), "-m", "pip", "list", "--format=json", "--disable-pip-version-check"]
    listed = json.loads(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)
    return {one["name"]: one["version"] for one in listed if CLIENT.match(one["name"])}


def compare(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What is different about a method and path, a line each."""
    if name not in before:
        yield from [f"{name}: exists now"] if name in after else []
        return
    if name not in after:
        yield f"{name}: gone"
        return
    for what in ("client", "is_signed", "weight"):
        if before[name][what] != after[name][what]:
            yield f"{name}: {what} is {after[name][what]}, was {before[name][what]}"
    parameters = [
        {word: json.dumps(told) for word, told in side[name]["parameters"].items()} for side in (before, after)
    ]
    yield from (f"{name}: parameter {line}" for line in changes(*parameters))
    yield from (
        f"{name}: field {line}" for line in changes(*(dict(flatten(side[name]["answer"])) for side in (before, after)))
    )


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """What came, went or changed, by name."""
    for word in sorted(before.keys() | after.keys()):
        if before.get(word) != after.get(word):
            yield f"{word}: {before.get(word, 'none')} -> {after.get(word, 'none')}"


def flatten(shape: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The fields of an answer's shape by their paths, and their kinds."""
    if isinstance(shape, dict):
        for word, inner in shape.items():
            yield from flatten(inner, f"{path}.{word}".lstrip("."))
    elif isinstance(shape, list):
        for number, inner in enumerate(shape[1:]):
            yield from flatten(inner, f"{path}[]" if shape[0] == "list" else f"{path}({number})")
    else:
        yield path, shape


if __name__ == "__main__":
    sys.exit(main())
