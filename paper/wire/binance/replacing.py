"""One order taken back and another given in its place, in one request."""

from collections.abc import Callable
from typing import Any

from paper.wire.binance import ordering
from paper.wire.binance.order_words import read_symbol
from paper.wire.binance.refusals import invalid
from paper.wire.binance.request import Asked
from paper.wire.refusal import Refusal

MODES = ("STOP_ON_FAILURE", "ALLOW_FAILURE")
EXCEEDED_MODE, EXCEEDED_MODES = "orderRateLimitExceededMode", ("DO_NOTHING", "CANCEL_ONLY")
PARTLY, FAILED = -2021, -2022


def replace(asked: Asked) -> Any:
    """POST /api/v3/order/cancelReplace"""
    name = read_symbol(asked)
    if (mode := asked.text("cancelReplaceMode")) not in MODES:
        raise invalid("cancelReplaceMode")
    if asked.parameters.get(EXCEEDED_MODE, EXCEEDED_MODES[0]) not in EXCEEDED_MODES:
        raise invalid(EXCEEDED_MODE)
    order, kind = ordering.read_new(asked)
    named = ("cancelOrderId", "cancelOrigClientOrderId")
    cancelled = _try(lambda: ordering.cancel_order(asked, name, named, "cancelNewClientOrderId"))
    if isinstance(cancelled, Refusal) and mode == MODES[0]:
        raise _failure(FAILED, cancelled, None)
    placed = asked.exceeded or _try(lambda: ordering.place_order(asked, order, kind))
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


def _try(attempt: Callable[[], dict[str, Any]]) -> dict[str, Any] | Refusal:
    try:
        return attempt()
    except Refusal as refusal:
        return refusal


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
