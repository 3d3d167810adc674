"""The Dockerfile as it is read without Docker: its instructions, and the folder that it makes."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parents[2]


@dataclass(frozen=True)
class Instruction:
    """One instruction: its word, and what stands after it, on one line."""

    word: str
    rest: str


def read_dockerfile() -> list[Instruction]:
    """The instructions of the Dockerfile."""
    lines = [line for line in (HERE / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def copied() -> list[str]:
    """The files and folders that the build takes from the project."""
    copies = [one.rest.split() for one in read_dockerfile() if one.word == "COPY" and not one.rest.startswith("--from")]
    return [source for *sources, _ in copies for source in sources]


def lay_out(folder: Path) -> None:
    """Make in `folder` what the image has in /app, but for the packages."""
    for path in (path for source in copied() for path in HERE.glob(source)):
        if path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, folder)
