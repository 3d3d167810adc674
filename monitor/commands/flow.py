"""`python -m monitor flow list|add|void|reclassify|match|separate`: the ledger of money in and out, and your word about it."""

import argparse
import asyncio
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial

from finance.decimals import plain
from finance.ledger_entries import OWNERS_REFERENCE, LedgerEntry, Treatment, name_entry, name_kind
from finance.portfolios import is_portfolio
from finance.records import FlowKind, FlowState
from monitor.accounts.opening import using_client
from monitor.accounts.store.benchmarks import load_account_id, load_labels
from monitor.accounts.store.portfolios import load_exchange
from monitor.commands.arguments import read_note, read_time
from monitor.database.runs import hold_run_lock
from monitor.errors import LedgerError
from monitor.exchanges import FIRST_EXCHANGE
from monitor.ledger.store.entries import load_manual, load_newest, load_revisions_of
from monitor.market.known_prices import Fetched
from monitor.market.missing_prices import with_prices_of_each
from monitor.recovery.corrections import (
    Corrected,
    Word,
    add_entry,
    pair_entries,
    reclassify_entry,
    record_correction,
    separate_entry,
    void_entry,
)
from monitor.settings import Settings
from sql.rows import Db

Arguments = argparse.Namespace
Revision = tuple[LedgerEntry | None, LedgerEntry]  # the newest one so far, if there is one, and what takes its place
MOST_LISTED = 50
NO_ACCOUNTS = "No accounts yet. Add one: python -m monitor account add LABEL"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the commands to argparse."""
    commands = parser.add_subparsers(dest="action", required=True)
    listing = commands.add_parser("list", help="the newest flows, with their numbers")
    adding = commands.add_parser("add", help="a flow that no history of the exchange reports")
    direction = adding.add_mutually_exclusive_group(required=True)
    for name, words in (("--in", "what came in, like --in 0.5 BTC"), ("--out", "what went out")):
        direction.add_argument(name, nargs=2, metavar=("AMOUNT", "ASSET"), dest=name.strip("-") + "going", help=words)
    adding.add_argument("--at", type=read_time, required=True, help="when the balance changed, like 2026-01-31T08:00Z")
    listing.add_argument("--account", help="the account's label; every account if left out")
    adding.add_argument("--account", required=True, help="the account's label")
    voiding = commands.add_parser("void", help="say that a flow never was")
    sorting = commands.add_parser("reclassify", help="say what a flow is; also takes a void back")
    sorting.add_argument("--as", required=True, dest="treatment", choices=[str(t) for t in Treatment])
    matching = commands.add_parser("match", help="say that a withdrawal and a deposit are one transfer of your own")
    matching.add_argument("out", type=int, metavar="OUT", help="the number of what was sent, from the list")
    matching.add_argument("into", type=int, metavar="IN", help="the number of what arrived")
    separating = commands.add_parser("separate", help="say that a flow is no transfer between your own accounts")
    for command in (voiding, sorting, separating):
        command.add_argument("number", type=int, help="from the list")
    for command in (adding, voiding, sorting, matching, separating):
        command.add_argument("--note", type=read_note, required=True, help="why; shown with it for ever")
    parser.set_defaults(run=run_flow_command)


def run_flow_command(db: Db, settings: Settings, arguments: Arguments, now: datetime) -> int:
    """Carry the command out; returns the exit code. Raises MonitorError saying what is wrong."""
    if arguments.action == "list":
        labels = [arguments.account] if arguments.account else load_labels(db)
        print("\n\n".join(f"{label}:\n{_list(db, _find_account(db, label))}" for label in labels) or NO_ACCOUNTS)
        return 0
    hold_run_lock(db)
    word = Word(at=now, note=arguments.note)
    revisions = [_add(db, arguments, word)] if arguments.action == "add" else _correct(db, arguments, word)
    print("\n".join(map(_describe, asyncio.run(_record(db, settings, revisions)))))
    return 0


def _find_account(db: Db, label: str) -> int:
    account_id = load_account_id(db, label)
    if account_id is None or is_portfolio(account_id):
        raise LedgerError(f"There is no account '{label}'. See: python -m monitor account list")
    return account_id


def _add(db: Db, arguments: Arguments, word: Word) -> Revision:
    account_id = _find_account(db, arguments.account)
    kind = FlowKind.MANUAL_IN if arguments.ingoing else FlowKind.MANUAL_OUT
    amount, asset = arguments.ingoing or arguments.outgoing
    known = load_manual(db, account_id)
    money = (_read_amount(amount), asset.upper())
    return None, add_entry(known, word, account_id, kind, money, arguments.at)


def _read_amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if not (amount.is_finite() and 0 < amount < Decimal("1e36")):
        raise LedgerError(f"'{text}' is not an amount. Give it in plain figures, like --in 0.5 BTC")
    return amount


def _correct(db: Db, arguments: Arguments, word: Word) -> list[Revision]:
    if arguments.action == "match":
        out, into = (_load_flow(db, number)[-1] for number in (arguments.out, arguments.into))
        return list(zip((out, into), pair_entries(out, into, word), strict=True))
    revisions = _load_flow(db, arguments.number)
    if arguments.action == "void":
        return [(revisions[-1], void_entry(revisions, word))]
    if arguments.action == "separate":
        return [(revisions[-1], separate_entry(revisions[-1], word))]
    return [(revisions[-1], reclassify_entry(revisions, word, Treatment(arguments.treatment)))]


def _load_flow(db: Db, number: int) -> tuple[LedgerEntry, ...]:
    revisions = load_revisions_of(db, number)
    if not revisions:
        raise LedgerError(f"There is no flow {number}. See: python -m monitor flow list --account LABEL")
    return revisions


async def _record(db: Db, settings: Settings, revisions: list[Revision]) -> list[Corrected]:
    """Each with the prices of its own account's exchange, and all of them or none."""
    exchanges = [load_exchange(db, entry.account_id) or FIRST_EXCHANGE for _, entry in revisions]
    async with using_client(settings, exchanges[0]) as client:
        parts = [
            (client.at(name), partial(_record_one, db, revision))
            for name, revision in zip(exchanges, revisions, strict=True)
        ]
        return await with_prices_of_each(db, parts)


