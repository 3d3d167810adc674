"""The flow ledger and its cursors: added to, never edited."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb

from finance.ledger_entries import RETOLD, FlowKey, LedgerEntry, Treatment
from finance.records import FlowKind, FlowState
from monitor.database import Db

RETOLD_SHARE = Decimal("0.01")  # that two words for one flow may differ by: a fee that only one of them counts
RETOLD_APART = timedelta(days=1)
NEWEST = (
    "not exists (select from processed_transactions n where n.account_id = t.account_id"
    " and n.kind = t.kind and n.exchange_id = t.exchange_id and n.revision > t.revision)"
)


def load_entries(db: Db, account_id: int, keys: Iterable[FlowKey]) -> dict[FlowKey, LedgerEntry]:
    """The newest revision of each of `keys` that the ledger has."""
    wanted = list(keys)
    rows = db.execute(
        "select distinct on (kind, exchange_id) * from processed_transactions t"
        " join unnest(%(kinds)s::text[], %(ids)s::text[]) as w (kind, exchange_id) using (kind, exchange_id)"
        " where account_id = %(account)s order by kind, exchange_id, revision desc",
        {"account": account_id, "kinds": [str(k) for k, _ in wanted], "ids": [i for _, i in wanted]},
    )
    return {entry.key: entry for entry in map(read_entry, rows)}


def load_flows_between(db: Db, account_ids: Iterable[int], since: datetime, until: datetime) -> tuple[LedgerEntry, ...]:
    """External flows of `account_ids` that took effect in [since, until), newest revisions only, without openings."""
    rows = db.execute(
        "select * from processed_transactions t"
        " where account_id = any(%(accounts)s) and occurred_at >= %(since)s and occurred_at < %(until)s"
        " and state = 'counted' and treatment = 'flow' and kind <> 'opening'"
        " and not exists (select from processed_transactions n where n.account_id = t.account_id"
        " and n.kind = t.kind and n.exchange_id = t.exchange_id and n.revision > t.revision)"
        " order by occurred_at, id",
        {"accounts": list(account_ids), "since": since, "until": until},
    )
    return tuple(map(read_entry, rows))


def load_revisions(db: Db, ids: Iterable[int]) -> tuple[LedgerEntry, ...]:
    """The entries with these numbers."""
    rows = db.execute("select * from processed_transactions where id = any(%(ids)s) order by id", {"ids": list(ids)})
    return tuple(map(read_entry, rows))


def load_revisions_of(db: Db, transaction_id: int) -> tuple[LedgerEntry, ...]:
    """Every revision of the flow that the entry of this number belongs to, oldest first."""
    rows = db.execute(
        "select t.* from processed_transactions t join processed_transactions one on one.id = %(id)s"
        " and t.account_id = one.account_id and t.kind = one.kind and t.exchange_id = one.exchange_id"
        " order by t.revision",
        {"id": transaction_id},
    )
    return tuple(map(read_entry, rows))


def load_manual(db: Db, account_id: int) -> tuple[LedgerEntry, ...]:
    """The account's flows that the owner told, newest revisions only."""
    rows = db.execute(
        "select distinct on (kind, exchange_id) * from processed_transactions where account_id = %(account)s"
        " and kind in ('manual_in', 'manual_out') order by kind, exchange_id, revision desc",
        {"account": account_id},
    )
    return tuple(map(read_entry, rows))


def load_newest(db: Db, account_id: int, most: int) -> tuple[tuple[LedgerEntry, Decimal | None], ...]:
    """The account's last flows in the order of their times, newest revisions only, with what each was worth."""
    rows = db.execute(
        "select * from (select t.*, v.value from processed_transactions t"
        " left join flow_valuations v on v.transaction_id = t.id and v.account_id = t.account_id"
        " where t.account_id = %(account)s and not exists (select from processed_transactions n"
        " where n.account_id = t.account_id and n.kind = t.kind and n.exchange_id = t.exchange_id"
        " and n.revision > t.revision) order by coalesce(t.occurred_at, t.requested_at) desc, t.id desc"
        " limit %(most)s) newest order by coalesce(occurred_at, requested_at), id",
        {"account": account_id, "most": most},
    ).fetchall()
    return tuple((read_entry(row), row["value"]) for row in rows)


