"""Tokens that say who somebody is and are stored nowhere: JWT (RFC 7519), signed with HMAC-SHA256 and read with nothing else.

Every claim is required, and a token of one type is none of another. By the clock of whoever asks, not the library's.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import jwt
from jwt.types import Options

from paper.users.refusals import Unknown

ALGORITHM = "HS256"
ISSUER = "paper-exchange"
LONGEST = 4_096
SIGNATURE_ALONE: Options = {  # what is claimed is judged here, by the clock of whoever asks
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
CLAIMS = ("iss", "sub", "type", "sid", "ver", "iat", "exp", "jti")


class Type(StrEnum):
    """What a token is for, and how long it is good."""

    ACCESS = "access"  # of a user who logged in
    INVITATION = "invitation"  # to register with one e-mail address
    OPERATOR = "operator"  # of whoever runs the platform and has its master key

    @property
    def lifetime(self) -> timedelta:
        """How long one is good."""
        return LIFETIMES[self]


LIFETIMES = {
    Type.ACCESS: timedelta(hours=1),
    Type.INVITATION: timedelta(days=7),
    Type.OPERATOR: timedelta(minutes=1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says."""

    type: Type
    subject: str  # a user's id, or an e-mail address
    session: str = ""  # the family of refresh tokens it came with
    version: str = ""  # of the user's tokens
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs tokens and reads its own."""

    _key: bytes = field(repr=False)

    def sign(self, type: Type, subject: str, now: datetime, *, session: str = "", version: str = "") -> str:
        """A new token; no two are the same."""
        issued = int(now.timestamp())
        claims = {"iss": ISSUER, "sub": subject, "type": type.value, "sid": session, "ver": version}
        times = {"iat": issued, "exp": issued + int(type.lifetime.total_seconds()), "jti": secrets.token_urlsafe(12)}
        return jwt.encode(claims | times, self._key, algorithm=ALGORITHM)

    def read(self, token: str, type: Type, now: datetime) -> Claims:
        """What a token of this type says. Raises Unknown for one that is not ours, has expired, or is of another type."""
        claims = open_signed(token, self._key)
        if any(name not in claims for name in CLAIMS) or claims["iss"] != ISSUER or claims["type"] != type.value:
            raise Unknown
        texts, times = [claims[name] for name in ("sub", "sid", "ver", "jti")], [claims["iat"], claims["exp"]]
        if not all(isinstance(text, str) for text in texts) or not all(_is_time(number) for number in times):
            raise Unknown
        issued, expires = times
        if not issued <= now.timestamp() < expires or expires - issued > type.lifetime.total_seconds():
            raise Unknown
        ends = datetime.fromtimestamp(expires, now.tzinfo)
        return Claims(type=type, subject=texts[0], session=texts[1], version=texts[2], expires_at=ends)


def open_signed(token: str, key: bytes) -> dict[str, Any]:
    """The claims of a token that was signed with this key by HMAC-SHA256, whatever they are. Raises Unknown."""
    if len(token) > LONGEST:
        raise Unknown
    try:
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=[ALGORITHM], options=SIGNATURE_ALONE)
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise Unknown from None
    return claims


def _is_time(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**33
