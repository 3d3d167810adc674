"""How far each history of an account has been read, and which ones it does not have."""

from collections.abc import Iterable
from datetime import datetime

from finance.records import FlowKind
from monitor.database import Db
from monitor.exchanges.contract import SourceReading, SourceState
from monitor.ledger.lookback import SourceMarks, choose_beginning_of_day

FLOW_KINDS = frozenset(map(str, FlowKind))
STATES = {SourceState.ABSENT: "not_opened", SourceState.REFUSED: "refused"}


def load_source_marks(db: Db, account_id: int) -> SourceMarks:
    """What is remembered of the account's histories."""
    cursors = db.execute("select kind, through from flow_cursors where account_id = %(id)s", {"id": account_id})
    pending = db.execute(
        "select kind, min(requested_at) as oldest from processed_transactions t"
        " where account_id = %(id)s and state = 'pending'"
        " and not exists (select from processed_transactions n where n.account_id = t.account_id"
        " and n.kind = t.kind and n.exchange_id = t.exchange_id and n.revision > t.revision) group by kind",
        {"id": account_id},
    )
    absent = db.execute(
        "select wallet, checked_at from account_wallets"
        " where account_id = %(id)s and state = 'not_opened' and checked_at is not null",
        {"id": account_id},
    )
    told = db.execute("select distinct kind from processed_transactions where account_id = %(id)s", {"id": account_id})
    newest = db.execute(
        "select state from explanations where account_id = %(id)s order by hour desc limit 1", {"id": account_id}
    ).fetchone()
    return SourceMarks(
        cursors={row["kind"]: row["through"] for row in cursors},
        pending={FlowKind(row["kind"]): row["oldest"] for row in pending},
        absent={row["wallet"]: row["checked_at"] for row in absent},
        told=frozenset(FlowKind(row["kind"]) for row in told if row["kind"] in FLOW_KINDS),
        is_unexplained=newest is not None and newest["state"] == "unexplained",
        day_begins=choose_beginning_of_day(account_id),
    )


def record_source_marks(db: Db, account_id: int, readings: Iterable[SourceReading], taken_at: datetime) -> None:
    """Remember that the sources that were read are known up to `taken_at`, and which ones the exchange refuses.

    A cursor never moves back; a source that failed, or is behind as it was before, changes nothing.
    """
    readings = tuple(readings)
    db.cursor().executemany(
        "insert into flow_cursors (account_id, kind, through) values (%(account)s, %(kind)s, %(through)s)"
        " on conflict (account_id, kind) do update set through = greatest(flow_cursors.through, excluded.through)",
        [
            {"account": account_id, "kind": reading.source, "through": reading.through or taken_at}
            for reading in readings
            if reading.state is SourceState.READ or reading.through
        ],
    )
    db.cursor().executemany(
        "update account_wallets set state = 'enabled', since = %(at)s, checked_at = %(at)s, message = ''"
        " where account_id = %(account)s and wallet = %(source)s and state in ('not_opened', 'refused')",
        [
            {"account": account_id, "source": reading.source, "at": taken_at}
            for reading in readings
            if reading.state is SourceState.READ
        ],
    )
    db.cursor().executemany(
        "insert into account_wallets (account_id, wallet, state, since, message, checked_at)"
        " values (%(account)s, %(source)s, %(state)s, %(at)s, %(message)s, %(at)s)"
        " on conflict (account_id, wallet) do update set checked_at = excluded.checked_at,"
        " since = case when account_wallets.state = excluded.state then account_wallets.since else excluded.since end,"
        " message = excluded.message, state = excluded.state",
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
