"""Executions of contracts, in both account systems: 90 days of them, a week or a month in a call.

They say what was done in one word (`tradeSide`): open or close in hedge mode, buy_single or sell_single in one-way mode, and
more where the exchange did it: burst_close_long, dte_sys_adl_close_short, delivery_sell_single.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from finance.records import ContractFill, ContractQuery, FillReason
from monitor.errors import UnknownSymbol
from monitor.exchanges.bitget.answers import read_named_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.fills import DEPTH, MONTH, SIGNS, UNIFIED_FILLS
from monitor.exchanges.bitget.futures import HEDGED, product_of, settled_in
from monitor.exchanges.bitget.pages import BY_CURSOR, BY_ID, ReadPage, fetch_history, page_of
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_moment, amount, optional_text, select, text

CONTRACT_FILLS = private("v2/mix/order/fill-history")
WEEK = timedelta(days=7)
OPENED = {1: "long", -1: "short"}  # what buying or selling opens
REASONS = {
    "adl": FillReason.ADL,
    "delivery": FillReason.DELIVERY,
    **dict.fromkeys(
        ("burst", "reduce", "offset", "force"), FillReason.LIQUIDATION
    ),  # whole, in part, against the other side
}
FIELDS = ("tradeId", "execId", "orderId", "symbol", "category", "side", "tradeSide", "posMode", "posSide", "execPrice", "price",
          "execQty", "baseVolume", "quoteVolume", "execValue", "tradeScope", "profit", "execPnl", "cTime",
          "createdTime")  # fmt: skip


async def fetch_contract_fills(connection: Connection, query: ContractQuery) -> tuple[ContractFill, ...]:
    """The trades of a contract that `query` asks for, each once, in time order, in the classic system."""
    rows = partial(read_named_rows, name="fillList", cursor="endId")
    read = page_of(rows, partial(read_contract_fill, query=query), "tradeId")
    asked = {"productType": product_of(query.symbol), "symbol": query.symbol}
    return await _fetch(connection, query, CONTRACT_FILLS, read, WEEK, asked)


async def fetch_unified_contract_fills(connection: Connection, query: ContractQuery) -> tuple[ContractFill, ...]:
    """The same in the unified system."""
    rows = partial(read_named_rows, name="list", cursor="cursor")
    read = page_of(rows, partial(read_unified_contract_fill, query=query), "execId")
    asked = {"category": product_of(query.symbol), "symbol": query.symbol}
    return await _fetch(connection, query, UNIFIED_FILLS, read, MONTH, asked, BY_CURSOR)


async def _fetch(
    connection: Connection,
    query: ContractQuery,
    endpoint: Endpoint,
    read: ReadPage[ContractFill],
    longest: timedelta,
    asked: Mapping[str, object],
    cursor: str = BY_ID,
) -> tuple[ContractFill, ...]:
    span = (max(query.since, connection.now() - DEPTH), query.until)
    doing = f"Reading the trades of {query.symbol}"
    try:
        found = await fetch_history(connection, endpoint, doing, read, span, longest, cursor=cursor, **asked)
    except UnknownSymbol:
        return ()
    once = {fill.exchange_id: fill for fill in found if query.since <= fill.occurred_at < query.until}
    return tuple(sorted(once.values(), key=lambda fill: (fill.occurred_at, int(fill.exchange_id))))


def read_contract_fill(row: Row, *, query: ContractQuery) -> ContractFill:
    """A trade of a contract in the classic system: of a hedged position `side` is the position's, also when it is closed."""
    sign, effect = _sign(row), text(row, "tradeSide").lower()
    names = ("tradeId", "baseVolume", "price", "cTime")
    if text(row, "posMode") != HEDGED:
        return _contract_fill(row, query, names, "both", _find_sign(effect) or sign)
    if side := _find_side(effect):
        return _contract_fill(row, query, names, side, -1 if side == OPENED[1] else 1)
    return _contract_fill(row, query, names, OPENED[sign], sign if effect == "open" else -sign)


def read_unified_contract_fill(row: Row, *, query: ContractQuery) -> ContractFill:
    """A trade of a contract in the unified system: `side` is what was done, `posSide` the position where it is hedged."""
    sign, effect = _sign(row), optional_text(row, "tradeSide").lower()
    of_effect = {"open": OPENED[sign], "close": OPENED[-sign]}
    held = optional_text(row, "posSide").lower() or _find_side(effect) or of_effect.get(effect, "both")
    return _contract_fill(row, query, ("execId", "execQty", "execPrice", "createdTime"), held, sign)


def _sign(row: Row) -> int:
    side = text(row, "side").lower()
    if side not in SIGNS:
        raise Malformed("a trade without a side")
    return SIGNS[side]


def _find_side(effect: str) -> str | None:
    return next((side for side in OPENED.values() if effect.endswith(side)), None)


def _find_sign(effect: str) -> int | None:
    return next((sign for word, sign in SIGNS.items() if word in effect), None)


def _contract_fill(
    row: Row, query: ContractQuery, names: tuple[str, str, str, str], side: str, sign: int
) -> ContractFill:
    number, quantity, price, time = names
    if text(row, "symbol") != query.symbol or not text(row, number).isdigit():
        raise Malformed("a trade of another contract, or without a number")
    effect = optional_text(row, "tradeSide").lower()
    return ContractFill(
        wallet=query.wallet,
        symbol=query.symbol,
        exchange_id=text(row, number),
        side=side,
        quantity=sign * amount(row, quantity),
        price=amount(row, price),
        occurred_at=a_moment(row, time),
        settle=settled_in(query.symbol),
        order_id=optional_text(row, "orderId"),
        reason=next((why for word, why in REASONS.items() if word in effect), None),
        raw=select(row, FIELDS),
    )
