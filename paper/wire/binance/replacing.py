"""One order taken back and another given in its place, in one request."""

from typing import Any

from paper.trading.orders import Rejected
from paper.wire.binance import order_rows, ordering
from paper.wire.binance.order_words import read_client_id, read_number, read_order, read_side, read_symbol
from paper.wire.binance.rejections import refuse
from paper.wire.binance.request import Asked
from paper.wire.refusal import Refusal

MODES = ("STOP_ON_FAILURE", "ALLOW_FAILURE")
PARTLY, FAILED = -2021, -2022


def replace(asked: Asked) -> Any:
    """POST /api/v3/order/cancelReplace"""
    ordering.require_trading(asked)
    name = read_symbol(asked)
    if (mode := asked.text("cancelReplaceMode")) not in MODES:
        raise Refusal(-1130, "Data sent for parameter 'cancelReplaceMode' is not valid.")
    quantity = read_number(asked, "quantity") if "quantity" in asked.parameters else None
    order = read_order(asked, read_side(asked), quantity)
    kind = ordering.read_kind(asked, "FULL" if order.type.name in ("MARKET", "LIMIT") else "ACK")
    cancelled = _try(lambda: _cancel(asked, name))
    if isinstance(cancelled, Refusal) and mode == MODES[0]:
        raise _failure(FAILED, cancelled, None)
    placed = _try(
        lambda: order_rows.write_placed(
            order, ordering.do(asked, lambda: asked.venue.open_market.desk.place(order, asked.now), name), kind
        )
    )
    if isinstance(cancelled, Refusal) or isinstance(placed, Refusal):
        raise _failure(
            FAILED if isinstance(cancelled, Refusal) and isinstance(placed, Refusal) else PARTLY, cancelled, placed
        )
    return {
        "cancelResult": "SUCCESS",
        "newOrderResult": "SUCCESS",
        "cancelResponse": cancelled,
        "newOrderResponse": placed,
    }


def _cancel(asked: Asked, name: str) -> dict[str, Any]:
    number, client_id = asked.number("cancelOrderId", 0), asked.parameters.get("cancelOrigClientOrderId", "")
    if not number and not client_id:
        raise Refusal(
            -1102, "Param 'cancelOrderId' or 'cancelOrigClientOrderId' must be sent, but both were empty/null!"
        )
    cancelling = read_client_id(asked, "cancelNewClientOrderId")
    asked.venue.open_market.look_at(name, asked.now)
    order = ordering.find(asked, name, number, client_id)
    ordering.check_restriction(asked, order)
    desk = asked.venue.open_market.desk
    ordering.do(asked, lambda: desk.cancel(order.owner, name, asked.now, number=order.id), name)
    return order_rows.write_cancelled(order, cancelling)


def _try(attempt: Any) -> dict[str, Any] | Refusal:
    try:
        done: dict[str, Any] = attempt()
    except Refusal as refusal:
        return refusal
    except Rejected as rejected:
        return refuse(rejected)
    return done


def _failure(code: int, cancelled: Any, placed: Any) -> Refusal:
    """What failed, with the answers of both; the second was not tried where it is None."""
    words = "Order cancel-replace failed." if code == FAILED else "Order cancel-replace partially failed."
    data = {
        "cancelResult": _result(cancelled),
        "newOrderResult": "NOT_ATTEMPTED" if placed is None else _result(placed),
        "cancelResponse": _answer(cancelled),
        "newOrderResponse": _answer(placed),
    }
    return Refusal(code, words, 400 if code == FAILED else 409, data=data)


def _result(done: Any) -> str:
    return "FAILURE" if isinstance(done, Refusal) else "SUCCESS"


def _answer(done: Any) -> Any:
    return {"code": done.code, "msg": done.message} if isinstance(done, Refusal) else done
