"""From a kept answer to a response: not sent again while its ETag is the same, compressed where that is understood.

A page is sent anew each time, so that no browser keeps the figures of whoever used it before.
"""

from fastapi import Request
from fastapi.responses import Response

from dashboard.kept import Answer

NO_STORE = "no-store"
REVALIDATE = "private, no-cache"  # kept by the browser, shown again only when the ETag is still the same


def send(request: Request, answer: Answer, kept: str = REVALIDATE, more: dict[str, str] | None = None) -> Response:
    """The response to a request; `kept` is its Cache-Control."""
    headers = {"Cache-Control": kept, "Vary": "Accept-Encoding", **(more or {})}
    if kept != NO_STORE:
        headers["ETag"] = answer.etag
        if answer.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    if answer.zipped and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(answer.zipped, media_type=answer.media_type, headers=headers)
    return Response(answer.body, media_type=answer.media_type, headers=headers)
