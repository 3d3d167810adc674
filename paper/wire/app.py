"""The exchange's own port: Binance's paths, checked and answered as Binance does."""

import json
from asyncio import sleep
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl

from paper.faults import Faults, answer, strike
from paper.venue import Venue
from paper.wire import (
    contracts,
    derivatives,
    earnings,
    families,
    history,
    investments,
    margin,
    money,
    options,
    spot,
    totals,
    trades,
    wallets,
)
from paper.wire.refusals import Refusal
from paper.wire.request import Asked
from paper.wire.signing import identify
from paper.wire.weights import UsedWeights

LARGEST_BODY = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One path: who answers, what it weighs, and whether it must be signed."""

    answer: Callable[[Asked], Any]
    weight: int = 1
    bucket: str = "api"
    signed: bool = False
    method: str = "GET"


def _sapi(answered: Callable[[Asked], Any], name: str, weight: int = 1, method: str = "GET") -> Route:
    return Route(answer=answered, weight=weight, bucket=f"sapi {name}", signed=True, method=method)


def _uid(answered: Callable[[Asked], Any], name: str, weight: int) -> Route:
    """A path whose weight counts against the account."""
    return Route(answer=answered, weight=weight, bucket=f"uid {name}", signed=True)


ROUTES = {
    "/api/v3/ping": Route(answer=spot.ping),
    "/api/v3/time": Route(answer=spot.time),
    "/api/v3/exchangeInfo": Route(answer=spot.exchange_info, weight=20),
    "/api/v3/ticker/price": Route(answer=spot.ticker_price, weight=4),
    "/api/v3/ticker/24hr": Route(answer=spot.ticker_day, weight=80),
    "/api/v3/klines": Route(answer=spot.klines, weight=2),
    "/api/v3/account": Route(answer=spot.account, weight=20, signed=True),
    "/api/v3/myTrades": Route(answer=trades.my_trades, weight=20, signed=True),
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


KEY_HEADER = b"x-mbx-apikey"


class PaperExchange:
    """The ASGI application of one venue."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.faults = Faults()
        self.weights = UsedWeights()
        self.log: deque[dict[str, Any]] = deque(maxlen=5_000)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        began = monotonic()
        if self.faults.latency_seconds:
            await sleep(self.faults.latency_seconds)
        query = scope["query_string"].decode("latin-1")
        if (fault := self.faults.pick(scope["path"], _sent(scope))) and await strike(fault, send):
            self._note(scope, query, "fault", 0, began)
            return
        sent = await _read_body(receive)
        status, headers, body = self._respond(scope, query, sent)
        self._note(scope, f"{query}&{sent}", status, len(body), began)
        await answer(send, {"status": status, "headers": headers, "body": body})

    def _note(self, scope: Any, asked: str, status: object, size: int, began: float) -> None:
        route = ROUTES.get(scope["path"])
        entry = {"method": scope["method"], "path": scope["path"], "asked": asked.strip("&")}
        entry |= {"status": status, "weight": route.weight if route else 0, "bytes": size}
        self.log.append(entry | {"began": began, "ended": monotonic()})

    def _respond(self, scope: Any, query: str, body: str) -> tuple[int, dict[str, str], str]:
        headers: dict[str, str] = {}
        try:
            route = ROUTES.get(scope["path"])
            if route is None or scope["method"] != route.method:
                raise Refusal(-1000, "There is no such path on the paper exchange.", 404)
            now = self.venue.catch_up()
            headers = self.weights.spend(route.bucket, route.weight, now)
            return 200, headers, json.dumps(route.answer(self._ask(route, scope, query, body, now)))
        except Refusal as refusal:
            payload = {"code": refusal.code, "msg": refusal.message}
            return refusal.status, headers | refusal.headers, json.dumps(payload)

    def _ask(self, route: Route, scope: Any, query: str, body: str, now: Any) -> Asked:
        sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        signer = identify(self.venue, sent, query, body, now) if route.signed else None
        parameters = dict(parse_qsl(query, keep_blank_values=True) + parse_qsl(body, keep_blank_values=True))
        return Asked(venue=self.venue, now=now, parameters=parameters, signer=signer)


def _sent(scope: Any) -> str:
    """What distinguishes calls of one path: the query, and whose key it is."""
    key = next((value for name, value in scope["headers"] if name.lower() == KEY_HEADER), b"")
    return f"{scope['query_string'].decode('latin-1')} {key.decode('latin-1')}"


async def _read_body(receive: Any) -> str:
    body, more = b"", True
    while more and len(body) <= LARGEST_BODY:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body[:LARGEST_BODY].decode("latin-1")
