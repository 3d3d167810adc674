"""Every answer of the paper exchange is what the exchange's own clients expect: no field missing, invented or of another
kind.

Each request that the worker sends is sent once more by the client's own method, and each path that only other programs
ask; the answers are compared with the client's model, field by field.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from paper.wire.binance.operations import OPERATIONS
from paper.wire.binance.routes import ROUTES
from tests.judges import official
from tests.judges.differences import differences
from tests.judges.everything import MASTER, key, observe, open_everything, secret
from tests.judges.test_endpoints import ABSENT

NO_TRADING = "the venue takes no orders of these from programs, so that there is nothing to say about them"
NO_CHAIN = "coins arrive without a chain"
ANOTHER_WALLET = "of a snapshot of another wallet than spot, which the client puts in the same model"
SPECIAL = "told of orders that somebody gave in a special way, or that were ended for a special reason"
SPECIAL_FIELDS = ("preventedMatchId", "preventedQuantity", "strategyId", "strategyType", "trailingDelta", "trailingTime", "usedSor",
    "workingFloor", "pegPriceType", "pegOffsetType", "pegOffsetValue", "peggedPrice", "expiryReason")  # fmt: skip


def special(prefix: str = "", *more: str) -> dict[str, str]:
    """The fields that only special orders have, of answers in which they begin with `prefix`."""
    return {f"lacks {prefix}{name}": SPECIAL for name in (*SPECIAL_FIELDS, *more)}


# What is as it should be although the model differs: by path and fault, why. One that is no longer so fails.
TRAILING = dict.fromkeys(("lacks [].activatePrice", "lacks [].priceRate"), "told of stops that follow the price")
NEVER_PREVENTED = {  # as the documentation shows it
    f"[].{name} is null, not text": "nothing was kept from trading with itself"
    for name in ("preventedMatchId", "preventedQuantity")
}
NOT_WAITING = {"has nothing in []": "no order waits on margin at the venue"}
ICEBERG = {"[].icebergQuantity is null, not text": "as it was recorded (ccxt 4.5.90, a comment of parse_order)"}
MOVED = "told once COIN-M has moved to USD-M's system, which the documentation announces for both"
EXCEPTIONS: dict[str, dict[str, str]] = {
    **dict.fromkeys(("GET /fapi/v1/openOrders", "GET /dapi/v1/openOrders"), TRAILING),
    **dict.fromkeys(("GET /papi/v1/cm/conditional/openOrders", "GET /papi/v1/cm/conditional/allOrders"), TRAILING),
    "GET /fapi/v1/allOrders": TRAILING | dict.fromkeys(("lacks [].cumBase", "lacks [].pair"), MOVED),
    "GET /dapi/v1/allOrders": TRAILING | dict.fromkeys(("lacks [].cumQuote", "lacks [].goodTillDate"), MOVED),
    "GET /fapi/v1/openAlgoOrders": ICEBERG,
    "GET /fapi/v1/allAlgoOrders": ICEBERG,
    "GET /papi/v1/margin/allOrders": NEVER_PREVENTED,
    **dict.fromkeys(("GET /sapi/v1/margin/openOrders", "GET /papi/v1/margin/openOrders"), NOT_WAITING),
    "GET /api/v3/exchangeInfo": {
        "has nothing in exchangeFilters[]": "no limit is of the whole exchange",
        "has nothing in sors[]": "orders go to one book",
        "has nothing in symbols[].permissions[]": "permissionSets stand for them; the documentation's example is empty",
        "lacks rateLimits[].count": "told over websockets only",
    },
    "GET /api/v3/openOrders": special("[]."),
    "GET /api/v3/allOrders": special("[]."),
    "GET /api/v3/order": special(),
    "POST /api/v3/order": {"invents expiryReason": "of one that has expired, says the documentation"},
    "DELETE /api/v3/order": special("", "icebergQty"),
    "DELETE /api/v3/openOrders": {"invents [].stopPrice": "of orders that wait for a trigger, says the documentation"},
    "PUT /api/v3/order/amend/keepPriority": special("amendedOrder.", "icebergQty", "stopPrice")
    | {"lacks listStatus": "of an order of a list"},
    "POST /api/v3/order/cancelReplace": special("cancelResponse.", "icebergQty")
    | special("newOrderResponse.", "icebergQty", "stopPrice"),
    "POST /api/v3/orderList/oco": {"lacks orderReports[].icebergQty": SPECIAL},
    "POST /api/v3/orderList/oto": special("orderReports[].", "icebergQty"),
    "POST /api/v3/orderList/otoco": special("orderReports[].", "icebergQty"),
    "DELETE /api/v3/orderList": special("orderReports[].", "icebergQty")
    | {"invents orderReports[].selfTradePreventionMode": "in the documentation's example, not in the model"},
    "GET /sapi/v1/capital/config/getall": {"has nothing in [].networkList[]": NO_CHAIN},
    "GET /sapi/v1/margin/allPairs": {"has nothing in []": NO_TRADING},
    "GET /sapi/v1/margin/isolated/allPairs": {"has nothing in []": NO_TRADING},
    "GET /fapi/v1/exchangeInfo": {
        f"has nothing in {name}[]": NO_TRADING for name in ("assets", "exchangeFilters", "rateLimits", "symbols")
    },
    "GET /dapi/v1/exchangeInfo": {
        f"has nothing in {name}[]": NO_TRADING for name in ("exchangeFilters", "rateLimits", "symbols")
    },
    "GET /sapi/v1/asset/wallet/balance": {
        "lacks [].assetBalances": "told where needBalanceDetail asks for it, which the worker does not"
    },
    "GET /sapi/v1/simple-earn/flexible/position": {
        "lacks rows[].tierAnnualPercentageRate": "of products with tiers, whose names it has",
        "lacks rows[].airDropAsset": "of products with an airdrop",
        "lacks rows[].yesterdayAirdropPercentageRate": "of products with an airdrop",
    },
    "GET /sapi/v1/simple-earn/locked/position": {
        **dict.fromkeys(
            (f"lacks rows[].{name}" for name in ("boostApr", "boostRewardAsset", "totalBoostRewardAmt")),
            "of products with a boost",
        ),
        **dict.fromkeys(
            (f"lacks rows[].{name}" for name in ("extraRewardAsset", "extraRewardAPR", "estExtraRewardAmt")),
            "of products with an extra reward",
        ),
    },
    "GET /sapi/v1/accountSnapshot": {
        f"lacks snapshotVos[].data.{name}": ANOTHER_WALLET
        for name in ("assets", "position", "marginLevel", "totalLiabilityOfBtc", "totalNetAssetOfBtc", "userAssets")
    },
    "GET /sapi/v1/capital/withdraw/history": {
        "lacks [].withdrawOrderId": "told where the withdrawal was ordered with one, says the model itself"
    },
    "GET /sapi/v1/sub-account/universalTransfer": {
        "lacks result[].clientTranId": "told where the transfer was ordered with one"
    },
    "GET /sapi/v1/pay/transactions": {
        "invents data[].totalPaymentFee": "recorded (Binance.Net at 8b14feb, GetPayTradeHistory2.txt), not documented"
    },
    "GET /sapi/v1/c2c/orderMatch/listUserOrderHistory": {
        f"lacks data[].{name}": "told to takers; everybody at the venue is a maker"
        for name in ("takerAmount", "takerCommission", "takerCommissionRate")
    },
}


BUY = {"symbol": "BTCUSDT", "side": "BUY", "quantity": 0.01}
PATIENT = BUY | {"type": "LIMIT", "timeInForce": "GTC", "price": 30000}
SELL = {"symbol": "BTCUSDT", "side": "SELL", "quantity": 0.001}
STOP = SELL | {"type": "STOP_LOSS_LIMIT", "timeInForce": "GTC", "stopPrice": 30000, "price": 29000}
ABOVE = {"aboveType": "LIMIT_MAKER", "abovePrice": 150000}
BELOW = {"belowType": "STOP_LOSS_LIMIT", "belowStopPrice": 30000, "belowPrice": 29000, "belowTimeInForce": "GTC"}
ENTRY = {"workingType": "LIMIT", "workingSide": "BUY", "workingPrice": 30000, "workingQuantity": 0.01,
         "workingTimeInForce": "GTC", "symbol": "BTCUSDT"}  # fmt: skip
TAKING = SELL | {
    "type": "LIMIT",
    "timeInForce": "IOC",
    "quantity": 2,
    "price": 90000,
}
OLD_BUY = BUY | {
    "price": 30000,
    "stopPrice": 150000,
    "stopLimitPrice": 151000,
    "stopLimitTimeInForce": "GTC",
    "listClientOrderId": "older",
}
EXIT = {"pendingSide": "SELL", "pendingQuantity": 0.01}
# Orders that are given, changed and taken back, one after the other; each is named by its client.
TRADED: list[tuple[str, dict[str, Any]]] = [
    ("GET /api/v3/depth", {"symbol": "BTCUSDT", "limit": 5}),
    ("GET /api/v3/ticker/bookTicker", {"symbol": "BTCUSDT"}),
    ("GET /api/v3/trades", {"symbol": "BTCUSDT", "limit": 5}),
    ("GET /api/v3/aggTrades", {"symbol": "BTCUSDT", "limit": 5}),
    ("GET /api/v3/avgPrice", {"symbol": "BTCUSDT"}),
    ("GET /api/v3/uiKlines", {"symbol": "BTCUSDT", "interval": "1h", "limit": 2}),
    ("GET /api/v3/account/commission", {"symbol": "BTCUSDT"}),
    ("POST /api/v3/order/test", PATIENT | {"computeCommissionRates": True}),
    ("POST /api/v3/order", BUY | {"type": "MARKET"}),
    ("POST /api/v3/order", PATIENT | {"newClientOrderId": "first"}),
    ("GET /api/v3/order", {"symbol": "BTCUSDT", "origClientOrderId": "first"}),
    (
        "PUT /api/v3/order/amend/keepPriority",
        {"symbol": "BTCUSDT", "origClientOrderId": "first", "newQty": 0.005, "newClientOrderId": "first"},
    ),
    (
        "POST /api/v3/order/cancelReplace",
        PATIENT
        | {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrigClientOrderId": "first", "newClientOrderId": "second"},
    ),
    ("DELETE /api/v3/order", {"symbol": "BTCUSDT", "origClientOrderId": "second"}),
    ("POST /api/v3/order", STOP | {"newClientOrderId": "third"}),
    (
        "POST /api/v3/order/cancelReplace",
        STOP | {"cancelReplaceMode": "ALLOW_FAILURE", "cancelOrigClientOrderId": "third", "newClientOrderId": "fourth"},
    ),
    (
        "PUT /api/v3/order/amend/keepPriority",
        {"symbol": "BTCUSDT", "origClientOrderId": "fourth", "newQty": 0.0005, "newClientOrderId": "fourth"},
    ),
    ("DELETE /api/v3/order", {"symbol": "BTCUSDT", "origClientOrderId": "fourth"}),
    ("POST /api/v3/order", STOP | {"newClientOrderId": "fifth"}),
    (
        "POST /api/v3/order/cancelReplace",
        BUY | {"type": "MARKET", "cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrigClientOrderId": "fifth"},
    ),
    ("POST /api/v3/orderList/oco", SELL | ABOVE | BELOW | {"listClientOrderId": "both"}),
    ("GET /api/v3/orderList", {"origClientOrderId": "both"}),
    ("GET /api/v3/openOrderList", {}),
    ("GET /api/v3/allOrderList", {}),
    ("DELETE /api/v3/orderList", {"symbol": "BTCUSDT", "listClientOrderId": "both"}),
    ("POST /api/v3/order/oco", SELL | {"price": 150000, "stopPrice": 30000, "listClientOrderId": "old"}),
    ("DELETE /api/v3/orderList", {"symbol": "BTCUSDT", "listClientOrderId": "old"}),
    ("POST /api/v3/order/oco", OLD_BUY),
    ("DELETE /api/v3/orderList", {"symbol": "BTCUSDT", "listClientOrderId": "older"}),
    (
        "POST /api/v3/orderList/oto",
        ENTRY | EXIT | {"pendingType": "LIMIT_MAKER", "pendingPrice": 150000, "listClientOrderId": "entry"},
    ),
    ("DELETE /api/v3/orderList", {"symbol": "BTCUSDT", "listClientOrderId": "entry"}),
    (
        "POST /api/v3/orderList/otoco",
        ENTRY
        | EXIT
        | {"listClientOrderId": "exits"}
        | {f"pending{name[0].upper()}{name[1:]}": value for name, value in (ABOVE | BELOW).items()},
    ),
    ("DELETE /api/v3/orderList", {"symbol": "BTCUSDT", "listClientOrderId": "exits"}),
    (
        "POST /api/v3/orderList/oto",
        ENTRY | EXIT | {"pendingType": "STOP_LOSS", "pendingStopPrice": 30000, "listClientOrderId": "stopped"},
    ),
    ("DELETE /api/v3/orderList", {"symbol": "BTCUSDT", "listClientOrderId": "stopped"}),
    ("POST /api/v3/order", BUY | {"type": "LIMIT", "timeInForce": "GTC", "price": 90000}),
    ("POST /api/v3/order", TAKING),
    ("GET /api/v3/myPreventedMatches", {"symbol": "BTCUSDT", "orderId": {"of_last": "orderId"}}),
    ("GET /api/v3/rateLimit/order", {}),
    ("POST /api/v3/order", STOP),
    ("DELETE /api/v3/openOrders", {"symbol": "BTCUSDT"}),
]


@pytest.fixture(scope="module")
def told() -> Iterator[dict[str, Any]]:
    """What the exchange's clients got from the paper exchange, and made of it."""
    venue = open_everything()
    calls = {
        (request.account, request.name, request.text.partition("&signature")[0]): {
            "key": key(request.account),
            "secret": secret(request.account),
            "name": request.name,
            "parameters": request.parameters,
        }
        for request in observe(venue)
        if request.status == 200 and request.name not in ABSENT
    }
    asked = {call["name"] for call in calls.values()}
    others = (name for name in NAMES if name not in asked | {name for name, _ in TRADED})
    told = [*((name, {}) for name in others), *TRADED]
    rest = [{"key": key(MASTER), "secret": secret(MASTER), "name": name, "parameters": sent} for name, sent in told]
    venue.control("/weights", method="DELETE")
    moment = int(venue.now().timestamp() * 1000)
    yield official.run("ask", given={"address": venue.url, "now": moment, "calls": [*calls.values(), *rest]})
    venue.stop()


