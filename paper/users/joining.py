"""Commands of joining and leaving: a registration, an invitation, a role, a deletion."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import uuid4

from paper.users.audit import Origin, note
from paper.users.directory import Directory
from paper.users.fields import fold_email
from paper.users.records import Record, Role, TradingConfig, TradingType, User
from paper.users.refresh_tokens import revoke_token
from paper.users.refusals import Absent, Conflict, Forbidden, Invalid, Unknown
from paper.users.signed_tokens import Signer, Type

FIRST_BALANCE = Decimal(10_000)  # USDT that an account begins with, and has again after a reset
CLOSED = "Registration is by invitation."
ASK = "Ask whoever runs this platform for an invitation."


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What somebody who registers says."""

    email: str
    password: str = field(repr=False)
    name: str
    date_of_birth: date | None = None
    invitation: str = ""


def make_secret_token() -> str:
    """A version of a user's access tokens: another one ends those that there are."""
    return secrets.token_hex(32)


def check_application(
    directory: Directory, signer: Signer, asked: Application, *, is_open: bool, now: datetime
) -> None:
    """Raise Forbidden, Invalid or Conflict for an application that can't be taken."""
    if asked.date_of_birth and asked.date_of_birth > now.date():
        raise Invalid({"date_of_birth": "is in the future"})
    if not is_open and not _is_invited(signer, asked, now):
        raise Forbidden(CLOSED, ASK)
    if directory.user_of_email(asked.email):
        raise Conflict("This e-mail address is taken.", "Log in, or register with another one.")


def _is_invited(signer: Signer, asked: Application, now: datetime) -> bool:
    try:
        claims = signer.read(asked.invitation, Type.INVITATION, now)
    except Unknown:
        return False
    return claims.subject == fold_email(asked.email)


def register(asked: Application, password_hash: str, origin: Origin, now: datetime) -> tuple[User, tuple[Record, ...]]:
    """The new user, and what is written of him."""
    user = User(
        id=uuid4(),
        email=asked.email,
        name=asked.name,
        date_of_birth=asked.date_of_birth,
        password=password_hash,
        password_updated_at=now,
        secret_token=make_secret_token(),
        secret_token_created_at=now,
        created_at=now,
        updated_at=now,
    )
    config = TradingConfig(
        user=user.id,
        trading_type=TradingType.SPOT,
        dry_run_mode=True,
        paper_balance_usdt=FIRST_BALANCE,
        created_at=now,
        updated_at=now,
    )
    return user, (user, config, note("register", None, user, origin, now))


def grant(
    directory: Directory, email: str, role: Role, origin: Origin, now: datetime
) -> tuple[User, tuple[Record, ...]]:
    """The user with another role. Raises Absent. His tokens stay: what he may do is looked up with every request."""
    before = directory.user_of_email(email)
    if before is None:
        raise Absent
    user = replace(before, role=role, updated_at=now)
    return user, () if role is before.role else (user, note("grant", before, user, origin, now))


def end_sessions(directory: Directory, user: User, now: datetime) -> tuple[User, Iterable[Record]]:
    """The user whose tokens have all ended, and the rows of the refresh tokens; the user's own is not among them."""
    ended = replace(user, secret_token=make_secret_token(), secret_token_created_at=now, updated_at=now)
    return ended, [revoke_token(token, now) for token in directory.tokens_of(user.id)]


def delete(directory: Directory, before: User, origin: Origin, now: datetime) -> tuple[Record, ...]:
    """What is written when a user leaves: his keys and tokens end; his ledger stays, and his address may register anew."""
    user, tokens = end_sessions(directory, before, now)
    user = replace(user, is_deleted=True)
    keys = [(key, replace(key, revoked_at=now)) for key in directory.keys_of(user.id)]
    notes = [note("revoke_key", *pair, origin, now) for pair in keys]
    return user, *tokens, *(key for _, key in keys), note("delete", before, user, origin, now), *notes
