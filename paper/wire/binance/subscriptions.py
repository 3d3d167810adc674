"""A connection's subscriptions to what happens to accounts, each with its own number."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any

from paper.engine.venue import Venue
from paper.wire.binance.request import Asked, KeyInUse
from paper.wire.binance.signing import find_key
from paper.wire.binance.user_events import Event, write_end
from paper.wire.binance.user_streams import UserStreams
from paper.wire.refusal import Refusal
from paper.wire.sockets import Socket

MOST, MOST_EVER = 1_000, 65_535
TOO_MANY = Refusal(-1191, f"Too many subscriptions. Connection may create up to '{MOST}' subscriptions at a time.")


@dataclass(frozen=True, slots=True)
class _Subscription:
    owner: str
    tell: Callable[[Event], None]
    key: str  # with which it began: it ends with that


class Subscriptions:
    """Those of one connection."""

    def __init__(self, streams: UserStreams, venue: Venue, socket: Socket) -> None:
        self._streams, self._venue, self._socket = streams, venue, socket
        self._numbers = count()
        self._active: dict[int, _Subscription] = {}
        self._revoked: set[int] = set()  # of them, those whose key is

    @property
    def are_any(self) -> bool:
        """Whether there is one."""
        return bool(self._active)

    def begin(self, key: KeyInUse) -> int:
        """Begin to tell what happens to a key's account; returns the number. Raises Refusal."""
        owner = key.account.name
        for number, other in self._active.items():
            if other.owner == owner:
                raise Refusal(
                    -1191,
                    f"Similar subscription is already active on this connection. active subscription id: '{number}'.",
                )
        number = next(self._numbers)
        if len(self._active) >= MOST or number >= MOST_EVER:
            raise TOO_MANY
        tell = partial(self._tell, number)
        self._active[number] = _Subscription(owner, tell, key.key)
        self._streams.add(owner, tell)
        return number

    def list(self, asked: Asked) -> list[dict[str, Any]]:
        """session.subscriptions"""
        return [{"subscriptionId": number} for number in self._active]

    def end(self, asked: Asked) -> dict[str, Any]:
        """userDataStream.unsubscribe: one of them, or all"""
        numbers = [asked.number("subscriptionId", 0)] if "subscriptionId" in asked.parameters else [*self._active]
        if any(number not in self._active for number in numbers):
            raise asked.illegal("subscriptionId")
        for number in numbers:
            self.end_one(number, asked.now)
        return {}

    def end_one(self, number: int, now: datetime) -> None:
        """End a subscription, if it has not ended; it is told so."""
        if found := self._active.pop(number, None):
            self._streams.remove(found.owner, found.tell)
            self._streams.put(partial(self._say, number), write_end(now))

    def forget(self) -> None:
        """End all of them without a word."""
        for found in self._active.values():
            self._streams.remove(found.owner, found.tell)
        self._active.clear()

    def _tell(self, number: int, event: Event) -> None:
        """Tell an event, unless the key has been revoked: then that it is over, and nothing more."""
        if number in self._revoked:
            return
        if (found := self._active.get(number)) and not self._may_go_on(found):
            self.end_one(number, self._venue.clock.now())
            self._revoked.add(number)
        else:
            self._say(number, event)

    def _say(self, number: int, event: Event) -> None:
        self._socket.tell(json.dumps({"subscriptionId": number, "event": event}, separators=(",", ":")))

    def _may_go_on(self, found: _Subscription) -> bool:
        """Whether the key is still good: once it is revoked nothing more is told."""
        try:
            find_key(self._venue, found.key, self._socket.address)
        except Refusal:
            return False
        return True
