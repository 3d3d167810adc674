"""What is written beside money and orders: accounts, rows of deposits and withdrawals, ends of days."""

import json
from typing import Any

from paper.engine.changes import AccountOpened, DayEnded, Deposited, Record, Withdrawn
from paper.storage.arrays import Table
from paper.storage.people import write_person

ACCOUNTS = Table(
    """
    insert into accounts (id, name, pays_in, created_at)
    select * from unnest(%s::integer[], %s::text[], %s::text[], %s::timestamptz[])
    """,
    frozenset([1, 2]),
)
DEPOSITS = Table(
    """
    insert into deposits (id, account, asset, amount, status, transaction, inserted_at, shown_at, completed_at)
    select * from unnest(
      %s::text[], %s::integer[], %s::text[], %s::numeric[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[],
      %s::timestamptz[]
    )
    """,
    frozenset([0, 2, 4, 5]),
)
WITHDRAWALS = Table(
    """
    insert into withdrawals (id, account, asset, amount, fee, status, transaction, applied_at, completed_at)
    select * from unnest(
      %s::text[], %s::integer[], %s::text[], %s::numeric[], %s::numeric[], %s::text[], %s::text[], %s::timestamptz[],
      %s::timestamptz[]
    )
    """,
    frozenset([0, 2, 5, 6]),
)
DAYS = Table(
    """
    insert into daily_balances (account, at, balances)
    select * from unnest(%s::integer[], %s::timestamptz[], %s::jsonb[])
    """,
    frozenset([2]),
)
Numbers = dict[str, int]  # of accounts, by their names


def write_thing(record: Record, accounts: Numbers) -> tuple[Table, tuple[Any, ...]]:
    """The table of a record and its row. Raises TypeError for one that nobody knows."""
    match record:
        case AccountOpened(account=account):
            accounts[account.name] = account.uid
            return ACCOUNTS, (account.uid, account.name, account.pays_in, account.created_at)
        case Deposited(owner=owner, deposit=d):
            times = (d.inserted_at, d.shown_at, d.completed_at)
            return DEPOSITS, (d.id, accounts[owner], d.asset, d.amount, d.status, d.transaction, *times)
        case Withdrawn(owner=owner, withdrawal=w):
            ends = (w.status, w.transaction, w.applied_at, w.completed_at)
            return WITHDRAWALS, (w.id, accounts[owner], w.asset, w.amount, w.fee, *ends)
        case DayEnded(owner=owner, at=at, balances=balances):
            told = {asset: [str(free), str(locked)] for asset, (free, locked) in balances.items()}
            return DAYS, (accounts[owner], at, json.dumps(told))
        case _:
            return write_person(record, accounts)
