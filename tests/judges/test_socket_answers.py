"""Every answer of the paper exchange's WebSocket API is what the exchange's own client expects.

The same operations as over REST, through the client's own methods; what differs from its models is what differs there.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from paper.wire.binance.operations import METHODS, OPERATIONS
from tests.judges import official
from tests.judges.differences import differences
from tests.judges.everything import MASTER, open_everything
from tests.judges.test_paper_answers import PATIENT, SPECIAL_FIELDS, TRADED

KEY = "an-ed25519-key"
PAIR = {"symbol": "BTCUSDT"}
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("ping", {}),
    ("time", {}),
    ("exchangeInfo", PAIR),
    ("depth", PAIR | {"limit": 5}),
    ("trades.recent", PAIR),
    ("trades.aggregate", PAIR),
    ("klines", PAIR | {"interval": "1m"}),
    ("uiKlines", PAIR | {"interval": "1m"}),
    ("avgPrice", PAIR),
    ("ticker.price", PAIR),
    ("ticker.book", PAIR),
    ("ticker.24hr", PAIR),
    ("order.place", PATIENT),
    ("account.status", {}),
    ("account.commission", PAIR),
    ("openOrders.status", {}),
    ("allOrders", PAIR),
    ("myTrades", PAIR),
    ("session.status", {}),
    ("session.logon", {}),
    ("session.logout", {}),
]
OWN = ("session.logon", "session.status", "session.logout")
ENVELOPED = "the model is of the result alone"
UNTOLD = "the example is of a connection that does not want to be told limits"
NOBODY = "null where nobody has logged on, says the documentation"
SINGLE = "told of lists, where an order of one is taken back"
LIST = (
    "contingencyType",
    "listClientOrderId",
    "listOrderStatus",
    "listStatusType",
    "orderReports",
    "orders",
    "transactionTime",
)
EXCEPTIONS: dict[str, dict[str, str]] = {
    "ping": {"has nothing in result[]": "a list in the model, an object in the documentation"},
    "exchangeInfo": {
        **{f"invents {name}": ENVELOPED for name in ("id", "result", "status")},
        **{f"lacks {name}": ENVELOPED for name in ("exchangeFilters", "serverTime", "sors", "symbols", "timezone")},
    },
    "order.cancel": {f"lacks result.{name}": SINGLE for name in LIST},
    "openOrders.cancelAll": {f"lacks result[].{name}": SINGLE for name in LIST},
    "order.amend.keepPriority": {"lacks result.listStatus": "of an order of a list"},
    "order.cancelReplace": {
        f"invents result.newOrderResponse.{name}": "of an order that was placed, as over REST"
        for name in ("workingTime", "fills")
    },
    "orderList.cancel": {"invents result.orderReports[].origClientOrderId": "in the documentation's example"},
    "session.logon": {"invents rateLimits": UNTOLD},
    **{
        name: {
            "invents rateLimits": UNTOLD,
            "result.apiKey is null, not text": NOBODY,
            "result.authorizedSince is null, not whole": NOBODY,
        }
        for name in ("session.logout", "session.status")
    },
}
UNREADABLE = ("klines", "uiKlines", "ticker.24hr")  # the client can't make its own models of lists out of any answer


@pytest.fixture(scope="module")
def told() -> Iterator[list[dict[str, Any]]]:
    """What the client got over one connection, and what it knows of each answer."""
    venue = open_everything()
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    venue.do(f"ed25519 {KEY} {public.splitlines()[1]}", MASTER)
    calls = [(OPERATIONS[name].called, sent) for name, sent in TRADED if name in OPERATIONS] + ASKED
    given = {
        "address": venue.url.replace("http", "ws") + "/ws-api/v3",
        "key": KEY,
        "private": private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "now": int(venue.now().timestamp() * 1000),
        "calls": [{"name": name, "parameters": sent} for name, sent in calls],
    }
    yield official.run(given=given, program="socket_clients.py")
    venue.stop()


def test_the_client_takes_every_answer_as_it_is(told: list[dict[str, Any]]) -> None:
    assert [one for one in told if one["complaint"] and one["name"] not in UNREADABLE] == []


@pytest.mark.parametrize("name", sorted({*METHODS, *OWN}))
def test_an_answer_has_the_fields_that_the_client_knows_and_no_others(name: str, told: list[dict[str, Any]]) -> None:
    of_it = [one for one in told if one["name"] == name]

    assert of_it
    found = differences(of_it[0]["shape"], [one["answer"] for one in of_it])
    assert {fault for fault in found if not is_special(fault)} == EXCEPTIONS.get(name, {}).keys()


def is_special(fault: str) -> bool:
    """Whether a field is missing that only special orders have, which are not given here."""
    return fault.startswith("lacks result") and fault.rpartition(".")[2] in (*SPECIAL_FIELDS, "icebergQty", "stopPrice")
