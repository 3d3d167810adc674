"""Responses that stop being read when they are too large: no answer of an exchange may fill the memory."""

import aiohttp

from monitor.exchanges.http.gate import IllShaped

LARGEST_ANSWER = 8 * 1024 * 1024


class CappedResponse(aiohttp.ClientResponse):  # type: ignore[misc]
    """A response of at most 8 MB."""

    _body: bytes | None

    async def read(self) -> bytes:
        """The body. Raises IllShaped when it is larger."""
        parts, size = [], 0
        async for part in self.content.iter_chunked(65_536):
            size += len(part)
            if size > LARGEST_ANSWER:
                self.close()
                raise IllShaped("an answer of more than 8 MB")
            parts.append(part)
        self._body = b"".join(parts) or self._body or b""
        return bytes(self._body)
