"""The flow ledger and its cursors: added to, never edited."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from monitor.exchanges.happenings import FlowKind, FlowState
from monitor.flows import FlowKey, LedgerEntry
from monitor.store import Db

CURSOR = "deposits and withdrawals"


def load_entries(db: Db, account_id: int, keys: Iterable[FlowKey]) -> dict[FlowKey, LedgerEntry]:
    """The newest revision of each of `keys` that the ledger has."""
    wanted = list(keys)
    rows = db.execute(
        "select distinct on (kind, exchange_id) * from processed_transactions t"
        " join unnest(%(kinds)s::text[], %(ids)s::text[]) as w (kind, exchange_id) using (kind, exchange_id)"
        " where account_id = %(account)s order by kind, exchange_id, revision desc",
        {"account": account_id, "kinds": [str(k) for k, _ in wanted], "ids": [i for _, i in wanted]},
    )
    return {entry.key: entry for entry in map(_entry, rows)}


def load_flows_between(db: Db, account_ids: Iterable[int], since: datetime, until: datetime) -> tuple[LedgerEntry, ...]:
    """Counted deposits and withdrawals of `account_ids` that took effect in [since, until), newest revisions only."""
    rows = db.execute(
        "select * from processed_transactions t"
        " where account_id = any(%(accounts)s) and occurred_at >= %(since)s and occurred_at < %(until)s"
        " and state = 'counted' and kind in ('deposit', 'withdrawal')"
        " and not exists (select from processed_transactions n where n.account_id = t.account_id"
        " and n.kind = t.kind and n.exchange_id = t.exchange_id and n.revision > t.revision)"
        " order by occurred_at, id",
        {"accounts": list(account_ids), "since": since, "until": until},
    )
    return tuple(map(_entry, rows))


def load_opening(db: Db, account_id: int) -> int | None:
    """The ledger entry of the account's opening, None if it began empty."""
    row = db.execute(
        "select id from processed_transactions where account_id = %(account)s and kind = 'opening'"
        " and state = 'counted' order by occurred_at, id limit 1",
        {"account": account_id},
    ).fetchone()
    return int(row["id"]) if row else None


def load_oldest_pending(db: Db, account_id: int) -> datetime | None:
    """When the oldest flow that is still pending was requested."""
    row = db.execute(
        "select min(requested_at) as oldest from processed_transactions t"
        " where account_id = %(account)s and state = 'pending'"
        " and not exists (select from processed_transactions n where n.account_id = t.account_id"
        " and n.kind = t.kind and n.exchange_id = t.exchange_id and n.revision > t.revision)",
        {"account": account_id},
    ).fetchone()
    return row["oldest"] if row else None


def load_changes_since(db: Db, hour: datetime) -> datetime | None:
    """The earliest moment at which a flow took effect that the runs of `hour` added to or changed in the ledger."""
    row = db.execute(
        "select min(coalesce(t.occurred_at, p.occurred_at)) as earliest from processed_transactions t"
        " join runs r on r.id = t.run_id left join processed_transactions p on p.account_id = t.account_id"
        " and p.kind = t.kind and p.exchange_id = t.exchange_id and p.revision = t.revision - 1"
        " where r.hour = %(hour)s and t.kind in ('deposit', 'withdrawal')",
        {"hour": hour},
    ).fetchone()
    earliest: datetime | None = row["earliest"] if row else None
    return earliest.replace(microsecond=0) if earliest else None


def record_entries(db: Db, entries: Iterable[LedgerEntry], run_id: int | None) -> tuple[LedgerEntry, ...]:
    """Add `entries` to the ledger and return them with their ids."""
    return tuple(replace(entry, id=_insert(db, entry, run_id)) for entry in entries)


def _insert(db: Db, entry: LedgerEntry, run_id: int | None) -> int:
    row = db.execute(
        "insert into processed_transactions (account_id, kind, exchange_id, revision, state, exchange_status, asset,"
        " amount, fee, requested_at, occurred_at, first_seen_at, run_id, raw) values (%(account)s, %(kind)s,"
        " %(exchange_id)s, %(revision)s, %(state)s, %(status)s, %(asset)s, %(amount)s, %(fee)s, %(requested_at)s,"
        " %(occurred_at)s, %(first_seen_at)s, %(run)s, %(raw)s) returning id",
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
            "raw": Jsonb(entry.raw),
        },
    ).fetchone()
    assert row
    return int(row["id"])


def load_cursor(db: Db, account_id: int) -> datetime | None:
    """Up to when the account's flows have been read completely."""
    row = db.execute(
        "select through from flow_cursors where account_id = %(account)s and kind = %(kind)s",
        {"account": account_id, "kind": CURSOR},
    ).fetchone()
    return row["through"] if row else None


def record_cursor(db: Db, account_id: int, through: datetime) -> None:
    """Remember that every page up to `through` was read; never moves back."""
    db.execute(
        "insert into flow_cursors (account_id, kind, through) values (%(account)s, %(kind)s, %(through)s)"
        " on conflict (account_id, kind) do update set through = greatest(flow_cursors.through, excluded.through)",
        {"account": account_id, "kind": CURSOR, "through": through},
    )


def _entry(row: dict[str, Any]) -> LedgerEntry:
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
        raw=row["raw"],
    )
