"""What the JSON says of trades. What is not known is null, and `reasons` says why; per cent keys are per cent."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dashboard.fields import Moment, Number, Shape
from dashboard.history.open_contracts import Contract
from dashboard.history.open_trades import OpenTrade
from dashboard.history.trade_rows import BASES, TradeRow
from dashboard.trade_reasons import (
    ENDED_BY_FEE,
    NO_COST,
    NO_PRICE,
    NOT_FOUND,
    OF_SEVERAL,
    UNKNOWN_OF_COINS,
    UNKNOWN_OF_CONTRACTS,
    explain_no_trade,
    explain_unknown,
)
from look import figures


class OpenPosition(Shape):
    """What is open: a coin that is held or owed, by its trade, or a position in a contract.

    Of a coin `entry_price` is the average cost of what is held, as Holdings has it, and `fees_paid` has interest in it.
    """

    id: str
    symbol: str
    side: str
    entry_price: Number | None
    quantity: Number | None
    current_price: Number | None
    unrealized_pnl: Number | None
    unrealized_pnl_percentage: Number | None
    leverage: Number | None
    opened_at: Moment | None
    exchange: str | None
    market: str
    margin_mode: str | None
    fees_paid: Number | None
    funding: Number | None
    stop_loss: Number | None
    take_profit: list[Number] | None
    liquidation_price: Number | None
    roe_percentage: Number | None
    basis: str
    reasons: dict[str, str]


class NettedCoin(Shape):
    """A coin that is held, less what is owed of it on margin (both are one trade) and what is short of it in contracts (trades of
    their own)."""

    asset: str
    held: Number
    owed: Number
    short_in_contracts: Number
    net: Number


class OpenPositions(Shape):
    """Everything that is open at the last reading; the total is null where one of them is not known. `netted`: coins of which
    some are held while others are owed or short."""

    positions: list[OpenPosition]
    netted: list[NettedCoin]
    total_unrealized_pnl: Number | None
    total_positions: int
    reasons: dict[str, str]


class ClosedTrade(Shape):
    """A trade from flat to flat, in coins of a portfolio as if its accounts were one. `fees` have interest in them: net is gross
    without them, and with `funding`.

    `pnl_percentage` is net of the greatest value that was held.
    """

    id: str
    symbol: str
    side: str
    entry_price: Number
    exit_price: Number | None
    quantity: Number
    gross_pnl: Number
    fees: Number
    net_pnl: Number
    pnl_percentage: Number | None
    roi_percentage: Number | None
    exit_type: str | None
    hold_duration: str
    hold_seconds: int
    entry_time: Moment
    exit_time: Moment
    max_drawdown: Number | None
    mae: Number | None
    mfe: Number | None
    r_multiple: Number | None
    tags: list[str]
    exchange: str | None
    market: str
    funding: Number
    reasons: dict[str, str]


class TradeHistory(Shape):
    """A page of closed trades; the totals are of all that the question asks for."""

    trades: list[ClosedTrade]
    total_trades: int
    total_pnl: Number
    next_cursor: str | None


def describe_trade(trade: TradeRow) -> ClosedTrade:
    """A closed trade."""
    assert trade.closed_at and trade.entry_price is not None
    told: dict[str, Any] = {
        "id": trade.id,
        "symbol": trade.symbol,
        "side": trade.side,
        "entry_price": trade.entry_price,
        "exit_price": trade.exit_price,
        "quantity": trade.entered,
        "gross_pnl": trade.gross,
        "fees": trade.paid,
        "net_pnl": trade.net,
        "pnl_percentage": trade.net_percent,
        "exit_type": trade.ended_by.upper() if trade.ended_by else None,
        "hold_duration": figures.lasted(trade.held_for),
        "hold_seconds": trade.held_for // timedelta(seconds=1),
        "entry_time": trade.opened_at,
        "exit_time": trade.closed_at,
        "exchange": trade.exchange,
        "market": trade.market,
        "funding": trade.funding,
    } | tell_quality(trade)
    why = explain_unknown(trade) | {
        "exit_price": "Nothing of it was sold: what was left went as fees.",
        "exit_type": ENDED_BY_FEE,
        "exchange": OF_SEVERAL,
        "pnl_percentage": "It never had a value.",
    }
    return ClosedTrade(**with_reasons(told, why))


def tell_quality(trade: TradeRow) -> dict[str, Any]:
    """How far it went and what was risked, and the owner's tags."""
    return {
        "max_drawdown": trade.drawdown,
        "mae": trade.worst,
        "mfe": trade.best,
        "r_multiple": trade.r_multiple,
        "roi_percentage": trade.roe_percent,
        "tags": list(trade.tags),
    }


def describe_open(found: OpenTrade) -> OpenPosition:
    """A coin that is held, or owed."""
    trade = found.trade
    told: dict[str, Any] = {
        "id": trade.id,
        "symbol": trade.symbol,
        "side": trade.side,
        "entry_price": found.average_cost,
        "quantity": None if found.quantity is None else abs(found.quantity),
        "current_price": found.price,
        "unrealized_pnl": found.gain,
        "unrealized_pnl_percentage": found.gain_percent,
        "opened_at": trade.opened_at,
        "exchange": trade.exchange,
        "market": trade.market,
        "fees_paid": trade.paid,
        "funding": 0,
        "stop_loss": found.stop,
        "take_profit": found.targets or None,
        "basis": trade.basis,
    }
    lacking = NOT_FOUND if found.quantity is None else NO_PRICE
    gained = lacking if found.value is None else NO_COST
    why = UNKNOWN_OF_COINS | {
        "exchange": OF_SEVERAL,
        "entry_price": NOT_FOUND if found.quantity is None else NO_COST,
        "quantity": NOT_FOUND,
        "current_price": lacking,
        "unrealized_pnl": gained,
        "unrealized_pnl_percentage": gained,
    }
    return OpenPosition(**with_reasons(told, why))


def describe_contract(found: Contract) -> OpenPosition:
    """An open position in a contract."""
    told: dict[str, Any] = {
        "id": found.trade_id or f"p{found.account_id}.{found.wallet}.{found.symbol}.{found.side}",
        "symbol": found.symbol,
        "side": found.side,
        "entry_price": found.entry_price,
        "quantity": found.quantity,
        "current_price": found.mark_price,
        "unrealized_pnl": found.gain,
        "unrealized_pnl_percentage": found.gain_percent,
        "leverage": found.leverage,
        "margin_mode": found.margin_mode,
        "liquidation_price": found.liquidation_price,
        "roe_percentage": found.roe_percent,
        "opened_at": found.opened_at,
        "fees_paid": found.fees,
        "funding": found.funding,
        "stop_loss": found.stop,
        "take_profit": found.targets or None,
        "exchange": found.exchange,
        "market": found.wallet,
        "basis": BASES[found.opened_by] if found.opened_by else "exchange",
    }
    why = {"unrealized_pnl": f"The last reading has no price for {found.margin_asset}, in which it is counted."}
    if found.trade_id is None:
        why |= dict.fromkeys(("opened_at", "fees_paid", "funding"), explain_no_trade(found))
    return OpenPosition(**with_reasons(told, UNKNOWN_OF_CONTRACTS | why))


def with_reasons(told: Mapping[str, Any], why: Mapping[str, str]) -> dict[str, Any]:
    """What is known, null for all else that `why` knows of, and the reasons for these."""
    whole = dict.fromkeys(why) | dict(told)
    return whole | {"reasons": {key: why[key] for key, value in whole.items() if value is None}}
