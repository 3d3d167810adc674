"""`python -m monitor account count-total LABEL WALLET [--off]`: money that can't be read counts at the exchange's total."""

import argparse
from collections.abc import Mapping
from datetime import datetime
from shlex import quote as quote_shell

from monitor.accounts.registry import find_account
from monitor.errors import AccountError
from monitor.exchanges.adapters import load_adapter
from monitor.snapshots.store.cross_checks import load_totals
from monitor.snapshots.store.wallets import record_counted, record_counted_ended
from sql.rows import Db


def describe_count_total(parser: argparse.ArgumentParser) -> None:
    """The arguments of `account count-total`."""
    parser.add_argument("label")
    parser.add_argument("wallet", help='a wallet, or the exchange\'s own name of it, as in "Trading Bots"')
    parser.add_argument("--off", action="store_true", help="don't count it any more")


def count_total(db: Db, arguments: argparse.Namespace, now: datetime) -> str:
    """Let a wallet count at the exchange's own total, or not any more; returns what to print. Raises AccountError."""
    account = find_account(db, arguments.label)
    if account.sub_email:
        raise AccountError("The exchange reports no totals of a sub-account. Add it with a key of its own.")
    stored = dict.fromkeys(load_totals(db, account.id), ())
    name = _find_total(arguments.wallet, stored | dict(load_adapter(account.exchange).totals))
    command = f"python -m monitor account count-total {quote_shell(arguments.label)} {quote_shell(name)}"
    if arguments.off:
        if not record_counted_ended(db, account.id, name, "you ended it", now):
            raise AccountError(f"'{name}' of '{arguments.label}' does not count at the exchange's total.")
        return f"'{name}' does not count any more: an hour in which money is there that can't be read has no figure."
    record_counted(db, account.id, name, now)
    return (
        f"What can't be read of '{name}' counts at the exchange's own total from the next run on, and is marked so on "
        f"every page. It ends by itself when all of it can be read; you end it with: {command} --off"
    )


def _find_total(word: str, totals: Mapping[str, tuple[str, ...]]) -> str:
    """The exchange's name of the total that is meant."""
    wanted = word.casefold().replace("_", " ")
    found = [
        total
        for total, wallets in totals.items()
        if wanted in {name.casefold().replace("_", " ") for name in (total, *wallets)}
    ]
    if len(found) == 1:
        return found[0]
    names = ", ".join(sorted(found or totals))
    what = "stands under several totals; name one of them" if found else "is no wallet that the exchange has a total of"
    raise AccountError(f"'{word}' {what}: {names}")
