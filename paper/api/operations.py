"""What a route is: its path, what it takes, who may ask, and what is known of a request when its answer is made."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from paper.api.bodies import Field
from paper.api.membership import Membership
from paper.users.audit import Origin
from paper.users.records import User
from paper.users.sessions import Session

Answer = tuple[int, Any]  # status and body; None: no body


class Access(Enum):
    """Who may ask."""

    OPEN = "open"
    USER = "user"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request whose fields are read and whose sender is known."""

    membership: Membership
    values: Mapping[str, Any]  # of the body and the query
    path: Mapping[str, str]
    origin: Origin
    now: datetime
    shown: Session | None
    house: str  # the address that calls are counted against

    @property
    def session(self) -> Session:
        """The session of who asks; routes that use it need one."""
        assert self.shown is not None
        return self.shown

    @property
    def user(self) -> User:
        """Who asks."""
        return self.session.user


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    answer: Callable[[Asked], Awaitable[Answer]]
    access: Access = Access.USER
    body: Mapping[str, Field] = field(default_factory=dict)
    query: Mapping[str, Field] = field(default_factory=dict)
    status: int = 200  # of an answer that is no refusal
    is_counted: bool = False  # its calls are limited by address: they cost much, or may guess
