"""What is stored of a user, as frozen rows: a changed row is a new one with the same id.

Fields that are not shown (`repr=False`) are secrets, and are masked wherever else rows are written down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID


class Role(StrEnum):
    """What somebody may do beside trading on his own."""

    USER = "user"
    ADMIN = "admin"


class KeyKind(StrEnum):
    """How requests of an API key are signed."""

    HMAC = "hmac"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who trades here."""

    id: UUID
    email: str
    name: str
    date_of_birth: date | None
    password: str = field(repr=False)  # its argon2id hash, as PHC text
    role: Role = Role.USER
    is_verified: bool = False
    is_deleted: bool = False
    password_updated_at: datetime
    secret_token: str = field(repr=False)  # a hash of nothing that is kept: another one ends every access token
    secret_token_created_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """One use of a session; those of one login are a family."""

    id: UUID
    user: UUID
    family: UUID
    hash: str = field(repr=False)  # SHA-256, hexadecimal
    is_revoked: bool = False
    expires_at: datetime
    used_at: datetime | None = None
    replaced_by: UUID | None = None
    created_at: datetime
    updated_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key with which a program signs requests."""

    key: str
    user: UUID
    label: str
    kind: KeyKind
    sealed: bytes = field(default=b"", repr=False)  # the secret of an HMAC key, by the vault
    sealed_with: str = ""  # the id of the master key
    public_key: bytes = b""  # of an Ed25519 key, its 32 bytes
    may_trade: bool = False
    addresses: tuple[str, ...] = ()  # networks from which it may be used; none: from everywhere
    created_at: datetime
    last_used: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def permissions(self) -> list[str]:
        """What it may do: never withdraw."""
        return ["read", "trade"] if self.may_trade else ["read"]


class TradingType(StrEnum):
    """What is traded."""

    SPOT = "spot"
    FUTURES = "futures"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingConfig:
    """How a user trades with play money."""

    user: UUID
    trading_type: TradingType
    dry_run_mode: bool  # new orders are taken
    paper_balance_usdt: Decimal  # that was set last; what there is now, the ledger knows
    created_at: datetime
    updated_at: datetime

    @property
    def id(self) -> str:
        """What tells it from the user's other one."""
        return f"{self.user} {self.trading_type.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What somebody changed of a row, without its secrets."""

    user: UUID | None  # whom it concerns
    actor: str  # the id of who did it, or `operator`: whoever runs the platform
    action: str
    table: str
    record: str
    old_values: Mapping[str, Any] | None
    new_values: Mapping[str, Any] | None
    address: str
    agent: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensForgotten:
    """Refresh tokens that had expired by a time are no longer kept."""

    until: datetime


Record = User | RefreshToken | ApiKey | TradingConfig | AuditEntry | TokensForgotten
