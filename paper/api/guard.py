"""What every request and answer of the API must be: by a name of ours, from no other site, and never kept or embedded.

Programs and our own pages are served. There is no CORS: a page of another site may neither read an answer nor make a
browser send anything, and a name that leads here (DNS rebinding) is none of ours.
"""

from collections.abc import Set
from typing import Any

from look.headers import RAW_HEADERS

HOSTS = ("localhost", "127.0.0.1", "[::1]")
NO_STORE = (b"cache-control", b"no-store")
OURS = (None, b"same-origin", b"none")


class Guard:
    """An ASGI layer around the application; `names` are its own beside this machine's."""

    def __init__(self, app: Any, names: Set[str]) -> None:
        self._app, self._names = app, {name.lower() for name in (*HOSTS, *names)}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Refuse or pass on."""

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *RAW_HEADERS, NO_STORE]}
            await send(message)

        if scope["type"] == "http" and (refusal := self._refuse(scope)):
            await _answer(guarded, *refusal)
            return
        await self._app(scope, receive, guarded)

    def _refuse(self, scope: Any) -> tuple[int, bytes] | None:
        hosts = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or _name_of(hosts[0]) not in self._names:
            return 400, b'{"error": "This platform does not answer to that name: see PAPER_NAMES."}'
        origins = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"origin"]
        site = dict(scope["headers"]).get(b"sec-fetch-site")
        if site not in OURS or any(one not in (f"http://{hosts[0]}", f"https://{hosts[0]}") for one in origins):
            return 403, b'{"error": "Not for other sites."}'
        return None


def _name_of(host: str) -> str:
    """A Host header without its port."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


async def _answer(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
