"""Commands of sessions: a login begins one, a refresh goes on with it, a logout ends it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid4

from paper.users.audit import Origin, note
from paper.users.directory import Directory
from paper.users.joining import make_secret_token
from paper.users.records import Record, RefreshToken, TokensForgotten, User
from paper.users.refresh_tokens import (
    LIFETIME,
    Standing,
    hash_token,
    issue_token,
    judge,
    revoke_token,
    use_token,
)
from paper.users.refusals import Unknown
from paper.users.signed_tokens import Claims, Signer, Type

MOST_SESSIONS = 50  # of a user; another login ends the one that began first
VERSION_LETTERS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a login or a refresh answers."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    access_seconds: int = int(Type.ACCESS.lifetime.total_seconds())
    refresh_seconds: int = int(LIFETIME.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A user who has shown a good access token."""

    user: User
    claims: Claims


def log_in(
    directory: Directory, signer: Signer, before: User, new_hash: str, origin: Origin, now: datetime
) -> tuple[Tokens, tuple[Record, ...]]:
    """Tokens of a new session for who has shown his password; `new_hash` is the password's, where it was made anew."""
    user = replace(before, password=new_hash, updated_at=now) if new_hash else before
    rehashed: tuple[Record, ...] = (user, note("rehash", before, user, origin, now)) if new_hash else ()
    family = uuid4()
    text, kept = issue_token(user.id, family, now)
    families = list(dict.fromkeys(token.family for token in directory.tokens_of(user.id)))
    oldest = families[: max(0, len(families) - MOST_SESSIONS + 1)]
    ended = [revoke_token(token, now) for one in oldest for token in directory.tokens_of(user.id, one)]
    return _tokens(signer, user, kept, text, now), (*rehashed, *ended, kept, *_forget(directory, now))


def refresh(
    directory: Directory, signer: Signer, text: str, origin: Origin, now: datetime
) -> tuple[Tokens | None, tuple[Record, ...]]:
    """The next tokens of a session; None, and what is written of that, where somebody has a copy of the token.

    Raises Unknown for a token that is not ours, has ended, or was used a moment ago.
    """
    token = directory.token(hash_token(text))
    user = directory.user(token.user) if token else None
    standing = judge(token, now) if token else Standing.ENDED
    if token is None or user is None or standing in (Standing.ENDED, Standing.REPEATED):
        raise Unknown
    if standing is Standing.REUSED:
        return None, _end_family(directory, user, token, origin, now)
    new, (used, successor) = use_token(token, now)
    return _tokens(signer, user, successor, new, now), (used, successor, *_forget(directory, now))


def log_out(directory: Directory, session: Session, now: datetime) -> tuple[Record, ...]:
    """What is written when a session ends: its refresh tokens do, and all access tokens at once; other sessions refresh theirs."""
    family = UUID(session.claims.session)
    ended = [revoke_token(token, now) for token in directory.tokens_of(session.user.id, family)]
    return (_renew(session.user, now), *ended)


def authenticate(directory: Directory, signer: Signer, token: str, now: datetime) -> Session:
    """Who shows an access token. Raises Unknown if it is not good, or not any more."""
    claims = signer.read(token, Type.ACCESS, now)
    try:
        user = directory.user(UUID(claims.subject))
    except ValueError:
        raise Unknown from None
    if user is None or claims.version != user.secret_token[:VERSION_LETTERS]:
        raise Unknown
    return Session(user=user, claims=claims)


def _tokens(signer: Signer, user: User, kept: RefreshToken, text: str, now: datetime) -> Tokens:
    version = user.secret_token[:VERSION_LETTERS]
    access = signer.sign(Type.ACCESS, str(user.id), now, session=str(kept.family), version=version)
    return Tokens(access=access, refresh=text)


def _end_family(
    directory: Directory, user: User, token: RefreshToken, origin: Origin, now: datetime
) -> tuple[Record, ...]:
    ended = [(one, revoke_token(one, now)) for one in directory.tokens_of(user.id, token.family)]
    told = note("reuse", *next(pair for pair in ended if pair[0].id == token.id), origin, now)
    return (_renew(user, now), *(after for _, after in ended), told)


def _renew(user: User, now: datetime) -> User:
    return replace(user, secret_token=make_secret_token(), secret_token_created_at=now, updated_at=now)


def _forget(directory: Directory, now: datetime) -> tuple[Record, ...]:
    return (TokensForgotten(until=now),) if directory.has_expired_tokens(now) else ()
