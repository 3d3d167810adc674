"""How far each history of an account has been read, which ones it does not have, and which flows of them have counted."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from finance.ledger_entries import FlowKey
from finance.records import FlowKind
from monitor.exchanges.contract import SourceReading, SourceState
from monitor.ledger.lookback import SourceMarks, choose_beginning_of_day
from monitor.ledger.store.entries import NEWEST
from sql.rows import Db, execute_each, load_rows, load_value, load_values

FLOW_KINDS = frozenset(map(str, FlowKind))
STATES = {SourceState.ABSENT: "not_opened", SourceState.REFUSED: "refused"}


class Mark(NamedTuple):
    """A moment that is remembered of a history."""

    source: str
    at: datetime


def load_source_marks(db: Db, account_id: int) -> SourceMarks:
    """What is remembered of the account's histories."""
    cursors = load_rows(
        db, Mark, "select kind as source, through as at from flow_cursors where account_id = %(id)s", {"id": account_id}
    )
    pending = load_rows(
        db,
        Mark,
        f"""
        select kind as source, min(requested_at) as at
        from processed_transactions t
        where account_id = %(id)s
          and state = 'pending'
          and {NEWEST}
        group by kind
        """,
        {"id": account_id},
    )
    absent = load_rows(
        db,
        Mark,
        """
        select wallet as source, checked_at as at
        from account_wallets
        where account_id = %(id)s and state = 'not_opened' and checked_at is not null
        """,
        {"id": account_id},
    )
    asked = {"id": account_id}
    kinds = load_values(db, "select distinct kind from processed_transactions where account_id = %(id)s", asked)
    newest = load_value(
        db, "select state from explanations where account_id = %(id)s order by hour desc limit 1", asked
    )
    return SourceMarks(
        cursors={mark.source: mark.at for mark in cursors},
        pending={FlowKind(mark.source): mark.at for mark in pending},
        absent={mark.source: mark.at for mark in absent},
        kinds_on_record=frozenset(FlowKind(kind) for kind in kinds if kind in FLOW_KINDS),
        is_unexplained=newest == "unexplained",
        day_begins=choose_beginning_of_day(account_id),
    )


def record_source_marks(db: Db, account_id: int, readings: Iterable[SourceReading], taken_at: datetime) -> None:
    """Remember that the sources that were read are known up to `taken_at`, and which ones the exchange refuses.

    A cursor never moves back; a source that failed, or is behind as it was before, changes nothing.
    """
    readings = tuple(readings)
    execute_each(
        db,
        """
        insert into flow_cursors (account_id, kind, through)
        values (%(account)s, %(kind)s, %(through)s)
        on conflict (account_id, kind) do update
        set through = greatest(flow_cursors.through, excluded.through)
        """,
        [
            {"account": account_id, "kind": reading.source, "through": reading.through or taken_at}
            for reading in readings
            if reading.state is SourceState.READ or reading.through
        ],
    )
    execute_each(
        db,
        """
        update account_wallets
        set state = 'enabled', since = %(at)s, checked_at = %(at)s, message = ''
        where account_id = %(account)s and wallet = %(source)s and state in ('not_opened', 'refused')
        """,
        [
            {"account": account_id, "source": reading.source, "at": taken_at}
            for reading in readings
            if reading.state is SourceState.READ
        ],
    )
    execute_each(
        db,
        """
        insert into account_wallets (account_id, wallet, state, since, message, checked_at)
        values (%(account)s, %(source)s, %(state)s, %(at)s, %(message)s, %(at)s)
        on conflict (account_id, wallet) do update
        set checked_at = excluded.checked_at,
          since = case when account_wallets.state = excluded.state then account_wallets.since else
            excluded.since end,
          message = excluded.message, state = excluded.state
        """,
        [
            {
                "account": account_id,
                "source": reading.source,
                "state": STATES[reading.state],
                "at": taken_at,
                "message": reading.problem,
            }
            for reading in readings
            if reading.state in STATES
        ],
    )


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
