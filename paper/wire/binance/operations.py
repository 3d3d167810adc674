"""The spot API: one table of what it can do, and both doors to it, REST's paths and the WebSocket API's methods."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from paper.wire.binance import book, old_oco, order_lists, ordering, orders, replacing, spot, tickers, trades
from paper.wire.binance.refusals import unread
from paper.wire.binance.request import Asked, Wanted
from paper.wire.dialect import Route
from paper.wire.refusal import Refusal

SIGNING = frozenset(["timestamp", "recvWindow", "signature"])  # parameters of every signed request
PEG = "pegPriceType pegOffsetValue pegOffsetType"
ORDER = f"""symbol side type timeInForce quantity quoteOrderQty price newClientOrderId strategyId strategyType stopPrice
    trailingDelta icebergQty newOrderRespType selfTradePreventionMode {PEG}"""
REPLACED = "cancelReplaceMode cancelNewClientOrderId cancelOrigClientOrderId cancelOrderId cancelRestrictions orderRateLimitExceededMode"
LIST = "symbol listClientOrderId newOrderRespType selfTradePreventionMode"
LEG = ("type", "clientOrderId", "icebergQty", "price", "timeInForce", "strategyId", "strategyType", *PEG.split())
TRIGGERED_LEG = (*LEG, "stopPrice", "trailingDelta")
RANGE = "startTime endTime limit"
KLINES = f"symbol interval timeZone {RANGE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Route):
    """Something that the spot API can do."""

    called: str = ""  # its method of the WebSocket API; empty: REST alone has it
    reads: frozenset[str]  # the parameters that it knows, beside those of signing
    trades: bool = False  # only a key that may trade may ask it
    orders: int = 0  # how many new orders it gives


def leg(prefix: str, names: tuple[str, ...] = TRIGGERED_LEG) -> str:
    """The parameters of one order of a list, which begin with the name of its place."""
    return " ".join(f"{prefix}{name[0].upper()}{name[1:]}" for name in names)


def check_names(operation: Operation, wanted: Wanted) -> None:
    """Raise Refusal where a parameter is sent that an operation does not read."""
    read = wanted.parameters.keys() & (operation.reads | wanted.beside | (SIGNING if operation.signed else frozenset()))
    if len(read) < len(wanted.parameters):
        raise unread(len(read), len(wanted.parameters))


def gives_orders(route: Route) -> TypeGuard[Operation]:
    """Whether what is asked is an order, or several."""
    return isinstance(route, Operation) and route.orders > 0


def give(operation: Operation, asked: Asked) -> Any:
    """What is answered to an order, which counts. Raises Refusal where an account gives too many, or it is none."""
    assert asked.counts is not None
    owner = asked.account.name
    try:
        asked.counts.add(owner, operation.orders, asked.now)
    except Refusal as refusal:
        if asked.parameters.get(replacing.EXCEEDED_MODE) != replacing.EXCEEDED_MODES[1]:
            raise
        return operation.answer(replace(asked, exceeded=refusal))
    try:
        return operation.answer(asked)
    except Refusal as refusal:
        if refusal.data is None:  # nothing of it was done
            asked.counts.take_off(owner, operation.orders, asked.now)
        raise


PAIR = f"{leg('above')} {leg('below')}"
WORKING = f"{leg('working', LEG)} workingSide workingQuantity"
PENDING = "pendingSide pendingQuantity"
PENDING_PAIR = f"{leg('pendingAbove')} {leg('pendingBelow')}"
Row = tuple[str, str, str, int, Callable[[Asked], Any], str]  # method, path, called, weight, answer, reads
PUBLIC: tuple[Row, ...] = (
    ("GET", "ping", "ping", 1, spot.ping, ""),
    ("GET", "time", "time", 1, spot.time, ""),
    (
        "GET",
        "exchangeInfo",
        "exchangeInfo",
        20,
        spot.exchange_info,
        "symbol symbols permissions showPermissionSets symbolStatus",
    ),
    ("GET", "depth", "depth", 5, book.depth, "symbol limit symbolStatus"),
    ("GET", "trades", "trades.recent", 25, book.trades, "symbol limit"),
    ("GET", "aggTrades", "trades.aggregate", 4, book.aggregate_trades, f"symbol fromId {RANGE}"),
    ("GET", "klines", "klines", 2, spot.klines, KLINES),
    ("GET", "uiKlines", "uiKlines", 2, spot.klines, KLINES),
    ("GET", "avgPrice", "avgPrice", 2, book.average_price, "symbol"),
    ("GET", "ticker/price", "ticker.price", 4, tickers.ticker_price, "symbol symbols symbolStatus"),
    ("GET", "ticker/bookTicker", "ticker.book", 4, book.book_ticker, "symbol symbols symbolStatus"),
    ("GET", "ticker/24hr", "ticker.24hr", 80, tickers.ticker_day, "symbol symbols type symbolStatus"),
)
READING: tuple[Row, ...] = (
    ("GET", "order", "order.status", 4, ordering.query, "symbol orderId origClientOrderId"),
    ("GET", "openOrders", "openOrders.status", 80, orders.open_orders, "symbol"),
    ("GET", "allOrders", "allOrders", 20, orders.all_orders, f"symbol orderId {RANGE}"),
    ("GET", "orderList", "orderList.status", 4, order_lists.query, "orderListId origClientOrderId"),
    ("GET", "openOrderList", "openOrderLists.status", 6, order_lists.open_lists, ""),
    ("GET", "allOrderList", "allOrderLists", 20, order_lists.all_lists, f"fromId {RANGE}"),
    ("GET", "myTrades", "myTrades", 20, trades.my_trades, f"symbol orderId fromId {RANGE}"),
    ("GET", "account", "account.status", 20, spot.account, "omitZeroBalances"),
    ("GET", "rateLimit/order", "account.rateLimits.orders", 40, ordering.rate_limits, ""),
    (
        "GET",
        "myPreventedMatches",
        "myPreventedMatches",
        20,
        trades.prevented_matches,
        "symbol preventedMatchId orderId fromPreventedMatchId limit",
    ),
    ("GET", "account/commission", "account.commission", 20, ordering.commission, "symbol"),
)
PAST = (
    ordering.query,
    orders.all_orders,
    order_lists.query,
    order_lists.all_lists,
    trades.my_trades,
    trades.prevented_matches,
)
TRADING: tuple[tuple[int, Row], ...] = (  # with how many orders each gives
    (1, ("POST", "order", "order.place", 1, ordering.place, ORDER)),
    (0, ("POST", "order/test", "order.test", 1, ordering.test, f"{ORDER} computeCommissionRates")),
    (
        0,
        (
            "DELETE",
            "order",
            "order.cancel",
            1,
            ordering.cancel,
            "symbol orderId origClientOrderId newClientOrderId cancelRestrictions",
        ),
    ),
    (0, ("DELETE", "openOrders", "openOrders.cancelAll", 1, ordering.cancel_all, "symbol")),
    (1, ("POST", "order/cancelReplace", "order.cancelReplace", 1, replacing.replace, f"{ORDER} {REPLACED}")),
    (
        0,
        (
            "PUT",
            "order/amend/keepPriority",
            "order.amend.keepPriority",
            4,
            ordering.amend,
            "symbol newQty orderId origClientOrderId newClientOrderId",
        ),
    ),
    (2, ("POST", "order/oco", "orderList.place", 1, old_oco.place, old_oco.READS)),
    (2, ("POST", "orderList/oco", "orderList.place.oco", 1, order_lists.oco, f"{LIST} side quantity {PAIR}")),
    (
        2,
        (
            "POST",
            "orderList/oto",
            "orderList.place.oto",
            1,
            order_lists.oto,
            f"{LIST} {WORKING} {PENDING} {leg('pending')}",
        ),
    ),
    (
        3,
        (
            "POST",
            "orderList/otoco",
            "orderList.place.otoco",
            1,
            order_lists.otoco,
            f"{LIST} {WORKING} {PENDING} {PENDING_PAIR}",
        ),
    ),
    (
        0,
        (
            "DELETE",
            "orderList",
            "orderList.cancel",
            1,
            order_lists.cancel,
            "symbol orderListId listClientOrderId newClientOrderId",
        ),
    ),
)


def _make(row: Row, *, signed: bool = True, trades: bool = False, orders: int = 0) -> Operation:
    method, _, called, weight, answered, reads = row
    return Operation(
        answer=answered,
        weight=weight,
        bucket="api",
        signed=signed,
        method=method,
        called=called,
        reads=frozenset(reads.split()),
        trades=trades,
        orders=orders,
        reads_past=answered in PAST,
    )


OPERATIONS: dict[str, Operation] = {  # by method and path
    **{f"{row[0]} /api/v3/{row[1]}": _make(row, signed=False) for row in PUBLIC},
    **{f"{row[0]} /api/v3/{row[1]}": _make(row) for row in READING},
    **{f"{row[0]} /api/v3/{row[1]}": _make(row, trades=True, orders=number) for number, row in TRADING},
}
METHODS: dict[str, Operation] = {  # by what the WebSocket API calls them
    one.called: one for one in OPERATIONS.values() if one.called
}
