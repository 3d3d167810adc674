"""Bitget's JSON: `wallets`, `bills`, `fills` and `flows` of classic accounts (v2), `unified` ones (v3), and `market`.

A ledger's rows chain: balance = the balance before + amount + fee (negative), which the exchange documents nowhere; the fee of
a withdrawal is inside its size unless a story says otherwise. Samples: the documentation's, as Bitget.Net (ed0db8fe,
Bitget.Net.UnitTests/Endpoints) and the comments of ccxt 4.5.90 have them.
"""

from datetime import datetime
from typing import Any

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.wire.bitget.refusals import IS_CLASSIC, IS_UNIFIED, NO_PATH, TOO_FAST, lacks_right
from paper.wire.bitget.request import Asked
from paper.wire.bitget.routes import BOTH, CLASSIC, ROUTES, UNIFIED
from paper.wire.bitget.signing import KEY, OLDER, identify, list_rights
from paper.wire.dialect import Dialect, Route
from paper.wire.limits import RecentCalls
from paper.wire.refusal import Refusal
from paper.wire.request import Sent

MOST_A_MINUTE = 6_000  # of one address


class CallsASecond:
    """Calls of each path by each key in a second, and of the address in a minute. What is left of them is not told."""

    def __init__(self) -> None:
        self._second, self._minute = RecentCalls(1), RecentCalls(60)

    def spend(self, route: Route, sent: Sent, now: datetime) -> dict[str, str]:
        """Count a call. Raises Refusal (429) for one too many."""
        in_all = self._minute.count("", sent.heard_at)
        lately = self._second.count(f"{sent.path} {sent.headers.get(KEY, '')}", sent.heard_at)
        if lately > route.most or in_all > MOST_A_MINUTE:
            raise TOO_FAST
        return {}


class Bitget(Dialect):
    """An HMAC with a passphrase beside it, codes as text, and two systems of accounts."""

    name = "bitget"
    key_headers = (KEY,)
    routes = ROUTES

    def new_limits(self) -> CallsASecond:
        """Nothing was called."""
        return CallsASecond()

    def no_path(self) -> Refusal:
        """40404"""
        return NO_PATH

    def identify(self, venue: Venue, sent: Sent, now: datetime) -> Account:
        """The account that signed."""
        return identify(venue, sent, now)

    def admit(self, route: Route, signer: Account) -> None:
        """Refuse what is for the other account system, and what the key has no right to. In between both are answered."""
        if route.system == UNIFIED and not signer.is_unified:
            raise IS_CLASSIC
        is_older = route.system == CLASSIC or (route.system == BOTH and not signer.permissions.get(OLDER, True))
        if is_older and signer.system == UNIFIED:
            raise IS_UNIFIED
        if route.right and route.right not in list_rights(signer):
            raise lacks_right(route.right)

    def hear(self, venue: Venue, sent: Sent, now: datetime, signer: Account | None) -> Asked:
        """The query's parameters."""
        return Asked(venue=venue, now=now, parameters=sent.parameters(), signer=signer)

    def write(self, found: Any, now: datetime) -> Any:
        """The envelope of an answer."""
        return {"code": "00000", "msg": "success", "requestTime": int(now.timestamp() * 1000), "data": found}

    def write_refusal(self, refusal: Refusal, sent: Sent, now: datetime) -> Any:
        """The envelope of a refusal: without data."""
        requested = int(now.timestamp() * 1000)
        return {"code": refusal.code, "msg": refusal.message, "requestTime": requested, "data": None}


def make_dialect() -> Bitget:
    """The dialect, of which nothing was asked yet."""
    return Bitget()
