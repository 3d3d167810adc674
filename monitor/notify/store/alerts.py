"""Alerts: their episodes and messages, and the lock that keeps two processes from writing the same; and which alarms stand on
the dashboard's pages, and which of them the owner knows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from monitor.alert_settings import CRITICAL, Rule
from monitor.notify.judgement import Begun, Ended, Episode
from sql.locks import EPISODES_LOCK
from sql.rows import Db, load_rows, load_value


@contextmanager
def episodes_changing(db: Db) -> Iterator[None]:
    """A transaction in which nobody else opens and ends episodes; another process's is waited for."""
    with db.transaction():
        db.execute("select pg_advisory_xact_lock(%(lock)s)", {"lock": EPISODES_LOCK})
        yield


def load_open_episodes(db: Db) -> tuple[Episode, ...]:
    """The episodes that are not over, oldest first."""
    return load_rows(
        db,
        _read_episode,
        """
        select id, account_id, rule, subject, title, began_at
        from alert_episodes
        where ended_at is null
        order by id
        """,
    )


def _read_episode(*, rule: str, **columns: Any) -> Episode:
    return Episode(rule=Rule(rule), **columns)


def record_begun(db: Db, begun: Begun, now: datetime) -> None:
    """Open an episode and write its message."""
    episode_id = _record_episode(db, begun, now)
    _record_message(db, episode_id, "begun", begun.finding.title, begun.finding.body, now)


def _record_episode(db: Db, begun: Begun, began_at: datetime) -> int:
    return int(
        load_value(
            db,
            """
            insert into alert_episodes (account_id, rule, subject, is_critical, title, began_at)
            values (%(account)s, %(rule)s, %(subject)s, %(critical)s, %(title)s, %(began)s)
            returning id
            """,
            {
                "account": begun.account_id,
                "rule": begun.rule,
                "subject": begun.finding.subject,
                "critical": begun.rule in CRITICAL,
                "title": begun.finding.title,
                "began": began_at,
            },
        )
    )


def record_end_with_message(db: Db, ended: Ended, now: datetime) -> None:
    """End an episode and write its last message."""
    record_end(db, ended.episode.id, ended.relief, now)
    began = f"It began {ended.episode.began_at:%Y-%m-%d %H:%M} UTC."
    _record_message(db, ended.episode.id, "over", f"Over: {ended.episode.title}", f"{ended.relief} {began}", now)


def record_end(db: Db, episode_id: int, ending: str, now: datetime) -> None:
    """End an episode without a message."""
    db.execute(
        "update alert_episodes set ended_at = %(now)s, ending = %(ending)s where id = %(id)s",
        {"id": episode_id, "ending": ending, "now": now},
    )


def record_ended_episode(db: Db, begun: Begun, began_at: datetime, now: datetime) -> None:
    """Record what began and ended while nothing could be recorded, with the one message about it."""
    episode_id = _record_episode(db, begun, began_at)
    record_end(db, episode_id, begun.finding.body, now)
    _record_message(db, episode_id, "past", begun.finding.title, begun.finding.body, now)


def _record_message(db: Db, episode_id: int, phase: str, title: str, body: str, now: datetime) -> None:
    db.execute(
        """
        insert into alert_messages (episode_id, phase, written_at, title, body)
        values (%(episode)s, %(phase)s, %(now)s, %(title)s, %(body)s)
        """,
        {"episode": episode_id, "phase": phase, "now": now, "title": title, "body": body},
    )


LATE = timedelta(hours=1)  # after the hour that is not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What was watched and began, as it is listed."""

    title: str
    began_at: datetime
    ended_at: datetime | None  # None: it goes on
    deliveries: list[str]  # to whom, and how it went


def load_alerts(db: Db, limit: int) -> tuple[Alert, ...]:
    """The newest episodes, newest first."""
    return load_rows(
        db,
        Alert,
        """
        select e.title, e.began_at, e.ended_at,
          coalesce(
            (
              select array_agg(
                d.target || ': ' || d.state || case when d.failure <> '' then ' (' || d.failure || ')' else '' end
                order by m.id, d.target
              )
              from alert_deliveries d
              join alert_messages m on m.id = d.message_id
              where m.episode_id = e.id
            ),
            '{}'
          ) as deliveries
        from alert_episodes e
        order by e.id desc
        limit %(limit)s
        """,
        {"limit": limit},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One that stands and is not acknowledged."""

    account_id: int
    label: str
    kind: str
    since: datetime
    value: Decimal | None  # of what is unexplained, in the valuation asset
    what: str  # the coins, the wallet, or why


def load_open_alarms(db: Db, now: datetime) -> tuple[Alarm, ...]:
    """What stands at `now` and nobody has acknowledged, by account."""
    return load_rows(
        db,
        Alarm,
        """
        select f.account_id, a.label, f.kind, f.since, f.value, f.what
        from alarms f
        join accounts a on a.id = f.account_id
        where f.acknowledged_at is null and (f.kind <> 'stale' or f.since < %(late)s)
        order by f.account_id, f.kind, f.since
        """,
        {"late": now - LATE},
    )


def record_acknowledgement(db: Db, alarm: Alarm, now: datetime) -> None:
    """Note that the owner has seen it."""
    db.execute(
        """
        insert into acknowledgements (account_id, kind, since, acknowledged_at)
        values (%(account)s, %(kind)s, %(since)s, %(now)s)
        on conflict do nothing
        """,
        {"account": alarm.account_id, "kind": alarm.kind, "since": alarm.since, "now": now},
    )