def load_pending(db: Db, account_id: int, since: datetime) -> tuple[LedgerEntry, ...]:
    """External flows requested since then whose effect the exchange does not tell yet, newest revisions only."""
    rows = db.execute(
        "select * from processed_transactions t where account_id = %(account)s and state = 'pending'"
        " and treatment = 'flow' and requested_at >= %(since)s and not exists (select from processed_transactions n"
        " where n.account_id = t.account_id and n.kind = t.kind and n.exchange_id = t.exchange_id"
        " and n.revision > t.revision) order by id",
        {"account": account_id, "since": since},
    )
    return tuple(map(read_entry, rows))


def load_waiting(db: Db, account_id: int) -> tuple[LedgerEntry, ...]:
    """Sales that can't be booked as they are told, and wait for the owner's word."""
    rows = db.execute(
        "select * from processed_transactions t where account_id = %(account)s and kind = 'card_sale'"
        " and state = 'pending' and exchange_status like '%%(more than was held)' and not exists"
        " (select from processed_transactions n where n.account_id = t.account_id and n.kind = t.kind"
        " and n.exchange_id = t.exchange_id and n.revision > t.revision) order by id",
        {"account": account_id},
    )
    return tuple(map(read_entry, rows))


def load_twins(db: Db, ids: Iterable[int]) -> tuple[tuple[LedgerEntry, LedgerEntry], ...]:
    """Pairs, one of them among `ids`, of an internal deposit or withdrawal and an equal payment near it."""
    rows = db.execute(
        "select c.id as crypto, p.id as pay from processed_transactions c join processed_transactions p"
        " on p.account_id = c.account_id and p.asset = c.asset and p.quantity = c.quantity"
        " and p.occurred_at between c.occurred_at - interval '10 minutes' and c.occurred_at + interval '10 minutes'"
        " where c.kind in ('deposit', 'withdrawal') and c.raw ->> 'transferType' = '1' and c.state = 'counted'"
        " and p.kind in ('pay_received', 'pay_sent') and p.state = 'counted'"
        " and (c.id = any(%(ids)s) or p.id = any(%(ids)s)) order by c.id, p.id",
        {"ids": list(ids)},
    ).fetchall()
    entries = {
        entry.id: entry for entry in load_revisions(db, [row[name] for row in rows for name in ("crypto", "pay")])
    }
    return tuple((entries[row["crypto"]], entries[row["pay"]]) for row in rows)


def load_retold(
    db: Db, account_id: int, *, told_after: datetime | None = None, manual_id: int | None = None
) -> tuple[tuple[LedgerEntry, LedgerEntry], ...]:
    """Pairs of a flow that the owner added and one that the exchange tells, which may be the same: of one asset and
    direction, within a day and 1 %, the nearest first.

    Of the entry `manual_id`, or of all of which one was told after `told_after` and the owner has not said that there
    were two.
    """
    rows = db.execute(
        "with standing as (select t.*, (select min(f.first_seen_at) from processed_transactions f"
        " where f.account_id = t.account_id and f.kind = t.kind and f.exchange_id = t.exchange_id"
        " and f.state = 'counted') as counted_at from processed_transactions t where account_id = %(account)s"
        " and state = 'counted' and treatment = 'flow' and kind <> 'opening' and not exists (select"
        " from processed_transactions n where n.account_id = t.account_id and n.kind = t.kind"
        " and n.exchange_id = t.exchange_id and n.revision > t.revision))"
        " select m.id as manual, r.id as told from standing m join standing r on r.asset = m.asset"
        " and sign(r.quantity) = sign(m.quantity) and least(abs(r.amount - m.amount), abs(abs(r.quantity) - m.amount))"
        " <= r.amount * %(share)s and r.occurred_at between m.occurred_at - %(apart)s and m.occurred_at + %(apart)s"
        " where m.kind = any(%(manual_kinds)s) and r.kind <> all(%(manual_kinds)s) and (m.id = %(manual)s"
        " or (greatest(m.counted_at, r.counted_at) > %(after)s and not exists (select from processed_transactions o"
        " where o.account_id = m.account_id and o.kind = m.kind and o.exchange_id = m.exchange_id"
        " and o.exchange_status = %(retold)s)))"
        " order by greatest(r.occurred_at - m.occurred_at, m.occurred_at - r.occurred_at), m.id, r.id",
        {
            "account": account_id,
            "after": told_after,
            "manual": manual_id,
            "retold": RETOLD,
            "share": RETOLD_SHARE,
            "apart": RETOLD_APART,
            "manual_kinds": [str(FlowKind.MANUAL_IN), str(FlowKind.MANUAL_OUT)],
        },
    ).fetchall()
    entries = {one.id: one for one in load_revisions(db, [row[name] for row in rows for name in ("manual", "told")])}
    return tuple((entries[row["manual"]], entries[row["told"]]) for row in rows)


