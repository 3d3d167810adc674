"""One request as Binance's routes see it, and how Binance writes amounts and times."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from paper.wire.binance.refusals import illegal, missing
from paper.wire.refusal import Refusal
from paper.wire.request import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Call):
    """Who asks Binance what, and when."""

    def illegal(self, name: str) -> Refusal:
        """-1100"""
        return illegal(name)

    def missing(self, name: str) -> Refusal:
        """-1102"""
        return missing(name)


def plain(amount: Decimal) -> str:
    """An amount in plain figures with at least eight decimals, as Binance writes it."""
    return f"{amount:f}" if -amount.as_tuple().exponent > 8 else f"{amount:.8f}"  # type: ignore[operator]


def zeros(*names: str) -> dict[str, str]:
    """Amounts that the venue has nothing to say about."""
    return dict.fromkeys(names, "0.00000000")


def milliseconds(moment: datetime) -> int:
    """A time as Binance writes it."""
    return int(moment.timestamp() * 1000)
