"""One's own sides of trades, one by one and listed."""

from typing import Any

import pytest

from tests.paper.api.site import Site
from tests.paper.api.test_settings import Owner

PATH = "/api/trades"


@pytest.fixture
def owner(site: Site, request: pytest.FixtureRequest) -> Owner:
    """Somebody new."""
    return Owner(site, f"{abs(hash(request.node.name))}@trades.com")


def buy(owner: Owner, symbol: str) -> int:
    status, told = owner.ask("POST", "/api/orders", {"type": "buy", "symbol": symbol, "quantity": "0.01"})
    assert (status, told["status"]) == (201, "filled")
    return int(told["orderId"])


def listed(owner: Owner, query: str = "") -> tuple[list[dict[str, Any]], Any]:
    status, told = owner.ask("GET", f"{PATH}?{query}")
    assert status == 200, told
    return told["trades"], told["next"]


def test_trades_are_those_that_the_exchange_shows(owner: Owner) -> None:
    orders = [buy(owner, symbol) for symbol in ("BTC", "ETH", "BTC")]
    found, following = listed(owner)
    assert {one["orderId"] for one in found} == set(orders) and following is None
    shown = owner.bot.ask("GET", "/api/v3/myTrades", symbol="BTCUSDT").json()
    told = [one for one in found[::-1] if one["symbol"] == "BTCUSDT"]
    assert [(one["tradeId"], one["price"], one["quantity"], one["quoteQuantity"], one["commission"], one["isMaker"]) for one in told] == [
        (one["id"], one["price"], one["qty"], one["quoteQty"], one["commission"], one["isMaker"]) for one in shown
    ]  # fmt: skip
    assert listed(owner, "symbol=BTC")[0] == told[::-1]
    assert owner.ask("GET", f"{PATH}/{found[0]['tradeId']}") == (200, found[0])
    first, following = listed(owner, "limit=1")
    assert first == found[:1] and listed(owner, f"before={following}")[0] == found[1:]
    assert listed(owner, "since=2099-01-01T00:00:00Z") == ([], None)


def test_both_sides_of_a_trade_with_oneself_stand_together(owner: Owner) -> None:
    buy(owner, "BTC")
    resting = {"type": "LIMIT", "timeInForce": "GTC", "quantity": "0.005", "selfTradePreventionMode": "NONE"}
    told = owner.site.ask("GET", "/api/v3/ticker/bookTicker?symbol=BTCUSDT").json()
    inside = f"{(float(told['bidPrice']) + float(told['askPrice'])) / 2:.2f}"
    assert told["bidPrice"] < inside < told["askPrice"]
    for side in ("SELL", "BUY"):
        given = owner.bot.ask("POST", "/api/v3/order", symbol="BTCUSDT", side=side, price=inside, **resting)
        assert given.status_code == 200, given.text
    (taker, maker), following = listed(owner, "limit=1")
    assert taker["tradeId"] == maker["tradeId"] == following and {taker["type"], maker["type"]} == {"buy", "sell"}
    shown = owner.ask("GET", f"{PATH}/{following}")[1]
    assert (shown["isMaker"], shown["otherSide"]["isMaker"]) == (False, True)
    assert len(listed(owner, f"limit=1&before={following}")[0]) == 1
