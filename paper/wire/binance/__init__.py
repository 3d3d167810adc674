"""Binance's JSON, family by family: `spot` (/api), `wallets` and `history` (/sapi), `derivatives` (/fapi, /dapi)."""

from datetime import datetime
from typing import Any

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.wire.binance.request import Asked
from paper.wire.binance.routes import ROUTES
from paper.wire.binance.signing import KEY_HEADER, identify
from paper.wire.binance.weights import UsedWeights
from paper.wire.dialect import Dialect, Route
from paper.wire.refusal import Refusal
from paper.wire.request import Sent


class Binance(Dialect):
    """Weights a minute, an HMAC over the query as it was sent, and errors of a code and a message."""

    name = "binance"
    key_headers = (KEY_HEADER,)
    routes = ROUTES

    def new_limits(self) -> UsedWeights:
        """Budgets of which nothing is used."""
        return UsedWeights()

    def find_route(self, sent: Sent) -> Route | None:
        """That of the path and method, where a path has several."""
        return self.routes.get(f"{sent.method} {sent.path}") or super().find_route(sent)

    def no_path(self) -> Refusal:
        """A path that there is not."""
        return Refusal(-1000, "There is no such path on the paper exchange.", 404)

    def identify(self, venue: Venue, sent: Sent, now: datetime) -> Account:
        """The account that signed."""
        return identify(venue, sent.headers, sent.query, sent.body, now)

    def hear(self, venue: Venue, sent: Sent, now: datetime, signer: Account | None) -> Asked:
        """The query's parameters and a form's."""
        return Asked(venue=venue, now=now, parameters=sent.parameters(), signer=signer)

    def write_refusal(self, refusal: Refusal, sent: Sent, now: datetime) -> Any:
        """A code and a message, and with some what each part of the request came to."""
        return {"code": refusal.code, "msg": refusal.message} | ({"data": refusal.data} if refusal.data else {})


def make_dialect() -> Binance:
    """The dialect with unused budgets."""
    return Binance()
