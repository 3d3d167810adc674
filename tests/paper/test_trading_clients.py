"""An unmodified ccxt trades on the paper exchange: what it is told is what the ledger has."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import ccxt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.venue import KEY, MARKET, SECRET, START, Opener, RunningVenue

STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m permit enableSpotAndMarginTrading
+0m deposit 10000 USDT
"""
PAIR = "BTC/USDT"


@pytest.fixture
def venue(open_venue: Opener) -> RunningVenue:
    return open_venue(STORY, start=START, stands=START.replace(minute=5))


@pytest.fixture
def client(venue: RunningVenue) -> Iterator[Any]:
    found = connect(venue)
    yield found
    found.close()


def connect(venue: RunningVenue, key: str = KEY, secret: str = SECRET) -> Any:
    """ccxt's own client; only its base addresses, and the clock by which it stamps, are the venue's."""
    found = ccxt.binance(
        {"apiKey": key, "secret": secret, "options": {"fetchMarkets": ["spot"], "fetchCurrencies": False}}
    )
    found.enableLastJsonResponse = True
    found.has["fetchCurrencies"] = False
    found.urls["api"] = {
        name: address.replace("https://api.binance.com", venue.url) for name, address in found.urls["api"].items()
    }
    found.nonce = lambda: int(venue.exchange.venue.clock.now().timestamp() * 1000)
    found.load_markets()
    return found


def test_a_key_without_a_secret_signs_with_its_private_half(venue: RunningVenue) -> None:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    venue.do(f"ed25519 another-key {public.splitlines()[1]}")
    client = connect(venue, "another-key", pem)

    order = client.create_order(PAIR, "limit", "buy", 0.1, 30_000, {"newClientOrderId": "mine"})
    assert order["status"] == "open" and held(venue, "USDT") == (7_000, 3_000)
    other = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    client.secret = other
    with pytest.raises(ccxt.AuthenticationError, match="-1022"):
        client.cancel_order(order["id"], PAIR)
    client.close()


def held(venue: RunningVenue, asset: str) -> tuple[Decimal, Decimal]:
    ledger = venue.exchange.venue.ledger
    return ledger.balance(("test", "spot"), asset), ledger.balance(("test", "locked"), asset)


def test_a_market_order_takes_what_the_book_shows(venue: RunningVenue, client: Any) -> None:
    ask, shown = client.fetch_order_book(PAIR)["asks"][0]
    order = client.create_order(PAIR, "market", "buy", 0.01)

    assert (order["status"], order["filled"], order["average"]) == ("closed", 0.01, ask)
    assert client.fetch_order_book(PAIR)["asks"][0][1] == pytest.approx(shown - 0.01)
    assert held(venue, "BTC") == (Decimal("0.00999"), 0)
    assert held(venue, "USDT") == (10_000 - Decimal(str(order["cost"])), 0)
    (trade,) = client.fetch_my_trades(PAIR)
    assert (trade["order"], trade["amount"], trade["takerOrMaker"]) == (order["id"], 0.01, "taker")


def test_an_order_waits_is_changed_and_taken_back(venue: RunningVenue, client: Any) -> None:
    order = client.create_order(PAIR, "limit", "buy", 0.1, 30_000, {"newClientOrderId": "mine"})
    assert (order["status"], held(venue, "USDT")) == ("open", (7_000, 3_000))
    assert [one["clientOrderId"] for one in client.fetch_open_orders(PAIR)] == ["mine"]

    changed = client.edit_order(order["id"], PAIR, "limit", "buy", 0.1, 25_000)
    assert (changed["price"], held(venue, "USDT")) == (25_000, (7_500, 2_500))
    assert client.fetch_order(order["id"], PAIR)["status"] == "canceled"

    client.cancel_order(changed["id"], PAIR)
    assert held(venue, "USDT") == (10_000, 0)
    with pytest.raises(ccxt.OrderNotFound):
        client.cancel_order(changed["id"], PAIR)


def test_an_order_that_waits_is_filled_as_time_passes(venue: RunningVenue, client: Any) -> None:
    bid = client.fetch_order_book(PAIR)["bids"][0][0]
    order = client.create_order(PAIR, "limit", "buy", 0.001, round(bid * 0.999, 2))
    venue.advance(days=1)
    venue.control("/weights", method="DELETE")

    found = client.fetch_order(order["id"], PAIR)
    (trade,) = client.fetch_my_trades(PAIR)
    assert (found["status"], trade["takerOrMaker"], trade["price"]) == ("closed", "maker", found["price"])
    assert START < venue.exchange.venue.accounts["test"].fills[0].at < venue.now()


