"""What differs between exchanges over HTTP, as values that an adapter gives: addresses, words of errors, limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from re import Pattern

from finance.observed import RefusalReason

MOST_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One reading endpoint: the client's name of its family, its path, its weight and the bucket that pays."""

    family: str  # "private/spot" where the client's families have families
    path: str
    weight: int
    bucket: str
    method: str = "GET"
    signed: bool = True
    per_account: bool = False  # the weight counts against the account, not against this machine's address
    tries: int = MOST_TRIES


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorAnswer:
    """An error in the exchange's own words."""

    code: int | str
    message: str
    reason: RefusalReason | None = None  # None: any other
    is_documented: bool = False  # the code is one that the exchange is known to use: it may be shown to strangers
    fails_always: bool = False  # also with HTTP 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """Weights that may be used in a stretch of time, a little below the exchange's limits.

    Stretches follow each other on the exchange's clock. Where the exchange counts any stretch of that length, half of its
    limit is the budget: the end of one and the beginning of the next are then within it.
    """

    by_bucket: Mapping[str, int]
    endpoint: int  # of a bucket that is not named
    account: int  # of one that is not named and that each account has for itself
    seconds: int = 60  # of a stretch
    seconds_by_bucket: Mapping[str, int] = field(default_factory=dict)  # where it is another one
    used_header: str = ""  # in which header an answer says what this address has used in the minute, in lower case
    reset_header: str = (
        ""  # in which header a refusal says when calls are answered again, in unix seconds, in lower case
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dialect:
    """How one exchange is spoken to, and what its errors mean."""

    client: str  # the name of the class that signs and addresses requests
    options: Mapping[str, object] = field(default_factory=dict)  # that it is made with
    encode: Callable[[Mapping[str, str | int]], str] | None = None  # query or body; None: the client's own way
    server_time: Endpoint
    read_time: Callable[[object], datetime]  # the answer of `server_time`, aware UTC. Raises Malformed
    read_error: Callable[[object], ErrorAnswer | None]  # of a decoded body; None: it is none
    banned_until: Pattern[str] | None = None  # of a body: its first group is when a ban ends, in milliseconds
    budgets: Budgets
    key_page: str  # where at the exchange keys are managed
    own_statuses: tuple[int, ...] = ()  # of HTTP, with which it refuses in its own words beside 400, 401 and 404
    unwrap: Callable[[Endpoint, object], object] | None = (
        None  # what a decoded answer's envelope holds. Raises Malformed
    )
    added_addresses: Mapping[str, str] = field(default_factory=dict)  # families that the client lacks, and whose to use
