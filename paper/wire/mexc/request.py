"""One request as MEXC's routes see it, and how MEXC writes amounts and times."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from paper.wire.numbers import mark_number
from paper.wire.refusal import Refusal
from paper.wire.request import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Call):
    """Who asks MEXC what, and when."""

    def illegal(self, name: str) -> Refusal:
        """700008"""
        return Refusal(700008, f"Illegal characters found in parameter '{name}'")

    def missing(self, name: str) -> Refusal:
        """700004"""
        return Refusal(700004, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def plain(amount: Decimal) -> str:
    """An amount in plain figures, without zeros at its end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(amount: Decimal) -> str:
    """An amount that is written as a JSON number."""
    return mark_number(json_number(amount))


def json_number(amount: Decimal) -> str:
    """The digits of an amount as JSON takes them."""
    text = plain(amount)
    return "0" if text in ("-0", "") else text


def milliseconds(moment: datetime) -> int:
    """A time as MEXC writes it."""
    return int(moment.timestamp() * 1000)


def enveloped(data: Any) -> dict[str, Any]:
    """What an endpoint of contracts answers with."""
    return {"success": True, "code": 0, "data": data}
