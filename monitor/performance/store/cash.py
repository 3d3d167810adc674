"""The owner's list of what counts as money rather than as a coin that is traded."""

from collections.abc import Collection
from datetime import datetime

from sql.rows import Db, load_values


def load_cash(db: Db) -> frozenset[str]:
    """All that counts as money."""
    return frozenset(load_values(db, "select asset from cash"))


def change_cash(db: Db, more: Collection[str], less: Collection[str], at: datetime) -> None:
    """Let `more` of them count, and `less` no longer. Trades are to be derived again in the same transaction."""
    db.execute(
        "insert into cash (asset, at) select asset, %(at)s from unnest(%(more)s::text[]) as more (asset)",
        {"more": sorted(more), "at": at},
    )
    db.execute("delete from cash where asset = any(%(less)s)", {"less": list(less)})