NAMES = sorted({f"{route.method} {path.rpartition(' ')[2]}" for path, route in ROUTES.items()} - ABSENT.keys())


def test_the_clients_take_every_answer_as_it_is(told: dict[str, Any]) -> None:
    assert [f"{one['name']}: {complaint}" for one in told["answers"] for complaint in one["complaints"]] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_has_the_fields_that_the_client_knows_and_no_others(name: str, told: dict[str, Any]) -> None:
    answers = [one["answer"] for one in told["answers"] if one["name"] == name]

    assert answers
    assert differences(told["methods"][name]["answer"], answers) == EXCEPTIONS.get(name, {}).keys()


def test_an_operation_of_the_spot_api_reads_what_the_client_sends_and_nothing_else(told: dict[str, Any]) -> None:
    known = {name: {*told["methods"][name]["parameters"]} - {"recvWindow"} for name in OPERATIONS}

    assert {name: one.reads for name, one in OPERATIONS.items()} == known


def test_every_exception_is_of_a_path_that_there_is() -> None:
    assert EXCEPTIONS.keys() <= set(NAMES)


ROW = {"asset": "text", "free": "text"}
FAULTY: dict[str, tuple[Any, Any, str]] = {
    "a field is missing": (["list", ROW], [{"asset": "BTC"}], "lacks [].free"),
    "a field is invented": (["list", ROW], [{"asset": "BTC", "free": "1", "pledged": "1"}], "invents [].pledged"),
    "a number is a text": ({"total": "whole"}, {"total": "1"}, "total is text, not whole"),
    "a text is a number": ({"tranId": "text"}, {"tranId": 1}, "tranId is whole, not text"),
    "a flag is a number": ({"canTrade": "flag"}, {"canTrade": 1}, "canTrade is whole, not flag"),
    "a part is null": ({"data": ROW}, {"data": None}, "data is null, not object"),
    "a list is empty": ({"rows": ["list", ROW]}, {"rows": []}, "has nothing in rows[]"),
    "an object is a list": (["one of", ROW, "text"], [ROW], " is list, not object"),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_the_comparison_finds(fault: str) -> None:
    shape, answer, said = FAULTY[fault]

    assert said in differences(shape, [answer])


def test_a_row_that_has_what_another_lacks_is_enough_and_the_likeliest_shape_counts() -> None:
    shape = ["list", ["one of", {"type": "text", "size": "whole"}, {"type": "text", "price": "text"}]]
    answer = [{"type": "a", "price": "1"}, {"type": "b", "size": 1}, {"type": "c", "size": 1}]

    assert differences(shape, [answer]) == set()
    assert differences({"a": "text", "b": "text"}, [{"a": "1"}, {"b": "1"}]) == set()
