"""/api/trades/{id}: one trade with all that moved in it, its exits and what was paid for it."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import Field

from dashboard.api.one_trade_shapes import (
    ExchangePosition,
    ExitOfTrade,
    GroupedOrder,
    Move,
    OneTrade,
    PaidFor,
    TradeByMethod,
)
from dashboard.api.queries import Chosen
from dashboard.api.replies import may_say, reply_framed
from dashboard.api.trade_shapes import tell_quality, with_reasons
from dashboard.frame import Frame
from dashboard.history.closed_positions import load_position
from dashboard.history.exit_fees import Paid, find_entry_fees, find_exit_fees, load_exit_fees
from dashboard.history.groups import OrderOfTrade, find_roles, load_group
from dashboard.history.one_trade import (
    HourOfMove,
    find_exit_price,
    load_moves,
    load_trade_fees,
    load_trades_named,
)
from dashboard.history.trade_methods import Shown, load_by_method
from dashboard.history.trade_rows import PERCENT, TradeRow, divide
from dashboard.one_trade import pick_trade
from dashboard.trade_reasons import (
    AS_ALL,
    ENDED_BY_FEE,
    ENTRY_BEFORE,
    NO_METHOD,
    NO_METHOD_OF_CONTRACTS,
    NO_ORDER_OF_FEE,
    NO_STOP,
    OF_CONTRACTS_ALONE,
    OF_OPENED_ALONE,
    OF_SEVERAL,
    STILL_OPEN,
    UNKNOWN_OF_COINS,
    explain_exchange,
    explain_no_position,
    explain_terms,
    explain_unknown,
)
from finance.decimals import CONTEXT
from finance.inventory import Method
from finance.trades import Exit, list_exits
from look import figures
from sql.rows import Db

router = APIRouter()
MethodName = Literal["AVERAGE", "FIFO", "LIFO", "HIFO"]
TradeId = Annotated[str, Path(pattern=r"^[^\s/\x00]{1,80}$", description="f123", examples=["f123"])]


OF_CONTRACTS = ("position_side", "settle_asset", "settled_pnl", "exchange_difference", "exchange_difference_reason")
WHY = {key: UNKNOWN_OF_COINS[key] for key in ("leverage", "margin_mode")} | {
    **dict.fromkeys(OF_CONTRACTS, OF_CONTRACTS_ALONE),
    "exchange_entry_price": OF_CONTRACTS_ALONE,
    "exchange_pnl": "The exchange has no figure of its own for coins that are held.",
    "path": "What it was worth from minute to minute is not stored, only how far it went.",
    "rating": "The owner gave it none.",
    "stop": NO_STOP,
    "exchange": OF_SEVERAL,
    "stop_source": NO_STOP,
    "entry_price": "Nothing entered it.",
    "exit_price": "Nothing has left it.",
    "pnl_percentage": "It never had a value.",
    "exit_type": STILL_OPEN,
    "exit_time": STILL_OPEN,
    "hold_duration": STILL_OPEN,
    "hold_seconds": STILL_OPEN,
}


WHY_OF_CONTRACTS = {
    "exchange_difference_reason": "The exchange has the same profit.",
    "exchange_entry_price": OF_OPENED_ALONE,
}


class Asked(Chosen):
    """Whose trade, and by which method of cost it is shown beside the usual one."""

    method: MethodName = Field(
        "AVERAGE", description="Which units go first: `by_method` has the trade by another than AVERAGE."
    )


@router.get("/trades/{trade}", responses=may_say(OneTrade), summary="A trade")
def one_trade(request: Request, trade: TradeId, asked: Annotated[Asked, Query()]) -> Response:
    """A trade with all that moved in it. Where several accounts have one of that id, `account` says whose is meant."""
    return reply_framed(request, asked, asked.view, lambda db, frame: _describe(db, frame, trade, Method[asked.method]))


def _describe(db: Db, frame: Frame, name: str, method: Method) -> OneTrade:
    trade = pick_trade(load_trades_named(db, frame.account_id, name), name)
    moves = load_moves(db, trade.account_id, trade.id)
    group = load_group(db, trade.account_id, trade.id)
    roles = find_roles(group)
    exits = list_exits((one.move for one in moves), roles)
    is_other = method is not Method.AVERAGE
    by_method = load_by_method(db, trade, moves, roles, method) if is_other else None
    paid = load_exit_fees(db, trade.account_id, trade.id)
    lists: dict[str, Any] = {
        "entry_fees": None if trade.is_begun else find_entry_fees(exits, paid),
        "orders": list(dict.fromkeys(one.move.order for one in moves if one.move.order)),
        "group": [_describe_order(one) for one in group],
        "by_method": _describe_method(by_method.other, method) if by_method else None,
        "moves": [_describe_move(one) for one in moves],
        "exits": [_describe_exit(gone, trade, moves, paid, is_last=gone is exits[-1]) for gone in exits],
        "paid": [PaidFor(**fee._asdict()) for fee in load_trade_fees(db, trade.account_id, trade.id)],
    }
    why = WHY | explain_unknown(trade) | {"entry_fees": ENTRY_BEFORE if trade.is_begun else NO_ORDER_OF_FEE}
    why["by_method"] = (NO_METHOD_OF_CONTRACTS if trade.settle else NO_METHOD) if is_other else AS_ALL
    why |= {"roe_percentage": why["roi_percentage"], "exchange_position": explain_no_position(trade)}
    if position := load_position(db, trade):
        lists["exchange_position"] = ExchangePosition(**position._asdict())
    if trade.settle:
        why |= WHY_OF_CONTRACTS | explain_terms(trade)
        lists |= {"leverage": trade.leverage, "margin_mode": trade.margin_mode}
    if trade.closed_at:
        why["exit_type"] = ENDED_BY_FEE
    return OneTrade(**with_reasons(_tell_figures(trade) | tell_quality(trade) | lists, why))


def _describe_method(found: Shown, method: Method) -> TradeByMethod:
    return TradeByMethod(
        method=method.name,
        exit_gains=list(found.exit_gains),
        gross_pnl=found.gross,
        net_pnl=found.net,
        spent_gain=found.spent,
        cost_left=found.cost_left,
    )


def _describe_move(one: HourOfMove) -> Move:
    move = one.move
    return Move(
        at=move.at,
        hour=one.hour,
        effect=move.effect,
        type=move.kind.upper(),
        quantity=move.quantity,
        price=one.price,
        value=move.value,
        gain=move.gain,
        order_id=move.order or None,
        record=move.row or None,
    )


def _describe_order(one: OrderOfTrade) -> GroupedOrder:
    known = one._asdict()
    return GroupedOrder(**{name: known[name] for name in GroupedOrder.model_fields})


def _describe_exit(
    gone: Exit, trade: TradeRow, moves: Sequence[HourOfMove], paid: Paid, *, is_last: bool
) -> ExitOfTrade:
    fees = find_exit_fees(gone, paid)
    return ExitOfTrade(
        at=gone.at,
        order_id=gone.order or None,
        exit_type=gone.kind.upper(),
        quantity=gone.quantity,
        price=find_exit_price(gone, trade, moves),
        gain=gone.gain,
        fees=fees,
        net=None if fees is None else CONTEXT.subtract(gone.gain, fees),
        share=divide(PERCENT * gone.quantity, trade.exited),
        is_partial=not (trade.closed_at and is_last),
        stop_in_profit=gone.stop_in_profit,
        reasons={} if fees is not None else dict.fromkeys(("fees", "net"), NO_ORDER_OF_FEE),
    )


def _tell_figures(trade: TradeRow) -> dict[str, Any]:
    lasted = trade.held_for if trade.closed_at else None
    return {
        "id": trade.id,
        "account_id": trade.account_id,
        "exchange": trade.exchange,
        "symbol": trade.symbol,
        "asset": trade.asset,
        "market": trade.market,
        "side": trade.side,
        "state": trade.state,
        "basis": trade.basis,
        "is_counted": trade.is_counted,
        "entry_time": trade.opened_at,
        "exit_time": trade.closed_at,
        "hold_duration": figures.lasted(lasted) if lasted is not None else None,
        "hold_seconds": int(lasted.total_seconds()) if lasted is not None else None,
        "entry_price": trade.entry_price,
        "exit_price": trade.exit_price,
        "quantity": trade.entered,
        "exited": trade.exited,
        "left": CONTEXT.subtract(trade.entered, trade.exited),
        "greatest_notional": trade.greatest_value,
        "gross_pnl": trade.gross,
        "fees": trade.fees,
        "interest": trade.interest,
        "funding": trade.funding,
        "position_side": trade.position_side.upper() if trade.position_side else None,
        "settle_asset": trade.settle,
        "settled_pnl": trade.settled_gross,
        "exchange_pnl": trade.stated,
        "exchange_entry_price": trade.exchange_entry,
        "exchange_difference": trade.difference,
        "exchange_difference_reason": explain_exchange(trade),
        "net_pnl": trade.net,
        "pnl_percentage": trade.net_percent,
        "roe_percentage": trade.roe_percent,
        "transferred_gain": trade.transferred,
        "exit_type": trade.ended_by.upper() if trade.closed_at and trade.ended_by else None,
        "note": trade.note,
        "rating": trade.rating,
        "stop": trade.stop,
        "stop_source": trade.stop_source if trade.stop is not None else None,
    }
