"""Orders over the API: the short form and the full one, through the desk and the counts of the exchange's protocol."""

from decimal import Decimal
from typing import Any

import pytest

from tests.paper.api.site import Site
from tests.paper.api.test_settings import Owner

PATH = "/api/orders"
SHORT = {"type": "buy", "symbol": "BTC", "quantity": 0.01, "price": 20000}
FULL = {"side": "BUY", "orderType": "LIMIT", "symbol": "BTCUSDT", "quantity": "0.01", "price": "20000"}


@pytest.fixture
def owner(site: Site, request: pytest.FixtureRequest) -> Owner:
    """Somebody new."""
    return Owner(site, f"{abs(hash(request.node.name))}@orders.com")


def place(owner: Owner, **more: Any) -> dict[str, Any]:
    status, told = owner.ask("POST", PATH, SHORT | more)
    assert status == 201, told
    return dict(told)


def locked(owner: Owner) -> Decimal:
    return owner.site.venue.ledger.balance((str(owner.user.id), "locked"), "USDT")


def test_both_forms_give_the_orders_that_the_exchange_shows(owner: Owner) -> None:
    short, (status, full) = place(owner), owner.ask("POST", PATH, FULL)
    same = ("type", "orderType", "symbol", "quantity", "price", "status", "timeInForce", "userId")
    assert status == 201 and [full[name] for name in same] == [short[name] for name in same]
    assert [short[name] for name in same] == [
        "buy", "LIMIT", "BTCUSDT", "0.01000000", "20000.00000000", "pending", "GTC", str(owner.user.id),
    ]  # fmt: skip
    shown = owner.bot.ask("GET", "/api/v3/openOrders").json()
    assert [one["orderId"] for one in shown] == [short["orderId"], full["orderId"]] and locked(owner) == 400
    counted = owner.bot.ask("GET", "/api/v3/rateLimit/order").json()
    assert [one["count"] for one in counted] == [2, 2]
    at_market = owner.ask("POST", PATH, {"type": "buy", "symbol": "BTC", "quantity": "0.001"})[1]
    assert (at_market["status"], at_market["price"], at_market["orderType"]) == ("filled", None, "MARKET")
    spent = {"side": "BUY", "orderType": "MARKET", "symbol": "BTC", "quoteQuantity": 50}
    assert owner.ask("POST", PATH, spent)[1]["quoteQuantity"] == "50.00000000"


@pytest.mark.parametrize(
    ("body", "code"),
    [(SHORT | {"symbol": "NOPE"}, -1121), (SHORT | {"price": "20000.001"}, -1013), (SHORT | {"quantity": 1}, -2010), (SHORT | {"quantity": 0}, -1102),
     ({"type": "buy", "symbol": "BTC"}, -1102), (FULL | {"orderType": "MARKET"}, -1106), (FULL | {"stopPrice": "1"}, -1106),
     (FULL | {"orderType": "STOP_LOSS_LIMIT"}, -1102)],
)  # fmt: skip
def test_refusals_have_the_exchanges_code(owner: Owner, body: Any, code: int) -> None:
    status, told = owner.ask("POST", PATH, body)

    assert (status, told["code"]) == (400, code) and told["error"]
    assert owner.ask("GET", PATH)[1] == {"orders": [], "next": None} and locked(owner) == 0


@pytest.mark.parametrize(
    "body",
    [SHORT | {"side": "BUY"}, SHORT | {"timeInForce": "IOC"}, {"symbol": "BTC", "side": "BUY"}, SHORT | {"type": "BUY"}, SHORT | {"symbol": "btc"},
     SHORT | {"market": "futures"}, SHORT | {"clientOrderId": "ä"}, SHORT | {"quantity": "1e-2"}, FULL | {"trailingDelta": 1.5}, FULL | {"tp_levels": []}],
)  # fmt: skip
def test_bodies_that_are_no_order(owner: Owner, body: Any) -> None:
    status, told = owner.ask("POST", PATH, body)

    assert (status, told["error"]) == (400, "Invalid input") and told["details"]


