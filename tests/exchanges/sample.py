"""Answers of the real exchange that nobody here wrote, as data: each file says what it rests on and where it is from."""

import json
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parent / "samples"


def read_sample(name: str) -> Any:
    """The answer that a sample holds."""
    return _load(name)["answer"]


def path_of(name: str) -> str:
    """The path that gives a sample's answer."""
    return str(_load(name)["path"])


def _load(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return told


def answering(answer: Any) -> dict[str, Any]:
    """A fault that lets a path give this answer."""
    return {"status": 200, "body": json.dumps(answer)}
