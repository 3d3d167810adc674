"""Bitget's paths: who answers, how many calls a second, the right a key needs, and the account system they are for."""

from collections.abc import Callable
from typing import Any

from paper.wire.bitget import (
    bills,
    candles,
    closed,
    contract_orders,
    fills,
    flows,
    identity,
    interest,
    margin_orders,
    market,
    orders,
    positions,
    savings,
    tickers,
    unified,
    wallets,
)
from paper.wire.bitget.request import Asked
from paper.wire.dialect import Route

Answer = Callable[[Asked], Any]
CLASSIC, UNIFIED, BOTH = "classic", "unified", "both"


def _public(answered: Answer, most: int = 20) -> Route:
    return Route(answer=answered, most=most)


def _classic(answered: Answer, right: str = "", most: int = 10) -> Route:
    return Route(answer=answered, most=most, right=right, system=CLASSIC, signed=True)


def _unified(answered: Answer, most: int = 20, right: str = "uta_mgt") -> Route:
    return Route(answer=answered, most=most, right=right, system=UNIFIED, signed=True)


def _both(answered: Answer, most: int = 10) -> Route:
    """A path of the older generation that unified accounts may use, too."""
    return Route(answer=answered, most=most, system=BOTH, signed=True)


PUBLIC = {
    "/api/v2/public/time": _public(market.time),
    "/api/v2/spot/public/coins": _public(market.coins, 3),
    "/api/v2/spot/public/symbols": _public(market.pairs),
    "/api/v2/spot/market/tickers": _public(tickers.pairs),
    "/api/v2/spot/market/candles": _public(candles.spot),
    "/api/v2/spot/market/history-candles": _public(candles.spot_history),
    "/api/v2/margin/currencies": _public(market.margin_pairs, 10),
    "/api/v2/mix/market/contracts": _public(market.list_contracts),
    "/api/v2/mix/market/tickers": _public(tickers.of_contracts),
    "/api/v2/mix/market/symbol-price": _public(tickers.symbol_price),
    "/api/v2/mix/market/candles": _public(candles.contract),
    "/api/v2/mix/market/history-candles": _public(candles.contract_history),
    "/api/v2/mix/market/history-mark-candles": _public(candles.contract_marks),
    "/api/v3/market/instruments": _public(market.instruments),
    "/api/v3/market/tickers": _public(tickers.unified),
    "/api/v3/market/candles": _public(candles.unified),
    "/api/v3/market/history-candles": _public(candles.unified_history),
}
OF_CLASSIC = {
    "/api/v2/spot/account/info": _classic(identity.account_info, "stor", 1),
    "/api/v2/spot/account/assets": _classic(wallets.spot_assets, "stor"),
    "/api/v2/account/funding-assets": _classic(wallets.funding_assets),
    "/api/v2/account/all-account-balance": _classic(wallets.totals, "", 1),
    "/api/v2/mix/account/accounts": _classic(wallets.futures_accounts, "cpor"),
    "/api/v2/margin/crossed/account/assets": _classic(wallets.crossed_assets, "smor"),
    "/api/v2/margin/isolated/account/assets": _classic(wallets.isolated_assets, "smor"),
    "/api/v2/mix/position/all-position": _classic(positions.classic, "cpor", 5),
    "/api/v2/mix/position/history-position": _classic(closed.classic, "cpor", 20),
    "/api/v2/spot/wallet/deposit-records": _classic(flows.deposits, "wtor"),
    "/api/v2/spot/wallet/withdrawal-records": _classic(flows.withdrawals, "wtor"),
    "/api/v2/spot/account/sub-main-trans-record": _classic(flows.sub_transfers, "wtor", 20),
    "/api/v2/convert/convert-record": _classic(flows.converts, "stor"),
    "/api/v2/convert/bgb-convert-records": _classic(flows.small_balances, "stor"),
    "/api/v2/spot/account/bills": _classic(bills.spot, "stor"),
    "/api/v2/mix/account/bill": _classic(bills.futures, "cpor"),
    "/api/v2/margin/crossed/financial-records": _classic(bills.crossed, "smor"),
    "/api/v2/margin/isolated/financial-records": _classic(bills.isolated, "smor"),
    "/api/v2/margin/crossed/interest-history": _classic(interest.crossed, "smor"),
    "/api/v2/margin/isolated/interest-history": _classic(interest.isolated, "smor"),
    "/api/v2/spot/trade/fills": _classic(fills.spot, "stor"),
    "/api/v2/spot/trade/unfilled-orders": _classic(orders.open_orders, "stor", 20),
    "/api/v2/spot/trade/history-orders": _classic(orders.history, "stor", 20),
    "/api/v2/spot/trade/current-plan-order": _classic(orders.plans, "stor", 20),
    "/api/v2/spot/trade/history-plan-order": _classic(orders.ended_plans, "stor", 20),
    "/api/v2/mix/order/orders-pending": _classic(contract_orders.pending, "coor"),
    "/api/v2/mix/order/orders-history": _classic(contract_orders.history, "coor"),
    "/api/v2/mix/order/orders-plan-pending": _classic(contract_orders.plans_pending, "coor"),
    "/api/v2/mix/order/orders-plan-history": _classic(contract_orders.plans_history, "coor"),
    "/api/v2/margin/crossed/fills": _classic(fills.crossed, "smor"),
    "/api/v2/margin/isolated/fills": _classic(fills.isolated, "smor"),
    "/api/v2/margin/crossed/open-orders": _classic(margin_orders.crossed_open, "smor"),
    "/api/v2/margin/crossed/history-orders": _classic(margin_orders.crossed_history, "smor"),
    "/api/v2/margin/isolated/open-orders": _classic(margin_orders.isolated_open, "smor"),
    "/api/v2/margin/isolated/history-orders": _classic(margin_orders.isolated_history, "smor"),
    "/api/v2/mix/order/fills": _classic(fills.futures, "coor"),
    "/api/v2/mix/order/fill-history": _classic(fills.futures, "coor"),
}
OF_BOTH = {
    "/api/v2/account/bot-assets": _both(wallets.bot_assets),
    "/api/v2/earn/account/assets": _both(wallets.earn_assets),
    "/api/v2/earn/savings/records": _both(savings.records),
    "/api/v2/earn/loan/debts": _both(wallets.loan_debts),
    "/api/v2/earn/loan/ongoing-orders": _both(wallets.loan_orders),
}
OF_UNIFIED = {
    "/api/v3/account/info": _unified(identity.unified_info, 5, ""),
    "/api/v3/account/settings": _unified(identity.settings),
    "/api/v3/account/assets": _unified(unified.assets),
    "/api/v3/account/funding-assets": _unified(unified.funding_assets),
    "/api/v3/account/deposit-records": _unified(flows.unified_deposits, 10),
    "/api/v3/account/withdrawal-records": _unified(flows.unified_withdrawals, 10),
    "/api/v3/account/sub-transfer-record": _unified(flows.unified_sub_transfers, 5),
    "/api/v3/earn/elite-assets": _unified(unified.elite_assets, 5),
    "/api/v3/loan/debts": _unified(wallets.loan_debts, 10),
    "/api/v3/convert/small-assets-history": _unified(flows.unified_small_balances, 5),
    "/api/v3/account/convert-records": _unified(flows.unified_converts, 10),
    "/api/v3/account/financial-records": _unified(bills.unified),
    "/api/v3/account/funding-financial-records": _unified(bills.funding),
    "/api/v3/trade/fills": _unified(fills.unified, right="uta_trade"),
    "/api/v3/trade/unfilled-orders": _unified(orders.unified_open, right="uta_trade"),
    "/api/v3/trade/history-orders": _unified(orders.unified_history, right="uta_trade"),
    "/api/v3/trade/unfilled-strategy-orders": _unified(contract_orders.unfilled_strategies, 10, right="uta_trade"),
    "/api/v3/trade/history-strategy-orders": _unified(contract_orders.strategies, 10, right="uta_trade"),
    "/api/v3/trade/order-info": _unified(orders.unified_order, right="uta_trade"),
    "/api/v3/position/history-position": _unified(closed.unified, right="uta_trade"),
    "/api/v3/position/current-position": _unified(positions.unified, right="uta_trade"),
}
ROUTES = PUBLIC | OF_CLASSIC | OF_BOTH | OF_UNIFIED
