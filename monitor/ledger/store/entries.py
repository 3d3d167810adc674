"""The flow ledger and its cursors: added to, never edited."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb

from finance.ledger_entries import FlowKey, LedgerEntry, Treatment
from finance.records import FeePlace, FlowKind, FlowState
from sql.rows import Db, load_rows, load_value

NEWEST = """
    not exists (
      select from processed_transactions n
      where n.account_id = t.account_id
        and n.kind = t.kind
        and n.exchange_id = t.exchange_id
        and n.revision > t.revision
    )
    """


def load_entries(db: Db, account_id: int, keys: Iterable[FlowKey]) -> dict[FlowKey, LedgerEntry]:
    """The newest revision of each of `keys` that the ledger has."""
    wanted = list(keys)
    found = load_rows(
        db,
        read_entry,
        """
        select distinct on (kind, exchange_id) *
        from processed_transactions t
        join unnest(%(kinds)s::text[], %(ids)s::text[]) as w (kind, exchange_id) using (kind, exchange_id)
        where account_id = %(account)s
        order by kind, exchange_id, revision desc
        """,
        {"account": account_id, "kinds": [str(k) for k, _ in wanted], "ids": [i for _, i in wanted]},
    )
    return {entry.key: entry for entry in found}


def load_flows_between(db: Db, account_ids: Iterable[int], since: datetime, until: datetime) -> tuple[LedgerEntry, ...]:
    """External flows of `account_ids` that took effect in [since, until), newest revisions only, without openings."""
    return load_rows(
        db,
        read_entry,
        f"""
        select *
        from processed_transactions t
        where account_id = any(%(accounts)s)
          and occurred_at >= %(since)s
          and occurred_at < %(until)s
          and state = 'counted'
          and treatment = 'flow'
          and kind <> 'opening'
          and {NEWEST}
        order by occurred_at, id
        """,
        {"accounts": list(account_ids), "since": since, "until": until},
    )


def load_revisions(db: Db, ids: Iterable[int]) -> tuple[LedgerEntry, ...]:
    """The entries with these numbers; without any the server is not asked."""
    asked = list(ids)
    statement = "select * from processed_transactions where id = any(%(ids)s) order by id"
    return load_rows(db, read_entry, statement, {"ids": asked}) if asked else ()


def load_revisions_of(db: Db, transaction_id: int) -> tuple[LedgerEntry, ...]:
    """Every revision of the flow that the entry of this number belongs to, oldest first."""
    return load_rows(
        db,
        read_entry,
        """
        select t.*
        from processed_transactions t
        join processed_transactions one
          on one.id = %(id)s
          and t.account_id = one.account_id
          and t.kind = one.kind
          and t.exchange_id = one.exchange_id
        order by t.revision
        """,
        {"id": transaction_id},
    )


def load_manual(db: Db, account_id: int) -> tuple[LedgerEntry, ...]:
    """The account's flows that the owner added, newest revisions only."""
    return load_rows(
        db,
        read_entry,
        """
        select distinct on (kind, exchange_id) *
        from processed_transactions
        where account_id = %(account)s and kind in ('manual_in', 'manual_out')
        order by kind, exchange_id, revision desc
        """,
        {"account": account_id},
    )


def load_newest(db: Db, account_id: int, most: int) -> tuple[tuple[LedgerEntry, Decimal | None], ...]:
    """The account's last flows in the order of their times, newest revisions only, with what each was worth."""
    return load_rows(
        db,
        _read_valued,
        f"""
        select *
        from (
          select t.*, v.value
          from processed_transactions t
          left join flow_valuations v on v.transaction_id = t.id and v.account_id = t.account_id
          where t.account_id = %(account)s
            and {NEWEST}
          order by coalesce(t.occurred_at, t.requested_at) desc, t.id desc
          limit %(most)s
        ) newest
        order by coalesce(occurred_at, requested_at), id
        """,
        {"account": account_id, "most": most},
    )


def _read_valued(*, value: Decimal | None, **columns: Any) -> tuple[LedgerEntry, Decimal | None]:
    return read_entry(**columns), value


def load_opening(db: Db, account_id: int) -> int | None:
    """The ledger entry of the account's opening, None if it began empty."""
    entry_id: int | None = load_value(
        db,
        f"""
        select id
        from processed_transactions t
        where account_id = %(account)s
          and kind = 'opening'
          and state = 'counted'
          and {NEWEST}
        order by occurred_at, id
        limit 1
        """,
        {"account": account_id},
    )
    return entry_id


def record_entries(db: Db, entries: Iterable[LedgerEntry], run_id: int | None) -> tuple[LedgerEntry, ...]:
    """Add `entries` to the ledger and return them with their ids."""
    return tuple(replace(entry, id=_insert(db, entry, run_id)) for entry in entries)


def _insert(db: Db, entry: LedgerEntry, run_id: int | None) -> int:
    entry_id: int = load_value(
        db,
        """
        insert into processed_transactions (
          account_id, kind, exchange_id, revision, state, exchange_status, asset, amount, fee, requested_at,
          occurred_at, first_seen_at, run_id, treatment, is_manual, note, reference, raw, told_at, told_amount,
          told_fee, assumed_fee, network, address
        )
        values (
          %(account)s, %(kind)s, %(exchange_id)s, %(revision)s, %(state)s, %(status)s, %(asset)s, %(amount)s,
          %(fee)s, %(requested_at)s, %(occurred_at)s, %(first_seen_at)s, %(run)s, %(treatment)s, %(is_manual)s,
          %(note)s, %(reference)s, %(raw)s, %(told_at)s, %(told_amount)s, %(told_fee)s, %(assumed_fee)s,
          %(network)s, %(address)s
        )
        returning id
        """,
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
            "assumed_fee": entry.assumed_fee,
            "network": entry.network,
            "address": entry.address,
        },
    )
    return entry_id


def read_entry(
    *,
    kind: str,
    state: str,
    treatment: str,
    assumed_fee: str | None,
    quantity: Decimal,
    run_id: int | None,
    **others: Any,
) -> LedgerEntry:
    """The entry of a ledger row's columns; its quantity follows from the rest, and its run stays in the database."""
    return LedgerEntry(
        kind=FlowKind(kind),
        state=FlowState(state),
        treatment=Treatment(treatment),
        assumed_fee=FeePlace(assumed_fee) if assumed_fee else None,
        **others,
    )
