"""Published answers of MEXC, by path: where each is from, and what the worker makes of it. The numbers are our own.

mexc.net is JKorf/Mexc.Net at 43000104, Mexc.Net.UnitTests/Endpoints; ccxt is ccxt/ccxt at 17e03701, the comments of
ts/src/mexc.ts and ts/src/test/static/response/mexc.json; docs is MEXC's documentation of spot v3 and contract v1.
"""

from typing import Any

RECORDED, DOCUMENTED, INFERRED = "recorded", "documented", "inferred"


def contract(data: Any) -> dict[str, Any]:
    """The envelope of contracts."""
    return {"success": True, "code": 0, "data": data}


EVIDENCE: dict[str, tuple[str, str]] = {
    "time": (DOCUMENTED, "docs"),
    "ticker/price": (DOCUMENTED, "mexc.net SpotApi/ExchangeData/GetPrices"),
    "klines": (RECORDED, "ccxt fetchOHLCV"),
    "account": (DOCUMENTED, "mexc.net SpotApi/Account/GetAccountInfo"),
    "uid": (DOCUMENTED, "docs"),
    "apiKeyInfo": (DOCUMENTED, "docs"),
    "myTrades": (RECORDED, "ccxt fetchMyTrades"),
    "openOrders": (RECORDED, "ccxt fetchOrder, fetchOpenOrders, fetchOrders"),
    "allOrders": (RECORDED, "ccxt fetchOrder, fetchOpenOrders, fetchOrders"),
    "order": (RECORDED, "ccxt fetchOrder, fetchOpenOrders, fetchOrders"),
    "capital/deposit/hisrec": (DOCUMENTED, "mexc.net SpotApi/Account/GetDepositHistory"),
    "capital/withdraw/history": (DOCUMENTED, "mexc.net SpotApi/Account/GetWithdrawHistory"),
    "capital/transfer/internal": (DOCUMENTED, "mexc.net SpotApi/Account/GetInternalTransferHistory"),
    "sub-account/list": (DOCUMENTED, "docs"),
    "capital/sub-account/universalTransfer": (DOCUMENTED, "mexc.net SpotApi/SubAccount/GetUniversalTransfers"),
    "capital/convert": (DOCUMENTED, "mexc.net SpotApi/Account/GetDustLog"),
    "rebate/detail": (DOCUMENTED, "docs, rebate endpoints"),
    "rebate/detail/kickback": (DOCUMENTED, "docs, rebate endpoints"),
    "detail": (DOCUMENTED, "mexc.net FuturesApi/ExchangeData/GetSymbols"),
    "fair_price": (DOCUMENTED, "mexc.net FuturesApi/ExchangeData/GetMarkPrice"),
    "kline/fair_price": (INFERRED, "the columns of kline/{symbol} in the docs"),
    "account/assets": (DOCUMENTED, "mexc.net FuturesApi/Account/GetBalances"),
    "position/open_positions": (DOCUMENTED, "mexc.net FuturesApi/Trading/GetPositions"),
    "position/list/history_positions": (RECORDED, "ccxt fetchPositionsHistory, the comment of ts/src/mexc.ts"),
    "position/funding_records": (DOCUMENTED, "mexc.net FuturesApi/Account/GetFundingHistory"),
    "order/list/order_deals": (DOCUMENTED, "mexc.net FuturesApi/Trading/GetUserTrades; ids in ccxt are texts"),
    "order/list/open_orders": (RECORDED, "ccxt fetchOrder, fetchOrders, a comment of parseOrder"),
    "planorder/list/orders": (RECORDED, "ccxt fetchOrder, fetchOrders, a comment of parseOrder"),
    "stoporder/list/orders": (DOCUMENTED, "docs, TP/SL order list"),
    "trackorder/list/orders": (DOCUMENTED, "docs, account and trading endpoints, query trailing orders"),
    "order/list/history_orders": (DOCUMENTED, "mexc.net FuturesApi/Trading/GetOrderHistory"),
}
ACCOUNT = {
    "canTrade": True,
    "updateTime": None,
    "accountType": "SPOT",
    "balances": [{"asset": "USDT", "free": "11.5", "locked": "0.5"}, {"asset": "MX", "free": "0", "locked": "0"}],
    "permissions": ["SPOT"],
}
DEPOSIT = {
    "amount": "500",
    "coin": "USDC-TRX",
    "network": "TRX",
    "status": 5,
    "address": "0x20b7",
    "txId": "01391D:0",
    "insertTime": 1659513342000,
    "unlockConfirm": "10",
    "confirmTimes": "241",
    "memo": "xx",
}
WITHDRAWAL = {
    "id": "bb17a2d452684f00a523c015d512a341",
    "txId": None,
    "coin": "EOS",
    "network": "EOS",
    "address": "zz",
    "amount": "10",
    "transferType": 0,
    "status": 7,
    "transactionFee": "0.5",
    "confirmNo": None,
    "applyTime": 1665300874000,
    "remark": "",
    "memo": "",
    "transHash": "0x0ced",
    "updateTime": 1712134082000,
}
INTERNAL = {
    "tranId": "11945860693",
    "asset": "BTC",
    "amount": "0.1",
    "toAccountType": "UID",
    "toAccount": "7",
    "fromAccount": "15****8@outlook.com",
    "status": "SUCCESS",
    "timestamp": 1544433325000,
}
FAMILY = {
    "tranId": "11945860694",
    "fromAccount": "master@test.com",
    "toAccount": "subaccount1@test.com",
    "clientTranId": "test",
    "asset": "BTC",
    "amount": "0.2",
    "fromAccountType": "SPOT",
    "toAccountType": "FUTURE",
    "status": "SUCCESS",
    "timestamp": 1544433325000,
}
SMALL = {"id": "3e52", "convert": "0.01", "fee": "0.002", "amount": "7.5", "time": 1665360563000, "asset": "JAM"}
REBATE = {"asset": "USDT", "type": "spot", "rate": "0.3", "amount": "0.0011", "uid": "7", "account": "1****1@qq.com",
          "tradeTime": 1637651320000, "updateTime": 1637928379000}  # fmt: skip
