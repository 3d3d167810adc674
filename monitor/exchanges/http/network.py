"""What all connections of a process share: the exchange's clock, the weights used, the sockets, and whom they trust."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp

from monitor.exchanges.http.weights import MOST_AT_ONCE, Weights


@dataclass(slots=True)
class Clock:
    """How far our clock is from the exchange's."""

    behind: timedelta = timedelta()

    def now(self) -> datetime:
        """The exchange's time."""
        return datetime.now(UTC) + self.behind

    def set(self, now: datetime) -> None:
        """What the exchange calls now."""
        self.behind = now - datetime.now(UTC)


class Network:
    """Many accounts use few sockets; cookies and keys stay with each account's own connection."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.weights = Weights(self.clock.now)
        self.sockets = aiohttp.TCPConnector(limit=MOST_AT_ONCE)
        self._trust: ssl.SSLContext | None = None

    def trust(self, authorities: str) -> ssl.SSLContext:
        """The certificate authorities of a file, read once: that takes as long as two hundred signatures."""
        self._trust = self._trust or ssl.create_default_context(cafile=authorities)
        return self._trust

    async def close(self) -> None:
        """Close the sockets."""
        await self.sockets.close()
