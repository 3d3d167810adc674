"""Orders of contracts: those that wait, of all contracts, and of a contract those of 90 days; plans, which a price triggers, what
takes the profit or stops the loss of a position, and what follows the price.

Numbers of the four are not each other's, so those of triggers begin with a word. Volumes are in contracts, as those of trades are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from finance.decimals import ONE, ZERO, exact
from finance.orders import OrderRecord, OrderState
from monitor.errors import UnknownSymbol
from monitor.exchanges.contract import OrderPage, OrderQuery
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_list, a_moment, amount, moment, optional_text, select, text
from monitor.exchanges.mexc.dialect import contract
from monitor.exchanges.mexc.fills import DIRECTIONS
from monitor.exchanges.mexc.futures import FUTURES, SIDES
from monitor.exchanges.mexc.income import ORDERS
from monitor.exchanges.mexc.symbols import JOINED, ContractSizes, exchange_contract, is_inverse, name_contract
from monitor.exchanges.order_fields import TRIGGER, closes, name_exit, positive, read_state
from monitor.exchanges.windows import Window, call_pages, milliseconds, windows

OPEN_ORDERS = contract("order/list/open_orders")
PLANS = contract("planorder/list/orders")
STOPS = contract("stoporder/list/orders")
TRAILING = contract("trackorder/list/orders")
LONGEST, DEPTH, PAGE_SIZE = timedelta(days=30), timedelta(days=89), 100
AGAIN = timedelta(days=8)  # before the last reading: an order that was given then may have been filled just now
STOP, TRAIL = f"{TRIGGER}stop-", f"{TRIGGER}trail-"
AT_MARKET, LIQUIDATION, ADL = "5", "2", "4"
PROFIT, LOSS = "1", "2"  # which side of a position's order was triggered
MODES = {"1": "isolated", "2": "cross"}
STATES = {
    "1": OrderState.OPEN,
    "2": OrderState.OPEN,
    "3": OrderState.FILLED,
    "4": OrderState.CANCELLED,
    "5": OrderState.REJECTED,
}
TRIGGER_STATES = {
    "1": OrderState.OPEN,
    "2": OrderState.CANCELLED,
    "3": OrderState.TRIGGERED,
    "4": OrderState.EXPIRED,
    "5": OrderState.REJECTED,
}
TRAILING_STATES = {
    "0": OrderState.OPEN,
    "1": OrderState.OPEN,
    "2": OrderState.TRIGGERED,
    "3": OrderState.REJECTED,
    "4": OrderState.CANCELLED,
}
FIELDS = ("orderId", "id", "symbol", "price", "vol", "leverage", "side", "category", "orderType", "dealAvgPrice", "dealVol", "openType",
          "state", "externalOid", "stopLossPrice", "takeProfitPrice", "triggerPrice", "triggerType", "trend", "triggerSide",
          "positionType", "placeOrderId", "activePrice", "backType", "backValue", "createTime", "updateTime")  # fmt: skip
Orders = tuple[OrderRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderList:
    """One of the exchange's lists: how what waits in it is asked for, and what has become of the others."""

    waiting: tuple[Endpoint, dict[str, str]]
    all: Endpoint
    read: Callable[[Row, Decimal], OrderRecord]
    asked: Mapping[str, str] = field(default_factory=dict)  # of all
    paging: tuple[str, str] = ("page_num", "page_size")


@exact
def read_order(row: Row, size: Decimal) -> OrderRecord:
    """An order at its own price or at the market's, of a contract of `size`; what the exchange did is called so."""
    done, kind = amount(row, "dealVol", default=ZERO) * size, optional_text(row, "category")
    at_market = text(row, "orderType") == AT_MARKET
    state = read_state(text(row, "state"), STATES)
    return _record(
        row,
        text(row, "orderId"),
        text(row, "side"),
        type={LIQUIDATION: "liquidation", ADL: "adl"}.get(kind, "market" if at_market else "limit"),
        client_id=optional_text(row, "externalOid"),
        quantity=positive_units(row, size),
        price=None if at_market else positive(row, "price"),
        executed_quantity=done,
        executed_quote=done * amount(row, "dealAvgPrice", default=ZERO),
        state=OrderState.PARTIALLY_FILLED if done and state is OrderState.OPEN else state,
    )


