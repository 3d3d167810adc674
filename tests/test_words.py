"""Names say what a thing is in the field's own words: the private words of earlier versions don't come back."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.test_house_rules import HERE, name, nodes

FILES = [
    *sorted(path for package in ("finance", "monitor", "sql") for path in (HERE / package).rglob("*.py")),
    *(HERE / file for file in ("run_forever.py", "children.py", "dashboard_child.py", "backfill_child.py")),
]
RETIRED = re.compile(
    r"(^|_)(tell|tells|telling|told|retold|untold|happenings?|rebuilt|rebuild|learnt|spell|hearing|deferral|overruling|misplaced|kept)(_|$)"
    r"|^(known|past|found|over|seen)(_\w+)?_class$"
)
STORED = {"told_at", "told_amount", "told_fee", "has_told"}  # columns of the database, which values are named after
TEXT = re.compile(r"\b(told|tells?|telling|untold|retold|happenings)\b", re.IGNORECASE)
STORED_TEXTS = {  # written by earlier versions, too
    "finance/ledger_entries.py": "told by the exchange",
    "monitor/notify/absence.py": "database-away.told",
}


def names(path: Path) -> Iterator[str]:
    """Every name that a file gives: its own, and of functions, types, parameters and variables."""
    yield path.stem
    for node in nodes(path):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name
        elif isinstance(node, ast.ClassDef):
            yield f"{words(node.name)}_class"
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id.lower() if node.id.isupper() else words(node.id)


def words(camel: str) -> str:
    """A type's name as words, `PortfolioRun` as portfolio_run."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", camel).lower()


def test_retired_words_are_in_no_name() -> None:
    assert RETIRED.search("tell_hour") and RETIRED.search("known_price_class") and RETIRED.search("over_class")

    found = {(name(path), one) for path in FILES for one in names(path) if RETIRED.search(one) and one not in STORED}

    assert found == set()


def test_retired_words_are_in_no_sentence() -> None:
    found = [
        f"{name(path)}: {line.strip()}"
        for path in FILES
        for line in path.read_text(encoding="utf-8").splitlines()
        if TEXT.search(line) and STORED_TEXTS.get(name(path), "-") not in line
    ]

    assert found == []


WRITERS_WORDS = re.compile(  # of who wrote it, not of who trades
    r"\bis ahead of\b|Take care\.|market of what is held|figures of .{0,40} with you|Below the highest so far"
    r"|not made up for|How days ended|Hold it still|Nothing was worth a line|no API (tells|shows)|means nothing"
    r"|\bmanual in\b|choice of coins",
    re.IGNORECASE,
)


def test_sentences_are_those_of_people_who_trade() -> None:
    rooms = [HERE / room for room in ("dashboard", "look", "monitor", "finance")]
    files = [path for room in rooms for end in ("py", "html") for path in room.rglob(f"*.{end}")]
    assert WRITERS_WORDS.search("That address means nothing here")

    found = [
        f"{name(path)}: {line.strip()}"
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
        if WRITERS_WORDS.search(line)
    ]

    assert found == []
