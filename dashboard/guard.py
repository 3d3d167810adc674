"""What every request and every answer must be: from this machine's names, reading only, and never embeddable."""

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
RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class Guard:
    """An ASGI layer around the application; it comes first, so that refusals carry the headers too."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Refuse or pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                told = message.get("headers", [])
                names = {name for name, _ in told}
                missing = [header for header in RAW_HEADERS if header[0] not in names]
                message = {**message, "headers": [*told, *missing]}
            await send(message)

        if refusal := _refuse(scope):
            await _answer(guarded, *refusal)
            return
        await self._app(scope, receive, guarded)


def _refuse(scope: Any) -> tuple[int, bytes] | None:
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1 or not _is_ours(hosts[0].lower()):
        return 400, b"This dashboard answers to localhost and 127.0.0.1 alone."
    if scope["method"] not in ("GET", "HEAD"):
        return 405, b"This dashboard only reads."
    sent = dict(scope["headers"])
    if sent.get(b"sec-fetch-site") == b"cross-site" and sent.get(b"sec-fetch-mode") != b"navigate":
        return 403, b"Not for other sites."
    return None


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
