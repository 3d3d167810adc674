"""The route of the audit trail: what was changed of oneself; for an admin, of everybody."""

from typing import Any

from paper.api.operations import Answer, Asked, Operation
from paper.api.pages import LIMIT, USUAL, choose
from paper.users.records import AuditEntry, Role


async def read(asked: Asked) -> Answer:
    """GET /api/audit-logs: the newest first"""
    whose = None if asked.user.role is Role.ADMIN else asked.user.id
    most = asked.values.get("limit", USUAL)
    rows = await asked.membership.trail.read(whose, asked.values.get("before"), most + 1)
    chosen, following = choose(rows, asked.values)
    return 200, {"audit_logs": [_describe(number, entry) for number, entry in chosen], "next": following}


def _describe(number: int, entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": number,
        "user_id": str(entry.user) if entry.user else None,
        "actor": entry.actor,
        "action": entry.action,
        "table_name": entry.table,
        "record_id": entry.record,
        "old_values": entry.old_values,
        "new_values": entry.new_values,
        "ip_address": entry.address,
        "user_agent": entry.agent,
        "created_at": entry.at.isoformat(),
    }


OPERATIONS = (Operation(method="GET", path="/api/audit-logs", answer=read, query=LIMIT),)
