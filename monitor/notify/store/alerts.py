"""Alerts: their episodes, messages and deliveries, and the locks that keep two processes from telling the same."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.database import Db, Row
from monitor.notify.episodes import Begun, Episode, Over
from monitor.thresholds import CRITICAL, Rule
from sql.locks import EPISODES_LOCK, SENDING_LOCK

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
def episodes_changing(db: Db) -> Iterator[None]:
    """A transaction in which nobody else opens and ends episodes; another process's is waited for."""
    with db.transaction():
        db.execute("select pg_advisory_xact_lock(%(lock)s)", {"lock": EPISODES_LOCK})
        yield


@contextmanager
def sending_lock(db: Db) -> Iterator[bool]:
    """Whether nobody else sends alerts now; nobody does until the end of the block if so."""
    row = db.execute("select pg_try_advisory_lock(%(lock)s) as held", {"lock": SENDING_LOCK}).fetchone()
    is_held = bool(row and row["held"])
    try:
        yield is_held
    finally:
        if is_held:
            db.execute("select pg_advisory_unlock(%(lock)s)", {"lock": SENDING_LOCK})


def load_open_episodes(db: Db) -> tuple[Episode, ...]:
    """The episodes that are not over, oldest first."""
    rows = db.execute(
        "select id, account_id, rule, subject, title, began_at from alert_episodes where ended_at is null order by id"
    )
    return tuple(Episode(**(row | {"rule": Rule(row["rule"])})) for row in rows)


def record_begun(db: Db, begun: Begun, now: datetime) -> None:
    """Open an episode and write its message."""
    episode_id = _record_episode(db, begun, now)
    _record_message(db, episode_id, "begun", begun.finding.title, begun.finding.body, now)


def _record_episode(db: Db, begun: Begun, began_at: datetime) -> int:
    row = db.execute(
        "insert into alert_episodes (account_id, rule, subject, is_critical, title, began_at)"
        " values (%(account)s, %(rule)s, %(subject)s, %(critical)s, %(title)s, %(began)s) returning id",
        {
            "account": begun.account_id,
            "rule": begun.rule,
            "subject": begun.finding.subject,
            "critical": begun.rule in CRITICAL,
            "title": begun.finding.title,
            "began": began_at,
        },
    ).fetchone()
    assert row
    return int(row["id"])


def record_over(db: Db, over: Over, now: datetime) -> None:
    """End an episode and write its last message."""
    record_end(db, over.episode.id, over.relief, now)
    began = f"It began {over.episode.began_at:%Y-%m-%d %H:%M} UTC."
    _record_message(db, over.episode.id, "over", f"Over: {over.episode.title}", f"{over.relief} {began}", now)


def record_end(db: Db, episode_id: int, ending: str, now: datetime) -> None:
    """End an episode without a message."""
    db.execute(
        "update alert_episodes set ended_at = %(now)s, ending = %(ending)s where id = %(id)s",
        {"id": episode_id, "ending": ending, "now": now},
    )


def record_past_episode(db: Db, past: Begun, began_at: datetime, now: datetime) -> None:
    """Record what began and ended while nothing could be recorded, with the one message that tells of it."""
    episode_id = _record_episode(db, past, began_at)
    record_end(db, episode_id, past.finding.body, now)
    _record_message(db, episode_id, "past", past.finding.title, past.finding.body, now)


def _record_message(db: Db, episode_id: int, phase: str, title: str, body: str, now: datetime) -> None:
    db.execute(
        "insert into alert_messages (episode_id, phase, written_at, title, body)"
        " values (%(episode)s, %(phase)s, %(now)s, %(title)s, %(body)s)",
        {"episode": episode_id, "phase": phase, "now": now, "title": title, "body": body},
    )


