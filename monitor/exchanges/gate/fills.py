"""Fills: all trades of spot and margin, converts, small balances, and the trades of a contract.

Trades are reported of the whole account, in milliseconds with digits behind the point. A window selects them by when their order
ended, so a week behind is read again. A trade may be paid for in up to three coins: its own, GT, and POINT; what is beyond one of
them is a fill of its own that moves nothing but that fee. Converts are in milliseconds, small balances in seconds, trades of
contracts in seconds with digits behind the point.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from finance.decimals import ZERO, exact
from finance.prices import name_pair
from finance.records import ContractFill, ContractQuery, FillMarket, FillReason, FillRecord, Liquidity
from monitor.errors import ExchangeUnavailable, UnknownSymbol
from monitor.exchanges.contract import FillQuery, Pair
from monitor.exchanges.gate import endpoints
from monitor.exchanges.gate.pages import fetch_numbered, in_ms, span
from monitor.exchanges.gate.symbols import JOINED, exchange_contract, settled_in, split_pair
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, asset, optional_text, seconds, select, text
from monitor.exchanges.windows import MOST_PAGES, windows

LONGEST_WINDOW = timedelta(days=29)
PAGE_SIZE, SMALL_PAGE = 1000, 100
SIGNS = {"buy": Decimal(1), "sell": Decimal(-1)}
LIQUIDITY = {"maker": Liquidity.MAKER, "taker": Liquidity.TAKER}
REASONS = {"liq": FillReason.LIQUIDATION, "auto_deleverag": FillReason.ADL}  # by how the text of an order begins
OTHER_FEES = (("gt_fee", "GT"), ("point_fee", "POINT"))
SUCCESS = "1"
DUST_COIN = "GT"
TRADE_FIELDS = ("id", "order_id", "currency_pair", "side", "role", "amount", "price", "fee", "fee_currency", "gt_fee",
        "point_fee", "create_time_ms")  # fmt: skip
CONVERT_FIELDS = ("id", "sell_currency", "sell_amount", "buy_currency", "buy_amount", "price", "status", "create_time")
DUST_FIELDS = ("id", "currency", "amount", "gt_amount", "create_time")
CONTRACT_FIELDS = ("id", "trade_id", "order_id", "contract", "size", "close_size", "price", "fee", "point_fee", "role",
        "text", "create_time")  # fmt: skip
SETTLED_FIELDS = ("time", "contract", "size", "entry_price", "settle_price", "profit", "fee")
Fills = tuple[FillRecord, ...]
T = TypeVar("T")


async def fetch_trades(connection: Connection, since: datetime, until: datetime) -> Fills:
    """All trades of orders that ended in [since, until], each once, in the order of time."""
    found: dict[str, FillRecord] = {}
    for window in windows(since, until, LONGEST_WINDOW):
        rows = await fetch_numbered(
            connection, endpoints.SPOT_TRADES, "Reading trades", read_trades, PAGE_SIZE, **span(window)
        )
        found |= {fill.exchange_id: fill for fills in rows for fill in fills}
    return tuple(sorted(found.values(), key=lambda fill: fill.occurred_at))


async def fetch_pair(connection: Connection, query: FillQuery, pair: Pair) -> Fills:
    """The trades of a pair in the last week that came after `query.after_id`, also of orders that have not ended."""
    doing, name = f"Reading the trades of {pair.symbol}", f"{pair.base}{JOINED}{pair.quote}"
    try:
        rows = await fetch_numbered(
            connection, endpoints.SPOT_TRADES, doing, read_trades, PAGE_SIZE, currency_pair=name
        )
    except UnknownSymbol:
        return ()
    last = int(query.after_id or 0)
    found = {int(fills[0].exchange_id): fills for fills in rows}
    return tuple(fill for number in sorted(found) if number > last for fill in found[number])


def read_trades(answer: object) -> list[Fills]:
    """The trades of a page, with the fees of each."""
    return [tuple(_read_trade(row)) for row in a_list(answer)]


@exact
def _read_trade(row: Row) -> Iterator[FillRecord]:
    sides, side = split_pair(text(row, "currency_pair")), text(row, "side")
    if sides is None or side not in SIGNS:
        raise Malformed("a trade of no pair, or without a side")
    base, quote = sides
    quantity, at, number = SIGNS[side] * amount(row, "amount"), in_ms(row, "create_time_ms"), text(row, "id")
    fees = [(coin, fee) for coin, fee in _fees(row) if fee] or [("", ZERO)]
    for place, (coin, fee) in enumerate(fees):
        moved = ZERO if place else quantity
        yield FillRecord(
            market=FillMarket.SPOT,
            symbol=name_pair(base, quote),
            exchange_id=f"{number} fee {coin}" if place else number,
            order_id=text(row, "order_id"),
            base_asset=base,
            base_quantity=moved,
            quote_asset=quote,
            quote_quantity=-moved * amount(row, "price"),
            fee_asset=coin,
            fee=fee,
            occurred_at=at,
            liquidity=LIQUIDITY.get(optional_text(row, "role")),
            raw=select(row, TRADE_FIELDS),
        )


def _fees(row: Row) -> Iterator[tuple[str, Decimal]]:
    fee = amount(row, "fee", default=ZERO, signed=True)
    yield (asset(row, "fee_currency") if fee else "", fee)
    for name, coin in OTHER_FEES:
        yield coin, amount(row, name, default=ZERO, signed=True)


async def fetch_converts(connection: Connection, since: datetime, until: datetime) -> Fills:
    """Everything converted in [since, until]."""
    found = await _fetch_newest(connection, endpoints.CONVERTS, "Reading converts", read_converts, SMALL_PAGE, since)
    return tuple(fill for fill, is_done in found if is_done and since <= fill.occurred_at <= until)


def read_converts(answer: object) -> list[tuple[FillRecord, bool]]:
    """The converts of a page, and whether each came about. What was bought is the base; the spread is in the price."""
    return [(_read_convert(row), text(row, "status") == SUCCESS) for row in a_list(answer)]


def _read_convert(row: Row) -> FillRecord:
    bought, paid = asset(row, "buy_currency"), asset(row, "sell_currency")
    return FillRecord(
        market=FillMarket.CONVERT,
        symbol=f"{paid}>{bought}",
        exchange_id=text(row, "id"),
        order_id=text(row, "id"),
        base_asset=bought,
        base_quantity=amount(row, "buy_amount"),
        quote_asset=paid,
        quote_quantity=-amount(row, "sell_amount"),
        occurred_at=in_ms(row, "create_time"),
        raw=select(row, CONVERT_FIELDS),
    )


async def fetch_dust(connection: Connection, since: datetime, until: datetime) -> Fills:
    """Small balances that became GT in [since, until]."""
    found = await _fetch_newest(
        connection, endpoints.DUST, "Reading conversions of small balances", read_dust, SMALL_PAGE, since
    )
    return tuple(fill for fill, _ in found if since <= fill.occurred_at <= until)


def read_dust(answer: object) -> list[tuple[FillRecord, bool]]:
    """The conversions of a page."""
    return [(_read_dust(row), True) for row in a_list(answer)]


def _read_dust(row: Row) -> FillRecord:
    sold = asset(row, "currency")
    return FillRecord(
        market=FillMarket.DUST,
        symbol=f"{sold}>{DUST_COIN}",
        exchange_id=text(row, "id"),
        order_id=text(row, "id"),
        base_asset=sold,
        base_quantity=-amount(row, "amount"),
        quote_asset=DUST_COIN,
        quote_quantity=amount(row, "gt_amount"),
        occurred_at=seconds(row, "create_time"),
        raw=select(row, DUST_FIELDS),
    )


async def _fetch_newest(
    connection: Connection,
    endpoint: Endpoint,
    doing: str,
    read: Callable[[object], list[tuple[FillRecord, bool]]],
    size: int,
    since: datetime,
) -> list[tuple[FillRecord, bool]]:
    """Rows of an endpoint that knows no times, newest first, until all are older than `since`; each once."""
    found: dict[str, tuple[FillRecord, bool]] = {}
    for number in range(1, MOST_PAGES + 1):
        rows = await connection.call(endpoint, doing, read, limit=size, page=number)
        found |= {fill.exchange_id: (fill, is_done) for fill, is_done in rows}
        if len(rows) < size or all(fill.occurred_at < since for fill, _ in rows):
            return list(found.values())
    raise ExchangeUnavailable(f"{doing}: more than {MOST_PAGES * size} rows.")


def read_contract_trades(
    answer: object, query: ContractQuery, multiplier: Decimal, *, is_hedged: bool
) -> list[ContractFill | None]:
    """The trades of a contract; a row without a size is its settlement, which moves no position."""
    rows = a_list(answer)
    if any(text(row, "contract") != exchange_contract(query.symbol) for row in rows):
        raise Malformed("a trade of another contract")
    return [_read_contract_trade(row, query, multiplier, is_hedged=is_hedged) for row in rows]


@exact
def _read_contract_trade(
    row: Row, query: ContractQuery, multiplier: Decimal, *, is_hedged: bool
) -> ContractFill | None:
    size, closed = amount(row, "size", signed=True), amount(row, "close_size", default=ZERO, signed=True)
    if not size:
        return None
    is_long = (size > 0) != bool(closed)  # buying opens a long, or closes a short
    return ContractFill(
        wallet=query.wallet,
        symbol=query.symbol,
        exchange_id=optional_text(row, "trade_id") or text(row, "id"),
        side=("long" if is_long else "short") if is_hedged else "both",
        quantity=size * multiplier,
        price=amount(row, "price"),
        occurred_at=seconds(row, "create_time"),
        settle=settled_in(query.symbol),
        order_id=optional_text(row, "order_id"),
        reason=next((why for said, why in REASONS.items() if optional_text(row, "text").startswith(said)), None),
        raw=select(row, CONTRACT_FIELDS),
    )


def read_settlements(
    answer: object, query: ContractQuery, multiplier: Decimal, *, is_hedged: bool
) -> list[ContractFill]:
    """What was still open of a contract when it ended: closed at the price at which it was settled."""
    return [_read_settlement(row, query, multiplier, is_hedged=is_hedged) for row in a_list(answer)]


@exact
def _read_settlement(row: Row, query: ContractQuery, multiplier: Decimal, *, is_hedged: bool) -> ContractFill:
    size = amount(row, "size", signed=True)
    if text(row, "contract") != exchange_contract(query.symbol):
        raise Malformed("a settlement of another contract")
    side = ("long" if size > 0 else "short") if is_hedged else "both"
    return ContractFill(
        wallet=query.wallet,
        symbol=query.symbol,
        exchange_id=f"settled {text(row, 'time')} {side}",
        side=side,
        quantity=-size * multiplier,
        price=amount(row, "settle_price"),
        occurred_at=seconds(row, "time"),
        settle=settled_in(query.symbol),
        reason=FillReason.DELIVERY,
        raw=select(row, SETTLED_FIELDS),
    )
