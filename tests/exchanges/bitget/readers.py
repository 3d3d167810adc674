"""What the worker reads of each path of Bitget, alone, by the reader that it uses."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from finance.records import ContractQuery, FillMarket
from monitor.exchanges.bitget import (
    closed_positions,
    contract_fills,
    contract_orders,
    converts,
    deposits,
    earn,
    fills,
    futures,
    key,
    klines,
    ledger,
    margin,
    margin_orders,
    market,
    orders,
    payments,
    rewards,
    spot,
    spot_plans,
    totals,
    transfers,
    unified,
)
from monitor.exchanges.bitget.answers import read_named_rows, read_rows
from monitor.exchanges.bitget.dialect import DIALECT
from monitor.exchanges.contract import FillQuery, Pair

Reader = Callable[[Any], Coroutine[Any, Any, Any]]
SINCE, UNTIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 1, 2, tzinfo=UTC)
PAIR = Pair(symbol="BTCUSDT", base="BTC", quote="USDT")
ME = "1234567"  # the account's number in the samples


def between(fetch: Callable[..., Coroutine[Any, Any, Any]]) -> Reader:
    """The reader of two hours of a history."""
    return lambda connection: fetch(connection, SINCE, UNTIL)


def within(fetch: Callable[..., Coroutine[Any, Any, Any]]) -> Reader:
    """The same of what is read by a span."""
    return lambda connection: fetch(connection, (SINCE, UNTIL))


def filled(market: FillMarket, fetch: Callable[..., Coroutine[Any, Any, Any]] = fills.fetch_classic_fills) -> Reader:
    """The reader of a pair's fills."""
    return lambda connection: fetch(connection, FillQuery(market=market, pair=PAIR, since=SINCE, until=UNTIL), PAIR)


def traded(fetch: Callable[..., Coroutine[Any, Any, Any]]) -> Reader:
    """The reader of a contract's fills."""
    query = ContractQuery(wallet="usdt_futures", symbol="BTCUSDT", since=SINCE, until=UNTIL)
    return lambda connection: fetch(connection, query)


def asked(endpoint: Any, read: Callable[[Any], Any]) -> Reader:
    """The reader of one answer."""
    return lambda connection: connection.call(endpoint, "Reading it", read)


def rows(endpoint: Any, read: Callable[[Any], Any], name: str = "") -> Reader:
    """The reader of each row of one answer."""

    def read_all(data: object) -> list[Any]:
        found = read_named_rows(data, name, "cursor")[0] if name else read_rows(data)
        return [read(row) for row in found]

    return asked(endpoint, read_all)


def of_market(read: Callable[[Any, str], Any], market: str) -> Callable[[Any], Any]:
    """The reader of a row of a market."""
    return lambda row: read(row, market)


