"""People of the tests of users: made by the commands, without a password's cost."""

from datetime import UTC, datetime, timedelta

from paper.users.audit import Origin
from paper.users.directory import Directory
from paper.users.joining import Application, register
from paper.users.records import User
from paper.users.sessions import Tokens, log_in
from paper.users.signed_tokens import Signer

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MOMENT, HOUR, WEEK = timedelta(seconds=1), timedelta(hours=1), timedelta(days=7)
ORIGIN = Origin(address="127.0.0.1", agent="tests")
SIGNER = Signer(b"k" * 32)
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def join(directory: Directory, email: str = "ann@example.com", now: datetime = NOW) -> User:
    """A user of the directory."""
    user, records = register(Application(email=email, password="", name="Ann"), HASH, ORIGIN, now)
    directory.apply(records)
    return user


def sign_in(directory: Directory, user: User, now: datetime = NOW) -> Tokens:
    """His tokens."""
    tokens, records = log_in(directory, SIGNER, user, "", ORIGIN, now)
    directory.apply(records)
    return tokens
