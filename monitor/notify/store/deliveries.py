"""Messages of alerts on their way to targets, and the lock that keeps two processes from sending the same."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sql.locks import SENDING_LOCK
from sql.rows import Db, load_rows, load_value

GIVE_UP = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that waits for a target."""

    id: int
    written_at: datetime
    title: str
    body: str
    is_alarm: bool  # something began; otherwise it is over
    was_interrupted: bool  # an earlier attempt ended without a result: it may have arrived


@contextmanager
def sending_lock(db: Db) -> Iterator[bool]:
    """Whether nobody else sends alerts now; nobody does until the end of the block if so."""
    is_held: bool = load_value(db, "select pg_try_advisory_lock(%(lock)s)", {"lock": SENDING_LOCK})
    try:
        yield is_held
    finally:
        if is_held:
            db.execute("select pg_advisory_unlock(%(lock)s)", {"lock": SENDING_LOCK})


def plan_deliveries(db: Db, targets: Sequence[str], now: datetime) -> None:
    """Give every message its deliveries: what goes on is sent to all targets, what is over to those that got its beginning.

    Deliveries nobody can make any more are given up: of a target that left the settings, three days old, or
    interrupted twice, so that a message arrives twice at most.
    """
    known = {"targets": list(targets), "now": now, "oldest": now - GIVE_UP}
    db.execute(
        """
        insert into alert_deliveries (message_id, target, planned_at, changed_at)
        select m.id, t.target, %(now)s, %(now)s
        from alert_messages m
        join alert_episodes e on e.id = m.episode_id
        cross join unnest(%(targets)s::text[]) as t (target)
        where (m.phase = 'begun' and e.ended_at is null)
          or (
            m.written_at > %(oldest)s
              and (
                m.phase = 'past'
                  or (
                    m.phase = 'over'
                      and exists (
                        select from alert_deliveries d
                        join alert_messages b on b.id = d.message_id
                        where b.episode_id = e.id and b.phase = 'begun' and d.target = t.target
                      )
                  )
              )
          )
        on conflict do nothing
        """,
        known,
    )
    db.execute(
        """
        update alert_deliveries
        set state = 'dropped', changed_at = %(now)s,
          failure = case when target <> all (%(targets)s) then 'the target is no longer in NOTIFY_URLS' when
            state = 'sending' then 'interrupted twice: it may have arrived' else 'given up after three days: '
            || failure end
        where state in ('waiting', 'sending')
          and (
            target <> all (%(targets)s) or (state = 'sending' and was_interrupted) or planned_at < %(oldest)s
          )
        """,
        known,
    )


def load_waiting(db: Db, target: str, *, critical_only: bool) -> tuple[Message, ...]:
    """The messages a target has not got, oldest first; `critical_only`: what may be sent in quiet hours."""
    return load_rows(
        db,
        Message,
        """
        select m.id, m.written_at, m.title, m.body, m.phase <> 'over' as is_alarm,
          d.state = 'sending' as was_interrupted
        from alert_deliveries d
        join alert_messages m on m.id = d.message_id
        join alert_episodes e on e.id = m.episode_id
        where d.target = %(target)s
          and d.state in ('waiting', 'sending')
          and (not %(critical)s or (e.is_critical and m.phase = 'begun'))
        order by m.id
        """,
        {"target": target, "critical": critical_only},
    )


def record_attempt(db: Db, target: str, messages: Sequence[Message], now: datetime) -> None:
    """Note that the messages are being sent now: a run that is killed meanwhile leaves this."""
    db.execute(
        """
        update alert_deliveries
        set was_interrupted = state = 'sending', state = 'sending', attempts = attempts + 1,
          changed_at = %(now)s
        where target = %(target)s and message_id = any (%(ids)s)
        """,
        {"target": target, "ids": [message.id for message in messages], "now": now},
    )


def record_result(db: Db, target: str, messages: Sequence[Message], failure: str, now: datetime) -> None:
    """Note how the attempt ended; an empty `failure` means that the messages arrived."""
    db.execute(
        """
        update alert_deliveries
        set state = %(state)s, failure = %(failure)s, was_interrupted = false, changed_at = %(now)s
        where target = %(target)s and message_id = any (%(ids)s)
        """,
        {
            "target": target,
            "ids": [message.id for message in messages],
            "state": "waiting" if failure else "sent",
            "failure": failure,
            "now": now,
        },
    )
