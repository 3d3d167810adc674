"""What every request and every answer must be: from this machine's names, reading only, and never embeddable.

A browser says where a request comes from (Fetch Metadata, W3C). From another origin a person may follow a link to a
page; whatever else its pages ask for in the person's name is refused. Programs say nothing and get everything.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

HOSTS = (b"localhost", b"127.0.0.1", b"[::1]")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
OURS = (None, b"same-origin", b"none")  # none: an address that was typed, or a bookmark
LINK = (b"navigate", b"document")
RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class Guard:
    """An ASGI layer around the application; it comes first, so that refusals carry the headers too.

    `pages` are the paths that a link from elsewhere may lead to.
    """

    def __init__(self, app: Any, pages: AbstractSet[str]) -> None:
        self._app, self._pages = app, pages

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Refuse or pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", [])
                names = {name for name, _ in headers}
                missing = [header for header in RAW_HEADERS if header[0] not in names]
                message = {**message, "headers": [*headers, *missing]}
            await send(message)

        if refusal := _refuse(scope, self._pages):
            await _answer(guarded, *refusal)
            return
        await self._app(scope, receive, guarded)


def _refuse(scope: Any, pages: AbstractSet[str]) -> tuple[int, bytes] | None:
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1 or not _is_ours(hosts[0].lower()):
        return 400, b"This dashboard answers to localhost and 127.0.0.1 alone."
    if scope["method"] not in ("GET", "HEAD"):
        return 405, b"This dashboard only reads."
    sent = dict(scope["headers"])
    if sent.get(b"sec-fetch-site") not in OURS and not (scope["path"] in pages and _is_link(sent)):
        return 403, b"Not for other sites. A link to a page is followed."
    return None


def _is_link(sent: Mapping[bytes, bytes]) -> bool:
    """Whether a person followed a link, and no page did it in advance."""
    return (sent.get(b"sec-fetch-mode"), sent.get(b"sec-fetch-dest")) == LINK and b"sec-purpose" not in sent


def _is_ours(host: bytes) -> bool:
    name, separator, port = host.rpartition(b":")
    if not separator or (host.endswith(b"]")):
        name, port = host, b"0"
    return name in HOSTS and port.isdigit()


async def _answer(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    headers += [(b"allow", b"GET, HEAD")] if status == 405 else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
