"""Routes of sessions: login, refresh, what a token is good for, logout."""

from typing import Any

from paper.api.bodies import Field
from paper.api.operations import Access, Answer, Asked, Operation
from paper.users.fields import LONGEST_EMAIL, fold_email, read_token, read_tried_password
from paper.users.refusals import Unknown
from paper.users.sessions import Tokens, authenticate, log_in, log_out, refresh

WRONG = "The e-mail address or the password is wrong."


def _read_tried_email(value: Any) -> str:
    """Any text: whether it is somebody's is not said."""
    text = read_tried_password(value)
    if len(text) > LONGEST_EMAIL:
        raise ValueError(f"has more than {LONGEST_EMAIL} characters")
    return text


async def begin(asked: Asked) -> Answer:
    """POST /api/users/login: an unknown address and a wrong password cost the same, and are answered alike"""
    membership, email, password = asked.membership, asked.values["email"], asked.values["password"]
    whose = f"{fold_email(email)} {asked.house}"
    membership.guesses.count(whose, asked.now)
    user = membership.directory.user_of_email(email)
    if not await membership.passwords.fits(user.password if user else None, password) or user is None:
        raise Unknown(WRONG)
    membership.guesses.forget(whose)
    outdated = membership.passwords.is_outdated(user.password)
    new_hash = await membership.passwords.hash(password) if outdated else ""
    now, known = membership.now(), membership.directory.user(user.id)
    if known is None or known.password != user.password:  # changed or deleted while it was checked
        raise Unknown(WRONG)
    tokens, records = log_in(membership.directory, membership.signer, known, new_hash, asked.origin, now)
    membership.write(records)
    return 200, _describe(tokens)


async def go_on(asked: Asked) -> Answer:
    """POST /api/users/refresh_token: the next tokens; the one that was shown is used up"""
    membership, text = asked.membership, asked.values["refresh_token"]
    tokens, records = refresh(membership.directory, membership.signer, text, asked.origin, asked.now)
    membership.write(records)
    if tokens is None:
        await membership.venue.journal.committed()
        raise Unknown
    return 200, _describe(tokens)


async def validate(asked: Asked) -> Answer:
    """POST /api/users/validate: whether an access token is good, and whose it is"""
    membership = asked.membership
    try:
        session = authenticate(membership.directory, membership.signer, asked.values["token"], asked.now)
    except Unknown:
        return 200, {"valid": False}
    user, ends = session.user, session.claims.expires_at.isoformat()
    return 200, {"valid": True, "user_id": str(user.id), "role": user.role.value, "expires_at": ends}


async def end(asked: Asked) -> Answer:
    """POST /api/users/logout"""
    asked.membership.write(log_out(asked.membership.directory, asked.session, asked.now))
    return 204, None


def _describe(tokens: Tokens) -> dict[str, Any]:
    return {
        "access_token": tokens.access,
        "expires_in": tokens.access_seconds,
        "refresh_token": tokens.refresh,
        "refresh_expires_in": tokens.refresh_seconds,
    }


TRIED = Field(read=read_tried_password)
TOKEN = Field(read=read_token)
OPERATIONS = (
    Operation(
        method="POST",
        path="/api/users/login",
        answer=begin,
        access=Access.OPEN,
        body={"email": Field(read=_read_tried_email), "password": TRIED},
        is_counted=True,
    ),
    Operation(
        method="POST",
        path="/api/users/refresh_token",
        answer=go_on,
        access=Access.OPEN,
        body={"refresh_token": TOKEN},
        is_counted=True,
    ),
    Operation(
        method="POST",
        path="/api/users/validate",
        answer=validate,
        access=Access.OPEN,
        body={"token": TOKEN},
        is_counted=True,
    ),
    Operation(method="POST", path="/api/users/logout", answer=end, status=204),
)
