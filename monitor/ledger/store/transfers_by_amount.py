"""Transfers of which one end names no transaction: which withdrawals and deposits fit each other by asset, amount and time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from finance.hour_status import VALUED
from finance.ledger_entries import OWNERS_REFERENCE
from monitor.ledger.store.transfer_ends import EXPECTED, is_free, is_part, stands
from sql.rows import Db, load_rows, load_values

LONGEST_WAY = timedelta(days=30)
SHORTEST_WAY = timedelta(minutes=-10)  # the exchange that sends may look later at what the network did
OWNERS = f"{OWNERS_REFERENCE}%"
FITS = """
    o.kind = 'withdrawal'
      and i.kind = 'deposit'
      and i.account_id <> o.account_id
      and i.occurred_at between o.occurred_at + %(shortest)s and o.occurred_at + %(longest)s
    """


def _pair_with(nameless: str, other: str) -> str:
    return f"""
      select o.id as out_id, i.id as in_id
      from processed_transactions {nameless}
      join processed_transactions {other} on {other}.asset = {nameless}.asset and {other}.amount = {nameless}.amount
      where {nameless}.reference = ''
        and {nameless}.kind in ('deposit', 'withdrawal')
        and {other}.kind in ('deposit', 'withdrawal')
        and {FITS}
      """


# Pairs of which one end names no transaction, each with how many others fit either of its ends. Few fit at all: what looks
# at hours is asked of those alone.
BY_AMOUNT = f"""
    select o.id as out_id, i.id as in_id, o.account_id as out_account, o.asset, o.amount, o.occurred_at,
      count(*) over (partition by o.id) + count(*) over (partition by i.id) - 2 as others
    from unnest(%(out_ids)s::bigint[], %(in_ids)s::bigint[]) as fitting (out_id, in_id)
    join processed_transactions o on o.id = fitting.out_id
    join processed_transactions i on i.id = fitting.in_id
    where {stands("o")}
      and {stands("i")}
      and {is_free("o", "out_id")}
      and {is_free("i", "in_id")}
      and {is_part("o")}
      and {is_part("i")}
      and {EXPECTED}
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class UnclearTransfer:
    """A withdrawal and a deposit that may be one transfer, while others fit one of them, too."""

    out_id: int
    in_id: int
    out_account: int
    asset: str
    amount: Decimal
    occurred_at: datetime  # when it left


class _Fitting(NamedTuple):
    out_id: int
    in_id: int


def match_by_amount(db: Db, asked: Mapping[str, object]) -> list[datetime]:
    """Match ends that fit each other alone, of which one names no transaction; returns when each left."""
    fitting = _load_fitting(db)
    if not fitting["out_ids"]:  # to plan what follows takes longer than most statements' work
        return []
    return load_values(
        db,
        f"""
        insert into matched_transfers (portfolio_id, out_id, in_id)
        select %(portfolio)s, out_id, in_id from ({BY_AMOUNT}) one where others = 0
        returning (select occurred_at from processed_transactions where id = out_id)
        """,
        {**asked, **fitting},
    )


def _load_fitting(db: Db) -> dict[str, list[int]]:
    """Withdrawals and deposits that fit each other by asset, amount and time, of which one names no transaction."""
    pairs = load_rows(
        db,
        _Fitting,
        f"{_pair_with('o', 'i')} union {_pair_with('i', 'o')}",
        {"shortest": SHORTEST_WAY, "longest": LONGEST_WAY},
    )
    return {"out_ids": [pair.out_id for pair in pairs], "in_ids": [pair.in_id for pair in pairs]}


def load_unclear_transfers(db: Db, portfolio_id: int) -> tuple[UnclearTransfer, ...]:
    """The pairs of a portfolio that only the owner can decide on, oldest first."""
    fitting = _load_fitting(db)
    if not fitting["out_ids"]:
        return ()
    return load_rows(
        db,
        UnclearTransfer,
        f"""
        select out_id, in_id, out_account, asset, amount, occurred_at
        from ({BY_AMOUNT}) one
        where others > 0
        order by occurred_at, out_id, in_id
        """,
        {"portfolio": portfolio_id, "valued": VALUED, "owners": OWNERS, **fitting},
    )
