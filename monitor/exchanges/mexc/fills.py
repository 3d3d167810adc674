"""Fills: trades of a pair of the past month, small balances that became MX, and trades of a contract."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import ZERO, exact
from finance.records import ContractFill, ContractQuery, FillMarket, FillReason, FillRecord, Liquidity
from monitor.errors import UnknownSymbol
from monitor.exchanges.contract import FillPage, FillQuery, Pair
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import (
    Malformed,
    Row,
    a_list,
    a_moment,
    amount,
    an_object,
    asset,
    optional_text,
    select,
    text,
)
from monitor.exchanges.mexc.dialect import contract, spot
from monitor.exchanges.mexc.futures import FUTURES
from monitor.exchanges.mexc.symbols import ContractSizes, exchange_contract, is_inverse, settled_in
from monitor.exchanges.windows import call_pages, fetch_halves, milliseconds, windows

TRADES = spot("myTrades", weight=10)
SMALL = spot("capital/convert")
DEALS = contract("order/list/order_deals")
MONTH, QUARTER = timedelta(days=29), timedelta(days=89)
PAGE_SIZE = 100
MX = "MX"
OPEN_LONG, CLOSE_SHORT, OPEN_SHORT, CLOSE_LONG = "1", "2", "3", "4"
DIRECTIONS = {OPEN_LONG: ("long", 1), CLOSE_SHORT: ("short", 1), OPEN_SHORT: ("short", -1), CLOSE_LONG: ("long", -1)}
REASONS = {"2": FillReason.LIQUIDATION, "4": FillReason.ADL}  # by category; the others are of orders
LIQUIDITY: dict[object, Liquidity] = {True: Liquidity.MAKER, False: Liquidity.TAKER}
FIELDS = ("id", "orderId", "symbol", "price", "qty", "quoteQty", "commission", "commissionAsset", "time", "isBuyer",
          "isMaker", "asset", "amount", "convert", "fee", "side", "vol", "profit", "timestamp", "category")  # fmt: skip


async def fetch_fills(connection: Connection, query: FillQuery, pair: Pair) -> FillPage:
    """The trades of a pair in the time of `query`, as far back as a month: the exchange numbers them by no order."""

    async def fetch(start: datetime, end: datetime) -> Sequence[FillRecord]:
        return await connection.call(
            TRADES,
            f"Reading the trades of {pair.symbol}",
            lambda answer: [read_trade(row, pair) for row in a_list(answer)],
            symbol=pair.symbol,
            startTime=milliseconds(start),
            endTime=milliseconds(end) + 999,
            limit=PAGE_SIZE,
        )

    if query.market is not FillMarket.SPOT:
        return FillPage(fills=(), is_last=True)
    found: dict[str, FillRecord] = {}
    try:
        for window in windows(max(query.since, connection.now() - MONTH), query.until, timedelta(days=7)):
            rows = await fetch_halves(fetch, window, PAGE_SIZE, f"Reading the trades of {pair.symbol}")
            found |= {row.exchange_id: row for row in rows}
    except UnknownSymbol:
        return FillPage(fills=(), is_last=True)
    ordered = sorted(found.values(), key=lambda fill: (fill.occurred_at, fill.exchange_id))
    return FillPage(fills=tuple(ordered), is_last=True)


@exact
def read_trade(row: Row, pair: Pair) -> FillRecord:
    """A trade of a pair with its fee."""
    if text(row, "symbol") != pair.symbol or not isinstance(row.get("isBuyer"), bool):
        raise Malformed("a trade of another pair, or without a side")
    sign, fee = (1 if row["isBuyer"] else -1), amount(row, "commission", signed=True)
    return FillRecord(
        market=FillMarket.SPOT,
        symbol=pair.symbol,
        exchange_id=text(row, "id"),
        order_id=text(row, "orderId"),
        base_asset=pair.base,
        base_quantity=sign * amount(row, "qty"),
        quote_asset=pair.quote,
        quote_quantity=-sign * amount(row, "quoteQty"),
        fee_asset=asset(row, "commissionAsset") if fee else "",
        fee=fee,
        occurred_at=a_moment(row, "time"),
        liquidity=LIQUIDITY.get(row.get("isMaker")),
        raw=select(row, FIELDS),
    )


async def fetch_small(connection: Connection, since: datetime, until: datetime) -> tuple[FillRecord, ...]:
    """Small balances that became MX in [since, until]."""
    groups = await call_pages(
        connection,
        SMALL,
        "Reading conversions of small balances",
        lambda answer: (a_list(an_object(answer, "data")["data"], "data"), None),
        PAGE_SIZE,
        number="page",
        startTime=milliseconds(since),
        endTime=milliseconds(until) + 999,
        limit=PAGE_SIZE,
    )
    rows = [row for group in groups for row in a_list(group.get("convertDetails"), "convertDetails")]
    return tuple(sorted((read_small(row) for row in rows), key=lambda fill: fill.occurred_at))


@exact
def read_small(row: Row) -> FillRecord:
    """A coin that became MX; the charge is taken of what it became."""
    return FillRecord(
        market=FillMarket.DUST,
        symbol=f"{asset(row)}>{MX}",
        exchange_id=text(row, "id"),
        base_asset=asset(row),
        base_quantity=-amount(row, "amount"),
        quote_asset=MX,
        quote_quantity=amount(row, "convert"),
        fee_asset=MX,
        fee=amount(row, "fee", default=ZERO),
        occurred_at=a_moment(row, "time"),
        raw=select(row, FIELDS),
    )


async def fetch_contract_fills(
    connection: Connection, sizes: ContractSizes, query: ContractQuery
) -> tuple[ContractFill, ...]:
    """The trades of a contract that `query` asks for, each once, in time order."""
    name = exchange_contract(query.symbol)
    size = Decimal(1) if is_inverse(name) else await sizes.fetch(name)
    rows = await call_pages(
        connection,
        DEALS,
        f"Reading the trades of {query.symbol}",
        lambda answer: (a_list(answer, "data"), None),
        PAGE_SIZE,
        number="page_num",
        symbol=name,
        start_time=milliseconds(max(query.since, connection.now() - QUARTER)),
        end_time=milliseconds(query.until),
        page_size=PAGE_SIZE,
    )
    found = {fill.exchange_id: fill for row in rows if (fill := read_deal(row, query.symbol, size))}
    wanted = (fill for fill in found.values() if query.since <= fill.occurred_at < query.until)
    return tuple(sorted(wanted, key=lambda fill: (fill.occurred_at, fill.exchange_id)))


@exact
def read_deal(row: Row, symbol: str, size: Decimal) -> ContractFill:
    """A trade of a contract of `size`."""
    if text(row, "side") not in DIRECTIONS:
        raise Malformed("side is none that is known")
    side, sign = DIRECTIONS[text(row, "side")]
    return ContractFill(
        wallet=FUTURES,
        symbol=symbol,
        exchange_id=text(row, "id"),
        side=side,
        quantity=sign * amount(row, "vol") * size,
        price=amount(row, "price"),
        occurred_at=a_moment(row, "timestamp"),
        settle=settled_in(exchange_contract(symbol)),
        order_id=optional_text(row, "orderId"),
        reason=REASONS.get(optional_text(row, "category")),
        raw=select(row, FIELDS),
    )
