"""Routes of one's own API keys: a secret is shown once, when its key is made."""

from typing import Any

from paper.api.bodies import Field
from paper.api.operations import Answer, Asked, Operation
from paper.api.pages import LIMIT, choose
from paper.users.api_keys import read_public_key, write_public_key
from paper.users.fields import read_addresses, read_permissions, read_text
from paper.users.key_commands import Wanted, make_key, revoke_key
from paper.users.records import ApiKey, KeyKind

PATH = "/api/users/api-keys"
LONGEST_LABEL = 60


def _read_kind(value: Any) -> KeyKind:
    try:
        return KeyKind(value)
    except ValueError:
        raise ValueError(f"is none of {', '.join(KeyKind)}") from None


def _read_label(value: Any) -> str:
    return read_text(value, LONGEST_LABEL)


async def make(asked: Asked) -> Answer:
    """POST /api/users/api-keys"""
    membership, values = asked.membership, dict(asked.values)
    wanted = Wanted(may_trade=values.pop("permissions"), **values)
    key, secret, records = make_key(membership.directory, membership.vault, asked.user, wanted, asked.origin, asked.now)
    membership.write(records)
    return 201, describe(key) | ({"secret": secret.value} if secret else {})


async def list_keys(asked: Asked) -> Answer:
    """GET /api/users/api-keys: the newest first"""
    keys = list(enumerate(asked.membership.directory.keys_of(asked.user.id), start=1))
    chosen, following = choose(keys[::-1], asked.values)
    return 200, {"api_keys": [describe(key) for _, key in chosen], "next": following}


async def revoke(asked: Asked) -> Answer:
    """DELETE /api/users/api-keys/{key}: from now on it opens nothing"""
    membership = asked.membership
    membership.write(revoke_key(membership.directory, asked.user, asked.path["key"], asked.origin, asked.now))
    return 204, None


def describe(key: ApiKey) -> dict[str, Any]:
    """A key without its secret."""
    return {
        "key": key.key,
        "label": key.label,
        "kind": key.kind.value,
        "permissions": key.permissions,
        "addresses": list(key.addresses),
        "public_key": write_public_key(key.public_key) if key.public_key else None,
        "created_at": key.created_at.isoformat(),
        "last_used": key.last_used.isoformat() if key.last_used else None,
    }


MAKING = {
    "label": Field(read=_read_label, schema={"type": "string", "minLength": 1, "maxLength": LONGEST_LABEL}),
    "permissions": Field(
        read=read_permissions,
        schema={"type": "array", "items": {"enum": ["read", "trade"]}, "minItems": 1, "maxItems": 2},
    ),
    "kind": Field(read=_read_kind, schema={"type": "string", "enum": list(KeyKind)}),
    "public_key": Field(read=read_public_key, is_needed=False),
    "addresses": Field(
        read=read_addresses, is_needed=False, schema={"type": "array", "items": {"type": "string"}, "maxItems": 30}
    ),
}
OPERATIONS = (
    Operation(method="POST", path=PATH, answer=make, body=MAKING, status=201),
    Operation(method="GET", path=PATH, answer=list_keys, query=LIMIT),
    Operation(method="DELETE", path=f"{PATH}/{{key}}", answer=revoke, status=204),
)
