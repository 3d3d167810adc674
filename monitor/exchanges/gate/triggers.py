"""Orders that wait for a price that triggers them: lists of their own, newest first, without times to ask for.

What one became is another order, which it names. Their numbers are not those of other orders, so they begin with a word here.
Times are in seconds; some rows of contracts have them in millionths.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from finance.decimals import ZERO, exact
from finance.orders import OrderRecord, OrderState
from finance.prices import name_pair
from finance.records import FillMarket
from monitor.errors import ExchangeUnavailable
from monitor.exchanges.gate import endpoints
from monitor.exchanges.gate.futures import BTC_FUTURES, SETTLED, USDT_FUTURES
from monitor.exchanges.gate.pages import fetch_offset
from monitor.exchanges.gate.positions import fetch_multiplier
from monitor.exchanges.gate.symbols import JOINED, name_contract, split_pair
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import (
    Malformed,
    Row,
    a_list,
    amount,
    an_object,
    optional_text,
    seconds,
    select,
    text,
)
from monitor.exchanges.order_fields import TRIGGER, positive, read_state
from monitor.exchanges.windows import MOST_PAGES

PAGE_SIZE = 100
LISTS = {
    FillMarket.SPOT: endpoints.PRICE_ORDERS,
    USDT_FUTURES: endpoints.USDT_PRICE_ORDERS,
    BTC_FUTURES: endpoints.BTC_PRICE_ORDERS,
}
ABOVE = ("1", ">=")  # the rule: the trigger is reached from below
STATES = {
    "open": OrderState.OPEN,
    "finish": OrderState.TRIGGERED,
    "succeeded": OrderState.TRIGGERED,
    "cancelled": OrderState.CANCELLED,
    "canceled": OrderState.CANCELLED,
    "expired": OrderState.EXPIRED,
    "failed": OrderState.REJECTED,
    "invalid": OrderState.REJECTED,
}
MODES = {"margin": "isolated", "cross_margin": "cross"}
NO_ORDER = ("", "0")
LONGEST_SECONDS = 10  # figures of a time in seconds
FIELDS = ("id", "id_string", "order_type", "status", "finish_as", "reason", "trade_id", "fired_order_id", "create_time", "finish_time",
          "ctime", "ftime")  # fmt: skip
Orders = tuple[OrderRecord, ...]


async def fetch_open(connection: Connection, market: str) -> list[Row]:
    """The rows of those that wait."""
    return await fetch_offset(
        connection, LISTS[market], "Reading orders that wait for a trigger", a_list, PAGE_SIZE, status="open"
    )


async def fetch_ended(connection: Connection, market: str, symbol: str, since: datetime) -> list[Row]:
    """The rows of those of a pair or contract that wait no longer and were given since then."""
    found: dict[str, Row] = {}
    where = {"market" if market == FillMarket.SPOT else "contract": symbol}
    for number in range(MOST_PAGES):
        rows = await connection.call(
            LISTS[market],
            f"Reading the triggers of {symbol}",
            a_list,
            status="finished",
            limit=PAGE_SIZE,
            offset=number * PAGE_SIZE,
            **where,
        )
        wanted = [row for row in rows if _given(row) >= since]
        found |= {text(row, "id"): row for row in wanted}
        if len(rows) < PAGE_SIZE or not wanted:
            return list(found.values())
    raise ExchangeUnavailable(f"Reading the triggers of {symbol}: more than {MOST_PAGES * PAGE_SIZE} rows.")


def _given(row: Row) -> datetime:
    return _moment(row, "ctime" if "ctime" in row else "create_time")


def _moment(row: Row, name: str) -> datetime:
    figures = text(row, name).partition(".")[0]
    return seconds(row, name) if len(figures) <= LONGEST_SECONDS else seconds({name: Decimal(figures).scaleb(-6)}, name)


def read_spot(row: Row) -> OrderRecord:
    """One in spot or on margin: `amount` is of the quote where it is to buy at the market's price."""
    trigger, put = an_object(row.get("trigger"), "price"), an_object(row.get("put"), "side", "amount")
    sides, side, kind = split_pair(text(row, "market")), text(put, "side"), text(put, "type")
    if sides is None or side not in ("buy", "sell"):
        raise Malformed("an order of no pair, or without a side")
    is_quote, quantity = (kind, side) == ("market", "buy"), amount(put, "amount")
    return _record(
        row,
        trigger,
        market=FillMarket.SPOT,
        symbol=name_pair(*sides),
        client_id=optional_text(put, "text"),
        base_asset=sides[0],
        quote_asset=sides[1],
        side=side,
        type=_name_type(trigger, side, kind, closes=side == "sell"),
        quantity=None if is_quote else quantity,
        quote_quantity=quantity if is_quote else None,
        price=None if kind == "market" else positive(put, "price"),
        margin_mode=MODES.get(optional_text(put, "account"), ""),
        became=optional_text(row, "fired_order_id"),
    )


