"""Who may write: one engine, by a lock; and by the number of its start, which each group of changes is checked against, where a
lock was lost without notice.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from paper.storage.group import Group
from sql.connect import connect
from sql.locks import try_paper_lock
from sql.migrate import check_schema
from sql.rows import Db, load_value

LOOK_AGAIN_SECONDS = 0.5
# Plans are made once, when tables are small, and a whole table is read then: each row is looked up by its key instead.
BY_KEYS = "set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set enable_bitmapscan = off"
BEGIN = "update engine set epoch = epoch + 1 returning epoch"
CHECK = "update engine set number = %(number)s, committed_at = now() where epoch = %(epoch)s"


class Deposed(Exception):
    """Another engine has begun to write: this one may not any more."""


@dataclass(frozen=True, slots=True)
class Reign:
    """The right to write, from the start of one engine to that of the next."""

    db: Db
    epoch: int

    def commit(self, group: Group) -> None:
        """Write a group: all of it or nothing. Raises Deposed, and psycopg's errors, after which nobody knows which."""
        with self.db.transaction():
            with self.db.pipeline() as pipeline:
                checked = self.db.execute(CHECK, {"number": group.number, "epoch": self.epoch}, prepare=True)
                group.write(self.db)
                pipeline.sync()
            if checked.rowcount != 1:
                raise Deposed(
                    "Another engine has begun to write to this database. This one ends, and wrote nothing more."
                )


def begin_reign(url: str, waits: Callable[[], None], patience_seconds: float | None = None) -> Reign:
    """The right to write, once no other engine has it; `waits` is told when one does, once.

    Raises TimeoutError after `patience_seconds`, SchemaMismatch for another schema than the program's.
    """
    db = connect(url, name="paper", schema="paper")
    check_schema(db)
    deadline = None if patience_seconds is None else time.monotonic() + patience_seconds
    is_told = False
    while not try_paper_lock(db):
        if deadline is not None and time.monotonic() >= deadline:
            db.close()
            raise TimeoutError("The paper exchange runs on this database already.")
        if not is_told:
            waits()
            is_told = True
        time.sleep(LOOK_AGAIN_SECONDS)
    try:
        db.execute(BY_KEYS)
        return Reign(db, load_value(db, BEGIN))
    except psycopg.Error:
        db.close()
        raise
