"""The cookie that remembers the reader's currency and time zone: nothing secret, read strictly, of pages alone.

What an address says counts; what it leaves open is as it was last chosen. Charts and files have everything in their
address.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response

from dashboard.display import Display, read_display
from dashboard.errors import BadChoice

NAME = "portfolio_display"
CHOICES = ("currency", "zone")
YEAR = 365 * 86_400  # seconds


def recall(request: Request) -> Mapping[str, str]:
    """The query, with what it leaves open as it was last chosen; a cookie that nobody could have got is ignored."""
    asked = dict(request.query_params)
    try:
        kept = dict(parse_qsl(request.cookies.get(NAME, "")[:200]))
        known = read_display(kept.get("currency", ""), kept.get("zone", ""))
    except BadChoice:
        return asked
    return {"currency": known.currency, "zone": known.zone} | asked


def remember(request: Request, response: Response, display: Display) -> None:
    """Keep what the address chose for the next page."""
    if any(name in request.query_params for name in CHOICES):
        kept = urlencode({"currency": display.currency, "zone": display.zone})
        response.headers.append("Set-Cookie", f"{NAME}={kept}; Path=/; Max-Age={YEAR}; SameSite=Lax; HttpOnly")