def load_opening(db: Db, account_id: int) -> int | None:
    """The ledger entry of the account's opening, None if it began empty."""
    row = db.execute(
        "select id from processed_transactions t where account_id = %(account)s and kind = 'opening'"
        " and state = 'counted' and not exists (select from processed_transactions n"
        " where n.account_id = t.account_id and n.kind = t.kind and n.exchange_id = t.exchange_id"
        " and n.revision > t.revision) order by occurred_at, id limit 1",
        {"account": account_id},
    ).fetchone()
    return int(row["id"]) if row else None


def record_entries(db: Db, entries: Iterable[LedgerEntry], run_id: int | None) -> tuple[LedgerEntry, ...]:
    """Add `entries` to the ledger and return them with their ids."""
    return tuple(replace(entry, id=_insert(db, entry, run_id)) for entry in entries)


def _insert(db: Db, entry: LedgerEntry, run_id: int | None) -> int:
    row = db.execute(
        "insert into processed_transactions (account_id, kind, exchange_id, revision, state, exchange_status, asset,"
        " amount, fee, requested_at, occurred_at, first_seen_at, run_id, treatment, is_manual, note, reference, raw,"
        " told_at, told_amount, told_fee) values (%(account)s, %(kind)s, %(exchange_id)s, %(revision)s, %(state)s, %(status)s, %(asset)s, %(amount)s,"
        " %(fee)s, %(requested_at)s, %(occurred_at)s, %(first_seen_at)s, %(run)s, %(treatment)s, %(is_manual)s,"
        " %(note)s, %(reference)s, %(raw)s, %(told_at)s, %(told_amount)s, %(told_fee)s) returning id",
        {
            "account": entry.account_id,
            "kind": str(entry.kind),
            "exchange_id": entry.exchange_id,
            "revision": entry.revision,
            "state": str(entry.state),
            "status": entry.exchange_status,
            "asset": entry.asset,
            "amount": entry.amount,
            "fee": entry.fee,
            "requested_at": entry.requested_at,
            "occurred_at": entry.occurred_at,
            "first_seen_at": entry.first_seen_at,
            "run": run_id,
            "treatment": str(entry.treatment),
            "is_manual": entry.is_manual,
            "note": entry.note,
            "reference": entry.reference,
            "raw": Jsonb(entry.raw),
            "told_at": entry.told_at,
            "told_amount": entry.told_amount,
            "told_fee": entry.told_fee,
        },
    ).fetchone()
    assert row
    return int(row["id"])


def load_movements_between(
    db: Db, account_ids: Iterable[int], since: datetime, until: datetime
) -> tuple[LedgerEntry, ...]:
    """Everything of the ledger that moved quantities in [since, until): flows, and what the owner says is none."""
    rows = db.execute(
        "select * from processed_transactions t"
        " where account_id = any(%(accounts)s) and occurred_at >= %(since)s and occurred_at < %(until)s"
        " and state = 'counted' and kind <> 'opening'"
        " and not exists (select from processed_transactions n where n.account_id = t.account_id"
        " and n.kind = t.kind and n.exchange_id = t.exchange_id and n.revision > t.revision)"
        " order by occurred_at, id",
        {"accounts": list(account_ids), "since": since, "until": until},
    )
    return tuple(map(read_entry, rows))


def read_entry(row: dict[str, Any]) -> LedgerEntry:
    """A row of the ledger as an entry."""
    return LedgerEntry(
        id=row["id"],
        account_id=row["account_id"],
        kind=FlowKind(row["kind"]),
        exchange_id=row["exchange_id"],
        revision=row["revision"],
        state=FlowState(row["state"]),
        exchange_status=row["exchange_status"],
        asset=row["asset"],
        amount=row["amount"],
        fee=row["fee"],
        requested_at=row["requested_at"],
        occurred_at=row["occurred_at"],
        first_seen_at=row["first_seen_at"],
        treatment=Treatment(row["treatment"]),
        is_manual=row["is_manual"],
        note=row["note"],
        reference=row["reference"],
        raw=row["raw"],
        told_at=row["told_at"],
        told_amount=row["told_amount"],
        told_fee=row["told_fee"],
    )
