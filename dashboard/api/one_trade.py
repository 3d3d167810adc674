"""/api/trades/{id}: one trade with all that moved in it, its exits and what was paid for it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from dashboard.api.queries import Chosen
from dashboard.api.replies import may_say, reply_framed
from dashboard.api.trade_shapes import tell_quality, with_reasons
from dashboard.fields import Moment, Number, Shape
from dashboard.frame import Frame
from dashboard.history.groups import OrderOfTrade, find_roles, load_group
from dashboard.history.one_trade import HourOfMove, load_moves, load_trade_fees, load_trades_named
from dashboard.history.trade_rows import PERCENT, TradeRow, divide
from dashboard.one_trade import pick_trade
from dashboard.trade_reasons import ENDED_BY_FEE, NO_STOP, OF_SEVERAL, STILL_OPEN, UNKNOWN_OF_COINS, explain_unknown
from finance.decimals import CONTEXT
from finance.trades import Exit, list_exits
from look import figures
from sql.rows import Db

router = APIRouter()
TradeId = Annotated[str, Path(pattern=r"^[^\s/\x00]{1,80}$", description="f123", examples=["f123"])]


class Move(Shape):
    """Units that came into the trade or left it; `gain` is an exit's, before fees."""

    at: Moment
    hour: Moment
    effect: str
    type: str
    quantity: Number
    price: Number | None
    value: Number
    gain: Number
    order_id: str | None
    record: str | None


class ExitOfTrade(Shape):
    """What one order, or one move without an order, took out of it; `share` is of all that left, per cent."""

    at: Moment
    order_id: str | None
    exit_type: str
    quantity: Number
    price: Number | None
    gain: Number
    share: Number | None
    is_partial: bool  # the trade stayed open
    stop_in_profit: bool  # a stop that followed the price


class GroupedOrder(Shape):
    """An order of the trade and what it was given for; one that is preset is a price that was given with the order.

    `source` says how the role is known: note (the owner said it), exchange, client_id (by the name that it was given with), plan,
    legacy (an older system said it), inferred (from where its price lies: it may be wrong), unknown.
    """

    order_id: str
    symbol: str
    role: str  # ENTRY, TP1, TP2, SL or MANUAL
    source: str
    price: Number | None  # that it waits for, or else at which it was done
    is_preset: bool
    state: str | None  # null: the order was not read
    executed_quantity: Number | None
    average_price: Number | None
    ordered_at: Moment | None


class PaidFor(Shape):
    """What was paid for it, of one type in one coin."""

    type: str
    asset: str
    quantity: Number
    value: Number


class OneTrade(Shape):
    """A trade: gross less fees and interest is net; what entered less what exited is left.

    What left without being sold is no part of gross: it is worth `transferred_gain` more than it had cost.
    """

    id: str
    account_id: int  # a portfolio's is 0 or below
    exchange: str | None
    symbol: str
    asset: str
    market: str
    side: str
    state: str
    basis: str
    is_counted: bool
    entry_time: Moment
    exit_time: Moment | None
    hold_duration: str | None
    hold_seconds: int | None
    entry_price: Number | None
    exit_price: Number | None
    quantity: Number
    exited: Number
    left: Number
    greatest_notional: Number
    gross_pnl: Number
    fees: Number
    interest: Number
    funding: Number
    net_pnl: Number
    pnl_percentage: Number | None
    transferred_gain: Number
    exit_type: str | None
    leverage: Number | None
    margin_mode: str | None
    roe_percentage: Number | None
    roi_percentage: Number | None
    max_drawdown: Number | None
    mae: Number | None
    mfe: Number | None
    r_multiple: Number | None
    exchange_pnl: Number | None
    tags: list[str]
    note: str
    rating: int | None
    stop: Number | None  # known at its entry
    stop_source: str | None  # note: the owner's word; else how the role of the order is known, or plan
    path: list[Number] | None
    orders: list[str]
    group: list[GroupedOrder]
    moves: list[Move]
    exits: list[ExitOfTrade]
    paid: list[PaidFor]
    reasons: dict[str, str]


WHY = {key: UNKNOWN_OF_COINS[key] for key in ("leverage", "margin_mode", "roe_percentage")} | {
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


@router.get("/trades/{trade}", responses=may_say(OneTrade), summary="A trade")
def one_trade(request: Request, trade: TradeId, asked: Annotated[Chosen, Query()]) -> Response:
    """A trade with all that moved in it. Where several accounts have one of that id, `account` says whose is meant."""
    return reply_framed(request, asked, asked.view, lambda db, frame: _describe(db, frame, trade))


def _describe(db: Db, frame: Frame, name: str) -> OneTrade:
    trade = pick_trade(load_trades_named(db, frame.account_id, name), name)
    moves = load_moves(db, trade.account_id, trade.id)
    group = load_group(db, trade.account_id, trade.id)
    exits = list_exits((one.move for one in moves), find_roles(group))
    lists = {
        "orders": list(dict.fromkeys(one.move.order for one in moves if one.move.order)),
        "group": [_describe_order(one) for one in group],
        "moves": [_describe_move(one) for one in moves],
        "exits": [_describe_exit(gone, trade, is_last=gone is exits[-1]) for gone in exits],
        "paid": [PaidFor(**fee._asdict()) for fee in load_trade_fees(db, trade.account_id, trade.id)],
    }
    why = WHY | explain_unknown(trade.grid, has_stop=trade.stop is not None)
    if trade.closed_at:
        why["exit_type"] = ENDED_BY_FEE
    return OneTrade(**with_reasons(_tell_figures(trade) | tell_quality(trade) | lists, why))


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


def _describe_exit(gone: Exit, trade: TradeRow, *, is_last: bool) -> ExitOfTrade:
    return ExitOfTrade(
        at=gone.at,
        order_id=gone.order or None,
        exit_type=gone.kind.upper(),
        quantity=gone.quantity,
        price=divide(gone.value, gone.quantity),
        gain=gone.gain,
        share=divide(PERCENT * gone.quantity, trade.exited),
        is_partial=not (trade.closed_at and is_last),
        stop_in_profit=gone.stop_in_profit,
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
        "state": "CLOSED" if trade.closed_at else "OPEN",
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
        "net_pnl": trade.net,
        "pnl_percentage": trade.net_percent,
        "transferred_gain": trade.transferred,
        "exit_type": trade.ended_by.upper() if trade.closed_at and trade.ended_by else None,
        "note": trade.note,
        "rating": trade.rating,
        "stop": trade.stop,
        "stop_source": trade.stop_source if trade.stop is not None else None,
    }
