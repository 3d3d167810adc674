"""MEXC's paths: who answers, what a call weighs within ten seconds, and the right that its key needs."""

from collections.abc import Callable
from typing import Any

from paper.wire.dialect import Route
from paper.wire.mexc import contract, contract_orders, deals, futures, history, orders, spot

V3, PUBLIC, PRIVATE = "/api/v3/", "/api/v1/contract/", "/api/v1/private/"


def _signed(answer: Callable[[Any], Any], right: str, weight: int = 1) -> Route:
    return Route(answer=answer, weight=weight, right=right, signed=True)


ROUTES = {
    V3 + "ping": Route(answer=spot.ping),
    V3 + "time": Route(answer=spot.time),
    V3 + "exchangeInfo": Route(answer=spot.exchange_info, weight=25),
    V3 + "ticker/price": Route(answer=spot.ticker_price, weight=10),
    V3 + "klines": Route(answer=spot.klines),
    V3 + "account": _signed(spot.account, "SPOT_ACCOUNT_READ", 10),
    V3 + "uid": _signed(spot.uid, "SPOT_ACCOUNT_READ"),
    V3 + "apiKeyInfo": _signed(spot.key_info, ""),
    V3 + "myTrades": _signed(spot.my_trades, "SPOT_DEAL_READ", 10),
    V3 + "openOrders": _signed(orders.open_orders, "SPOT_DEAL_READ", 3),
    V3 + "allOrders": _signed(orders.all_orders, "SPOT_DEAL_READ", 10),
    V3 + "order": _signed(orders.one_order, "SPOT_DEAL_READ", 2),
    V3 + "capital/deposit/hisrec": _signed(history.deposits, "SPOT_WITHDRAW_READ"),
    V3 + "capital/withdraw/history": _signed(history.withdrawals, "SPOT_WITHDRAW_READ"),
    V3 + "capital/transfer/internal": _signed(history.internal, "SPOT_WITHDRAW_READ"),
    V3 + "capital/transfer": _signed(history.transfers, "SPOT_TRANSFER_READ"),
    V3 + "capital/config/getall": _signed(spot.coins, "SPOT_ACCOUNT_READ", 10),
    V3 + "capital/convert": _signed(history.small_balances, "SPOT_ACCOUNT_READ"),
    V3 + "sub-account/list": _signed(history.sub_accounts, "SPOT_ACCOUNT_READ"),
    V3 + "capital/sub-account/universalTransfer": _signed(history.sub_transfers, "SPOT_TRANSFER_READ"),
    V3 + "rebate/detail": _signed(history.rebates, "SPOT_ACCOUNT_READ"),
    V3 + "rebate/detail/kickback": _signed(history.own_rebates, "SPOT_ACCOUNT_READ"),
    PUBLIC + "ping": Route(answer=contract.ping),
    PUBLIC + "detail": Route(answer=contract.detail),
    PUBLIC + "fair_price/{symbol}": Route(answer=contract.fair_price),
    PUBLIC + "kline/{symbol}": Route(answer=contract.klines),
    PUBLIC + "kline/fair_price/{symbol}": Route(answer=contract.fair_klines),
    PRIVATE + "account/assets": _signed(futures.assets, "CONTRACT_ACCOUNT_READ"),
    PRIVATE + "account/transfer_record": _signed(futures.transfer_record, "CONTRACT_ACCOUNT_READ"),
    PRIVATE + "position/open_positions": _signed(futures.open_positions, "CONTRACT_DEAL_READ"),
    PRIVATE + "position/list/history_positions": _signed(deals.history_positions, "CONTRACT_DEAL_READ"),
    PRIVATE + "position/funding_records": _signed(futures.funding_records, "CONTRACT_DEAL_READ"),
    PRIVATE + "order/list/history_orders": _signed(deals.history_orders, "CONTRACT_DEAL_READ"),
    PRIVATE + "order/list/open_orders": _signed(contract_orders.open_orders, "CONTRACT_DEAL_READ"),
    PRIVATE + "planorder/list/orders": _signed(contract_orders.plans, "CONTRACT_DEAL_READ"),
    PRIVATE + "stoporder/list/orders": _signed(contract_orders.stops, "CONTRACT_DEAL_READ"),
    PRIVATE + "trackorder/list/orders": _signed(contract_orders.trailing, "CONTRACT_DEAL_READ"),
    PRIVATE + "order/list/order_deals": _signed(deals.order_deals, "CONTRACT_DEAL_READ"),
}