READERS: dict[str, Reader] = {
    "v2/public/time": asked(DIALECT.server_time, DIALECT.read_time),
    "v2/spot/market/tickers": market.fetch_prices,
    "v2/spot/account/info": asked(key.INFO, key.read_info),
    "v2/spot/account/assets": spot.fetch_spot,
    "v2/spot/account/bills": rows(ledger.SPOT_BILLS, ledger.read_spot_bill),
    "v2/spot/account/sub-main-trans-record": rows(transfers.OF_FAMILY, partial(transfers.read_transfer, uid=ME)),
    "v2/spot/wallet/deposit-records": between(deposits.fetch_deposits),
    "v2/spot/wallet/withdrawal-records": between(deposits.fetch_withdrawals),
    "v2/spot/trade/fills": filled(FillMarket.SPOT),
    "v2/spot/trade/unfilled-orders": rows(orders.OPEN_ORDERS, orders.read_order),
    "v2/spot/trade/history-orders": rows(orders.ORDERS, partial(orders.read_order, pair=PAIR)),
    "v2/account/all-account-balance": totals.fetch_totals,
    "v2/account/funding-assets": spot.fetch_funding,
    "v2/account/bot-assets": earn.fetch_futures_bots,
    "v2/mix/account/accounts": asked(futures.ACCOUNTS, futures.read_accounts),
    "v2/mix/account/bill": between(partial(ledger.fetch_futures_ledger, wallet="usdt_futures")),
    "v2/mix/order/fill-history": traded(contract_fills.fetch_contract_fills),
    "v2/mix/position/history-position": rows(
        closed_positions.HISTORY, partial(closed_positions.read_closed, wallet="usdt_futures"), "list"
    ),
    "v2/mix/position/all-position": asked(futures.POSITIONS, futures.read_positions),
    "v2/margin/crossed/account/assets": margin.fetch_cross,
    "v2/margin/crossed/financial-records": rows(ledger.CROSS_RECORDS, ledger.read_margin_record, "resultList"),
    "v2/margin/crossed/fills": filled(FillMarket.CROSS_MARGIN),
    "v2/margin/isolated/account/assets": margin.fetch_isolated,
    "v2/margin/isolated/financial-records": rows(ledger.ISOLATED_RECORDS, ledger.read_margin_record, "resultList"),
    "v2/margin/isolated/fills": filled(FillMarket.ISOLATED_MARGIN),
    "v2/margin/crossed/interest-history": between(rewards.fetch_cross_interest),
    "v2/margin/isolated/interest-history": rows(
        rewards.ISOLATED_INTEREST, partial(rewards.read_interest, wallet="isolated_margin"), "resultList"
    ),
    "v2/earn/savings/records": rows(rewards.SAVINGS, rewards.read_paid, "resultList"),
    "v2/earn/account/assets": earn.fetch_earn,
    "v2/earn/loan/debts": earn.fetch_loans,
    "v2/convert/convert-record": within(converts.fetch_converts),
    "v2/convert/bgb-convert-records": within(converts.fetch_small),
    "v3/account/settings": asked(key.SETTINGS, key.read_settings),
    "v3/account/info": asked(key.UNIFIED_INFO, key.read_unified_info),
    "v3/account/assets": asked(unified.ASSETS, unified.read_account),
    "v3/account/funding-assets": spot.fetch_unified_funding,
    "v3/account/funding-financial-records": rows(payments.FUNDING_RECORDS, payments.read_record, "list"),
    "v3/account/deposit-records": between(deposits.fetch_unified_deposits),
    "v3/account/withdrawal-records": between(deposits.fetch_unified_withdrawals),
    "v3/account/sub-transfer-record": rows(
        transfers.UNIFIED_OF_FAMILY, partial(transfers.read_unified_transfer, uid=ME), "list"
    ),
    "v3/account/financial-records": rows(ledger.UNIFIED_RECORDS, ledger.read_unified_record, "list"),
    "v3/account/convert-records": within(converts.fetch_unified_converts),
    "v3/position/history-position": rows(
        closed_positions.UNIFIED_HISTORY, partial(closed_positions.read_closed, wallet="unified"), "list"
    ),
    "v3/position/current-position": asked(unified.POSITIONS, unified.read_positions),
    "v3/trade/fills": traded(contract_fills.fetch_unified_contract_fills),
    "v2/spot/trade/current-plan-order": rows(spot_plans.OPEN_PLANS, spot_plans.read_plan, "orderList"),
    "v2/spot/trade/history-plan-order": rows(spot_plans.PLANS, partial(spot_plans.read_plan, pair=PAIR), "orderList"),
    **{
        endpoint.path: rows(endpoint, of_market(one.read, market), one.names[0])
        for market, lists in (("usdt_futures", contract_orders.CLASSIC[:2]), ("unified", contract_orders.UNIFIED[1:2]))
        for one in lists
        for endpoint in (one.waiting, one.ended)
    },
    **{
        endpoint.path: rows(endpoint, partial(margin_orders.read_order, market=market, pair=PAIR), "orderList")
        for market, endpoints in margin_orders.LISTS.items()
        for endpoint in endpoints
    },
    "v3/trade/unfilled-orders": rows(orders.UNIFIED_OPEN_ORDERS, orders.read_unified_order, "list"),
    "v3/trade/history-orders": rows(orders.UNIFIED_ORDERS, partial(orders.read_unified_order, pair=PAIR), "list"),
    "v3/trade/order-info": asked(orders.UNIFIED_ORDER, orders.read_unified_order),
    "v3/earn/elite-assets": earn.fetch_elite,
    "v3/loan/debts": earn.fetch_unified_loans,
    "v3/convert/small-assets-history": within(converts.fetch_unified_small),
}
KLINES: dict[str, Callable[[Any, datetime], Coroutine[Any, Any, Any]]] = {
    "v2/spot/market/candles": lambda connection, opened: klines.fetch_minutes(connection, "BTCUSDT", [opened]),
    "v2/spot/market/history-candles": lambda connection, opened: klines.fetch_minutes(connection, "BTCUSDT", [opened]),
    "v2/mix/market/candles": lambda connection, opened: klines.fetch_marks(connection, "BTCUSDT", [opened]),
    "v2/mix/market/history-mark-candles": lambda connection, opened: klines.fetch_marks(
        connection, "BTCUSDT", [opened]
    ),
}
LATER = timedelta(days=60)  # after which a kline is no recent one