def test_the_same_client_order_id_is_the_same_order(owner: Owner) -> None:
    first = place(owner, clientOrderId="mine-1")
    assert place(owner, clientOrderId="mine-1", quantity="0.0100") == first and locked(owner) == 200
    other = owner.ask("POST", PATH, SHORT | {"clientOrderId": "mine-1", "price": 20001})
    assert other[0] == 409 and "clientOrderId" in other[1]["error"]
    bought = {"type": "buy", "symbol": "BTC", "quantity": "0.001", "clientOrderId": "mine-2"}
    filled = owner.ask("POST", PATH, bought)[1]
    assert owner.ask("POST", PATH, bought) == (201, filled)  # closed meanwhile: still the same one
    assert len(owner.ask("GET", PATH)[1]["orders"]) == 2


def test_lists_go_on_where_they_ended(owner: Owner) -> None:
    numbers = [place(owner, price=price)["orderId"] for price in (20000, 20001, 20002)]
    place(owner, symbol="ETH", price=1500)
    owner.ask("DELETE", f"{PATH}/{numbers[0]}")

    def listed(query: str) -> tuple[list[int], Any]:
        told = owner.ask("GET", f"{PATH}?{query}")[1]
        return [one["orderId"] for one in told["orders"]], told["next"]

    assert listed("symbol=BTC&limit=2") == (numbers[:0:-1], numbers[1])
    assert listed(f"symbol=BTCUSDT&limit=2&before={numbers[1]}") == ([numbers[0]], None)
    assert listed("status=cancelled") == ([numbers[0]], None)
    assert len(listed("status=pending")[0]) == 3
    now = owner.site.membership.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(listed(f"since={now}&until={now}")[0]) == 4 and listed("since=2099-01-01T00:00:00Z") == ([], None)
    assert owner.ask("GET", f"{PATH}?since=0001-01-01T00:00:00%2B14:00")[0] == 400
    assert owner.ask("GET", f"{PATH}?since=2026-01-01")[0] == 400 and owner.ask("GET", f"{PATH}?status=open")[0] == 400


def test_less_keeps_its_place_and_all_else_replaces(owner: Owner) -> None:
    number = place(owner)["orderId"]
    less = owner.ask("PUT", f"{PATH}/{number}", {"quantity": "0.005"})[1]
    assert (less["orderId"], less["quantity"], "replaces" in less) == (number, "0.00500000", False)
    owner.site.journal.written.clear()
    status, more = owner.ask("PUT", f"{PATH}/{number}", {"quantity": "0.02", "price": 21000})
    assert (status, more["replaces"], more["quantity"], more["price"]) == (200, number, "0.02000000", "21000.00000000")
    (whole,) = [one for one in owner.site.journal.written if one.reports]
    assert [report.order.id for report in whole.reports] == [number, more["orderId"]] and locked(owner) == 420
    status, refused = owner.ask("PUT", f"{PATH}/{more['orderId']}", {"quantity": 1})
    assert (status, refused["code"]) == (400, -2010)
    assert owner.ask("GET", f"{PATH}/{more['orderId']}")[1]["status"] == "pending" and locked(owner) == 420
    assert owner.ask("PUT", f"{PATH}/{number}", {"quantity": "0.001"})[0] == 409
    assert owner.ask("PUT", f"{PATH}/{more['orderId']}", {})[0] == 400
    assert not any(owner.site.venue.ledger.totals().values())


def test_what_is_cancelled_is_closed(owner: Owner) -> None:
    number = place(owner)["orderId"]
    status, told = owner.ask("DELETE", f"{PATH}/{number}")
    assert (status, told["status"], locked(owner)) == (200, "cancelled", 0)
    assert owner.ask("DELETE", f"{PATH}/{number}")[0] == 409
    assert owner.ask("GET", f"{PATH}/{number}") == (200, told)


def test_a_paused_account_takes_its_orders_back(owner: Owner) -> None:
    number = place(owner)["orderId"]
    owner.ask("PUT", "/api/settings/dry-run-mode/spot", {"dry_run_mode": False})
    assert owner.ask("POST", PATH, SHORT)[1]["code"] == -2010
    assert owner.ask("PUT", f"{PATH}/{number}", {"price": 20001})[1]["code"] == -2010
    assert owner.ask("DELETE", f"{PATH}/{number}")[1]["status"] == "cancelled"


def test_orders_count_whichever_door_they_came_through(owner: Owner) -> None:
    for _ in range(100):
        place(owner, quantity="0.001")
    refused = owner.site.ask("POST", PATH, SHORT, owner.token)
    assert (refused.status_code, refused.json()["code"]) == (429, -1015) and refused.headers["Retry-After"]