@exact
def read_plan(row: Row, size: Decimal) -> OrderRecord:
    """An order that a price triggers; which one it became it says."""
    at_market, became = text(row, "orderType") == AT_MARKET, optional_text(row, "orderId")
    return _record(
        row,
        TRIGGER + text(row, "id"),
        text(row, "side"),
        type=f"trigger_{'market' if at_market else 'limit'}",
        quantity=positive_units(row, size),
        price=None if at_market else positive(row, "price"),
        trigger_price=positive(row, "triggerPrice"),
        executed_quantity=ZERO,
        state=read_state(text(row, "state"), TRIGGER_STATES),
        became_id="" if became == "0" else became,
    )


@exact
def read_stop(row: Row, size: Decimal) -> OrderRecord:
    """What takes the profit or stops the loss of a position, or the first of both; `orderId` is of the order that opened it with
    them. Which of both it did it says."""
    if text(row, "positionType") not in SIDES:
        raise Malformed("positionType is neither long nor short")
    closing = "4" if SIDES[text(row, "positionType")] == "long" else "2"
    both = positive(row, "takeProfitPrice"), positive(row, "stopLossPrice")
    did = {PROFIT: (both[0], None), LOSS: (None, both[1])}.get(optional_text(row, "triggerSide"), both)
    kind, trigger = name_exit(*(did if any(did) else both))
    opened, became = optional_text(row, "orderId"), optional_text(row, "placeOrderId")
    return _record(
        row,
        STOP + text(row, "id"),
        closing,
        type=kind,
        quantity=positive_units(row, size),
        trigger_price=trigger,
        executed_quantity=ZERO,
        state=read_state(text(row, "state"), TRIGGER_STATES),
        parent_id="" if opened == "0" else opened,
        became_id="" if became == "0" else became,
    )


@exact
def read_trailing(row: Row, size: Decimal) -> OrderRecord:
    """What follows the price: its trigger moves with that, from where it is activated on."""
    became = optional_text(row, "orderId")
    return _record(
        row,
        TRAIL + text(row, "id"),
        text(row, "side"),
        type="trailing_stop_market",
        quantity=positive_units(row, size),
        trigger_price=positive(row, "triggerPrice") or positive(row, "activePrice"),
        executed_quantity=ZERO,
        state=read_state(text(row, "state"), TRAILING_STATES),
        became_id="" if became == "0" else became,
    )


def positive_units(row: Row, size: Decimal) -> Decimal | None:
    """The volume of a row in units; None where it says none."""
    return (positive(row, "vol") or ZERO) * size or None


def _record(row: Row, number: str, direction: str, **facts: object) -> OrderRecord:
    symbol, plain = text(row, "symbol"), number.rpartition("-")[2]
    if direction not in DIRECTIONS or not plain.isdigit():
        raise Malformed("an order without a number or a side")
    held, sign = DIRECTIONS[direction]
    side, given = "buy" if sign > 0 else "sell", a_moment(row, "createTime")
    base, _, quote = ("", "", "") if is_inverse(symbol) else symbol.partition(JOINED)
    return OrderRecord(
        market=FUTURES,
        symbol=name_contract(symbol),
        exchange_id=number,
        base_asset=base,
        quote_asset=quote,
        side=side,
        position_side=held,
        reduces=closes(side, held),
        take_profit=positive(row, "takeProfitPrice"),
        stop_loss=positive(row, "stopLossPrice"),
        leverage=positive(row, "leverage"),
        margin_mode=MODES.get(optional_text(row, "openType"), ""),
        ordered_at=given,
        updated_at=moment(row, "updateTime") or given,
        raw=select(row, FIELDS),
        **facts,  # type: ignore[arg-type]
    )


