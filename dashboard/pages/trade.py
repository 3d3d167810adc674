"""Trade: one trade, what moved in it, what was paid for it, and how its figures come about."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboard.charts.trade_price import Level, TradePrice, draw_trade_price
from dashboard.frame import Frame
from dashboard.history.closed_positions import load_position
from dashboard.history.exit_fees import find_exit_fees, load_exit_fees
from dashboard.history.groups import OrderOfTrade, find_roles, load_group
from dashboard.history.one_trade import (
    HOUR,
    MOST_PRICES,
    HourOfMove,
    HourOfTrade,
    StoredPrice,
    find_exit_price,
    load_moves,
    load_prices,
    load_trade_fees,
    load_trade_hours,
    load_trades_named,
)
from dashboard.history.open_trades import OpenTrade, load_open
from dashboard.history.rates import USDT
from dashboard.history.trade_methods import load_by_method
from dashboard.history.trade_rows import TradeRow, divide
from dashboard.one_trade import pick_trade
from dashboard.page import Chart, Model, Page
from dashboard.pages.readout import Readout, lay_readout
from dashboard.pages.trades import ENDED, TRADE_PATH, TRADES_PATH
from dashboard.reading import UNKNOWN, Reading, Value, round_hour
from dashboard.trade_reasons import (
    ENTRY_BEFORE,
    NO_METHOD,
    NO_METHOD_OF_CONTRACTS,
    NO_ORDER_OF_FEE,
    explain_exchange,
    explain_no_position,
    explain_unknown,
)
from finance.decimals import CONTEXT, total
from finance.exchanges import NAMES
from finance.inventory import Method
from finance.trades import Exit, list_exits
from look import figures
from sql.rows import Db

ORDERS = {  # by which units go first
    "AVERAGE": "every unit costs the same",
    "FIFO": "the oldest units go first",
    "LIFO": "the newest units go first",
    "HIFO": "the dearest units go first",
}
MOST_MOVES = 200
MOST_HOURS = 60  # in which it gained or paid, one by one
FEWEST_PRICES = 3  # stored ones; else those of its own moves are drawn, too
AROUND = 0.08  # of a trade's time, before and after it in its chart
LEAST_AROUND = 3 * HOUR
SOURCES = {
    "note": "as you said",
    "exchange": "by the exchange",
    "client_id": "by its name",
    "plan": "by a plan",
    "legacy": "by the older system",
    "inferred": "inferred",
    "unknown": "closed by hand, as far as is known",
}
MOVED = ENDED | {"income": "reward", "held": "was there when it began"}


def find_trade(db: Db, frame: Frame) -> TradeRow | None:
    """The trade of the view, or the last one; None where there is none at all. Raises NotThere and BadChoice."""
    found, name = load_trades_named(db, frame.account_id, frame.view.trade), frame.view.trade
    return pick_trade(found, name) if found or name else None


def make_trade(db: Db, frame: Frame) -> Model:
    """The trade, or None where there is none."""
    trade = find_trade(db, frame)
    if trade is None:
        return {"trade": None}
    moves = load_moves(db, trade.account_id, trade.id)
    group = load_group(db, trade.account_id, trade.id)
    track = _make_track(db, frame, trade, moves, group)
    return {
        "trade": trade,
        "exchange": NAMES.get(trade.exchange or "", ""),
        "opened": find_open(db, trade),
        "moves": moves[:MOST_MOVES],
        "more_moves": max(0, len(moves) - MOST_MOVES),
        "exits": _list_exits(db, trade, moves, group),
        "by_method": load_by_method(db, trade, moves, find_roles(group), Method[frame.view.method]),
        "methods": ORDERS,
        "no_method": NO_METHOD_OF_CONTRACTS if trade.settle else NO_METHOD,
        "left": CONTEXT.subtract(trade.entered, trade.exited),
        "fees": load_trade_fees(db, trade.account_id, trade.id),
        "reason": explain_exchange(trade),
        "position": load_position(db, trade),
        "no_position": explain_no_position(trade),
        "parts": _share_hours(load_trade_hours(db, trade.account_id, trade.id)),
        "group": group,
        "sources": SOURCES,
        "ended": ENDED,
        "moved": MOVED,
        "why": explain_unknown(trade),
        "entry_before": ENTRY_BEFORE,
        "no_order_of_fee": NO_ORDER_OF_FEE,
        "track": track,
        "own_prices": track is not None and track.has_own,
        "every": track.step // HOUR if track else 1,
        "readout": lay_price(track),
        "alt_price": _describe(trade, track),
    }


def _share_hours(hours: Sequence[HourOfTrade]) -> tuple[Sequence[HourOfTrade], HourOfTrade | None]:
    """Hours to be listed, and the sum of those before them, with their last hour."""
    if len(hours) <= MOST_HOURS:
        return hours, None
    before = hours[:-MOST_HOURS]
    rest = HourOfTrade(before[-1].hour, total(one.gain for one in before), total(one.paid for one in before))
    return hours[-MOST_HOURS:], rest


def find_open(db: Db, trade: TradeRow) -> OpenTrade | None:
    """What the last reading found of the coin of an open trade."""
    if trade.closed_at:
        return None
    return next((one for one in load_open(db, trade.account_id) if one.trade.id == trade.id), None)


def _list_exits(
    db: Db, trade: TradeRow, moves: Sequence[HourOfMove], group: Sequence[OrderOfTrade]
) -> list[tuple[Exit, Decimal | None, Decimal | None, Decimal | None]]:
    """Each exit with its share of all that left, its price, and what was paid for it."""
    paid = load_exit_fees(db, trade.account_id, trade.id)
    return [
        (one, divide(one.quantity, trade.exited), find_exit_price(one, trade, moves), find_exit_fees(one, paid))
        for one in list_exits((one.move for one in moves), find_roles(group))
    ]


def load_trade_price(db: Db, frame: Frame) -> dict[str, TradePrice | None]:
    """What the chart is drawn from; None where too few prices are stored. Raises NotThere and BadChoice."""
    trade = find_trade(db, frame)
    if trade is None:
        return {"track": None}
    moves, group = load_moves(db, trade.account_id, trade.id), load_group(db, trade.account_id, trade.id)
    return {"track": _make_track(db, frame, trade, moves, group)}


def _make_track(
    db: Db, frame: Frame, trade: TradeRow, moves: Sequence[HourOfMove], group: Sequence[OrderOfTrade]
) -> TradePrice | None:
    last = frame.shown.last
    ended = trade.closed_at or last
    around = max(LEAST_AROUND, (ended - trade.opened_at) * AROUND)
    since = round_hour(trade.opened_at - around)
    until = min(last, round_hour(ended + around))
    hours = (until - since) // HOUR
    prices = load_prices(db, trade, since, until) if hours > 0 else ()
    has_own = len(prices) < FEWEST_PRICES
    if has_own:
        own = [StoredPrice(one.move.at, one.price) for one in moves if one.price]
        prices = sorted([*prices, *own])
    if len(prices) < FEWEST_PRICES - 1 or trade.entry_price is None:
        return None
    return TradePrice(
        since=min(prices[0].hour, trade.opened_at),
        until=max(prices[-1].hour, ended),
        step=HOUR * max(1, -(-hours // MOST_PRICES)),
        prices=prices,
        moves=moves,
        entry_price=trade.entry_price,
        levels=_list_levels(trade, group, max(prices[-1].hour, ended)),
        has_own=has_own,
        display=replace(frame.display, currency=USDT),
    )


def _list_levels(trade: TradeRow, group: Sequence[OrderOfTrade], until: datetime) -> list[Level]:
    """What of its orders waited to take a profit or to stop a loss; a price that was given with an order as long as the trade."""
    waiting = [one for one in group if one.kind in ("tp", "sl") and one.price is not None and one.ordered_at]
    return [
        Level(
            name=one.role,
            is_stop=one.kind == "sl",
            price=one.price,
            since=trade.opened_at if one.is_preset else one.ordered_at,
            until=(trade.closed_at or until) if one.is_preset else until if one.is_open else one.updated_at or until,
        )
        for one in waiting
        if one.price is not None and one.ordered_at
    ]


def lay_price(track: TradePrice | None) -> Readout | None:
    """Where time lies in the chart."""
    return lay_readout(track.since, track.until, track.step) if track else None


def _read_price(_: Db, __: Frame, facts: Callable[[], dict[str, Any]], moment: datetime) -> Reading:
    """What the coin cost in the stored hour that is nearest, and what moved in the trade in it."""
    track: TradePrice | None = facts()["track"]
    if track is None:
        return Reading(moment, (), UNKNOWN)
    nearest = min(track.prices, key=lambda one: abs(one.hour - moment))
    moved = [one for one in track.moves if nearest.hour - track.step < one.move.at <= nearest.hour]
    values = [Value("Price", nearest.price, USDT, figures.price(nearest.price))]
    values += [
        Value(one.move.effect.capitalize(), one.price, USDT, figures.price(one.price)) for one in moved if one.price
    ]
    return Reading(nearest.hour, values)


def _describe(trade: TradeRow, track: TradePrice | None) -> str:
    if track is None:
        return ""
    known = [one.price for one in track.prices]
    exits = f", exits at {figures.price(trade.exit_price)} on average" if trade.exit_price is not None else ""
    return (
        f"Line chart of what {trade.asset} cost from {track.display.day(track.since)} to {track.display.day(track.until)}: "
        f"{figures.price(min(known))} to {figures.price(max(known))} USDT, entries at {figures.price(track.entry_price)}"
        f"{exits}."
    )


TRADE = Page(
    name="trade",
    title="Trade",
    path=TRADE_PATH,
    make=make_trade,
    home=TRADES_PATH,
    charts=(
        Chart(
            name="tradeprice",
            load=load_trade_price,
            part="track",
            draw=lambda facts, theme: draw_trade_price(facts["track"], theme),
            read=_read_price,
        ),
    ),
)
