"""The paths of Binance's families: who answers, what they weigh, and which must be signed."""

from collections.abc import Callable
from typing import Any

from paper.wire.binance import (
    contract_orders,
    contracts,
    derivatives,
    earnings,
    families,
    history,
    investments,
    margin,
    money,
    options,
    orders,
    spot,
    totals,
    trades,
    wallets,
)
from paper.wire.binance.operations import OPERATIONS
from paper.wire.binance.request import Asked
from paper.wire.dialect import Route

PAST = (history.deposits, history.withdrawals, totals.account_snapshot)


def _sapi(answered: Callable[[Asked], Any], name: str, weight: int = 1, method: str = "GET") -> Route:
    bucket, is_past = f"sapi {name}", answered in PAST
    return Route(answer=answered, weight=weight, bucket=bucket, signed=True, method=method, reads_past=is_past)


def _uid(answered: Callable[[Asked], Any], name: str, weight: int) -> Route:
    """A path whose weight counts against the account."""
    return Route(answer=answered, weight=weight, bucket=f"uid {name}", signed=True, reads_past=answered in PAST)


def _of_contracts(family: str, start: str, weights: dict[str, int]) -> dict[str, Route]:
    """The lists of orders of a family's contracts, by their paths, with what each weighs."""
    return {
        start + path: Route(
            answer=(
                contract_orders.triggers if "algo" in path.lower() or "conditional" in path else contract_orders.listing
            )(family, waiting="open" in path),
            weight=weight,
            bucket=start.split("/")[1],
            signed=True,
        )
        for path, weight in weights.items()
    }


