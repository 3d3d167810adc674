"""What every request and every answer must be: by a name of ours, reading only, and never embeddable.

A browser says where a request comes from (Fetch Metadata, W3C). From another origin a person may follow a link to a
page; whatever else its pages ask for in the person's name is refused. Programs say nothing and get everything. A form,
of the login alone, comes from our own origin, which its sender has to name.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from look.headers import RAW_HEADERS

HOSTS = (b"localhost", b"127.0.0.1", b"[::1]")
FORM_PATHS = ("/login", "/logout")
OURS = (None, b"same-origin", b"none")  # none: an address that was typed, or a bookmark
LINK = (b"navigate", b"document")


class Guard:
    """An ASGI layer around the application; it comes first, so that refusals carry the headers too.

    `pages` are the paths that a link from elsewhere may lead to, `names` what we are called beside this machine's own
    names, and `takes_forms` says whether there is a login.
    """

    def __init__(
        self, app: Any, pages: AbstractSet[str], names: AbstractSet[str] = frozenset(), takes_forms: bool = False
    ) -> None:
        self._app, self._pages = app, pages
        self._names = {*HOSTS, *(name.encode() for name in names)}
        self._forms = FORM_PATHS if takes_forms else ()

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

        if refusal := self._refuse(scope):
            await _answer(guarded, *refusal)
            return
        await self._app(scope, receive, guarded)

    def _refuse(self, scope: Any) -> tuple[int, bytes] | None:
        hosts = [value.lower() for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or not _is_named(hosts[0], self._names):
            return 400, b"This dashboard answers to localhost, 127.0.0.1 and the names in ALLOWED_HOSTS alone."
        sent, is_form = dict(scope["headers"]), scope["method"] == "POST" and scope["path"] in self._forms
        if scope["method"] not in ("GET", "HEAD") and not is_form:
            return 405, b"This dashboard only reads."
        if is_form and not _is_own(scope["headers"], hosts[0]):
            return 403, b"Sign in and out by this dashboard's own pages: the Origin header must name them."
        is_followed = not is_form and scope["path"] in self._pages and _is_link(sent)
        if sent.get(b"sec-fetch-site") not in OURS and not is_followed:
            return 403, b"Not for other sites. A link to a page is followed."
        return None


def _is_link(sent: Mapping[bytes, bytes]) -> bool:
    """Whether a person followed a link, and no page did it in advance."""
    return (sent.get(b"sec-fetch-mode"), sent.get(b"sec-fetch-dest")) == LINK and b"sec-purpose" not in sent


def _is_own(headers: Iterable[tuple[bytes, bytes]], host: bytes) -> bool:
    """Whether a form comes from a page of this origin; one that does not say where from does not."""
    origins = [value.lower() for name, value in headers if name == b"origin"]
    return len(origins) == 1 and origins[0] in (b"http://" + host, b"https://" + host)


def _is_named(host: bytes, names: AbstractSet[bytes]) -> bool:
    name, separator, port = host.rpartition(b":")
    if not separator or (host.endswith(b"]")):
        name, port = host, b"0"
    return name in names and port.isdigit()


async def _answer(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    headers += [(b"allow", b"GET, HEAD")] if status == 405 else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
