"""Accounts of users at a venue: opened with their first deposit, closed with their orders cancelled; each as one command."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from paper.engine.changes import AccountOpened, Changes, Entry, Record
from paper.engine.paper_balance import cancel_waiting, deposit
from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.users.joining import FIRST_BALANCE


def open_account(
    venue: Venue, name: str, at: datetime, actor: str, records: Sequence[Record] = (), amount: Decimal = FIRST_BALANCE
) -> Account:
    """The new account of an owner, with its first deposit, an amount of USDT; `records` are written with it."""
    uid = 1 + max((account.uid for account in venue.accounts.values()), default=0)
    account = Account(name=name, uid=uid, key="", secret="", created_at=at)
    venue.accounts[name] = account
    row = deposit(venue, name, "USDT", amount, at)
    entry = Entry(kind="deposit", at=at, movements=venue.ledger.take_moved(), actor=actor, reason="registration")
    venue.write(Changes(entry=entry, records=(AccountOpened(account=account), row, *records)))
    return account


def close_account(venue: Venue, name: str, at: datetime, actor: str, records: Sequence[Record] = ()) -> None:
    """Cancel what waits of an owner; `records` are written with it. Balances and histories stay."""
    reports = cancel_waiting(venue, name, at)
    moved = venue.ledger.take_moved()
    entry = Entry(kind="trade", at=at, movements=moved, actor=actor) if moved else None
    venue.write(Changes(entry=entry, reports=reports, records=records))
