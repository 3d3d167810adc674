"""Refresh tokens: 256 random bits, used once, of which only a hash is kept.

Each use gives the next one of the family that began with a login. One that comes again was copied: who has it is not
known, so the whole family ends (RFC 9700, 4.14.2). Two windows of a browser may use the same one at once, so within ten
seconds a repeat is only refused.
"""

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID, uuid4

from paper.users.records import RefreshToken

LIFETIME = timedelta(days=7)
REPEAT = timedelta(seconds=10)
RANDOM_BYTES = 32


class Standing(Enum):
    """What a token that is shown is good for."""

    GOOD = "good"
    ENDED = "ended"  # expired or revoked
    REPEATED = "repeated"  # used a moment ago
    REUSED = "reused"  # used before: somebody has a copy


def hash_token(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue_token(user: UUID, family: UUID, now: datetime) -> tuple[str, RefreshToken]:
    """A new token, and what is kept of it."""
    token = secrets.token_urlsafe(RANDOM_BYTES)
    kept = RefreshToken(
        id=uuid4(),
        user=user,
        family=family,
        hash=hash_token(token),
        expires_at=now + LIFETIME,
        created_at=now,
        updated_at=now,
    )
    return token, kept


def judge(token: RefreshToken, now: datetime) -> Standing:
    """What a token is good for now."""
    if token.is_revoked or now >= token.expires_at:
        return Standing.ENDED
    if token.used_at is None:
        return Standing.GOOD
    return Standing.REPEATED if now - token.used_at <= REPEAT else Standing.REUSED


def use_token(token: RefreshToken, now: datetime) -> tuple[str, tuple[RefreshToken, RefreshToken]]:
    """The next token of the family, and the rows of both."""
    text, successor = issue_token(token.user, token.family, now)
    return text, (replace(token, used_at=now, replaced_by=successor.id, updated_at=now), successor)


def revoke_token(token: RefreshToken, now: datetime) -> RefreshToken:
    """The token's row when it opens nothing any more."""
    return replace(token, is_revoked=True, revoked_at=now, updated_at=now)