def plan_deliveries(db: Db, targets: Sequence[str], now: datetime) -> None:
    """Give every message its deliveries: what goes on is told to all targets, what is over to those that heard of it.

    Deliveries nobody can make any more are given up: of a target that left the settings, three days old, or
    interrupted twice, so that a message arrives twice at most.
    """
    known = {"targets": list(targets), "now": now, "oldest": now - GIVE_UP}
    db.execute(
        "insert into alert_deliveries (message_id, target, planned_at, changed_at)"
        " select m.id, t.target, %(now)s, %(now)s from alert_messages m join alert_episodes e on e.id = m.episode_id"
        " cross join unnest(%(targets)s::text[]) as t (target)"
        " where (m.phase = 'begun' and e.ended_at is null) or (m.written_at > %(oldest)s and (m.phase = 'past'"
        " or (m.phase = 'over' and exists (select from alert_deliveries d join alert_messages b on b.id = d.message_id"
        " where b.episode_id = e.id and b.phase = 'begun' and d.target = t.target))))"
        " on conflict do nothing",
        known,
    )
    db.execute(
        "update alert_deliveries set state = 'dropped', changed_at = %(now)s, failure = case"
        " when target <> all (%(targets)s) then 'the target is no longer in NOTIFY_URLS'"
        " when state = 'sending' then 'interrupted twice: it may have arrived'"
        " else 'given up after three days: ' || failure end"
        " where state in ('waiting', 'sending') and (target <> all (%(targets)s)"
        " or (state = 'sending' and was_interrupted) or planned_at < %(oldest)s)",
        known,
    )


def load_waiting(db: Db, target: str, *, critical_only: bool) -> tuple[Message, ...]:
    """The messages a target has not got, oldest first; `critical_only`: what may be told in quiet hours."""
    rows = db.execute(
        "select m.id, m.written_at, m.title, m.body, m.phase <> 'over' as is_alarm,"
        " d.state = 'sending' as was_interrupted"
        " from alert_deliveries d join alert_messages m on m.id = d.message_id"
        " join alert_episodes e on e.id = m.episode_id where d.target = %(target)s"
        " and d.state in ('waiting', 'sending')"
        " and (not %(critical)s or (e.is_critical and m.phase = 'begun')) order by m.id",
        {"target": target, "critical": critical_only},
    )
    return tuple(Message(**row) for row in rows)


def record_attempt(db: Db, target: str, messages: Sequence[Message], now: datetime) -> None:
    """Note that the messages are being sent now: a run that is killed meanwhile leaves this."""
    db.execute(
        "update alert_deliveries set was_interrupted = state = 'sending', state = 'sending', attempts = attempts + 1,"
        " changed_at = %(now)s where target = %(target)s and message_id = any (%(ids)s)",
        {"target": target, "ids": [message.id for message in messages], "now": now},
    )


def record_result(db: Db, target: str, messages: Sequence[Message], failure: str, now: datetime) -> None:
    """Note how the attempt ended; an empty `failure` means that the messages arrived."""
    db.execute(
        "update alert_deliveries set state = %(state)s, failure = %(failure)s, was_interrupted = false,"
        " changed_at = %(now)s where target = %(target)s and message_id = any (%(ids)s)",
        {
            "target": target,
            "ids": [message.id for message in messages],
            "state": "waiting" if failure else "sent",
            "failure": failure,
            "now": now,
        },
    )


def load_alerts(db: Db, limit: int) -> list[Row]:
    """The newest episodes with their account's `label` and their `deliveries`, newest first."""
    return db.execute(
        "select e.*, a.label, coalesce((select array_agg(d.target || ': ' || d.state || case when d.failure <> ''"
        " then ' (' || d.failure || ')' else '' end order by m.id, d.target) from alert_deliveries d"
        " join alert_messages m on m.id = d.message_id where m.episode_id = e.id), '{}') as deliveries"
        " from alert_episodes e join accounts a on a.id = e.account_id order by e.id desc limit %(limit)s",
        {"limit": limit},
    ).fetchall()
