"""Which flows have counted, by their keys alone."""

from datetime import datetime

from finance.ledger_entries import FlowKey
from finance.records import FlowKind
from sql.rows import Db, load_rows


def load_counted_keys(db: Db, account_id: int, since: datetime) -> frozenset[FlowKey]:
    """The account's flows that took effect from `since` on, says any revision of theirs."""
    return frozenset(
        load_rows(
            db,
            _read_key,
            """
            select distinct kind, exchange_id
            from processed_transactions
            where account_id = %(account)s and occurred_at >= %(since)s and state = 'counted'
            """,
            {"account": account_id, "since": since},
        )
    )


def _read_key(*, kind: str, exchange_id: str) -> FlowKey:
    return FlowKind(kind), exchange_id