TRADE = {
    "symbol": "BTCUSDT",
    "id": "dd44f79dda764c2e927a190ac5e7a1e5",
    "orderId": "C02__385413065019117569043",
    "orderListId": "-1",
    "price": "50000",
    "qty": "0.01",
    "quoteQty": "500",
    "commission": "0.25",
    "commissionAsset": "USDT",
    "time": 1707671871000,
    "isBuyer": False,
    "isMaker": False,
}
SPOT_ORDER = {
    "symbol": "BTCUSDT",
    "orderId": "C02__133734823834147272",
    "orderListId": "-1",
    "clientOrderId": None,
    "price": "30000",
    "origQty": "0.0002",
    "executedQty": "0.0001",
    "cummulativeQuoteQty": "3",
    "status": "PARTIALLY_CANCELED",
    "timeInForce": None,
    "type": "LIMIT",
    "side": "BUY",
    "stopPrice": None,
    "icebergQty": None,
    "time": "1707667102000",
    "updateTime": "1707708567000",
    "isWorking": True,
    "origQuoteOrderQty": "6",
}
ASSETS = [
    {"currency": "USDT", "positionMargin": 1, "availableBalance": 5.25, "cashBalance": 6.25, "frozenBalance": 0,
     "equity": 5.75, "unrealized": -0.5, "bonus": 3},
    {"currency": "BTC", "positionMargin": 0, "availableBalance": 0, "cashBalance": 0, "frozenBalance": 0,
     "equity": -0.001, "unrealized": 0, "bonus": 0},
]  # fmt: skip
POSITION = {"positionId": 1394650, "symbol": "ETH_USDT", "positionType": 2, "openType": 1, "state": 1, "holdVol": 3,
            "frozenVol": 0, "closeVol": 0, "holdAvgPrice": 1217.3, "openAvgPrice": 1217.3, "liquidatePrice": 1211.2,
            "im": 0.129, "holdFee": 0, "realised": -0.0073, "leverage": 100, "createTime": 1609991676000,
            "updateTime": 1609991676000}  # fmt: skip
FUNDING = {"id": 328033, "symbol": "SUSHI_USDT", "positionType": 1, "positionValue": 41.8899, "funding": -0.0837798,
           "rate": -0.002, "settleTime": 1606435200000}  # fmt: skip
ORDER = {"orderId": "102015012431820288", "symbol": "ETH_USDT", "side": 2, "category": 1, "orderType": 5,
         "dealAvgPrice": 1208.35, "dealVol": 1, "takerFee": 0.0072501, "makerFee": 0, "profit": 1.25,
         "feeCurrency": "USDT", "state": 3, "createTime": 1609992674000, "updateTime": 1609992675000}  # fmt: skip
DEAL = {"id": "159274416", "symbol": "ETH_USDT", "side": 2, "vol": 4, "price": 1208.35, "feeCurrency": "USDT",
        "fee": 0.0072501, "timestamp": 1609992674000, "profit": 0, "category": 1, "orderId": "1"}  # fmt: skip
CLOSED = {"positionId": "390281084", "symbol": "ETH_USDT", "positionType": "2", "openType": "2", "state": "3", "holdVol": "0",
          "frozenVol": "0", "closeVol": "3", "holdAvgPrice": "1217.3", "openAvgPrice": "1217.3", "closeAvgPrice": "1208.4",
          "liquidatePrice": "0", "oim": "0", "im": "0", "holdFee": "-0.01", "realised": "0.19", "leverage": "50",
          "createTime": "1711512408000", "updateTime": "1711512553000", "autoAddIm": False, "profitRatio": "0.0227",
          "closeProfitLoss": "0.267", "fee": "0.067", "positionShowStatus": "CLOSED"}  # fmt: skip
