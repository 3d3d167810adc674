"""Entries of the ledger that may be one flow, recorded twice."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString, NamedTuple

from finance.ledger_entries import REPORTED_BY_EXCHANGE, LedgerEntry
from finance.records import FlowKind
from monitor.ledger.store.entries import NEWEST, load_revisions
from sql.rows import Db, load_rows

TWIN_SHARE = Decimal("0.01")  # by which two records of one flow may differ: a fee that only one of them counts
TWINS_APART = timedelta(days=1)


class _Pair(NamedTuple):
    one: int
    other: int


def load_twins(db: Db, ids: Iterable[int]) -> tuple[tuple[LedgerEntry, LedgerEntry], ...]:
    """Pairs, one of them among `ids`, of an internal deposit or withdrawal and an equal payment near it; without any the
    server is not asked."""
    if not (asked := list(ids)):
        return ()
    return _load_pairs(
        db,
        """
        select c.id as one, p.id as other
        from processed_transactions c
        join processed_transactions p
          on p.account_id = c.account_id
          and p.asset = c.asset
          and p.quantity = c.quantity
          and p.occurred_at >= c.occurred_at - interval '10 minutes'
          and p.occurred_at <= c.occurred_at + interval '10 minutes'
        where c.kind in ('deposit', 'withdrawal')
          and c.raw ->> 'transferType' = '1'
          and c.state = 'counted'
          and p.kind in ('pay_received', 'pay_sent')
          and p.state = 'counted'
          and (c.id = any(%(ids)s) or p.id = any(%(ids)s))
        order by c.id, p.id
        """,
        {"ids": asked},
    )


def load_pairs_of_one_flow(
    db: Db, account_id: int, *, reported_after: datetime | None = None, manual_id: int | None = None
) -> tuple[tuple[LedgerEntry, LedgerEntry], ...]:
    """Pairs of a flow that the owner added and one that the exchange reports, which may be the same: of one asset and
    direction, within a day and 1 %, the nearest first.

    Of the entry `manual_id`, or of all of which one was reported after `reported_after` and the owner has not said that there
    were two.
    """
    return _load_pairs(
        db,
        f"""
        with standing as (
          select t.*,
            (
              select min(f.first_seen_at)
              from processed_transactions f
              where f.account_id = t.account_id
                and f.kind = t.kind
                and f.exchange_id = t.exchange_id
                and f.state = 'counted'
            ) as counted_at
          from processed_transactions t
          where account_id = %(account)s
            and state = 'counted'
            and treatment = 'flow'
            and kind <> 'opening'
            and {NEWEST}
        )
        select m.id as one, r.id as other
        from standing m
        join standing r
          on r.asset = m.asset
          and sign(r.quantity) = sign(m.quantity)
          and least(abs(r.amount - m.amount), abs(abs(r.quantity) - m.amount)) <= r.amount * %(share)s
          and r.occurred_at between m.occurred_at - %(apart)s and m.occurred_at + %(apart)s
        where m.kind = any(%(manual_kinds)s)
          and r.kind <> all(%(manual_kinds)s)
          and (
            m.id = %(manual)s
              or (
                greatest(m.counted_at, r.counted_at) > %(after)s
                  and not exists (
                    select from processed_transactions o
                    where o.account_id = m.account_id
                      and o.kind = m.kind
                      and o.exchange_id = m.exchange_id
                      and o.exchange_status = %(reported)s
                  )
              )
          )
        order by greatest(r.occurred_at - m.occurred_at, m.occurred_at - r.occurred_at), m.id, r.id
        """,
        {
            "account": account_id,
            "after": reported_after,
            "manual": manual_id,
            "reported": REPORTED_BY_EXCHANGE,
            "share": TWIN_SHARE,
            "apart": TWINS_APART,
            "manual_kinds": [str(FlowKind.MANUAL_IN), str(FlowKind.MANUAL_OUT)],
        },
    )


def _load_pairs(
    db: Db, statement: LiteralString, parameters: Mapping[str, Any]
) -> tuple[tuple[LedgerEntry, LedgerEntry], ...]:
    pairs = load_rows(db, _Pair, statement, parameters)
    entries = {entry.id: entry for entry in load_revisions(db, {number for pair in pairs for number in pair})}
    return tuple((entries[pair.one], entries[pair.other]) for pair in pairs)