PLAIN = OrderList(waiting=(OPEN_ORDERS, {}), all=ORDERS, read=read_order)
OF_PLANS = OrderList(waiting=(PLANS, {"states": "1"}), all=PLANS, read=read_plan)
OF_STOPS = OrderList(waiting=(STOPS, {"is_finished": "0"}), all=STOPS, read=read_stop)
OF_TRAILING = OrderList(
    waiting=(TRAILING, {"states": "0,1"}),
    all=TRAILING,
    read=read_trailing,
    asked={"states": ",".join(TRAILING_STATES)},
    paging=("pageIndex", "pageSize"),
)
LISTS = (PLAIN, OF_PLANS, OF_STOPS, OF_TRAILING)
BY_PREFIX = ((STOP, OF_STOPS), (TRAIL, OF_TRAILING), (TRIGGER, OF_PLANS), ("", PLAIN))


async def fetch_open_orders(connection: Connection, sizes: ContractSizes) -> Orders:
    """Every order of contracts that waits, also for a trigger."""
    found: list[OrderRecord] = []
    for one in LISTS:
        endpoint, asked = one.waiting
        rows = await _call(connection, one, endpoint, "Reading open orders of contracts", asked)
        found += [order for order in await _read(one, sizes, rows) if order.state.is_open]
    return tuple(found)


async def fetch_orders(connection: Connection, sizes: ContractSizes, query: OrderQuery) -> OrderPage:
    """The orders of a contract that were given since shortly before the last reading, as far as the exchange still shows them."""
    span = max(query.since - AGAIN, connection.now() - DEPTH), query.until
    try:
        found = [await fetch_list(connection, sizes, one, query.pair.symbol, span) for one in LISTS]
    except UnknownSymbol:
        found = []
    return OrderPage(orders=tuple(order for orders in found for order in orders), is_last=True)


async def fetch_ended(connection: Connection, sizes: ContractSizes, order: OrderRecord) -> Orders:
    """What has become of an order, among those of its contract that were given since then."""
    one = next(one for prefix, one in BY_PREFIX if order.exchange_id.startswith(prefix))
    span = max(order.ordered_at, connection.now() - DEPTH), connection.now()
    return await fetch_list(connection, sizes, one, order.symbol, span)


async def fetch_list(connection: Connection, sizes: ContractSizes, one: OrderList, symbol: str, span: Window) -> Orders:
    """The orders of a contract in one of the lists that were given in a time, each once."""
    found: dict[str, OrderRecord] = {}
    for start, end in windows(*span, LONGEST):
        asked = {
            **one.asked,
            "symbol": exchange_contract(symbol),
            "start_time": milliseconds(start),
            "end_time": milliseconds(end) + 999,
        }
        rows = await _call(connection, one, one.all, f"Reading the orders of {symbol}", asked)
        found |= {order.exchange_id: order for order in await _read(one, sizes, rows)}
    return tuple(order for order in found.values() if order.symbol == symbol)


async def _call(
    connection: Connection, one: OrderList, endpoint: Endpoint, doing: str, asked: Mapping[str, object]
) -> list[Row]:
    number, size = one.paging
    return await call_pages(
        connection,
        endpoint,
        doing,
        lambda answer: (a_list(answer, "data"), None),
        PAGE_SIZE,
        number=number,
        **{size: PAGE_SIZE},
        **asked,
    )


async def _read(one: OrderList, sizes: ContractSizes, rows: list[Row]) -> list[OrderRecord]:
    names = {text(row, "symbol") for row in rows}
    known = {name: ONE if is_inverse(name) else await sizes.fetch(name) for name in names}
    return [one.read(row, known[text(row, "symbol")]) for row in rows]