async def read_contracts(connection: Connection, market: str, rows: list[Row]) -> Orders:
    """Those of contracts, in units."""
    names = sorted({text(an_object(row.get("initial"), "contract"), "contract") for row in rows})
    multipliers = {name: await fetch_multiplier(connection, market, name) for name in names}
    return tuple(read_contract(row, market, multipliers) for row in rows)


@exact
def read_contract(row: Row, market: str, multipliers: Mapping[str, Decimal]) -> OrderRecord:
    """One of a contract; of size 0 it closes all of a position."""
    trigger, put = an_object(row.get("trigger"), "price"), an_object(row.get("initial"), "contract", "size")
    contract, kind, settle = text(put, "contract"), optional_text(row, "order_type"), SETTLED[market]
    size = amount(put, "size", signed=True) * multipliers[contract]
    held = "long" if "long" in kind else "short" if "short" in kind else ""
    side = "buy" if size > 0 or (not size and held == "short") else "sell"
    reduces = bool(held) or put.get("is_reduce_only") is True or put.get("is_close") is True
    price = positive(put, "price")
    base, quote = name_units(contract, settle)
    return _record(
        row,
        trigger,
        market=market,
        symbol=name_contract(contract, settle),
        client_id=optional_text(put, "text"),
        base_asset=base,
        quote_asset=quote,
        side=side,
        type=_name_type(trigger, side, "limit" if price else "market", closes=reduces),
        reduces=reduces,
        quantity=abs(size) or None,
        price=price,
        became=optional_text(row, "trade_id"),
    )


def name_units(contract: str, settle: str) -> tuple[str, str]:
    """The coin that a linear contract is of and what it is settled in; of an inverse one, whose unit is the contract, neither."""
    base, _, rest = contract.partition(JOINED)
    return (base, settle) if rest.partition(JOINED)[0] == settle else ("", "")


def _name_type(trigger: Row, side: str, kind: str, *, closes: bool) -> str:
    """What it is for, of one that closes: a sale above what it was triggered from takes a profit, below it stops a loss."""
    if not closes:
        return f"trigger_{kind}"
    is_profit = (text(trigger, "rule") in ABOVE) is (side == "sell")
    return f"{'take_profit' if is_profit else 'stop_loss'}_{kind}"


def _record(row: Row, trigger: Row, *, became: str, **facts: object) -> OrderRecord:
    if not text(row, "id").isdigit():
        raise Malformed("a trigger without a number")
    given, end = _given(row), "ftime" if "ftime" in row else "finish_time"
    status = optional_text(row, "finish_as") or text(row, "status")
    return OrderRecord(
        exchange_id=TRIGGER + text(row, "id"),
        trigger_price=positive(trigger, "price"),
        executed_quantity=ZERO,
        state=read_state(status, STATES),
        became_id="" if became in NO_ORDER else became,
        ordered_at=given,
        updated_at=given if optional_text(row, end) in NO_ORDER else _moment(row, end),
        raw=select(row, FIELDS),
        **facts,  # type: ignore[arg-type]
    )
