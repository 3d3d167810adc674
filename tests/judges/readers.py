"""What the worker reads of each path, alone, by the reader that it uses."""

from collections.abc import Awaitable, Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any

from finance.observed import Balance, Position
from finance.records import ContractQuery, FillMarket
from monitor.exchanges.binance import (
    adapter,
    contract_orders,
    deposits,
    dual_investment,
    earn,
    fiat,
    fills,
    futures,
    futures_income,
    income,
    key,
    klines,
    margin,
    market,
    options,
    orders,
    payments,
    spot,
    transfers,
    wallets,
)
from monitor.exchanges.binance.futures import fetch_positions
from monitor.exchanges.contract import FillQuery, OrderQuery, Pair
from monitor.exchanges.http.connection import Connection

Reader = Callable[[Connection], Awaitable[object]]
SINCE, UNTIL = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC)
KLINES = (datetime(2024, 1, 30, 16, tzinfo=UTC), datetime(2024, 1, 30, 19, tzinfo=UTC))
MARKED = datetime(2020, 6, 4, 7, 41, tzinfo=UTC)
PAIR = Pair(symbol="BNBBTC", base="BNB", quote="BTC")
SUB = "sub@paper.example"


def between(fetch: Callable[..., Awaitable[object]], **whose: str) -> Reader:
    """The reader of a day of a history."""
    return lambda connection: fetch(connection, SINCE, UNTIL, **whose)


def only(kind: type, fetch: Callable[[Connection], Awaitable[Any]]) -> Reader:
    """The reader of a wallet's balances, or of its positions."""

    async def read(connection: Connection) -> object:
        return [one for one in await fetch(connection) if isinstance(one, kind)]

    return read


def filled(market: FillMarket) -> Reader:
    """The reader of a market's fills."""
    pair = None if market in (FillMarket.CONVERT, FillMarket.DUST) else PAIR
    query = FillQuery(market=market, pair=pair, since=SINCE, until=UNTIL)

    async def read(connection: Connection) -> object:
        if pair is None:
            return await fills.fetch_conversions(connection, query)
        return (await fills.fetch_fills(connection, query)).fills

    return read


def ordered(market: str, symbol: str, base: str, quote: str) -> Reader:
    """The reader of all orders of a pair."""
    pair = Pair(symbol=symbol, base=base, quote=quote)
    query = OrderQuery(market=market, pair=pair, since=SINCE, until=UNTIL)

    async def read(connection: Connection) -> object:
        return (await orders.fetch_orders(connection, query)).orders

    return read


def waiting(market: str, pair: Pair | None = None) -> Reader:
    """The reader of the orders of a market that wait."""
    return lambda connection: orders.fetch_open_orders(connection, market, pair)


def listed(endpoint: Any, market: str, read: Callable[[Any, str], object]) -> Reader:
    """The reader of the rows of one list of orders of contracts."""
    return lambda connection: connection.call(
        endpoint, "Reading it", lambda answer: [read(row, market) for row in answer]
    )


def traded(wallet: str, symbol: str, day: datetime) -> Reader:
    """The reader of a day's fills of a contract."""
    query = ContractQuery(wallet=wallet, symbol=symbol, since=day, until=day + timedelta(days=1))
    return lambda connection: fills.fetch_contract_fills(connection, query)


def of_sub(wallet: str, what: str = "balances") -> Reader:
    """The reader of a sub-account's wallet, with its master's key."""

    async def read(connection: Connection) -> object:
        reading = await adapter.BinanceSubAccount(connection, SUB).fetch_wallets()
        return next(getattr(one, what) for one in reading.wallets if one.wallet == wallet)

    return read


def positions(endpoint: Any, *coins: str) -> Reader:
    """The reader of open positions."""
    return lambda connection: fetch_positions(connection, endpoint, "Reading positions", *([coins] if coins else []))