ORDERS_OF_CONTRACTS = {
    **_of_contracts("fapi", "/fapi/v1/", {"openOrders": 40, "allOrders": 5, "openAlgoOrders": 40, "allAlgoOrders": 5}),
    **_of_contracts("dapi", "/dapi/v1/", {"openOrders": 40, "allOrders": 20, "openAlgoOrders": 40, "allAlgoOrders": 5}),
    **_of_contracts(
        "um", "/papi/v1/um/", {"openOrders": 40, "allOrders": 5, "algo/openAlgoOrders": 1, "algo/allAlgoOrders": 5}
    ),
    **_of_contracts(
        "cm",
        "/papi/v1/cm/",
        {"openOrders": 40, "allOrders": 20, "conditional/openOrders": 40, "conditional/allOrders": 1},
    ),
}
ROUTES: dict[str, Route] = {
    **OPERATIONS,
    **ORDERS_OF_CONTRACTS,
    "/sapi/v1/margin/openOrders": _sapi(orders.margin_open_orders, "margin open orders", 10),
    "/sapi/v1/margin/allOrders": _sapi(orders.margin_orders, "margin orders", 200),
    "/sapi/v1/margin/myTrades": _sapi(trades.margin_trades, "margin trades", 10),
    "/sapi/v1/convert/tradeFlow": _uid(trades.converts, "convert", 3_000),
    "/sapi/v1/asset/dribblet": _sapi(trades.dust, "dust"),
    "/sapi/v1/system/status": Route(answer=wallets.system_status, bucket="sapi status"),
    "/sapi/v1/account/apiRestrictions": _sapi(wallets.api_restrictions, "apiRestrictions"),
    "/sapi/v3/asset/getUserAsset": _sapi(wallets.user_assets, "getUserAsset", 5, "POST"),
    "/sapi/v1/asset/get-funding-asset": _sapi(wallets.funding_assets, "funding", 1, "POST"),
    "/sapi/v1/simple-earn/flexible/position": _sapi(wallets.earn_flexible, "flexible", 150),
    "/sapi/v1/simple-earn/locked/position": _sapi(wallets.earn_locked, "locked", 150),
    "/sapi/v1/capital/config/getall": _sapi(wallets.coins, "coins", 10),
    "/sapi/v1/capital/deposit/hisrec": _sapi(history.deposits, "deposits"),
    "/sapi/v1/capital/withdraw/history": _uid(history.withdrawals, "withdrawals", 18_000),
    "/sapi/v1/fiat/orders": _uid(money.fiat_orders, "fiat orders", 45_000),
    "/sapi/v1/fiat/payments": _sapi(money.fiat_payments, "fiat payments"),
    "/sapi/v1/c2c/orderMatch/listUserOrderHistory": _sapi(money.p2p_orders, "p2p"),
    "/sapi/v1/pay/transactions": _uid(money.pay_transactions, "pay", 3_000),
    "/sapi/v1/sub-account/list": _sapi(money.sub_accounts, "sub-accounts"),
    "/sapi/v1/sub-account/transfer/subUserHistory": _sapi(money.sub_transfers, "sub transfers"),
    "/sapi/v1/sub-account/universalTransfer": _sapi(money.universal_transfers, "universal transfers"),
    "/sapi/v1/simple-earn/flexible/history/rewardsRecord": _sapi(earnings.flexible_rewards, "flexible rewards", 150),
    "/sapi/v1/simple-earn/locked/history/rewardsRecord": _sapi(earnings.locked_rewards, "locked rewards", 150),
    "/sapi/v1/onchain-yields/locked/position": _sapi(investments.onchain_positions, "onchain", 50),
    "/sapi/v1/onchain-yields/locked/history/rewardsRecord": _sapi(investments.onchain_rewards, "onchain rewards", 50),
    "/sapi/v1/soft-staking/history/rewardsRecord": _sapi(investments.soft_rewards, "soft staking", 50),
    "/sapi/v1/sol-staking/sol/history/boostRewardsHistory": _sapi(investments.boosts, "SOL boosts", 150),
    "/sapi/v1/dci/product/positions": _sapi(investments.dual_positions, "dual investment"),
    "/sapi/v1/asset/assetDividend": _sapi(earnings.dividends, "dividends", 10),
    "/sapi/v1/rebate/taxQuery": _uid(earnings.rebates, "rebates", 12_000),
    "/sapi/v1/margin/interestHistory": _sapi(earnings.margin_interest, "margin interest"),
    "/fapi/v1/income": Route(answer=earnings.usd_m_income, weight=30, bucket="fapi", signed=True),
    "/dapi/v1/income": Route(answer=earnings.coin_m_income, weight=20, bucket="dapi", signed=True),
    "/sapi/v1/asset/wallet/balance": _sapi(totals.wallet_balance, "totals", 60),
    "/sapi/v1/accountSnapshot": _sapi(totals.account_snapshot, "accountSnapshot", 2_400),
    "/sapi/v1/margin/account": _sapi(margin.cross_account, "margin", 10),
    "/sapi/v1/margin/isolated/account": _sapi(margin.isolated_account, "isolated margin", 10),
    "/sapi/v2/loan/flexible/ongoing/orders": _sapi(margin.loan_orders, "loans", 300),
    "/sapi/v1/sub-account/status": _sapi(families.of_sub(families.status), "sub status", 10),
    "/sapi/v4/sub-account/assets": _uid(families.of_sub(families.assets), "sub assets", 60),
    "/sapi/v1/sub-account/margin/account": _sapi(families.of_sub(families.margin_account), "sub margin", 10),
    "/sapi/v2/sub-account/futures/account": _sapi(families.of_sub(families.futures_account), "sub futures"),
    "/sapi/v1/capital/deposit/subHisrec": _sapi(families.of_sub(history.sub_deposits), "sub deposits"),
    "/sapi/v1/margin/allPairs": Route(answer=lambda _: [], bucket="sapi pairs"),
    "/sapi/v1/margin/isolated/allPairs": Route(answer=lambda _: [], weight=10, bucket="sapi isolated pairs"),
    "/fapi/v1/time": Route(answer=spot.time, bucket="fapi"),
    "/fapi/v1/exchangeInfo": Route(answer=derivatives.usd_m_info, bucket="fapi"),
    "/fapi/v3/account": Route(answer=derivatives.usd_m_account, weight=5, bucket="fapi", signed=True),
    "/fapi/v3/positionRisk": Route(answer=derivatives.usd_m_positions, weight=5, bucket="fapi", signed=True),
    "/fapi/v1/userTrades": Route(answer=contracts.usd_m_trades, weight=5, bucket="fapi", signed=True),
    "/fapi/v1/assetIndex": Route(answer=contracts.asset_index, weight=10, bucket="fapi"),
    "/fapi/v1/markPriceKlines": Route(answer=contracts.usd_m_marks, weight=5, bucket="fapi"),
    "/dapi/v1/userTrades": Route(answer=contracts.coin_m_trades, weight=20, bucket="dapi", signed=True),
    "/dapi/v1/markPriceKlines": Route(answer=contracts.coin_m_marks, weight=5, bucket="dapi"),
    "/dapi/v1/account": Route(answer=derivatives.coin_m_account, weight=5, bucket="dapi", signed=True),
    "/dapi/v1/positionRisk": Route(answer=derivatives.coin_m_positions, bucket="dapi", signed=True),
    "/papi/v1/balance": Route(answer=derivatives.portfolio_balance, weight=20, bucket="papi", signed=True),
    "/papi/v1/um/income": Route(answer=earnings.portfolio_usd_m_income, weight=30, bucket="papi", signed=True),
    "/papi/v1/cm/income": Route(answer=earnings.portfolio_coin_m_income, weight=30, bucket="papi", signed=True),
    "/papi/v1/um/userTrades": Route(answer=contracts.portfolio_usd_m_trades, weight=5, bucket="papi", signed=True),
    "/papi/v1/cm/userTrades": Route(answer=contracts.portfolio_coin_m_trades, weight=20, bucket="papi", signed=True),
    "/papi/v1/margin/myTrades": Route(answer=trades.portfolio_trades, weight=5, bucket="papi", signed=True),
    "/papi/v1/margin/openOrders": Route(answer=orders.portfolio_open_orders, weight=5, bucket="papi", signed=True),
    "/papi/v1/margin/allOrders": Route(answer=orders.portfolio_orders, weight=100, bucket="papi", signed=True),
    "/papi/v1/um/positionRisk": Route(
        answer=derivatives.portfolio_usd_m_positions, weight=5, bucket="papi", signed=True
    ),
    "/papi/v1/cm/positionRisk": Route(answer=derivatives.portfolio_coin_m_positions, bucket="papi", signed=True),
    "/eapi/v1/marginAccount": Route(answer=options.account, weight=3, bucket="eapi", signed=True),
    "/eapi/v1/position": Route(answer=options.positions, weight=5, bucket="eapi", signed=True),
    "/eapi/v1/bill": Route(answer=options.bill, bucket="eapi", signed=True),
    "/dapi/v1/time": Route(answer=spot.time, bucket="dapi"),
    "/dapi/v1/exchangeInfo": Route(answer=derivatives.coin_m_info, bucket="dapi"),
}
