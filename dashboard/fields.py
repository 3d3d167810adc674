"""How values are written: amounts as plain decimal text, times in UTC with a Z."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema


def write_number(value: Decimal) -> str:
    """Plain notation: 0.00000001, never 1E-8."""
    return f"{value:f}"


def write_moment(value: datetime) -> str:
    """2026-03-01T00:02:00Z"""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def measured(value: float | None) -> Decimal | None:
    """A measure's number with all of its digits; None for one that is no number."""
    return None if value is None or not math.isfinite(value) else Decimal(repr(value))


Number = Annotated[
    Decimal,
    PlainSerializer(write_number, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["1234.5"]}),
]
Moment = Annotated[
    datetime,
    PlainSerializer(write_moment, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-01T00:02:00Z"]}),
]


class Shape(BaseModel):
    """A JSON object with exactly these names."""

    model_config = ConfigDict(extra="forbid", frozen=True)
