"""From a cached response to the one that is sent: not sent again while its ETag is the same, compressed where that is understood.

A page is sent anew each time, so that no browser stores the figures of whoever used it before.
"""

from starlette.requests import Request
from starlette.responses import Response

from dashboard.cache import CachedResponse

NO_STORE = "no-store"
REVALIDATE = "private, no-cache"  # stored by the browser, shown again only when the ETag is still the same


def send(
    request: Request, answer: CachedResponse, cache_control: str = REVALIDATE, more: dict[str, str] | None = None
) -> Response:
    """The response to a request; `cache_control` is that header."""
    headers = {"Cache-Control": cache_control, "Vary": "Accept-Encoding", **(more or {})}
    if cache_control != NO_STORE:
        headers["ETag"] = answer.etag
        if answer.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    if answer.zipped and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(answer.zipped, media_type=answer.media_type, headers=headers)
    return Response(answer.body, media_type=answer.media_type, headers=headers)
