"""Gate.io's JSON: `spot` and `market`, `flows`, `ledgers`, `futures`, and `unified` accounts; errors are a label and a message.

Times are seconds, milliseconds, or seconds with a fraction, as each path has them. Samples: Gate's documentation of API v4, and
what XChange, ccxt and GateIo.Net recorded.
"""

from datetime import datetime
from typing import Any

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.wire.dialect import Dialect, Route
from paper.wire.gate.request import Asked
from paper.wire.gate.routes import ROUTES
from paper.wire.gate.signing import KEY, identify, list_rights
from paper.wire.limits import RecentCalls
from paper.wire.numbers import encode_numbers
from paper.wire.refusal import Refusal
from paper.wire.request import Sent

MOST, SECONDS = 200, 10
UNIFIED = "unified"


class CallsInTenSeconds:
    """Calls of each path by each key within ten seconds; headers say what is left."""

    def __init__(self) -> None:
        self._calls = RecentCalls(SECONDS)

    def spend(self, route: Route, sent: Sent, now: datetime) -> dict[str, str]:
        """Count a call. Raises Refusal (429) for one too many."""
        lately = self._calls.count(f"{sent.path} {sent.headers.get(KEY, '')}", sent.heard_at)
        headers = {
            "X-Gate-Ratelimit-Requests-Remain": str(max(0, MOST - lately)),
            "X-Gate-Ratelimit-Limit": str(MOST),
            "X-Gate-Ratelimit-Reset-Timestamp": str(int(now.timestamp()) + SECONDS),
        }
        if lately > MOST:
            raise Refusal("TOO_MANY_REQUESTS", "Request Rate Limit Exceeded", 429, headers)
        return headers


class Gate(Dialect):
    """An HMAC-SHA512 over method, path, query, body and time; bare answers."""

    name = "gate"
    key_headers = (KEY,)
    routes = ROUTES

    def new_limits(self) -> CallsInTenSeconds:
        """Nothing was called."""
        return CallsInTenSeconds()

    def find_route(self, sent: Sent) -> Route | None:
        """The route of a path, whose last part may be a contract."""
        return self.routes.get(sent.path) or self.routes.get(sent.path.rpartition("/")[0] + "/{contract}")

    def no_path(self) -> Refusal:
        """A path that there is not."""
        return Refusal("NOT_FOUND", "Not Found", 404)

    def identify(self, venue: Venue, sent: Sent, now: datetime) -> Account:
        """The account that signed."""
        return identify(venue, sent, now)

    def admit(self, route: Route, signer: Account) -> None:
        """Refuse what the key has no right to, and the unified wallet of an account that is none."""
        if route.right not in list_rights(signer):
            raise Refusal("FORBIDDEN", f"API key does not have {route.right} permission", 403)
        if route.system == UNIFIED and not signer.is_unified:
            raise Refusal("USER_NOT_FOUND", "please transfer funds first to create unified account", 400)

    def hear(self, venue: Venue, sent: Sent, now: datetime, signer: Account | None) -> Asked:
        """The query's parameters, and the contract that the path ends with."""
        parameters = sent.parameters()
        if sent.path not in self.routes:
            parameters["contract"] = sent.path.rpartition("/")[2]
        return Asked(venue=venue, now=now, parameters=parameters, signer=signer)

    def encode(self, payload: Any) -> str:
        """JSON in which times with a fraction are numbers."""
        return encode_numbers(payload)

    def write_refusal(self, refusal: Refusal, sent: Sent, now: datetime) -> Any:
        """A label and a message."""
        return {"label": refusal.code, "message": refusal.message}


def make_dialect() -> Gate:
    """The dialect, of which nothing was asked yet."""
    return Gate()
