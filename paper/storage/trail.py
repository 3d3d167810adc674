"""The audit trail in SQL, read as who asks: a user his own rows, an admin all of them."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.rows import tuple_row

from paper.users.records import AuditEntry
from sql.connect import connect

LAST = 2**63 - 1
ROWS = """
    select id, user_id, actor, action, table_name, record_id, old_values, new_values, ip_address, user_agent, created_at
    from audit_logs
    where id < %(before)s
    order by id desc
    limit %(most)s
    """


class StoredTrail:
    """Reads with a role that sees rows of one account alone, unless it says that it is everybody's that are wanted."""

    def __init__(self, url: str, accounts: Mapping[str, Any]) -> None:
        self._accounts = accounts
        self._db = connect(url, name="paper trail", schema="paper", read_only=True)
        self._turn = asyncio.Lock()

    def close(self) -> None:
        """End the connection."""
        self._db.close()

    async def read(self, user: UUID | None, before: int | None, most: int) -> list[tuple[int, AuditEntry]]:
        """The last entries before a number, the newest first, each with its number; of one user, or of all."""
        account = str(self._accounts[str(user)].uid) if user else ""
        async with self._turn:
            return await asyncio.to_thread(self._read, account, before or LAST, most)

    def _read(self, account: str, before: int, most: int) -> list[tuple[int, AuditEntry]]:
        with self._db.transaction():
            self._db.execute(
                "select set_config('paper.account', %s, true), set_config('paper.everybody', %s, true)",
                [account, "" if account else "on"],
            )
            asked = {"before": before, "most": most}
            rows = self._db.cursor(row_factory=tuple_row).execute(ROWS, asked).fetchall()
        return [(row[0], _read_entry(row[1:])) for row in rows]


def _read_entry(row: tuple[Any, ...]) -> AuditEntry:
    user, actor, action, table, record, old, new, address, agent, at = row
    return AuditEntry(
        user=user,
        actor=actor,
        action=action,
        table=table,
        record=record,
        old_values=old,
        new_values=new,
        address=address,
        agent=agent,
        at=at,
    )
