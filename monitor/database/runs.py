"""Runs, the lock that keeps them apart, pauses an exchange asked for, and the log that pages show."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from finance.moments import hour_of
from monitor.errors import LARGEST_SKEW, AlreadyRunning, ExchangePaused
from sql.locks import RUN_LOCK, try_run_lock, wait_for_run_lock
from sql.rows import Db, load_row, load_rows, load_value

LOCK_LOOK_SECONDS = 0.5
GIVE_WAY_SECONDS = 30.0  # that whoever rebuilds history has to notice that the lock is wanted
WITHOUT_RESULT = "ended without a result (killed?)"
FEW_RUNS = 100  # among which a process's number shows which attempt it was


def hold_run_lock(db: Db, patience_seconds: float = 0) -> None:
    """Take the lock of the database session, or raise AlreadyRunning. It ends with the session, even on SIGKILL.

    Who rebuilds history gives it up when asked.
    """
    deadline = time.monotonic() + patience_seconds
    while not (try_run_lock(db) or wait_for_run_lock(db, GIVE_WAY_SECONDS)):
        if time.monotonic() < deadline:
            time.sleep(LOCK_LOOK_SECONDS)
            continue
        raise AlreadyRunning("Another run is reading the accounts right now. Wait for it to end and run again.")


def release_run_lock(db: Db) -> None:
    """Let others read accounts and change history from now on: what follows is no part of the run."""
    db.execute("select pg_advisory_unlock(%(lock)s)", {"lock": RUN_LOCK})


@contextmanager
def undone(db: Db) -> Iterator[None]:
    """A transaction whose work is taken back at its end. It may wait for the exchange as long as it must."""
    with db.transaction(force_rollback=True):
        db.execute("set local idle_in_transaction_session_timeout = 0")
        yield


@contextmanager
def one_view(db: Db) -> Iterator[None]:
    """A transaction that only reads, and sees nothing of what others write meanwhile."""
    with db.transaction():
        db.execute("set transaction isolation level repeatable read, read only")
        yield


def start_run(db: Db, *, hour: datetime, now: datetime, pid: int, version: str) -> int:
    """Record the attempt, end attempts that were killed, and return its id."""
    db.execute(
        """
        update runs
        set outcome = 'failed', finished_at = %(now)s, message = %(message)s
        where outcome = 'running'
        """,
        {"now": now, "message": WITHOUT_RESULT},
    )
    run_id: int = load_value(
        db,
        """
        insert into runs (hour, started_at, pid, version)
        values (%(hour)s, %(now)s, %(pid)s, %(version)s)
        returning id
        """,
        {"hour": hour, "now": now, "pid": pid, "version": version},
    )
    return run_id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    id: int
    outcome: str
    message: str


def record_end(db: Db, began_at: datetime, pid: int, how: str, version: str) -> None:
    """Record how an earlier attempt ended, by the word of whoever started it; what it recorded itself stays."""
    newest = load_row(
        db,
        _Run,
        """
        select id, outcome, message
        from runs
        where pid = %(pid)s and id > (select max(id) from runs) - %(few)s
        order by id desc
        limit 1
        """,
        {"pid": pid, "few": FEW_RUNS},
    )
    if newest is None:
        db.execute(
            """
            insert into runs (hour, started_at, finished_at, outcome, message, pid, version)
            values (date_trunc('hour', %(at)s, 'UTC'), %(at)s, %(at)s, 'failed', %(how)s, %(pid)s, %(version)s)
            """,
            {"at": began_at, "how": how, "pid": pid, "version": version},
        )
    elif newest.outcome == "running" or newest.message == WITHOUT_RESULT:
        db.execute(
            """
            update runs
            set outcome = 'failed', message = %(how)s, finished_at = coalesce(finished_at, started_at)
            where id = %(id)s
            """,
            {"id": newest.id, "how": how},
        )


def record_broken(db: Db, run_id: int, broken: Iterable[str], now: datetime) -> None:
    """Add to a run that is over what an error of this program left undone after its hours."""
    for said in broken:
        db.execute(
            "update runs set message = concat_ws('; ', nullif(message, ''), %(said)s::text) where id = %(run)s",
            {"run": run_id, "said": said},
        )
        record_log(db, at=now, level="error", message=said, run_id=run_id)


def finish_run(db: Db, run_id: int, *, now: datetime, outcome: str, message: str, weight: dict[str, int]) -> None:
    """Record how the attempt ended and the request weight it used, by rate-limit bucket."""
    db.execute(
        """
        update runs
        set finished_at = %(now)s, outcome = %(outcome)s, message = %(message)s, weight = %(weight)s
        where id = %(run)s
        """,
        {"run": run_id, "now": now, "outcome": outcome, "message": message, "weight": Jsonb(weight)},
    )


def fail_run(db: Db, run_id: int, *, now: datetime, message: str) -> None:
    """Record that the attempt came to nothing, under the time that it should have had (`now`)."""
    hour = hour_of(now)
    db.execute(
        """
        update runs
        set hour = %(hour)s, started_at = %(now)s, finished_at = %(now)s, outcome = 'failed',
          message = %(message)s
        where id = %(run)s
        """,
        {"run": run_id, "hour": hour, "now": now, "message": message},
    )
    record_log(db, at=now, level="error", message=message, run_id=run_id)


def load_run_id(db: Db) -> int:
    """The number of the newest run."""
    return int(load_value(db, "select max(id) from runs"))


def add_weight(db: Db, weight: Mapping[str, int]) -> None:
    """Count more request weight, by bucket, for the newest run."""
    run = {"run": load_run_id(db)}
    used = Counter(load_value(db, "select weight from runs where id = %(run)s", run)) + Counter(weight)
    db.execute("update runs set weight = %(weight)s where id = %(run)s", {**run, "weight": Jsonb(used)})


def load_pauses(db: Db, now: datetime) -> dict[str, ExchangePaused]:
    """The pauses that exchanges ask for beyond `now`.

    One that is asked for in the future is not believed: our clock was wrong when it was recorded.
    """
    pauses = load_rows(
        db,
        _pause,
        """
        select exchange, asked_at, not_before, reason
        from exchange_pauses
        where not_before > %(now)s and asked_at <= %(believable)s
        """,
        {"now": now, "believable": now + LARGEST_SKEW},
    )
    return dict(pauses)


def _pause(exchange: str, asked_at: datetime, not_before: datetime, reason: str) -> tuple[str, ExchangePaused]:
    said = f"{reason} Nobody calls before {not_before:%Y-%m-%d %H:%M:%S} UTC."
    return exchange, ExchangePaused(said, asked_at=asked_at, not_before=not_before)


def note_pause(db: Db, exchange: str, failure: object) -> None:
    """Remember it if a failure says that nobody may call `exchange` meanwhile; the longest pause stays, and none from a clock
    that was wrong."""
    if not isinstance(failure, ExchangePaused):
        return
    db.execute(
        """
        insert into exchange_pauses (exchange, asked_at, not_before, reason)
        values (%(exchange)s, %(asked_at)s, %(not_before)s, %(reason)s)
        on conflict (exchange) do update
        set asked_at = excluded.asked_at, not_before = excluded.not_before, reason = excluded.reason
        where exchange_pauses.not_before < excluded.not_before or exchange_pauses.asked_at > %(believable)s
        """,
        {
            "exchange": exchange,
            "asked_at": failure.asked_at,
            "not_before": failure.not_before,
            "reason": str(failure),
            "believable": failure.asked_at + LARGEST_SKEW,
        },
    )


def end_false_pauses(db: Db, now: datetime) -> None:
    """End the pauses that were recorded by a clock that was ahead of `now`."""
    db.execute(
        """
        update exchange_pauses
        set asked_at = %(now)s, not_before = %(now)s
        where asked_at > %(believable)s
        """,
        {"now": now, "believable": now + LARGEST_SKEW},
    )


def record_log(
    db: Db, *, at: datetime, level: str, message: str, run_id: int | None = None, account_id: int | None = None
) -> None:
    """Add a line to the log that the pages show."""
    db.execute(
        """
        insert into system_logs (at, level, area, account_id, run_id, message)
        values (%(at)s, %(level)s, 'cycle', %(account)s, %(run)s, %(message)s)
        """,
        {"at": at, "level": level, "account": account_id, "run": run_id, "message": message},
    )
