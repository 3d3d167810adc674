"""What all connections to one exchange share: the exchange's clock, the weights used, the sockets, and whom they trust."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import aiohttp

from monitor.exchanges.http.dialect import Dialect
from monitor.exchanges.http.fields import Malformed
from monitor.exchanges.http.limits import MOST_AT_ONCE, Weights

LARGEST_ANSWER = 8 * 1024 * 1024


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


@cache
def trust(authorities: str) -> ssl.SSLContext:
    """Whom every connection trusts: the certificate authorities of a file, read once, for that takes as long as two hundred
    signatures."""
    return ssl.create_default_context(cafile=authorities)


class Network:
    """Many accounts use few sockets; cookies and keys stay with each account's own connection."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.clock = Clock()
        self.weights = Weights(self.clock.now, dialect.budgets)
        self.kept: dict[str, Any] = {}  # what an adapter asks for once for all its accounts
        self.sockets = aiohttp.TCPConnector(limit=MOST_AT_ONCE)

    async def close(self) -> None:
        """Close the sockets."""
        await self.sockets.close()


class CappedResponse(aiohttp.ClientResponse):  # type: ignore[misc]
    """A response of at most 8 MB."""

    _body: bytes | None

    async def read(self) -> bytes:
        """The body. Raises Malformed when it is larger."""
        parts, size = [], 0
        async for part in self.content.iter_chunked(65_536):
            size += len(part)
            if size > LARGEST_ANSWER:
                self.close()
                raise Malformed("an answer of more than 8 MB")
            parts.append(part)
        self._body = b"".join(parts) or self._body or b""
        return bytes(self._body)
