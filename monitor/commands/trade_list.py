"""`python -m monitor trades list`: what was bought and sold again, from flat to flat."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from finance.decimals import CONTEXT, plain, total
from finance.excursions import Excursion
from finance.prices import VALUATION_ASSET
from finance.trades import Exit, Trade
from monitor.commands import whose
from monitor.commands.columns import align, as_price, minute, moment_json

COLUMNS = (
    "id",
    "coin",
    "side",
    "opened",
    "closed",
    "quantity",
    "entry",
    "exit",
    "gross",
    "fees",
    "net",
    "net %",
    "ended by",
)
TEXTS = ("id", "coin", "contract", "side", "opened", "closed", "ended by")


@dataclass(frozen=True, slots=True)
class TradeList:
    """An account's trades that were asked for, with their exits, and what was realised outside of any trade."""

    label: str
    trades: Sequence[Trade]
    exits: Mapping[str, Sequence[Exit]]
    excursions: Mapping[str, Excursion]
    rest: Decimal | None  # None where not all trades are listed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `trades list`."""
    whose.add_arguments(parser, "every account, each for itself, if left out")
    parser.add_argument("--asset", help="only trades of this coin, like BTC")
    state = parser.add_mutually_exclusive_group()
    state.add_argument("--open", action="store_true", help="only trades that are open")
    state.add_argument("--closed", action="store_true", help="only trades that are closed")
    parser.add_argument("--json", action="store_true", help="print every digit as JSON")


def choose(trades: Iterable[Trade], arguments: argparse.Namespace) -> list[Trade]:
    """Those of `trades` that the arguments ask for, in the order in which they were opened."""
    return [
        one
        for one in trades
        if (not arguments.asset or one.asset == arguments.asset.upper())
        and not (arguments.open and one.closed_at)
        and not (arguments.closed and not one.closed_at)
    ]


def describe(found: TradeList) -> str:
    """The trades of an account as a table, and what they come to."""
    if not found.trades:
        return f"{found.label}: no trades"
    lines = align([COLUMNS, *map(_row, found.trades)], TEXTS)
    return "\n".join([f"{found.label}, amounts in {VALUATION_ASSET}", *lines, _sum_up(found)])


def _row(trade: Trade) -> tuple[str, ...]:
    return (
        trade.id,
        trade.asset,
        trade.side,
        minute(trade.opened_at),
        minute(trade.closed_at) if trade.closed_at else "open",
        plain(trade.entered),
        as_price(trade.entry_price),
        as_price(trade.exit_price) if trade.exit_price is not None else "",
        f"{trade.gross:+,.2f}",
        f"{trade.fees:,.2f}",
        f"{trade.net:+,.2f}",
        f"{100 * CONTEXT.divide(trade.net, trade.greatest_value):+.2f}" if trade.greatest_value else "",
        trade.ended_by or "" if trade.closed_at else "",
    )


def _sum_up(found: TradeList) -> str:
    closed = [one for one in found.trades if one.closed_at]
    counted = [one for one in closed if one.is_countable]
    won = sum(one.net > 0 for one in counted)
    rate = (
        f"{won} of {len(counted)} that fills opened and closed were won"
        if counted
        else "none that fills opened and closed"
    )
    gross, net = total(one.gross for one in found.trades), total(one.net for one in found.trades)
    line = f"{len(closed)} closed, {len(found.trades) - len(closed)} open; {rate}; net {net:+,.2f}"
    if found.rest is None:
        return line
    return (
        f"{line}\nRealised in all {gross + found.rest:+,.2f}: {gross:+,.2f} by these trades, {found.rest:+,.2f} on stablecoins, "
        "bank money, rewards and dust"
    )


def as_json(found: TradeList) -> dict[str, Any]:
    """The trades of an account, every digit."""
    return {
        "account": found.label,
        "trades": [
            trade_json(one)
            | excursion_json(found.excursions.get(one.id))
            | {"exits": [exit_json(gone) for gone in found.exits[one.id]]}
            for one in found.trades
        ],
        "rest": None if found.rest is None else plain(found.rest),
    }


def trade_json(trade: Trade) -> dict[str, Any]:
    """A trade's figures, every digit."""
    return {
        "id": trade.id,
        "asset": trade.asset,
        "side": trade.side,
        "opened_by": str(trade.opened_by),
        "opened_at": moment_json(trade.opened_at),
        "closed_at": moment_json(trade.closed_at) if trade.closed_at else None,
        "quantity": plain(trade.entered),
        "entry_price": plain(trade.entry_price),
        "exit_price": None if trade.exit_price is None else plain(trade.exit_price),
        "gross_pnl": plain(trade.gross),
        "transferred_gain": plain(trade.transferred),
        "fees": plain(trade.fees),
        "interest": plain(trade.interest),
        "funding": plain(trade.funding),
        "net_pnl": plain(trade.net),
        "greatest_notional": plain(trade.greatest_value),
        "fills": trade.fills,
        "is_counted": trade.is_countable,
    }


def excursion_json(found: Excursion | None) -> dict[str, str | None]:
    """Null where no klines were read: of open trades, of long ones, of coins without a pair with USDT."""
    amounts = (found.worst, found.best, found.drawdown) if found else (None, None, None)
    return dict(zip(("mae", "mfe", "max_drawdown"), (a if a is None else plain(a) for a in amounts), strict=True))


def exit_json(gone: Exit) -> dict[str, Any]:
    """An exit."""
    return {
        "at": moment_json(gone.at),
        "order": gone.order or None,
        "type": gone.kind.upper(),
        "stop_in_profit": gone.stop_in_profit,
        "quantity": plain(gone.quantity),
        "value": plain(gone.value),
        "gain": plain(gone.gain),
    }