WAITS = {"orderId": "264995729269765120", "symbol": "ETH_USDT", "positionId": "0", "price": "2200", "vol": "15", "leverage": "20",
         "side": "1", "category": "1", "orderType": "1", "dealAvgPrice": "0", "dealVol": "0", "orderMargin": "2.2528", "takerFee": "0",
         "makerFee": "0", "profit": "0", "feeCurrency": "USDT", "openType": "1", "state": "2", "externalOid": "_m_0e95", "errorCode": "0",
         "usedMargin": "0", "createTime": "1648850305236", "updateTime": "1648850305245", "positionMode": "1",
         "takeProfitPrice": 2500, "stopLossPrice": 2100}  # fmt: skip
PLAN = {"id": "265557643326564352", "triggerType": "1", "triggerPrice": "2300", "price": "2290", "executeCycle": "87600", "trend": "1",
        "symbol": "ETH_USDT", "leverage": "20", "side": "1", "vol": "13", "openType": "1", "state": "3", "orderType": "1", "errorCode": "0",
        "orderId": "264995729269765120", "createTime": "1648984276000", "updateTime": "1648984276000"}  # fmt: skip
STOP = {"id": 1, "orderId": "264995729269765120", "symbol": "ETH_USDT", "positionId": 2000, "stopLossPrice": 2100, "takeProfitPrice": 0,
        "state": 1, "triggerSide": 0, "positionType": 1, "vol": 10, "realityVol": 0, "placeOrderId": "0", "errorCode": 0, "version": 0,
        "isFinished": 0, "createTime": 1648984276000, "updateTime": 1648984276000}  # fmt: skip
TRAILING = {"id": "739628779353703936", "symbol": "ETH_USDT", "leverage": 2, "side": 4, "vol": 100, "openType": 1, "trend": 1,
            "activePrice": 0, "markPrice": 2250.5, "backType": 1, "backValue": 0.02, "triggerPrice": 2205.49, "orderId": 0,
            "errorCode": 0, "state": 1, "createTime": 1648984276000, "updateTime": 1648984276000, "positionMode": 1,
            "reduceOnly": False, "triggerType": 2}  # fmt: skip
ANSWERS: dict[str, Any] = {
    "position/list/history_positions": contract([CLOSED]),
    "ticker/price": [{"symbol": "BTCUSDT", "price": "6.65"}, {"symbol": "ETHUSDT", "price": "0"}],
    "klines": [[1710327600000, "73260.0", "73442.95", "73238.69", "73414.21", "49.5", 1710331200000, "3633995.45"]],
    "account": ACCOUNT,
    "uid": {"uid": "209302839"},
    "apiKeyInfo": {
        "accessKey": "mx0",
        "note": "n",
        "permissions": "SPOT_ACCOUNT_READ,SPOT_DEAL_READ,SPOT_ACCOUNT_WRITE,NEWEST_READ",
        "ipWhiteList": "",
        "status": "1",
        "createTime": 1700000000000,
        "remainingValidity": "12",
    },
    "myTrades": [TRADE],
    "openOrders": [SPOT_ORDER | {"status": "NEW", "executedQty": "0", "cummulativeQuoteQty": "0"}],
    "allOrders": [SPOT_ORDER],
    "order": SPOT_ORDER,
    "capital/deposit/hisrec": [DEPOSIT],
    "capital/withdraw/history": [WITHDRAWAL],
    "capital/transfer/internal": {"page": 1, "totalRecords": 1, "totalPageNum": 1, "data": [INTERNAL]},
    "sub-account/list": {
        "subAccounts": [
            {"subAccount": name, "isFreeze": False, "createTime": 1544433328000}
            for name in ("subaccount1@test.com", "subaccount2@test.com")
        ]
    },
    "capital/sub-account/universalTransfer": {"result": [FAMILY], "totalCount": 1},
    "capital/convert": {"data": [{"totalConvert": "0.01", "convertDetails": [SMALL]}], "totalRecords": 1, "page": 1},
    "rebate/detail": {"page": 1, "totalRecords": 1, "totalPageNum": 1, "data": [REBATE]},
    "rebate/detail/kickback": {"page": 1, "totalRecords": 0, "totalPageNum": 0, "data": []},
    "detail": contract(
        [{"symbol": name, "contractSize": 0.01, "settleCoin": "USDT", "state": 0} for name in ("ETH_USDT", "SOL_USDT")]
    ),
    "fair_price": contract({"symbol": "ETH_USDT", "fairPrice": 1200.5, "timestamp": 1609829705178}),
    "kline/fair_price": contract(
        {
            "time": [1609740600, 1609740660],
            "open": [30.5, 31],
            "close": [31, 31.5],
            "high": [31, 32],
            "low": [30, 31],
            "vol": [0, 0],
            "amount": [0, 0],
        }
    ),
    "account/assets": contract(ASSETS),
    "position/open_positions": contract([POSITION]),
    "position/funding_records": contract(
        {"pageSize": 100, "totalCount": 1, "totalPage": 1, "currentPage": 1, "resultList": [FUNDING]}
    ),
    "order/list/open_orders": contract([WAITS]),
    "planorder/list/orders": contract([PLAN]),
    "stoporder/list/orders": contract([STOP]),
    "trackorder/list/orders": contract([TRAILING]),
    "order/list/order_deals": contract([DEAL]),
    "order/list/history_orders": contract([ORDER]),
}
