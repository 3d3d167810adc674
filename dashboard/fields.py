"""How values are written: amounts as plain decimal text, times in UTC with a Z."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema, computed_field

from finance.decimals import plain

AMOUNT = re.compile(r"-?[0-9]+\.[0-9]+")


def write_moment(value: datetime) -> str:
    """2026-03-01T00:02:00Z"""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def shorten_amounts(stored: Any) -> Any:
    """What was stored as JSON, its amounts with no more digits than they take."""
    if isinstance(stored, dict):
        return {name: shorten_amounts(value) for name, value in stored.items()}
    if isinstance(stored, list):
        return [shorten_amounts(value) for value in stored]
    return plain(Decimal(stored)) if isinstance(stored, str) and AMOUNT.fullmatch(stored) else stored


Number = Annotated[
    Decimal,
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["1234.5"]}),
]
Parts = Annotated[dict[str, Any], PlainSerializer(shorten_amounts, return_type=dict[str, Any])]
Moment = Annotated[
    datetime,
    PlainSerializer(write_moment, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-01T00:02:00Z"]}),
]


class Shape(BaseModel):
    """A JSON object with exactly these names."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReasonedRow(Shape):
    """A row that says of each value that is not known why; in a file that is empty."""

    why: ClassVar[Mapping[str, str]]

    @computed_field  # type: ignore[prop-decorator]  # as pydantic has it
    @property
    def reasons(self) -> dict[str, str]:
        """Of what is null."""
        return {name: reason for name, reason in self.why.items() if getattr(self, name) is None}
