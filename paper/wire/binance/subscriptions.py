"""A connection's subscriptions to what happens to accounts, each with its own number."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any

from paper.wire.binance.request import Asked
from paper.wire.binance.user_events import Event, write_end
from paper.wire.binance.user_streams import UserStreams
from paper.wire.refusal import Refusal
from paper.wire.sockets import Socket

MOST, MOST_EVER = 1_000, 65_535
TOO_MANY = Refusal(-1191, f"Too many subscriptions. Connection may create up to '{MOST}' subscriptions at a time.")


class Subscriptions:
    """Those of one connection."""

    def __init__(self, streams: UserStreams, socket: Socket) -> None:
        self._streams, self._socket = streams, socket
        self._numbers = count()
        self._active: dict[int, tuple[str, Callable[[Event], None]]] = {}  # account, and how it is told

    @property
    def are_any(self) -> bool:
        """Whether there is one."""
        return bool(self._active)

    def begin(self, owner: str) -> int:
        """Begin to tell what happens to an account; returns the number. Raises Refusal."""
        for number, (other, _) in self._active.items():
            if other == owner:
                raise Refusal(
                    -1191,
                    f"Similar subscription is already active on this connection. active subscription id: '{number}'.",
                )
        number = next(self._numbers)
        if len(self._active) >= MOST or number >= MOST_EVER:
            raise TOO_MANY
        tell = partial(self._tell, number)
        self._active[number] = (owner, tell)
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
            self._streams.remove(*found)
            self._streams.put(found[1], write_end(now))

    def forget(self) -> None:
        """End all of them without a word."""
        for found in self._active.values():
            self._streams.remove(*found)
        self._active.clear()

    def _tell(self, number: int, event: Event) -> None:
        self._socket.tell(json.dumps({"subscriptionId": number, "event": event}, separators=(",", ":")))
