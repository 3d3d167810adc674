"""Commands of one's own profile: what is changed of it, and what needs the password once more."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from paper.users.audit import Origin, note
from paper.users.directory import Directory
from paper.users.joining import end_sessions
from paper.users.records import Record, User
from paper.users.refusals import Conflict, Invalid

GUARDED = ("email", "password")  # what the present password is asked for


def needs_password(changes: Mapping[str, Any]) -> bool:
    """Whether a change has to be proven by the present password."""
    return any(name in changes for name in GUARDED)


def check_update(directory: Directory, user: User, changes: Mapping[str, Any], now: datetime) -> None:
    """Raise Invalid or Conflict for changes that can't be made."""
    born = changes.get("date_of_birth")
    if born and born > now.date():
        raise Invalid({"date_of_birth": "is in the future"})
    other = directory.user_of_email(changes["email"]) if "email" in changes else None
    if other and other.id != user.id:
        raise Conflict("This e-mail address is taken.", "Choose another one.")


def update(
    directory: Directory, before: User, changes: Mapping[str, Any], new_hash: str, origin: Origin, now: datetime
) -> tuple[User, tuple[Record, ...]]:
    """The changed user, and what is written; `new_hash` is that of a new password, which ends all sessions."""
    plain = {name: changes[name] for name in ("email", "name", "date_of_birth") if name in changes}
    user = replace(before, **plain, updated_at=now)
    if user.email != before.email:
        user = replace(user, is_verified=False)
    tokens: tuple[Record, ...] = ()
    if new_hash:
        user, ended = end_sessions(directory, replace(user, password=new_hash, password_updated_at=now), now)
        tokens = tuple(ended)
    if replace(user, updated_at=before.updated_at) == before:
        return before, ()
    return user, (user, *tokens, note("update", before, user, origin, now))
