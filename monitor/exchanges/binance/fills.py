"""Fills of a pair, spot and margin, page by page in the order of their ids.

The exchange tells neither base nor quote of a symbol here, and no fills without one: which pair is asked for is found
in `monitor.recovery.fills`. A symbol that no longer exists has no fills to tell.
"""

from decimal import Decimal

from finance.decimals import exact
from finance.records import FillMarket, FillRecord
from monitor.errors import UnknownSymbol, WalletNotOpened
from monitor.exchanges.binance.conversions import fetch_conversions
from monitor.exchanges.contract import FillPage, FillQuery, Pair
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Malformed, Row, a_list, a_moment, amount, asset, keep, text, without_twins

SPOT = Endpoint(family="private", path="myTrades", weight=20, bucket="api")
MARGIN = Endpoint(family="sapi", path="margin/myTrades", weight=10, bucket="sapi margin trades")
PORTFOLIO = Endpoint(family="papi", path="margin/myTrades", weight=5, bucket="papi")
ENDPOINTS = {
    FillMarket.SPOT: SPOT,
    FillMarket.CROSS_MARGIN: MARGIN,
    FillMarket.ISOLATED_MARGIN: MARGIN,
    FillMarket.PORTFOLIO_MARGIN: PORTFOLIO,
}
IS_ISOLATED = {FillMarket.CROSS_MARGIN: "FALSE", FillMarket.ISOLATED_MARGIN: "TRUE"}
TOLD_AS = {FillMarket.PORTFOLIO_MARGIN: FillMarket.CROSS_MARGIN}  # either may tell the other's trades: they are one
PAGE_SIZE = 1000
KEPT = ("id", "orderId", "symbol", "price", "qty", "quoteQty", "commission", "commissionAsset", "time", "isBuyer",
        "isMaker", "isIsolated")  # fmt: skip


async def fetch_fills(connection: Connection, query: FillQuery) -> FillPage:
    """The next fills that `query` asks for."""
    if query.pair is None:
        return FillPage(fills=await fetch_conversions(connection, query), is_last=True)
    return await _fetch_trades(connection, query, query.pair)


async def _fetch_trades(connection: Connection, query: FillQuery, pair: Pair) -> FillPage:
    isolated = {"isIsolated": IS_ISOLATED[query.market]} if query.market in IS_ISOLATED else {}
    try:
        fills = await connection.call(
            ENDPOINTS[query.market],
            f"Reading the trades of {pair.symbol}",
            lambda answer: _read_trades(answer, TOLD_AS.get(query.market, query.market), pair),
            symbol=pair.symbol,
            fromId=int(query.after_id) + 1 if query.after_id else 0,
            limit=PAGE_SIZE,
            **isolated,
        )
    except (UnknownSymbol, WalletNotOpened):
        return FillPage(fills=(), is_last=True)
    return FillPage(fills=fills, is_last=len(fills) < PAGE_SIZE)


def _read_trades(answer: object, market: FillMarket, pair: Pair) -> tuple[FillRecord, ...]:
    rows = a_list(answer)
    without_twins((text(row, "id") for row in rows), "trade")
    fills = [_read_trade(row, market, pair) for row in rows]
    return tuple(sorted(fills, key=lambda fill: int(fill.exchange_id)))


@exact
def _read_trade(row: Row, market: FillMarket, pair: Pair) -> FillRecord:
    if text(row, "symbol") != pair.symbol or not text(row, "id").isdigit() or not isinstance(row.get("isBuyer"), bool):
        raise Malformed("a trade of another pair, or without an id or a side")
    side = Decimal(1) if row["isBuyer"] else Decimal(-1)
    quantity = amount(row, "qty")
    return FillRecord(
        market=market,
        symbol=pair.symbol,
        exchange_id=text(row, "id"),
        order_id=text(row, "orderId"),
        base_asset=pair.base,
        base_quantity=side * quantity,
        quote_asset=pair.quote,
        quote_quantity=-side * amount(row, "quoteQty", default=quantity * amount(row, "price")),  # margin has none
        fee_asset=asset(row, "commissionAsset"),
        fee=amount(row, "commission", signed=True),
        occurred_at=a_moment(row, "time"),
        raw=keep(row, KEPT),
    )
