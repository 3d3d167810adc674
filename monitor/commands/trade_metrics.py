"""`python -m monitor trades metrics`: do trades win, on which coins, at which hours, and what did they cost."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from finance.decimals import plain
from finance.prices import VALUATION_ASSET
from finance.trade_metrics import FEW_TRADES, By, ClosedTrade, Period, group_by, split_periods
from finance.trade_metrics.answer import answer
from finance.trade_metrics.costs import Costs
from monitor.commands import whose
from monitor.commands.columns import align, moment_json

# How each figure is called and written where all of them are printed.
LINES: Mapping[str, tuple[str, str]] = {
    "total_trades": ("trades", "{:,}"),
    "winning_trades": ("won", "{:,}"),
    "losing_trades": ("lost", "{:,}"),
    "breakeven_trades": ("breakeven", "{:,}"),
    "win_rate": ("win rate", "{:.2f} %"),
    "total_net_pnl": ("net", "{:+,.2f}"),
    "total_gross_pnl": ("before costs", "{:+,.2f}"),
    "total_fees": ("fees", "{:,.2f}"),
    "total_interest": ("interest", "{:,.2f}"),
    "total_funding": ("funding", "{:+,.2f}"),
    "volume": ("volume", "{:,.2f}"),
    "maker_volume": ("as a maker", "{:,.2f}"),
    "taker_volume": ("as a taker", "{:,.2f}"),
    "gross_profit": ("gross profit", "{:+,.2f}"),
    "gross_loss": ("gross loss", "{:+,.2f}"),
    "average_pnl_per_trade": ("net of a trade", "{:+,.2f}"),
    "average_win": ("average win", "{:+,.2f}"),
    "average_loss": ("average loss", "{:+,.2f}"),
    "largest_win": ("largest win", "{:+,.2f}"),
    "largest_loss": ("largest loss", "{:+,.2f}"),
    "profit_factor": ("profit factor", "{:,.2f}"),
    "payoff_ratio": ("payoff", "{:,.2f}"),
    "expectancy_ratio": ("expectancy ratio", "{:+,.2f}"),
    "sqn": ("SQN", "{:+,.2f}"),
    "sqn_100": ("SQN of at most 100", "{:+,.2f}"),
    "trades_with_risk": ("with a stop", "{:,}"),
    "average_risk": ("average risk (R)", "{:,.2f}"),
    "average_r_multiple": ("average R multiple", "{:+,.2f} R"),
    "best_r_multiple": ("best R multiple", "{:+,.2f} R"),
    "worst_r_multiple": ("worst R multiple", "{:+,.2f} R"),
    "kelly_percentage": ("Kelly share", "{:+,.2f} %"),
    "longest_winning_streak": ("won in a row", "{:,}"),
    "longest_losing_streak": ("lost in a row", "{:,}"),
    "average_hold_seconds": ("held on average", ""),
    "median_hold_seconds": ("held, median", ""),
    "max_drawdown": ("greatest fall", "{:,.2f}"),
    "roi_of_trades_percentage": ("of what was invested", "{:+,.2f} %"),
}
# What a row of a group has of them.
COLUMNS = (
    "total_trades",
    "winning_trades",
    "losing_trades",
    "win_rate",
    "gross_profit",
    "gross_loss",
    "total_net_pnl",
    "average_pnl_per_trade",
    "profit_factor",
    "payoff_ratio",
    "sqn",
    "average_r_multiple",
    "total_fees",
    "median_hold_seconds",
)
FEW = f"Rates and ratios of fewer than {FEW_TRADES} trades say little: chance alone makes as much."
NOT_COUNTED = "Closed trades that are not counted, because they began or ended otherwise than by fills: {:,}."
TAGS = "A trade is in the row of each of its tags: these rows do not add up."


class Row(NamedTuple):
    """The figures of the trades of a period and of a group; None: not asked for, or of all time."""

    since: datetime | None
    group: str | None
    figures: Mapping[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `trades metrics`."""
    whose.add_arguments(parser, "the trades of all accounts, each for itself, if left out")
    parser.add_argument(
        "--by", type=By, choices=list(By), help="a row for each; hour and weekday are those of opening, UTC"
    )
    parser.add_argument(
        "--period", type=Period, choices=list(Period), help="a row for each, of the trades closed in it; UTC, ISO weeks"
    )
    parser.add_argument(
        "--deposits", action="store_true", help="count trades, too, that began with a deposit and were closed by fills"
    )
    parser.add_argument("--json", action="store_true", help="print every digit as JSON")


def list_rows(trades: Sequence[ClosedTrade], costs: Costs, period: Period | None, by: By | None) -> list[Row]:
    """What is asked for: period by period, and in each group by group; the row of no period and no group is of all."""
    if not period and not by:
        return [Row(None, None, answer(trades, costs))]
    return [
        Row(since, group, answer(chosen, costs))
        for since, closed in split_periods(trades, period or Period.ALL_TIME).items()
        for group, chosen in (group_by(closed, by).items() if by else [(None, closed)])
    ]


def print_metrics(trades: Sequence[ClosedTrade], costs: Costs, left_out: int, arguments: argparse.Namespace) -> None:
    """Print them, and on the error stream which trades are not counted and what says little."""
    rows = list_rows(trades, costs, arguments.period, arguments.by)
    if arguments.json:
        print(json.dumps([_as_json(row) for row in rows], indent=2))
        return
    is_single = not arguments.period and not arguments.by
    title = f"{arguments.account or 'All accounts'}, amounts in {VALUATION_ASSET}"
    print("\n".join([title, *(_list(rows[0].figures) if is_single else _table(rows))]))
    notes = [FEW] * any(row.figures["few_trades"] for row in rows) + [TAGS] * (arguments.by is By.TAG)
    for note in notes + [NOT_COUNTED.format(left_out)] * bool(left_out):
        print(note, file=sys.stderr)


def _list(figures: Mapping[str, Any]) -> list[str]:
    width = max(len(label) for label, _ in LINES.values())
    lines = [
        f"{label:<{width}}  {_write(name, figures) or '– ' + figures['reasons'][name]}"
        for name, (label, _) in LINES.items()
    ]
    paid = ", ".join(f"{kind.lower()} {value:,.2f}" for kind, value in figures["fees_by_type"].items())
    return [*lines, f"{'fees by type':<{width}}  {paid or 'none'}"]


def _table(rows: Sequence[Row]) -> list[str]:
    heads = ["", *(LINES[name][0] for name in COLUMNS)]
    lines = [heads, *([_name(row), *(_write(name, row.figures) or "–" for name in COLUMNS)] for row in rows)]
    return align(lines, heads[:1])


def _name(row: Row) -> str:
    names = [f"{row.since:%Y-%m-%d}" if row.since else "", "none" if row.group == "" else row.group or ""]
    return " ".join(filter(None, names)) or "all"


def _write(name: str, figures: Mapping[str, Any]) -> str:
    """A figure as text; empty where there is none."""
    figure, form = figures[name], LINES[name][1]
    if figure is None:
        return ""
    return form.format(figure) if form else str(timedelta(seconds=figure))


def _as_json(row: Row) -> dict[str, Any]:
    return {
        "period_start": moment_json(row.since) if row.since else None,
        "group": row.group,
        **{name: _plain(one) for name, one in row.figures.items()},
    }


def _plain(figure: Any) -> Any:
    if isinstance(figure, Mapping):
        return {name: _plain(one) for name, one in figure.items()}
    return plain(figure) if isinstance(figure, Decimal) else figure
