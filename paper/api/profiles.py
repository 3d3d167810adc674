"""Routes of one's own profile."""

from typing import Any

from paper.api.bodies import Field
from paper.api.operations import Answer, Asked, Operation
from paper.users.fields import fold_email, read_day, read_email, read_password, read_text, read_tried_password
from paper.users.joining import delete
from paper.users.profiles import check_update, needs_password, update
from paper.users.records import User
from paper.users.refusals import Forbidden, Invalid, Unknown

TRIED = Field(read=read_tried_password, is_needed=False)
CHANGES = {
    "email": Field(read=read_email, is_needed=False, schema={"type": "string", "format": "email"}),
    "name": Field(read=read_text, is_needed=False),
    "date_of_birth": Field(read=read_day, is_needed=False, schema={"type": ["string", "null"], "format": "date"}),
    "password": Field(
        read=read_password, is_needed=False, schema={"type": "string", "minLength": 10, "maxLength": 1_024}
    ),
    "current_password": TRIED,
}


def describe(user: User) -> dict[str, Any]:
    """A user as he sees himself."""
    return {
        "id": str(user.id),
        "email": user.email,
        "name": user.name,
        "date_of_birth": user.date_of_birth.isoformat() if user.date_of_birth else None,
        "role": user.role.value,
        "is_verified": user.is_verified,
        "created_at": user.created_at.isoformat(),
        "configured_exchanges": [],  # keys of real exchanges are not taken here yet
    }


async def show(asked: Asked) -> Answer:
    """GET /api/users/profile"""
    return 200, describe(asked.user)


async def change(asked: Asked) -> Answer:
    """PUT /api/users/profile: an e-mail address and a password ask for the present one; a password ends all sessions"""
    membership, changes = asked.membership, dict(asked.values)
    tried = changes.pop("current_password", None)
    check_update(membership.directory, asked.user, changes, asked.now)
    new_hash = ""
    if needs_password(changes):
        await _prove(asked, tried)
        new_hash = await membership.passwords.hash(changes["password"]) if "password" in changes else ""
    user, now = _still(asked), membership.now()
    check_update(membership.directory, user, changes, now)
    user, records = update(membership.directory, user, changes, new_hash, asked.origin, now)
    membership.write(records)
    return 200, describe(user)


async def leave(asked: Asked) -> Answer:
    """DELETE /api/users/profile: orders are cancelled, keys and tokens end, the ledger stays"""
    membership = asked.membership
    await _prove(asked, asked.values.get("current_password"))
    user, now = _still(asked), membership.now()
    membership.close_account(user, delete(membership.directory, user, asked.origin, now), now)
    return 204, None


async def _prove(asked: Asked, tried: str | None) -> None:
    """Raise Invalid without the present password, Forbidden for a wrong one, TooMany for too many of these."""
    if tried is None:
        raise Invalid({"current_password": "is needed for this"})
    membership, whose = asked.membership, f"{fold_email(asked.user.email)} {asked.house}"
    membership.guesses.count(whose, asked.now)
    if not await membership.passwords.fits(asked.user.password, tried):
        raise Forbidden("The present password is wrong.")
    membership.guesses.forget(whose)


def _still(asked: Asked) -> User:
    """The user as he is after waiting. Raises Unknown if his password was changed, or he is gone."""
    user = asked.membership.directory.user(asked.user.id)
    if user is None or user.secret_token != asked.user.secret_token:
        raise Unknown
    return user


OPERATIONS = (
    Operation(method="GET", path="/api/users/profile", answer=show),
    Operation(method="PUT", path="/api/users/profile", answer=change, body=CHANGES, is_counted=True),
    Operation(
        method="DELETE",
        path="/api/users/profile",
        answer=leave,
        body={"current_password": TRIED},
        status=204,
        is_counted=True,
    ),
)
