"""What a dialect is: the paths of one exchange, who may ask them, how often, and how it writes answers and refusals."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from paper.engine.changes import JournalFull, NotCommitted
from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.wire.refusal import Refusal
from paper.wire.request import Sent
from paper.wire.sockets import Socket

Reply = tuple[int, dict[str, str], str]  # status, headers, body


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One path: who answers, what a call weighs in which budget, and whether it must be signed.

    A dialect uses those of the other fields that its exchange knows.
    """

    answer: Callable[[Any], Any]  # with the dialect's own kind of Call
    weight: int = 1
    bucket: str = ""
    signed: bool = False
    method: str = "GET"
    most: int = 10  # calls of it in the dialect's window
    right: str = ""  # that the key needs
    system: str = ""  # of account, for which alone it is
    reads_past: bool = False  # from histories alone, and nothing of what changes


@dataclass(frozen=True, slots=True)
class Postponed:
    """What is made elsewhere than where commands are done: it reads what a database has of the past, and waits for that."""

    make: Callable[[], Any]


class Limits(Protocol):
    """What was called lately."""

    def spend(self, route: Route, sent: Sent, now: datetime) -> dict[str, str]:
        """Count a call; returns the headers that say what is left. Raises Refusal when it is one too many."""


class Dialect:
    """One exchange's way to speak. What is not its own is told it by its subclasses."""

    name: str
    key_headers: tuple[str, ...]  # in small letters: where a key is sent
    routes: Mapping[str, Route]

    def __init__(self) -> None:
        self.limits = self.new_limits()

    def start(self, venue: Venue) -> None:
        """The exchange begins to serve."""

    def new_limits(self) -> Limits:
        """Limits of which nothing is used."""
        raise NotImplementedError

    def find_route(self, sent: Sent) -> Route | None:
        """The route of a path; a dialect whose paths hold parameters looks for itself."""
        return self.routes.get(sent.path)

    def no_path(self) -> Refusal:
        """The refusal of a path that there is not."""
        raise NotImplementedError

    def identify(self, venue: Venue, sent: Sent, now: datetime) -> Account:
        """The account that signed what was sent. Raises Refusal."""
        raise NotImplementedError

    def admit(self, route: Route, signer: Account) -> None:
        """Raise Refusal where the key may not, or the account's system does not, use a route."""

    def hear(self, venue: Venue, sent: Sent, now: datetime, signer: Account | None) -> Any:
        """The request as the dialect's routes see it."""
        raise NotImplementedError

    def write(self, found: Any, now: datetime) -> Any:
        """What a route answered, in the dialect's envelope."""
        return found

    def write_refusal(self, refusal: Refusal, sent: Sent, now: datetime) -> Any:
        """A refusal in the dialect's envelope."""
        raise NotImplementedError

    def unkept(self, lack: JournalFull | NotCommitted) -> Refusal:
        """The refusal of what can't be begun, or can't be said to be kept; only where a journal may fail."""
        return Refusal("", str(lack), 503)

    def respond_unkept(self, venue: Venue, sent: Sent, lack: JournalFull | NotCommitted) -> Reply:
        """The answer to a request of which nothing was done, or nobody knows whether it is kept."""
        refusal = self.unkept(lack)
        payload = self.encode(self.write_refusal(refusal, sent, venue.clock.now()))
        return refusal.status, refusal.headers, payload

    def encode(self, payload: Any) -> str:
        """The body of an answer."""
        return json.dumps(payload)

    async def converse(self, venue: Venue, socket: Socket) -> None:
        """Serve a WebSocket; a dialect without any refuses it."""
        await socket.refuse()

    def perform(self, venue: Venue, route: Route, sent: Sent, now: datetime) -> tuple[Any, dict[str, str]]:
        """What a route answers, and headers beside those of its weight. Raises Refusal."""
        signer = self.identify(venue, sent, now) if route.signed else None
        if signer:
            self.admit(route, signer)
        return route.answer(self.hear(venue, sent, now, signer)), {}

    def respond(self, venue: Venue, sent: Sent) -> Reply | Postponed:
        """Answer a request."""
        now = venue.catch_up()
        headers: dict[str, str] = {}
        try:
            route = self.find_route(sent)
            if route is None or sent.method != route.method:
                raise self.no_path()
            headers = self.limits.spend(route, sent, now)
            found, more = self.perform(venue, route, sent, now)
            headers |= more
            if isinstance(found, Postponed):
                return Postponed(partial(self._complete, found, headers, sent, now))
            return 200, headers, self.encode(self.write(found, now))
        except Refusal as refusal:
            return self._refuse(refusal, headers, sent, now)

    def _complete(self, postponed: Postponed, headers: dict[str, str], sent: Sent, now: datetime) -> Reply:
        try:
            return 200, headers, self.encode(self.write(postponed.make(), now))
        except Refusal as refusal:
            return self._refuse(refusal, headers, sent, now)

    def _refuse(self, refusal: Refusal, headers: dict[str, str], sent: Sent, now: datetime) -> Reply:
        payload = self.encode(self.write_refusal(refusal, sent, now))
        return refusal.status, headers | refusal.headers, payload
