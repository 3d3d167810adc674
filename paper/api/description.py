"""The OpenAPI description of the API, made of the table of operations that answer."""

from collections.abc import Iterable, Mapping
from typing import Any

from paper.api.bodies import Field
from paper.api.operations import Access, Operation
from sql.version import VERSION

REFUSAL = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {"type": "string"},
        "details": {"description": "why, by field, or in words"},
        "action_required": {"type": "string"},
        "code": {"type": "integer"},
        "reference": {"type": "string", "description": "of a fault of the platform, in its log"},
    },
    "additionalProperties": False,
}


def describe(operations: Iterable[Operation]) -> dict[str, Any]:
    """The document."""
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _describe(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Paper exchange", "version": VERSION},
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {"Refusal": REFUSAL},
        },
    }


def _describe(one: Operation) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "Done"}
    if one.status != 204:
        done["content"] = {"application/json": {"schema": {"type": "object"}}}
    refused = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    found: dict[str, Any] = {
        "summary": (one.answer.__doc__ or "").partition(":")[2].strip() or one.answer.__name__,
        "responses": {str(one.status): done, "default": {"description": "Refused", "content": refused}},
        "security": [] if one.access is Access.OPEN else [{"bearer": []}],
        "parameters": [*_parameters(one.query), *_path_parameters(one.path)],
    }
    if one.body:
        found["requestBody"] = {
            "required": any(field.is_needed for field in one.body.values()),
            "content": {"application/json": {"schema": _schema(one.body)}},
        }
    return found


def _schema(fields: Mapping[str, Field]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: field.schema for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.is_needed],
        "additionalProperties": False,
    }


def _parameters(fields: Mapping[str, Field]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "required": field.is_needed, "schema": field.schema}
        for name, field in fields.items()
    ]


def _path_parameters(path: str) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in names
    ]
