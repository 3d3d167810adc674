"""`python -m monitor trades note`: what you say about a trade; each word is kept, the newest counts."""

import argparse
from dataclasses import replace
from datetime import datetime

from finance.decimals import plain
from finance.trade_notes import RATINGS, TradeNote, change_tags, read_tag
from monitor.commands.arguments import read_quantity
from monitor.errors import LedgerError
from monitor.settings import Settings
from monitor.trading.store.notes import NamedTrade, find_trades, load_notes, record_note
from sql.rows import Db

UNKNOWN = "There is no trade {}. `python -m monitor trades list` shows all with their numbers."
SEVERAL = "{} is a trade of several accounts: {}. Say which one: --account LABEL."
NOTHING = "Nothing was said about {} of {} yet."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `trades note`."""
    parser.add_argument("trade", metavar="TRADE", help="its id from the list, like f456")
    parser.add_argument("--account", help="the account's label, where several accounts have a trade of that id")
    parser.add_argument("--tag", type=_tag, action="append", default=[], help="add a tag; may be given again")
    parser.add_argument("--untag", type=_tag, action="append", default=[], help="take a tag away")
    parser.add_argument("--text", help="in your words; replaces those of before")
    parser.add_argument("--rating", type=int, choices=RATINGS, help="how well it was traded, 5 the best")
    parser.add_argument("--stop", type=read_quantity, help="the price of the stop that was set when it was opened")


def run_note(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Record what is said and print all that is known; without anything to say only print. Returns 0.

    Raises LedgerError.
    """
    trade = find_trade(db, arguments)
    with db.transaction():
        known = load_notes(db, trade.account_id).get(trade.trade_id)
        before = known.note if known else TradeNote()
        note = _change(before, arguments)
        if note != before:
            record_note(db, trade, note, now)
    if note == TradeNote():
        print(NOTHING.format(trade.trade_id, trade.label))
    else:
        print("\n".join([f"{trade.trade_id} of {trade.label}", *describe_note(note)]))
    return 0


def find_trade(db: Db, arguments: argparse.Namespace) -> NamedTrade:
    """The trade that the arguments name. Raises LedgerError."""
    found = find_trades(db, arguments.trade, arguments.account)
    if not found:
        raise LedgerError(UNKNOWN.format(arguments.trade))
    if len(found) > 1:
        raise LedgerError(SEVERAL.format(arguments.trade, ", ".join(one.label for one in found)))
    return found[0]


def _change(note: TradeNote, arguments: argparse.Namespace) -> TradeNote:
    try:
        tags = change_tags(note.tags, arguments.tag, arguments.untag)
    except ValueError as error:
        raise LedgerError(f"Nothing was recorded: {error}.") from None
    return replace(
        note,
        tags=tags,
        text=note.text if arguments.text is None else arguments.text.strip(),
        rating=arguments.rating or note.rating,
        stop=arguments.stop or note.stop,
    )


def _tag(text: str) -> str:
    try:
        return read_tag(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def describe_note(note: TradeNote) -> list[str]:
    """Lines of what was said; none of what was not."""
    lines = [f"  tags    {', '.join(note.tags)}"] if note.tags else []
    lines += [f"  rating  {note.rating} of {RATINGS[-1]}"] if note.rating else []
    lines += [f"  stop    {plain(note.stop)}"] if note.stop else []
    return lines + ([f"  {note.text}"] if note.text else [])
