"""MEXC's JSON: `spot` and `history` (/api/v3), `contract` (/api/v1, in an envelope that may fail with HTTP 200)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.wire.dialect import Dialect, Route
from paper.wire.mexc.limits import UsedLately
from paper.wire.mexc.request import Asked
from paper.wire.mexc.routes import ROUTES
from paper.wire.mexc.signing import API_KEY, CONTRACT_KEY, check_right, identify
from paper.wire.numbers import encode_numbers
from paper.wire.refusal import Refusal
from paper.wire.request import Sent

CONTRACT = "/api/v1/"


class Mexc(Dialect):
    """Two families: spot with an HMAC over the query as it was sent, contracts with one over key, time and parameters."""

    name = "mexc"
    key_headers = (API_KEY, CONTRACT_KEY)
    routes = ROUTES

    def new_limits(self) -> UsedLately:
        """Limits of which nothing is used."""
        return UsedLately()

    def find_route(self, sent: Sent) -> Route | None:
        """The route of a path, whose last part may be a symbol."""
        return self.routes.get(sent.path) or self.routes.get(sent.path.rpartition("/")[0] + "/{symbol}")

    def no_path(self) -> Refusal:
        """A path that there is not."""
        return Refusal(404, "Not Found", 404)

    def identify(self, venue: Venue, sent: Sent, now: datetime) -> Account:
        """The account that signed."""
        return identify(venue, sent, now)

    def admit(self, route: Route, signer: Account) -> None:
        """Refuse what the key has no right to."""
        check_right(signer, route.right)

    def hear(self, venue: Venue, sent: Sent, now: datetime, signer: Account | None) -> Asked:
        """The query's parameters, and the symbol that the path ends with."""
        parameters = replace(sent, body="").parameters()
        route = self.find_route(sent)
        if route is not self.routes.get(sent.path):
            parameters["symbol"] = sent.path.rpartition("/")[2]
        return Asked(venue=venue, now=now, parameters=parameters, signer=signer)

    def write_refusal(self, refusal: Refusal, sent: Sent, now: datetime) -> Any:
        """A code and a message."""
        if sent.path.startswith(CONTRACT):
            return {"success": False, "code": refusal.code, "message": refusal.message}
        return {"code": refusal.code, "msg": refusal.message}

    def encode(self, payload: Any) -> str:
        """JSON in which the amounts of contracts are numbers, to the last digit."""
        return encode_numbers(payload)


def make_dialect() -> Mexc:
    """The dialect with unused limits."""
    return Mexc()
