"""Fills: trades of a pair. Bitget shows 90 days of them.

In the unified system a pair is traded on spot and on margin out of the same pool, so both are asked. A fill may be paid in
two coins: the second fee is a fill of nothing but that fee.
"""

from asyncio import gather
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from finance.decimals import ZERO, exact
from finance.records import FillMarket, FillRecord, Liquidity
from monitor.errors import UnknownSymbol, WalletNotOpened
from monitor.exchanges.bitget.answers import coin, read_named_rows, read_rows, read_side
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.pages import BY_CURSOR, ReadPage, fetch_history, page_of
from monitor.exchanges.contract import FillPage, FillQuery, Pair
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_moment, amount, optional_text, select, text

SPOT_FILLS = private("v2/spot/trade/fills")
CROSS_FILLS = private("v2/margin/crossed/fills")
ISOLATED_FILLS = private("v2/margin/isolated/fills")
UNIFIED_FILLS = private("v3/trade/fills")
DEPTH = timedelta(days=89)
QUARTER, MONTH = timedelta(days=89), timedelta(days=29)
SIGNS = {"buy": 1, "sell": -1}
LIQUIDITY = {"maker": Liquidity.MAKER, "taker": Liquidity.TAKER}
FIELDS = ("tradeId", "execId", "orderId", "symbol", "category", "side", "priceAvg", "execPrice", "size", "execQty", "amount",
          "execValue", "tradeScope", "cTime", "createdTime")  # fmt: skip
CLASSIC_MARKETS = {  # where each is asked for, and under which name its rows are
    FillMarket.SPOT: (SPOT_FILLS, ""),
    FillMarket.CROSS_MARGIN: (CROSS_FILLS, "fills"),
    FillMarket.ISOLATED_MARGIN: (ISOLATED_FILLS, "fills"),
}
NONE = FillPage(fills=(), is_last=True)
Fees = list[tuple[str, Decimal]]  # coins and what was paid of them
Fills = tuple[FillRecord, ...]


async def fetch_classic_fills(connection: Connection, query: FillQuery, pair: Pair) -> FillPage:
    """The fills of a pair in the classic system, after `query.after_id`."""
    if query.market not in CLASSIC_MARKETS:
        return NONE
    endpoint, name = CLASSIC_MARKETS[query.market]
    rows = partial(read_named_rows, name=name, cursor="minId") if name else lambda answer: (read_rows(answer), "")
    read = page_of(rows, partial(read_trade, market=query.market, pair=pair), "tradeId")
    return await _fetch(connection, endpoint, read, query, pair)


async def _fetch(
    connection: Connection, endpoint: Endpoint, read: ReadPage[Fills], query: FillQuery, pair: Pair
) -> FillPage:
    doing, span = f"Reading the trades of {pair.symbol}", _span(connection, query)
    try:
        found = await fetch_history(connection, endpoint, doing, read, span, QUARTER, symbol=pair.symbol)
    except (UnknownSymbol, WalletNotOpened):
        return NONE
    return FillPage(fills=_after(query.after_id, found), is_last=True)


async def fetch_unified_fills(connection: Connection, query: FillQuery, pair: Pair) -> FillPage:
    """The fills of a pair in the unified system, after `query.after_id`; those of margin are among those of spot."""
    if query.market is not FillMarket.SPOT:
        return NONE
    doing, span = f"Reading the trades of {pair.symbol}", _span(connection, query)
    read = page_of(
        partial(read_named_rows, name="list", cursor="cursor"), partial(read_unified_trade, pair=pair), "execId"
    )
    try:
        found = await gather(
            *(
                fetch_history(
                    connection,
                    UNIFIED_FILLS,
                    doing,
                    read,
                    span,
                    MONTH,
                    cursor=BY_CURSOR,
                    category=category,
                    symbol=pair.symbol,
                )
                for category in ("SPOT", "MARGIN")
            )
        )
    except UnknownSymbol:
        return NONE
    return FillPage(fills=_after(query.after_id, (one for fills in found for one in fills)), is_last=True)


def _span(connection: Connection, query: FillQuery) -> tuple[datetime, datetime]:
    """What is asked for, as far as the exchange still shows it."""
    return max(query.since, connection.now() - DEPTH), query.until


def _after(last: str, found: Iterable[Fills]) -> Fills:
    """The fills once each, in the order of their numbers, those after number `last`."""
    unique = {fill.exchange_id: fill for fills in found for fill in fills}
    chosen = (fill for fill in unique.values() if not last or _number(fill.exchange_id) > _number(last))
    return tuple(sorted(chosen, key=lambda fill: (_number(fill.exchange_id), -len(fill.exchange_id))))


def _number(name: str) -> int:
    return int(name.partition(" ")[0])


@exact
def read_trade(row: Row, *, market: FillMarket, pair: Pair) -> Fills:
    """A trade of the classic system; margin's rows name no pair."""
    if optional_text(row, "symbol") not in ("", pair.symbol):
        raise Malformed("a trade of another pair")
    fee = row.get("feeDetail")
    return _record(
        row,
        market,
        pair,
        (text(row, "tradeId"), amount(row, "size"), amount(row, "amount"), a_moment(row, "cTime")),
        [(coin(fee, "feeCoin"), -amount(fee, "totalFee", signed=True))] if isinstance(fee, dict) else [],
    )


@exact
def read_unified_trade(row: Row, *, pair: Pair) -> Fills:
    """A trade of the unified system: its fees are positive where they were paid."""
    if text(row, "symbol") != pair.symbol:
        raise Malformed("a trade of another pair")
    fees = row.get("feeDetail")
    return _record(
        row,
        FillMarket.SPOT,
        pair,
        (text(row, "execId"), amount(row, "execQty"), amount(row, "execValue"), a_moment(row, "createdTime")),
        [(coin(fee, "feeCoin"), amount(fee, "fee", signed=True)) for fee in fees] if isinstance(fees, list) else [],
    )


def _record(
    row: Row, market: FillMarket, pair: Pair, facts: tuple[str, Decimal, Decimal, datetime], fees: Fees
) -> Fills:
    number, base, quote, at = facts
    if not number.isdigit():
        raise Malformed("a trade without a number")
    sign = SIGNS[read_side(text(row, "side"))[0]]
    paid = [fee for fee in fees if fee[1]] or [("", ZERO)]
    return tuple(
        FillRecord(
            market=market,
            symbol=pair.symbol,
            exchange_id=f"{number} fee {place}" if place else number,
            order_id=optional_text(row, "orderId"),
            base_asset=pair.base,
            base_quantity=ZERO if place else sign * base,
            quote_asset=pair.quote,
            quote_quantity=ZERO if place else -sign * quote,
            fee_asset=coin,
            fee=fee,
            occurred_at=at,
            liquidity=LIQUIDITY.get(optional_text(row, "tradeScope")),
            raw=select(row, FIELDS),
        )
        for place, (coin, fee) in enumerate(paid)
    )