def test_of_two_exits_one_ends_the_other(venue: RunningVenue, client: Any) -> None:
    client.create_order(PAIR, "market", "buy", 0.01)
    price = client.fetch_order_book(PAIR)["bids"][0][0]
    client.privatePostOrderListOco(
        {
            "symbol": "BTCUSDT",
            "side": "SELL",
            "quantity": "0.009",
            "aboveType": "LIMIT_MAKER",
            "abovePrice": f"{price * 1.004:.2f}",
            "belowType": "STOP_LOSS",
            "belowStopPrice": f"{price * 0.996:.2f}",
        }
    )
    assert held(venue, "BTC")[1] == Decimal("0.009")
    venue.advance(days=1)
    venue.control("/weights", method="DELETE")

    statuses = [one["status"] for one in client.fetch_orders(PAIR)[1:]]
    assert sorted(statuses) == ["closed", "expired"]
    assert held(venue, "BTC") == (Decimal("0.00099"), 0)


def test_a_key_that_reads_may_not_trade(venue: RunningVenue, client: Any) -> None:
    venue.do("forbid enableSpotAndMarginTrading")
    with pytest.raises(ccxt.AuthenticationError):
        client.create_order(PAIR, "market", "buy", 0.01)


ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.1", "price": "30000"}
REFUSED = [
    ({"symbol": "NOPEUSDT"}, -1121),
    ({"side": "HOLD"}, -1117),
    ({"type": "ICEBERG"}, -1116),
    ({"timeInForce": "GTD"}, -1115),
    ({"timeInForce": None}, -1102),
    ({"price": None}, -1102),
    ({"quantity": None}, -1102),
    ({"quantity": "NaN"}, -1100),
    ({"quantity": "1e999999"}, -1100),
    ({"quantity": "-1"}, -1100),
    ({"quantity": "9" * 5000}, -1100),
    ({"quantity": "0"}, -1102),
    ({"quantity": "0.123456789"}, -1111),
    ({"quantity": "0.0000001"}, -1013),
    ({"price": "30000.001"}, -1013),
    ({"price": "1"}, -1013),
    ({"quantity": "0.0001", "price": "40000"}, -1013),
    ({"quantity": "1"}, -2010),
    ({"stopPrice": "20000"}, -1106),
    ({"quoteOrderQty": "20"}, -1106),
    ({"icebergQty": "1"}, -1106),
    ({"newClientOrderId": "a b"}, -1100),
    ({"newClientOrderId": "x" * 37}, -1100),
    ({"selfTradePreventionMode": "ALWAYS"}, -1130),
    ({"newOrderRespType": "LONG"}, -1130),
    ({"type": "LIMIT_MAKER"}, -1114),
    ({"type": "LIMIT_MAKER", "timeInForce": None, "price": "300000", "quantity": "0.01"}, -2010),
    ({"type": "STOP_LOSS_LIMIT"}, -1102),
    ({"type": "STOP_LOSS_LIMIT", "stopPrice": "20000"}, -2010),
    ({"type": "STOP_LOSS_LIMIT", "trailingDelta": "1"}, -1013),
    ({"recieveWindow": "5000"}, -1104),
    ({"symbols": '["BTCUSDT"]'}, -1104),
    ({"strategyType": "7"}, -1134),
    ({"type": "MARKET", "timeInForce": None, "price": None, "quoteOrderQty": "20"}, -1128),
]


@pytest.fixture(scope="module")
def calm() -> Iterator[tuple[RunningVenue, Any]]:
    """One venue for all that changes nothing, and a client of it."""
    venue = RunningVenue(MARKET, STORY, START, START.replace(minute=5))
    client = connect(venue)
    yield venue, client
    client.close()
    venue.stop()


@pytest.mark.parametrize(("changed", "code"), REFUSED)
def test_an_order_that_is_not_one_is_refused_in_the_exchanges_words(
    calm: tuple[RunningVenue, Any], changed: dict[str, str | None], code: int
) -> None:
    venue, client = calm
    sent = {name: value for name, value in (ORDER | changed).items() if value is not None}
    with pytest.raises(ccxt.BaseError):
        client.privatePostOrder(sent)

    assert client.last_json_response["code"] == code
    assert held(venue, "USDT") == (10_000, 0) and not venue.exchange.venue.accounts["test"].orders


def test_what_the_readme_says_of_trading_works(open_venue: Opener) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    section = readme.partition("## Trading with play money")[2].partition("\n## ")[0]
    story, program = (block.partition("\n")[2] for block in section.split("```")[1:4:2])
    now = datetime.now(UTC).replace(microsecond=0)
    venue = open_venue(story, start=now, stands=now)
    venue.control("/clock", {"follow": "now"})

    exec(program.replace("http://127.0.0.1:8100", venue.url), {})
    assert [(one.price, one.quantity) for one in venue.exchange.venue.accounts["me"].orders] == [
        (50_000, Decimal("0.01"))
    ]
