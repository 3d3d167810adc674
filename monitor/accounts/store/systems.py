"""How each account's exchange keeps it, as the last run found it."""

from collections.abc import Sequence
from datetime import datetime

from sql.rows import Db, load_value


def load_system(db: Db, account_id: int) -> str:
    """The account's system; empty where it is not known yet, or there is but one."""
    found: str = load_value(db, "select system from accounts where id = %(id)s", {"id": account_id})
    return found


def record_system(db: Db, account_id: int, system: str, limits: Sequence[str], at: datetime) -> None:
    """Remember the account's system and what the exchange can't say of it then, and of a switch what it was before and when
    that was noticed."""
    db.execute(
        """
        update accounts
        set system = %(system)s, limits = %(limits)s, system_before = system, switched_at = case when system <> '' then %(at)s end
        where id = %(id)s
        """,
        {"id": account_id, "system": system, "limits": list(limits), "at": at},
    )
