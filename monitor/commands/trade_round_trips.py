"""`python -m monitor trades round-trips`: what was sold beside what had been bought first; for those who are never flat."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from finance.decimals import plain
from finance.prices import VALUATION_ASSET
from finance.round_trips import RoundTrip
from monitor.commands import whose
from monitor.commands.columns import align, as_price, minute, moment_json
from monitor.database.runs import one_view
from monitor.settings import Settings
from monitor.trading.round_trips import load_round_trips
from sql.rows import Db

NOTE = (
    "Round trips are no trades: first in, first out, before fees. What a trade gains is by average cost (trades list); both come "
    "to the same once it has ended."
)
NONE = "Nothing that was bought has been sold yet, nor what was sold short bought back."
HEADS = ("coin", "side", "in", "out", "quantity", "entry", "exit", "gain", "trade")
NOTHING = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `trades round-trips`."""
    whose.add_arguments(parser, "every account, each for itself, if left out")
    parser.add_argument("--asset", help="only of this coin, like BTC")
    parser.add_argument("--json", action="store_true", help="print every digit as JSON")


def run_round_trips(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Print round trips; returns 0, or 3 where there are none. Raises AccountError."""
    books = whose.choose_books(db, arguments.account, arguments.portfolio)
    wanted = (arguments.asset or "").upper()
    with one_view(db):
        found = [
            (book.label, [one for one in load_round_trips(db, book.id, now) if wanted in ("", one.asset)])
            for book in books
        ]
    if arguments.json:
        print(
            json.dumps([{"account": label, "round_trips": [*map(_as_json, pairs)]} for label, pairs in found], indent=2)
        )
        return 0
    if not any(pairs for _, pairs in found):
        print(NONE, file=sys.stderr)
        return NOTHING
    print("\n\n".join(_describe(label, pairs) for label, pairs in found if pairs))
    print(NOTE, file=sys.stderr)
    return 0


def _describe(label: str, pairs: Sequence[RoundTrip]) -> str:
    lines = align([HEADS, *map(_line, pairs)], ("coin", "side", "in", "out", "trade"))
    return "\n".join(
        [
            f"{label}: {len(pairs):,} round {'trip' if len(pairs) == 1 else 'trips'}, amounts in {VALUATION_ASSET}",
            *lines,
        ]
    )


def _line(one: RoundTrip) -> tuple[str, ...]:
    prices = (as_price(one.entry_value / one.quantity), as_price(one.exit_value / one.quantity))
    side = "short" if one.is_short else "long"
    amounts = (plain(one.quantity), *prices, f"{one.gain:+,.2f}")
    return one.asset, side, minute(one.entered_at), minute(one.left_at), *amounts, one.trade


def _as_json(one: RoundTrip) -> dict[str, Any]:
    return {
        "trade": one.trade,
        "asset": one.asset,
        "side": "SHORT" if one.is_short else "LONG",
        "entry_time": moment_json(one.entered_at),
        "exit_time": moment_json(one.left_at),
        "exit_type": one.exit_kind.upper(),
        "entry_record": one.entry_row,
        "exit_record": one.exit_row,
        "quantity": plain(one.quantity),
        "entry_value": plain(one.entry_value),
        "exit_value": plain(one.exit_value),
        "gain": plain(one.gain),
    }
