"""A request as it came over the wire, and as the routes of a dialect see it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.wire.refusal import Refusal

LAST_MS = 4_102_444_800_000  # 2100
MOST_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was sent, byte by byte as text: signatures are made over it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]  # by their names in small letters
    body: str
    address: str = ""  # of who sent it
    heard_at: float  # seconds of this machine's clock: calls are counted by real time, though the venue's may stand

    def pairs(self) -> list[tuple[str, str]]:
        """The query's and a form's parameters, as often as they were sent."""
        return parse_qsl(self.query, keep_blank_values=True) + parse_qsl(self.body, keep_blank_values=True)

    def parameters(self) -> dict[str, str]:
        """The same by their names."""
        return dict(self.pairs())


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who asks the venue what, and when. A dialect's own says how it refuses a parameter."""

    venue: Venue
    now: datetime
    parameters: dict[str, str]
    signer: Account | None = None

    @property
    def account(self) -> Account:
        """The signing account; routes that use it are signed."""
        assert self.signer is not None
        return self.signer

    def illegal(self, name: str) -> Refusal:
        """The refusal of a parameter that can't be read."""
        raise NotImplementedError

    def missing(self, name: str) -> Refusal:
        """The refusal of a call that lacks a parameter."""
        raise NotImplementedError

    def number(self, name: str, default: int) -> int:
        """A whole number among the parameters."""
        text = self.parameters.get(name) or str(default)
        if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
            raise self.illegal(name)
        return int(text)

    def time(self, name: str, per_second: int = 1_000) -> datetime | None:
        """A time among the parameters, in milliseconds unless told otherwise."""
        if not self.parameters.get(name):
            return None
        number = self.number(name, 0) * 1_000 // per_second
        if number > LAST_MS:
            raise self.illegal(name)
        return datetime.fromtimestamp(number / 1_000, UTC)

    def text(self, name: str) -> str:
        """A mandatory parameter."""
        if not self.parameters.get(name):
            raise self.missing(name)
        return self.parameters[name]
