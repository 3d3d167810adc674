"""Accounts of users at a venue: opened with their first deposit, closed with their orders cancelled; each as one command."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from paper.engine.changes import AccountOpened, Changes, Deposited, Entry, Record
from paper.engine.venue import Venue
from paper.histories.accounts import Account, Deposit
from paper.ledger.balances import OUTSIDE

FIRST_DEPOSIT = Decimal(10_000)  # USDT


def open_account(
    venue: Venue, name: str, at: datetime, actor: str, records: Sequence[Record] = (), amount: Decimal = FIRST_DEPOSIT
) -> Account:
    """The new account of an owner, with its first deposit, an amount of USDT; `records` are written with it."""
    uid = 1 + max((account.uid for account in venue.accounts.values()), default=0)
    account = Account(name=name, uid=uid, key="", secret="", created_at=at)
    deposit = Deposit(
        id=f"D{next(venue.numbers):09}",
        asset="USDT",
        amount=amount,
        inserted_at=at,
        shown_at=at,
        status="credited",
        completed_at=at,
    )
    venue.accounts[name] = account
    venue.ledger.move(deposit.asset, deposit.amount, OUTSIDE, (name, "spot"), why="deposit")
    entry = Entry(kind="deposit", at=at, movements=venue.ledger.take_moved(), actor=actor, reason="registration")
    written = (AccountOpened(account=account), Deposited(owner=name, deposit=deposit), *records)
    venue.write(Changes(entry=entry, records=written))
    return account


def close_account(venue: Venue, name: str, at: datetime, actor: str, records: Sequence[Record] = ()) -> None:
    """Cancel what waits of an owner; `records` are written with it. Balances and histories stay."""
    market = venue.open_market
    waiting = sorted(market.floor.waiting.own_symbols(name))
    for symbol in waiting:
        market.look_at(symbol, at)  # what time has brought comes first
    still = sorted(market.floor.waiting.own_symbols(name))
    reports = [report for symbol in still for report in market.desk.cancel_all(name, symbol, at)]
    moved = venue.ledger.take_moved()
    entry = Entry(kind="trade", at=at, movements=moved, actor=actor) if moved else None
    venue.write(Changes(entry=entry, reports=reports, records=records))
