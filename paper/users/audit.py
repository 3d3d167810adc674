"""The audit trail: who changed what of which row, from what to what. What is secret is masked, whatever it was."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from paper.users.records import ApiKey, AuditEntry, RefreshToken, TradingConfig, User

MASK = "…"
LONGEST_AGENT = 300
OPERATOR = "operator"
Audited = User | RefreshToken | ApiKey | TradingConfig
TABLES = {User: "users", RefreshToken: "refreshtokens", ApiKey: "api_keys", TradingConfig: "user_trading_configs"}
UNTOLD = ("updated_at", "last_used")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who asked for a change, and from where."""

    actor: str = ""  # a user's id, or OPERATOR; empty: nobody yet
    address: str
    agent: str = ""


def note(action: str, before: Audited | None, after: Audited, origin: Origin, now: datetime) -> AuditEntry:
    """The entry of a row that was made (`before` is None) or changed."""
    old, new = _describe(before) if before else {}, _describe(after)
    changed = [name for name in new if before is None or _differs(before, after, name)]
    whose = after.id if isinstance(after, User) else after.user
    return AuditEntry(
        user=whose,
        actor=origin.actor or str(whose),
        action=action,
        table=TABLES[type(after)],
        record=after.key if isinstance(after, ApiKey) else str(after.id),
        old_values={name: old[name] for name in changed} if before else None,
        new_values={name: new[name] for name in changed},
        address=origin.address,
        agent=_printable(origin.agent),
        at=now,
    )


def note_amount(user: User, record: str, before: str, after: str, origin: Origin, now: datetime) -> AuditEntry:
    """The entry of a balance that its owner has set."""
    return AuditEntry(
        user=user.id,
        actor=origin.actor or str(user.id),
        action="set_balance",
        table="balances",
        record=record,
        old_values={"balance": before},
        new_values={"balance": after},
        address=origin.address,
        agent=_printable(origin.agent),
        at=now,
    )


def _printable(agent: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in agent[:LONGEST_AGENT])


def _describe(row: Audited) -> Mapping[str, Any]:
    """A row's fields as JSON has them, without its secrets."""
    return {
        one.name: _plain(getattr(row, one.name)) if one.repr else MASK if getattr(row, one.name) else ""
        for one in fields(row)
        if one.name not in UNTOLD
    }


def _differs(before: Audited, after: Audited, name: str) -> bool:
    return bool(getattr(before, name) != getattr(after, name))


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    return list(value) if isinstance(value, tuple) else value
