"""Binance's JSON, family by family: `spot` (/api), `wallets` and `history` (/sapi), `derivatives` (/fapi, /dapi)."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

from paper.engine.changes import JournalFull, NotCommitted
from paper.engine.venue import Venue
from paper.wire.binance.market_streams import MarketStreams
from paper.wire.binance.operations import Operation, check_names, give, gives_orders
from paper.wire.binance.pulse import Pulse
from paper.wire.binance.refusals import OVERLOADED, REJECTED_KEY, REPEATED_NAME, UNKNOWN
from paper.wire.binance.repeats import Repeats
from paper.wire.binance.request import Asked, KeyInUse, Wanted
from paper.wire.binance.routes import ROUTES
from paper.wire.binance.sessions import Session
from paper.wire.binance.signing import KEY_HEADER, TRADING_RIGHT, identify, read_http, require_later
from paper.wire.binance.stream_sockets import StreamSocket, is_path
from paper.wire.binance.user_streams import UserStreams
from paper.wire.binance.weights import UsedWeights
from paper.wire.dialect import Dialect, Postponed, Route
from paper.wire.limits import RecentCalls
from paper.wire.refusal import Refusal
from paper.wire.request import Sent
from paper.wire.sockets import Socket

API_PATH = "/ws-api/v3"
MOST_CONNECTED, CONNECTED_SECONDS = 300, 300.0  # connections of an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """Who listens to a venue."""

    users: UserStreams
    market: MarketStreams


class Binance(Dialect):
    """Weights a minute, a signature over what was sent, and errors of a code and a message."""

    name = "binance"
    key_headers = (KEY_HEADER,)
    routes = ROUTES
    limits: UsedWeights

    def __init__(self) -> None:
        super().__init__()
        self._connected = RecentCalls(CONNECTED_SECONDS)
        self._listeners: Listeners | None = None
        self._repeats = Repeats()

    def new_limits(self) -> UsedWeights:
        """Budgets of which nothing is used."""
        return UsedWeights()

    def find_route(self, sent: Sent) -> Route | None:
        """That of the path and method, where a path has several."""
        return self.routes.get(f"{sent.method} {sent.path}") or super().find_route(sent)

    def no_path(self) -> Refusal:
        """A path that there is not."""
        return Refusal(-1000, "There is no such path on the paper exchange.", 404)

    def start(self, venue: Venue) -> None:
        """What was answered before is not known any more: what was asked before is not answered."""
        self._began = venue.clock.now()
        venue.listeners.append(lambda changes: self.limits.orders.hear(changes, venue.clock.now()))

    def perform(self, venue: Venue, route: Route, sent: Sent, now: datetime) -> tuple[Any, dict[str, str]]:
        """What a route answers to what came over HTTP."""
        wanted = read_http(sent)
        key = self.find_key(venue, route, wanted, now)
        found = self.do(venue, route, wanted, key, now)
        return found, self.limits.orders.list_headers(key.account.name, now) if key and gives_orders(route) else {}

    def find_key(self, venue: Venue, route: Route, wanted: Wanted, now: datetime) -> KeyInUse | None:
        """The key that may do what is wanted, where one is needed. Raises Refusal."""
        if len(wanted.parameters) < len(wanted.pairs):
            raise REPEATED_NAME
        key = identify(venue, wanted, now) if route.signed else None
        if isinstance(route, Operation):
            check_names(route, wanted)
            if key and route.trades and not key.permissions[TRADING_RIGHT]:
                raise REJECTED_KEY
        return key

    def do(self, venue: Venue, route: Route, wanted: Wanted, key: KeyInUse | None, now: datetime) -> Any:
        """What a route answers, through whichever door. Raises Refusal."""
        signer = key.account if key else None
        counts = self.limits.orders
        asked = Asked(venue=venue, now=now, parameters=wanted.parameters, signer=signer, key=key, counts=counts)
        if route.reads_past and venue.histories.is_stored:
            return Postponed(partial(route.answer, asked))
        if not gives_orders(route):
            return route.answer(asked)
        require_later(wanted.parameters, self._began)
        return self._repeats.once(wanted, now, partial(give, route, asked))

    def unkept(self, lack: JournalFull | NotCommitted) -> Refusal:
        """-1008 before anything was done, -1006 after it"""
        return OVERLOADED if isinstance(lack, JournalFull) else UNKNOWN

    async def converse(self, venue: Venue, socket: Socket) -> None:
        """Serve the WebSocket API, or the market's streams."""
        is_api = socket.path.rstrip("/") == API_PATH
        is_known = is_api or is_path(socket.path)
        if not is_known or self._connected.count(socket.address, monotonic()) > MOST_CONNECTED:
            await socket.refuse()
            return
        listeners = self._listeners_of(venue)
        talk = (
            Session(self, venue, socket, listeners.users) if is_api else StreamSocket(listeners.market, venue, socket)
        )
        socket.farewell = talk.say_farewell
        try:
            talk.begin()
            await socket.serve(talk.hear)
        finally:
            talk.end()

    def _listeners_of(self, venue: Venue) -> Listeners:
        if self._listeners is None:
            pulse = Pulse(venue)
            self._listeners = Listeners(users=UserStreams(venue, pulse), market=MarketStreams(venue, pulse))
        return self._listeners

    def write_refusal(self, refusal: Refusal, sent: Sent, now: datetime) -> Any:
        """A code and a message, and with some what each part of the request came to."""
        return {"code": refusal.code, "msg": refusal.message} | ({"data": refusal.data} if refusal.data else {})


def make_dialect() -> Binance:
    """The dialect with unused budgets."""
    return Binance()
