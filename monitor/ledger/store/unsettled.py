"""What of the ledger is not settled: flows of coins that nothing priced when they came or went, and from when on they count;
flows that are pending; sales that wait for the owner's word; withdrawals whose fee was assumed somewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from finance.attribution.events import Flow
from finance.hour_status import VALUED
from finance.ledger_entries import LedgerEntry
from finance.records import FeePlace
from monitor.ledger.store.entries import NEWEST, read_entry
from sql.rows import Db, load_rows

FLOWS = "t.account_id = any(%(accounts)s) and t.state = 'counted' and t.treatment = 'flow' and t.kind <> 'opening'"
DEFERRED = f"""
    select t.*, greatest(d.counts_at, t.occurred_at) as counts_at
    from deferred_flows d
    join processed_transactions t using (account_id, kind, exchange_id)
    where {FLOWS} and {NEWEST}
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPrice:
    """The first valued reading after a flow that had a price for its coin, and what the readings before made of it."""

    until: datetime | None  # that reading; None: there is none yet
    since: datetime  # the last one that counted the coin as nothing, or the flow
    value: Decimal | None = None
    was_nothing: bool = False  # a reading counted the coin as nothing


def record_counting_time(db: Db, entry: LedgerEntry, counts_at: datetime) -> None:
    """Let a flow count from a moment on; what was said first stays."""
    db.execute(
        """
        insert into deferred_flows (account_id, kind, exchange_id, counts_at)
        values (%(account)s, %(kind)s, %(exchange_id)s, %(at)s)
        on conflict do nothing
        """,
        {
            "account": entry.account_id,
            "kind": str(entry.kind),
            "exchange_id": entry.exchange_id,
            "at": counts_at,
        },
    )


def load_counted_flows(db: Db, account_ids: Iterable[int], since: datetime, until: datetime) -> tuple[LedgerEntry, ...]:
    """External flows that count in [since, until), in time order; a deferred one has the moment from which it counts."""
    return load_rows(
        db,
        _read_counted,
        f"""
        select *
        from (
          select t.*, t.occurred_at as counts_at
          from processed_transactions t
          where {FLOWS}
            and t.occurred_at >= %(since)s
            and t.occurred_at < %(until)s
            and {NEWEST}
            and not exists (
              select from deferred_flows d
              where d.account_id = t.account_id and d.kind = t.kind and d.exchange_id = t.exchange_id
            )
          union all
          select *
          from ({DEFERRED}) d
          where d.counts_at >= %(since)s and d.counts_at < %(until)s
        ) flows
        order by counts_at, id
        """,
        {"accounts": list(account_ids), "since": since, "until": until},
    )


def _read_counted(*, counts_at: datetime, **columns: Any) -> LedgerEntry:
    entry = read_entry(**columns)
    if counts_at == entry.occurred_at:
        return entry
    return replace(entry, occurred_at=counts_at, deferred_from=entry.occurred_at)


class Uncounted(NamedTuple):
    """What came or went and does not count yet."""

    asset: str
    quantity: Decimal  # signed: + came


def load_uncounted(db: Db, account_id: int, moment: datetime) -> tuple[Uncounted, ...]:
    """The flows that had come or gone before `moment` and count from then on, or later."""
    return load_rows(
        db,
        Uncounted,
        f"""
        select asset, quantity
        from ({DEFERRED}) d
        where occurred_at < %(moment)s and counts_at >= %(moment)s
        """,
        {"accounts": [account_id], "moment": moment},
    )


def load_counted_values(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[Flow, ...]:
    """The deferred flows that count in [since, until), when they do. Their quantity, which came earlier, is nothing."""
    return load_rows(
        db,
        Flow,
        f"""
        select o.id as number, d.asset, 0::numeric as quantity, v.value, d.counts_at as occurred_at
        from ({DEFERRED}) d
        join processed_transactions o on (o.account_id, o.kind, o.exchange_id) = (d.account_id, d.kind, d.exchange_id)
          and o.revision = 1
        join flow_valuations v on v.transaction_id = d.id and v.account_id = d.account_id
        where d.counts_at >= %(since)s and d.counts_at < %(until)s
        """,
        {"accounts": [account_id], "since": since, "until": until},
    )


class _Price(NamedTuple):
    taken_at: datetime
    price: Decimal | None


def load_first_price(db: Db, entry: LedgerEntry) -> FirstPrice:
    """What the valued readings after a flow made of its coin."""
    readings = load_rows(
        db,
        _Price,
        """
        select n.taken_at, max(h.price) as price
        from nav_history n
        join holdings h on h.snapshot_id = n.snapshot_id
        where n.account_id = %(account)s
          and n.status = any(%(valued)s)
          and n.taken_at > %(after)s
          and h.asset = %(asset)s
        group by n.taken_at
        order by n.taken_at
        """,
        {"account": entry.account_id, "valued": VALUED, "after": entry.second, "asset": entry.asset},
    )
    found = FirstPrice(until=None, since=entry.second)
    for reading in readings:
        if reading.price is not None:
            return replace(found, until=reading.taken_at, value=reading.price)
        found = replace(found, since=reading.taken_at, was_nothing=True)
    return found


class DisabledAccount(NamedTuple):
    """An account that is not read any more."""

    id: int
    label: str
    exchange: str


def load_disabled_with_fees(db: Db) -> tuple[DisabledAccount, ...]:
    """The disabled accounts with withdrawals whose fee was assumed to be somewhere."""
    return load_rows(
        db,
        DisabledAccount,
        """
        select id, label, exchange
        from accounts a
        where not enabled
          and id > 0
          and exists (
            select from processed_transactions t where t.account_id = a.id and t.assumed_fee in ('inside', 'on_top')
          )
        order by id
        """,
    )


def load_assumed(db: Db, account_id: int, place: FeePlace) -> tuple[LedgerEntry, ...]:
    """The account's withdrawals whose fee was assumed at `place`, newest revisions only."""
    return load_rows(
        db,
        read_entry,
        f"""
        select *
        from processed_transactions t
        where account_id = %(account)s
          and assumed_fee = %(place)s
          and {NEWEST}
        order by id
        """,
        {"account": account_id, "place": place},
    )


def load_pending(db: Db, account_id: int, since: datetime) -> tuple[LedgerEntry, ...]:
    """External flows requested since then whose effect the exchange does not report yet, newest revisions only."""
    return load_rows(
        db,
        read_entry,
        f"""
        select *
        from processed_transactions t
        where account_id = %(account)s
          and state = 'pending'
          and treatment = 'flow'
          and requested_at >= %(since)s
          and {NEWEST}
        order by id
        """,
        {"account": account_id, "since": since},
    )


def load_waiting(db: Db, account_id: int) -> tuple[LedgerEntry, ...]:
    """Sales that can't be booked as they are reported, and wait for the owner's word."""
    return load_rows(
        db,
        read_entry,
        f"""
        select *
        from processed_transactions t
        where account_id = %(account)s
          and kind = 'card_sale'
          and state = 'pending'
          and exchange_status like '%%(more than was held)'
          and {NEWEST}
        order by id
        """,
        {"account": account_id},
    )
