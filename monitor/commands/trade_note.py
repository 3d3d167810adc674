"""`python -m monitor trades note`: what you say about a trade; each word is kept, the newest counts."""

import argparse
import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from finance.decimals import plain
from finance.order_roles import Role, parse_role
from finance.trade_notes import RATINGS, TradeNote, change_tags, may_lose, read_tag
from finance.trades import Effect
from monitor.accounts.registry import choose_accounts
from monitor.commands.arguments import read_quantity, read_words
from monitor.commands.columns import as_price
from monitor.errors import LedgerError
from monitor.settings import Settings
from monitor.trading.groups import group_all
from monitor.trading.store.groups import mark_trades
from monitor.trading.store.notes import NamedTrade, find_trades, load_notes, record_note
from monitor.trading.store.one_trade import load_moves_of, load_trade
from monitor.trading.store.orders_of import list_orders
from sql.locks import hold_words_lock
from sql.rows import Db

UNKNOWN = "There is no trade {}{}. `python -m monitor trades list` shows all with their numbers."
SEVERAL = "{} is a trade of several accounts: {}. Say which one: --account LABEL."
NO_ORDER = "Nothing was recorded: {} is no order of this trade, nor of its coin while it was open. Those are: {}{}."
WINS = "Nothing was recorded: {} of {} at {} gains at {}, so a stop there limits no loss."
MOST_NAMED = 20
NOTHING = "Nothing was said about {} of {} yet."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `trades note`."""
    parser.add_argument("trade", metavar="TRADE", help="its id from the list, like f456")
    parser.add_argument("--account", help="the account's label, where several accounts have a trade of that id")
    parser.add_argument("--tag", type=_tag, action="append", default=[], help="add a tag; may be given again")
    parser.add_argument("--untag", type=_tag, action="append", default=[], help="take a tag away")
    parser.add_argument("--text", type=read_words, help="in your words; replaces those of before")
    parser.add_argument("--rating", type=int, choices=RATINGS, help="how well it was traded, 5 the best")
    parser.add_argument(
        "--stop", type=_stop, help="the price of the stop that was set when it was opened; none takes your word back"
    )
    parser.add_argument(
        "--role",
        type=_role,
        action="append",
        default=[],
        metavar="ORDER=ROLE",
        help="what an order of it was given for: ENTRY, TP1, TP2, SL, MANUAL; 123= takes your word about order 123 back",
    )
    parser.add_argument("--json", action="store_true", help="print all that is said as JSON")


def run_note(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Record what is said and print all that is known; without anything to say only print. Returns 0.

    Raises LedgerError.
    """
    trade = find_trade(db, arguments)
    with db.transaction():
        hold_words_lock(db)
        known = load_notes(db, trade.account_id).get(trade.trade_id)
        before = known.note if known else TradeNote()
        note = _change(before, arguments, list_orders(db, trade.account_id, trade.trade_id))
        if arguments.stop:
            _check_stop(db, trade, arguments.stop)
        if note != before:
            record_note(db, trade, note, now)
        if note.roles != before.roles:
            mark_trades(db, trade.account_id, {order for order, _ in arguments.role}, trade.trade_id)
    if note.roles != before.roles:
        group_all(db, settings.order_names)
    if arguments.json:
        print(json.dumps({"account": trade.label, "trade": trade.trade_id} | note_json(note), indent=2))
    elif note == TradeNote():
        print(NOTHING.format(trade.trade_id, trade.label))
    else:
        print("\n".join([f"{trade.trade_id} of {trade.label}", *describe_note(note)]))
    return 0


def find_trade(db: Db, arguments: argparse.Namespace) -> NamedTrade:
    """The trade that the arguments name. Raises LedgerError, or AccountError where there is no such account."""
    choose_accounts(db, arguments.account)
    found = find_trades(db, arguments.trade, arguments.account)
    if not found:
        raise LedgerError(UNKNOWN.format(arguments.trade, f" of {arguments.account}" if arguments.account else ""))
    if len(found) > 1:
        raise LedgerError(SEVERAL.format(arguments.trade, ", ".join(one.label for one in found)))
    return found[0]


def _change(note: TradeNote, arguments: argparse.Namespace, orders: Collection[str]) -> TradeNote:
    if unknown := [order for order, _ in arguments.role if order not in orders]:
        known = sorted(orders)
        more = f" and {len(known) - MOST_NAMED:,} more" if len(known) > MOST_NAMED else ""
        raise LedgerError(NO_ORDER.format(unknown[0], ", ".join(known[:MOST_NAMED]) or "none", more))
    try:
        tags = change_tags(note.tags, arguments.tag, arguments.untag)
    except ValueError as error:
        raise LedgerError(f"Nothing was recorded: {error}.") from None
    return replace(
        note,
        tags=tags,
        text=note.text if arguments.text is None else arguments.text.strip(),
        rating=arguments.rating or note.rating,
        stop=note.stop if arguments.stop is None else arguments.stop or None,
        roles={order: role for order, role in {**note.roles, **dict(arguments.role)}.items() if role},
    )


def _check_stop(db: Db, named: NamedTrade, stop: Decimal) -> None:
    trade = load_trade(db, named.account_id, named.trade_id)
    entries = [one for one in load_moves_of(db, named.account_id, named.trade_id) if one.effect is Effect.ENTRY]
    if not may_lose(trade, entries, stop):
        raise LedgerError(WINS.format(f"a {trade.side}", trade.asset, as_price(trade.entry_price), plain(stop)))


def _stop(text: str) -> Decimal:
    return Decimal(0) if text == "none" else read_quantity(text)


def _tag(text: str) -> str:
    try:
        return read_tag(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _role(text: str) -> tuple[str, Role | None]:
    order, _, name = text.partition("=")
    if not order:
        raise argparse.ArgumentTypeError(f"'{text}' names no order: write it like 123=SL")
    try:
        return order, parse_role(name) if name or "=" not in text else None
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}, like 123=SL") from None


def note_json(note: TradeNote) -> dict[str, Any]:
    """What was said; what never was is empty or null."""
    return {
        "tags": list(note.tags),
        "note": note.text,
        "rating": note.rating,
        "stop": plain(note.stop) if note.stop else None,
        "roles": {order: role.name for order, role in note.roles.items()},
    }


def describe_note(note: TradeNote) -> list[str]:
    """Lines of what was said; none of what was not."""
    lines = [f"  tags    {', '.join(note.tags)}"] if note.tags else []
    lines += [f"  rating  {note.rating} of {RATINGS[-1]}"] if note.rating else []
    lines += [f"  stop    {plain(note.stop)}"] if note.stop else []
    lines += [f"  order   {order} is {role.name}" for order, role in note.roles.items()]
    return lines + ([f"  {note.text}"] if note.text else [])
