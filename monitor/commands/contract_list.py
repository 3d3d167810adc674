"""The part of `python -m monitor trades list` that shows trades in contracts, beside the exchange's own account of them."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from finance.closed_positions import ClosedPosition, explain_difference
from finance.contract_trades import ContractTrade, explain_profit
from finance.decimals import plain, total
from finance.prices import VALUATION_ASSET
from monitor.commands.columns import align, as_price, minute, moment_json
from monitor.commands.trade_list import TEXTS, exit_json, trade_json
from monitor.trading.contracts import ContractTrades, PositionsMade

NOTE_OF_PORTFOLIO = "Trades in contracts are each account's own: without --portfolio they are listed."
NOTE = (
    "Trades in contracts are listed where their fills are read, once there are any; what the others made is the part `positions` "
    "of python -m monitor explain."
)
COLUMNS = ("id", "contract", "side", "opened", "closed", "quantity", "entry", "exit", "gross", "fees", "funding", "net",
        "ended by")  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChosenContracts:
    """An account's trades in contracts, and those of them that were asked for."""

    found: ContractTrades
    trades: Sequence[ContractTrade]


def choose(found: ContractTrades, arguments: argparse.Namespace) -> ChosenContracts:
    """Those that the arguments ask for; a coin stands for all contracts whose names begin with it."""
    chosen = [
        one
        for one in found.trades
        if (not arguments.asset or one.contract.symbol.startswith(arguments.asset.upper()))
        and not (arguments.open and one.closed_at)
        and not (arguments.closed and not one.closed_at)
    ]
    return ChosenContracts(found, chosen)


def describe(label: str, chosen: ChosenContracts) -> str:
    """The trades as a table, what they come to, and what the exchange says otherwise."""
    found = chosen.found
    rows = [COLUMNS, *map(_row, chosen.trades)]
    lines = [
        f"{label}, contracts, amounts in {VALUATION_ASSET}",
        *(align(rows, TEXTS) if chosen.trades else ["no trades"]),
    ]
    lines += [f"{one.id}: {describe_difference(one)}" for one in chosen.trades if one.difference]
    closed = [(one, found.positions[one.id]) for one in chosen.trades if one.id in found.positions]
    lines += [
        f"{one.id}: {_describe_position(one, theirs)}" for one, theirs in closed if explain_difference(one, theirs)
    ]
    net = total(one.net for one in chosen.trades)
    return "\n".join([*lines, f"net of fees and funding {net:+,.2f}", *sum_up(found)])


def sum_up(found: PositionsMade) -> list[str]:
    """What positions made, by trades and beside them."""
    lines = [
        f"Positions made {found.made:+,.2f}: {found.realised:+,.2f} realised by trades in contracts, {found.unrealised:+,.2f} "
        f"open in them, {plain(found.rest)} of rounding and unknown fills."
    ]
    if found.open_before:
        held = ", ".join(f"{plain(one.quantity)} {one.symbol} {one.side}" for one in found.open_before)
        lines.append(
            f"Open when the history began, and in no trade, for want of a mark or of what they settle in: {held}. What these made "
            "until they were closed is of that rest."
        )
    if found.unmatched:
        lines.append(
            f"{found.unmatched} fills are of what was open before the first one that is known, and in no trade."
        )
    if found.incomplete:
        lines.append(
            f"Fills of {', '.join(found.incomplete)} are still to be read, or do not say what they settle in: trades in them lack some."
        )
    return lines


def _row(trade: ContractTrade) -> tuple[str, ...]:
    return (
        trade.id,
        trade.contract.symbol,
        trade.side,
        minute(trade.opened_at),
        minute(trade.closed_at) if trade.closed_at else "open",
        plain(trade.entered),
        as_price(trade.entry_price),
        "" if trade.exit_price is None else as_price(trade.exit_price),
        f"{trade.gross:+,.2f}",
        f"{trade.fees:,.2f}",
        f"{trade.funding:+,.2f}",
        f"{trade.net:+,.2f}",
        trade.ended_by or "" if trade.closed_at else "",
    )


def describe_difference(trade: ContractTrade) -> str:
    """What it made by prices and by the exchange's account, and why these differ."""
    settle = trade.contract.settle
    return (
        f"{plain(trade.settled_gross)} {settle} by prices, {plain(trade.stated)} {settle} by the exchange's account"
        f"{': ' + _explain_difference(trade) if trade.difference else ''}"
    )


def _describe_position(trade: ContractTrade, position: ClosedPosition) -> str:
    return (
        f"closed with {plain(position.profit)} {position.settle}, fees {plain(position.fees)} and funding {plain(position.funding)} "
        f"by the exchange's account of positions: {explain_difference(trade, position)}"
    )


def _explain_difference(trade: ContractTrade) -> str:
    return explain_profit(trade.difference, fills=trade.fills, exited=trade.exited, unknown=trade.transferred_units)


def as_json(chosen: ChosenContracts | None) -> dict[str, Any]:
    """The same, every digit; null where fills of contracts are not read, or there are none."""
    if chosen is None:
        return {"contracts": None}
    trades = {"trades": [_trade_json(chosen.found, one) for one in chosen.trades]}
    return {"contracts": trades | total_json(chosen.found)}


def total_json(found: PositionsMade) -> dict[str, Any]:
    """What positions made, by trades and beside them; every digit."""
    return {
        "positions": plain(found.made),
        "gross_pnl": plain(found.realised),
        "unrealized_pnl": plain(found.unrealised),
        "rest": plain(found.rest),
        "unmatched_fills": found.unmatched,
        "open_before": [one._asdict() | {"quantity": plain(one.quantity)} for one in found.open_before],
        "incomplete": list(found.incomplete),
    }


def _trade_json(found: ContractTrades, trade: ContractTrade) -> dict[str, Any]:
    shared = trade_json(trade)
    for name in ("asset", "transferred_gain", "interest"):
        del shared[name]
    own = {
        "exchange_position": _position_json(trade, found.positions.get(trade.id)),
        "exits": [exit_json(gone) for gone in found.exits[trade.id]],
    }
    return shared | contract_json(trade) | own


def contract_json(trade: ContractTrade) -> dict[str, Any]:
    """What a trade in a contract has more than one in coins, every digit."""
    return {
        "symbol": trade.contract.symbol,
        "market": trade.market,
        "position_side": trade.contract.side.upper(),
        "settle_asset": trade.contract.settle,
        "settled_pnl": plain(trade.settled_gross),
        "exchange_pnl": plain(trade.stated),
        "difference": plain(trade.difference),
        "difference_reason": _explain_difference(trade) if trade.difference else None,
    }


def _position_json(trade: ContractTrade, position: ClosedPosition | None) -> dict[str, Any] | None:
    """What the exchange says of the whole position, in what it settles in; null where it says nothing of it."""
    if position is None:
        return None
    return {
        "id": position.exchange_id,
        "opened_at": moment_json(position.opened_at) if position.opened_at else None,
        "closed_at": moment_json(position.closed_at),
        "pnl": plain(position.profit),
        "fees": plain(position.fees),
        "funding": plain(position.funding),
        "net_pnl": plain(position.net),
        "difference_reason": explain_difference(trade, position) or None,
    }