def _record_one(db: Db, revision: Revision, fetched: Fetched) -> Corrected:
    return record_correction(db, fetched, *revision)


def _describe(corrected: Corrected) -> str:
    entry = corrected.entry
    what = "void" if entry.state is FlowState.VOID else f"{entry.state} as {entry.treatment}"
    if entry.is_paired_by_owner:
        what = "part of " + entry.reference.removeprefix(OWNERS_REFERENCE)
    text = f"{entry.id}: {name_entry(entry)} is {what}. {corrected.hours} hours of history have changed."
    return "\n".join([text, *(f"Please note: {warning}" for warning in corrected.warnings)])


def _list(db: Db, account_id: int) -> str:
    lines = [_line(entry, value) for entry, value in load_newest(db, account_id, MOST_LISTED)]
    return "\n".join(lines) or "The ledger has no flows yet."


def _line(entry: LedgerEntry, value: Decimal | None) -> str:
    state = str(entry.state) if entry.treatment is Treatment.FLOW else f"{entry.state} as {entry.treatment}"
    worth = "" if value is None else f"{value:,.2f} USDT"
    note = f"  {entry.note}" if entry.note else ""
    at = entry.occurred_at or entry.requested_at
    kind = name_kind(entry.kind)
    quantity = plain(entry.quantity)
    return f"{entry.id:>7}  {at:%Y-%m-%d %H:%M}  {kind:<24}{quantity:>20} {entry.asset:<8}{worth:>20}  {state}{note}"
