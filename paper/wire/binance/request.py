"""One request as Binance's routes see it, and how Binance writes amounts and times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from paper.histories.accounts import Account
from paper.histories.questions import Part
from paper.users.records import ApiKey
from paper.wire.binance.order_counts import OrderCounts
from paper.wire.binance.refusals import illegal, missing
from paper.wire.refusal import Refusal
from paper.wire.request import Call

MICROSECONDS_FROM = 10**14  # a time in milliseconds is not so long for 3,000 years
MOST_DIGITS = 16


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked, through whichever door: with which key, the parameters, and the text that their signature is of."""

    key: str
    address: str = ""  # of who asks
    pairs: tuple[tuple[str, str], ...]  # as they were sent, the signature with them
    payload: str
    is_encoded: bool = True  # as it has to be, before it is signed
    beside: frozenset[str] = frozenset()  # parameters that the door itself reads
    is_trusted: bool = False  # the connection has proven its key, so that nothing is signed

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Values by their names."""
        return dict(self.pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInUse:
    """The key of a request: whose it is, what proves it, and what it may do."""

    key: str
    account: Account
    permissions: Mapping[str, bool]  # by Binance's names
    secret: str = field(default="", repr=False)  # of an HMAC key
    public_key: bytes = b""  # of an Ed25519 key
    is_restricted: bool = True  # to addresses
    created_at: datetime
    users: ApiKey | None = None  # where a user made it


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Call):
    """Who asks Binance what, and when."""

    key: KeyInUse | None = None
    counts: OrderCounts | None = None  # of orders that were given lately
    exceeded: Refusal | None = None  # these are too many for another one

    @property
    def used_key(self) -> KeyInUse:
        """The key that signed; routes that use it are signed."""
        assert self.key is not None
        return self.key

    def illegal(self, name: str) -> Refusal:
        """-1100"""
        return illegal(name)

    def missing(self, name: str) -> Refusal:
        """-1102"""
        return missing(name)

    def time(self, name: str, per_second: int = 1_000) -> datetime | None:
        """A time among the parameters, in milliseconds, or in microseconds where it is that long."""
        text = self.parameters.get(name, "")
        if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and int(text) >= MICROSECONDS_FROM:
            per_second = 1_000_000
        return Call.time(self, name, per_second)


def read_part(asked: Asked, first: str, most: int) -> Part:
    """Which rows of a history are wanted: from the number on that the parameter `first` has, inside a time, or the last ones."""
    since, until = asked.time("startTime"), asked.time("endTime")
    if first in asked.parameters:
        return Part(most=most, first=asked.number(first, 0))
    return Part(most=most, since=since, until=until)


def plain(amount: Decimal) -> str:
    """An amount in plain figures with at least eight decimals, as Binance writes it."""
    return f"{amount:f}" if -amount.as_tuple().exponent > 8 else f"{amount:.8f}"  # type: ignore[operator]


def zeros(*names: str) -> dict[str, str]:
    """Amounts that the venue has nothing to say about."""
    return dict.fromkeys(names, "0.00000000")


def milliseconds(moment: datetime) -> int:
    """A time as Binance writes it."""
    return int(moment.timestamp() * 1000)