READERS: dict[str, Reader] = {
    "/api/v3/time": lambda connection: connection.fetch_server_time(),
    "/api/v3/ticker/price": market.fetch_prices,
    "/api/v3/klines": lambda connection: klines.fetch_klines(connection, "BTCUSDT", timedelta(hours=1), KLINES),
    "/fapi/v1/assetIndex": market.fetch_index,
    "/fapi/v1/markPriceKlines": lambda connection: klines.fetch_marks(connection, "BTCUSDT", [MARKED]),
    "/dapi/v1/markPriceKlines": lambda connection: klines.fetch_marks(connection, "BTCUSD_PERP", [MARKED]),
    "/api/v3/account": key.fetch_uid,
    "/api/v3/myTrades": filled(FillMarket.SPOT),
    "/api/v3/openOrders": waiting(FillMarket.SPOT),
    "/api/v3/allOrders": ordered(FillMarket.SPOT, "LTCBTC", "LTC", "BTC"),
    "/sapi/v1/margin/openOrders": waiting(FillMarket.CROSS_MARGIN, PAIR),
    "/papi/v1/margin/openOrders": waiting(FillMarket.PORTFOLIO_MARGIN, Pair(symbol="BNBBTC", base="BNB", quote="BTC")),
    "/papi/v1/margin/allOrders": ordered(FillMarket.PORTFOLIO_MARGIN, "BNBBTC", "BNB", "BTC"),
    "/sapi/v1/margin/allOrders": ordered(FillMarket.CROSS_MARGIN, "BNBBTC", "BNB", "BTC"),
    **{
        f"/{path}": listed(endpoint, market, one.read)
        for market, lists in contract_orders.MARKETS.items()
        for one in (*lists[0], *lists[1])
        for endpoint in (one.waiting, one.all)
        for path in [f"{endpoint.family.removesuffix('Private')}/v1/{endpoint.path}"]
    },
    "/sapi/v1/account/apiRestrictions": key.fetch_permissions,
    "/sapi/v1/asset/wallet/balance": partial(wallets.fetch_totals, covered={}, shown={}),
    "/sapi/v1/accountSnapshot": between(spot.fetch_days),
    "/sapi/v3/asset/getUserAsset": spot.fetch_spot,
    "/sapi/v1/asset/get-funding-asset": spot.fetch_funding,
    "/sapi/v1/simple-earn/flexible/position": earn.fetch_flexible,
    "/sapi/v1/simple-earn/locked/position": earn.fetch_locked,
    "/sapi/v1/onchain-yields/locked/position": earn.fetch_onchain,
    "/sapi/v1/dci/product/positions": dual_investment.fetch_invested,
    "/sapi/v1/margin/account": margin.fetch_cross,
    "/sapi/v1/margin/isolated/account": margin.fetch_isolated,
    "/sapi/v2/loan/flexible/ongoing/orders": margin.fetch_loans,
    "/fapi/v3/account": only(Balance, futures.fetch_usd_m),
    "/dapi/v1/account": only(Balance, futures.fetch_coin_m),
    "/fapi/v3/positionRisk": positions(futures.USD_M_POSITIONS),
    "/dapi/v1/positionRisk": positions(futures.COIN_M_POSITIONS),
    "/papi/v1/balance": only(Balance, futures.fetch_portfolio),
    "/papi/v1/um/positionRisk": positions(futures.PORTFOLIO_USD_M_POSITIONS, "USDT", "BNB"),
    "/papi/v1/cm/positionRisk": positions(futures.PORTFOLIO_COIN_M_POSITIONS),
    "/eapi/v1/marginAccount": only(Balance, options.fetch_options),
    "/eapi/v1/position": only(Position, options.fetch_options),
    "/sapi/v1/capital/deposit/hisrec": between(deposits.fetch_deposits),
    "/sapi/v1/capital/withdraw/history": between(deposits.fetch_withdrawals),
    "/sapi/v1/fiat/orders": between(fiat.fetch_orders),
    "/sapi/v1/fiat/payments": between(fiat.fetch_payments),
    "/sapi/v1/c2c/orderMatch/listUserOrderHistory": between(payments.fetch_p2p_orders),
    "/sapi/v1/pay/transactions": between(payments.fetch_payments),
    "/sapi/v1/sub-account/transfer/subUserHistory": between(transfers.fetch_of_sub),
    "/sapi/v1/sub-account/universalTransfer": between(transfers.fetch_of_member, email="deftest@gmail.com"),
    "/sapi/v1/sub-account/list": transfers.fetch_sub_accounts,
    "/sapi/v1/sub-account/status": of_sub(margin.CROSS, "state"),
    "/sapi/v4/sub-account/assets": of_sub(spot.SPOT),
    "/sapi/v1/sub-account/margin/account": of_sub(margin.CROSS),
    "/sapi/v2/sub-account/futures/account": of_sub(futures.USD_M),
    "/sapi/v1/capital/deposit/subHisrec": between(deposits.fetch_sub_deposits, email=SUB),
    "/sapi/v1/simple-earn/flexible/history/rewardsRecord": between(earn.fetch_real_time_rewards),
    "/sapi/v1/simple-earn/locked/history/rewardsRecord": between(earn.fetch_locked_rewards),
    "/sapi/v1/onchain-yields/locked/history/rewardsRecord": between(earn.fetch_onchain_rewards),
    "/sapi/v1/soft-staking/history/rewardsRecord": between(earn.fetch_soft_rewards),
    "/sapi/v1/sol-staking/sol/history/boostRewardsHistory": between(earn.fetch_boosts),
    "/sapi/v1/asset/assetDividend": between(income.fetch_dividends),
    "/sapi/v1/rebate/taxQuery": between(income.fetch_rebates),
    "/sapi/v1/margin/interestHistory": between(income.fetch_margin_interest),
    "/fapi/v1/income": between(partial(futures_income.fetch_income, endpoint=futures_income.USD_M)),
    "/dapi/v1/income": between(partial(futures_income.fetch_income, endpoint=futures_income.COIN_M)),
    "/papi/v1/um/income": between(partial(futures_income.fetch_income, endpoint=futures_income.PORTFOLIO_USD_M)),
    "/papi/v1/cm/income": between(partial(futures_income.fetch_income, endpoint=futures_income.PORTFOLIO_COIN_M)),
    "/eapi/v1/bill": between(options.fetch_bill),
    "/sapi/v1/margin/myTrades": filled(FillMarket.CROSS_MARGIN),
    "/papi/v1/margin/myTrades": filled(FillMarket.PORTFOLIO_MARGIN),
    "/fapi/v1/userTrades": traded("usd_m_futures", "BTCUSDT", datetime(2019, 9, 26, tzinfo=UTC)),
    "/dapi/v1/userTrades": traded("coin_m_futures", "BTCUSD_200626", datetime(2020, 5, 29, tzinfo=UTC)),
    "/papi/v1/um/userTrades": traded("portfolio_margin", "BTCUSDT", datetime(2023, 4, 5, tzinfo=UTC)),
    "/papi/v1/cm/userTrades": traded("portfolio_margin", "BTCUSD_200626", datetime(2020, 5, 29, tzinfo=UTC)),
    "/sapi/v1/convert/tradeFlow": filled(FillMarket.CONVERT),
    "/sapi/v1/asset/dribblet": filled(FillMarket.DUST),
}


def say(value: Any) -> Any:
    """What was read, as data: what is empty, and what is no part of the value (its raw row, its number), left out."""
    if is_dataclass(value):
        told = {
            field.name: say(getattr(value, field.name))
            for field in fields(value)
            if field.compare and field.name != "raw"
        }
        return {name: said for name, said in told.items() if said not in ("", "0", None, [])}
    if isinstance(value, (list, tuple)):
        return [say(one) for one in value]
    if isinstance(value, dict):
        return {str(name): say(one) for name, one in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value) if isinstance(value, Enum) else value
