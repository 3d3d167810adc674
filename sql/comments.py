"""The comments of the migrations, by the table, column, index or view they were written for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

OBJECT = re.compile(r"create (?:or replace )?(?:unique )?(?:schema|table|domain|view|index) ([\w.]+)")
TABLE = re.compile(r"(?:create|alter) table monitor\.(\w+)")
COLUMN = re.compile(r"(?:alter table monitor\.\w+ )?(?:add column )?(\w+) +\S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comments:
    """What was written about objects (named as written, column empty) and about columns of tables."""

    texts: dict[tuple[str, str], str]

    def above(self, name: str) -> str:
        """The comment of an object as lines to stand above it; empty without one."""
        return "".join(f"-- {line}\n" for line in self.texts.get((name, ""), "").splitlines())

    def of_column(self, table: str, column: str) -> str:
        """The comment of a column in one line; empty without one."""
        return " ".join(self.texts.get((table, column), "").split())


def read_comments(migrations: Iterable[str]) -> Comments:
    """The comments above or beside what they explain; a later migration's word replaces an earlier one's."""
    texts: dict[tuple[str, str], str] = {}
    for migration in migrations:
        table, above = "", ""
        for line in migration.splitlines():
            code, _, beside = (part.strip() for part in line.partition("--"))
            if not code:
                above = f"{above}\n{beside}".strip() if beside and not beside.startswith("--") else ""
                continue
            table = _table_of(code, table)
            name = _name_of(code, table)
            if name and (above or beside):
                texts[name] = f"{above}\n{beside}".strip()
            above = "" if name else above  # `alter table` alone: the comment is its first column's
    return Comments(texts=texts)


def _table_of(code: str, table: str) -> str:
    if found := TABLE.match(code):
        return found[1]
    return "" if code.startswith(("create", "drop", "insert", "update")) else table


def _name_of(code: str, table: str) -> tuple[str, str] | None:
    """What a line of code makes. Inside a table any first word may be a column: the schema itself tells which are."""
    if made := OBJECT.match(code):
        return made[1], ""
    column = COLUMN.match(code)
    return (table, column[1]) if table and column and not TABLE.fullmatch(code) else None
