"""On what terms positions are held: read where an exchange says it, and never in the way of the position itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from finance.observed import Terms
from monitor.exchanges.http.fields import LARGEST, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class TermFields:
    """How an exchange calls what it says of a position; empty: it does not say it."""

    leverage: str = ""
    margin_mode: str = ""
    liquidation_price: str = ""
    margin: str = ""
    modes: Mapping[str, str] = field(default_factory=dict)  # its words: cross or isolated


def read_terms(row: Row, names: TermFields) -> Terms:
    """What a row says; what is missing, zero or no number is not said."""
    return Terms(
        leverage=_find_amount(row, names.leverage),
        margin_mode=names.modes.get(str(row.get(names.margin_mode, ""))),
        liquidation_price=_find_amount(row, names.liquidation_price),
        margin=_find_amount(row, names.margin),
    )


def _find_amount(row: Row, name: str) -> Decimal | None:
    try:
        found = Decimal(str(row.get(name, "")))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 < found < LARGEST else None
