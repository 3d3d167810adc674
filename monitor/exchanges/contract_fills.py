"""Executions of derivatives: they change the size of a position, and no quantity of any asset but through income."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFill:
    """One execution of a contract."""

    wallet: str
    symbol: str
    exchange_id: str
    side: str  # both (one-way), long or short (hedge)
    quantity: Decimal  # signed: + bought, in the contract's unit
    price: Decimal
    occurred_at: datetime
    raw: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractQuery:
    """Which executions are asked for: those of a contract from `since` on, before `until`."""

    wallet: str  # the one that the position is in
    symbol: str
    since: datetime
    until: datetime
