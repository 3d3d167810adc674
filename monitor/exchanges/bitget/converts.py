"""Coins swapped at the exchange's own price: converts, and small balances turned into BGB, in both account systems.

What arrived of a small balance has the fee taken off.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from finance.decimals import ZERO, exact
from finance.records import FillMarket, FillRecord
from monitor.exchanges.bitget.answers import coin, read_named_rows, read_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.pages import BY_CURSOR, fetch_history, page_of
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Row, a_list, a_moment, amount, select, text
from monitor.exchanges.windows import number_duplicates, windows

CONVERTS = private("v2/convert/convert-record")
UNIFIED_CONVERTS = private("v3/account/convert-records")
SMALL = private("v2/convert/bgb-convert-records")
UNIFIED_SMALL = private("v3/convert/small-assets-history")
DEPTH = timedelta(days=89)
QUARTER, MONTH = timedelta(days=89), timedelta(days=29)
COUNTED = "success"
FIELDS = ("id", "orderId", "fromCoin", "fromCoinSize", "fromAmount", "toCoin", "toCoinSize", "toAmount", "cnvtPrice",
          "price", "fee", "status", "ts", "ctime", "createdTime")  # fmt: skip
Fills = tuple[FillRecord, ...]
Span = tuple[datetime, datetime]


async def fetch_converts(connection: Connection, span: Span) -> Fills:
    """Everything converted in `span`, in the classic system."""
    read = page_of(partial(read_named_rows, name="dataList", cursor="endId"), read_convert, "id")
    rows = await fetch_history(connection, CONVERTS, "Reading converts", read, _seen(connection, span), QUARTER)
    return _once(rows)


async def fetch_unified_converts(connection: Connection, span: Span) -> Fills:
    """Everything converted in `span`, in the unified system, whose rows have no number."""
    read = page_of(partial(read_named_rows, name="list", cursor="cursor"), read_unified_convert, "")
    doing, found = "Reading converts", list[FillRecord]()
    for start, end in windows(*_seen(connection, span), MONTH):
        rows = await fetch_history(connection, UNIFIED_CONVERTS, doing, read, (start, end), MONTH, cursor=BY_CURSOR)
        # What is on the edge of two windows is in both answers, and no number shows that it is the same.
        found += [one for one in rows if one.occurred_at >= start and (one.occurred_at < end or end == span[1])]
    return tuple(sorted(number_duplicates(found), key=_age))


async def fetch_small(connection: Connection, span: Span) -> Fills:
    """Small balances turned into BGB in `span`, in the classic system."""
    read = page_of(lambda answer: (read_rows(answer), ""), partial(read_small, time="ctime"), "orderId")
    doing = "Reading conversions of small balances"
    return _once(await fetch_history(connection, SMALL, doing, read, _seen(connection, span), QUARTER))


async def fetch_unified_small(connection: Connection, span: Span) -> Fills:
    """Small balances turned into BGB in `span`, in the unified system."""
    rows = partial(read_named_rows, name="list", cursor="cursor")
    read = page_of(rows, partial(read_small, time="createdTime"), "orderId")
    doing, seen = "Reading conversions of small balances", _seen(connection, span)
    return _once(await fetch_history(connection, UNIFIED_SMALL, doing, read, seen, MONTH, cursor=BY_CURSOR))


def _seen(connection: Connection, span: Span) -> Span:
    return max(span[0], connection.now() - DEPTH), span[1]


def _once(fills: Iterable[FillRecord | None]) -> Fills:
    unique = {fill.exchange_id: fill for fill in fills if fill}
    return tuple(sorted(unique.values(), key=_age))


def _age(fill: FillRecord) -> tuple[datetime, str]:
    return fill.occurred_at, fill.exchange_id


@exact
def read_convert(row: Row) -> FillRecord:
    """A convert of the classic system; its fee is in the coin that was bought."""
    bought = coin(row, "toCoin")
    fill = _swap(row, FillMarket.CONVERT, text(row, "id"), ("fromCoinSize", "toCoinSize", "ts"))
    fee = amount(row, "fee", default=ZERO)
    return replace(fill, base_quantity=fill.base_quantity + fee, fee_asset=bought if fee else "", fee=fee)


def read_unified_convert(row: Row) -> FillRecord:
    """A convert of the unified system."""
    facts = "|".join(text(row, name) for name in ("ts", "fromCoin", "fromCoinSize", "toCoin", "toCoinSize"))
    name = hashlib.sha256(facts.encode()).hexdigest()[:24]
    return _swap(row, FillMarket.CONVERT, name, ("fromCoinSize", "toCoinSize", "ts"))


@exact
def read_small(row: Row, *, time: str) -> FillRecord | None:
    """A small balance turned into another coin; None for one that did not happen. Its time is `time`."""
    if text(row, "status").lower() != COUNTED:
        return None
    name = f"{text(row, 'orderId')} {coin(row, 'fromCoin')}"
    fill = _swap(row, FillMarket.DUST, name, ("fromAmount", "toAmount", time))
    details = row.get("feeDetail") or []
    fees = [details] if isinstance(details, dict) else a_list(details, "feeDetail")
    paid = sum((amount(one, "fee") for one in fees if coin(one, "feeCoin") == fill.base_asset), ZERO)
    return replace(fill, base_quantity=fill.base_quantity + paid, fee_asset=fill.base_asset if paid else "", fee=paid)


def _swap(row: Row, market: FillMarket, name: str, names: tuple[str, str, str]) -> FillRecord:
    """What was bought is the base."""
    given, obtained, time = names
    bought, paid = coin(row, "toCoin"), coin(row, "fromCoin")
    return FillRecord(
        market=market,
        symbol=f"{paid}>{bought}",
        exchange_id=name,
        order_id=name,
        base_asset=bought,
        base_quantity=amount(row, obtained),
        quote_asset=paid,
        quote_quantity=-amount(row, given),
        occurred_at=a_moment(row, time),
        raw=select(row, FIELDS),
    )
