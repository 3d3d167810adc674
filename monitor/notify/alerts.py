"""From stored facts to sent messages, after a run and by the scheduler.

The hour is recorded before this begins and is not touched by it, and the run's lock is free: a slow target keeps nobody
from reading. Episodes and their messages are one transaction; who sends is one process at a time; a message's attempt is noted before it is sent and its result after, so a run killed between the two makes the next one
repeat the message, saying so, and never a third time.
"""

import logging
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from finance.moments import hour_of
from finance.portfolios import ALL_ACCOUNTS
from monitor.alert_settings import Rule, Thresholds
from monitor.notify.delivery import (
    SENDING_SECONDS,
    SHORTEST_SECONDS,
    Target,
    join_messages,
    name_targets,
    send,
    share_time,
)
from monitor.notify.judgement import Begun, Judgement, Pages, Watched, follow_episodes, format_hour
from monitor.notify.performance_rules import judge_performance
from monitor.notify.reading_rules import judge_disk, judge_freshness, judge_reading
from monitor.notify.store.alert_facts import (
    load_freshness,
    load_judged_portfolios,
    load_readings,
    load_tracked,
)
from monitor.notify.store.alerts import (
    episodes_changing,
    load_open_episodes,
    record_begun,
    record_end,
    record_end_with_message,
    record_ended_episode,
)
from monitor.notify.store.deliveries import (
    Message,
    load_waiting,
    plan_deliveries,
    record_attempt,
    record_result,
    sending_lock,
)
from monitor.notify.store.figures import load_figures
from monitor.settings import Settings
from sql.rows import Db

log = logging.getLogger(__name__)
AT_ONCE = 5  # messages in one sending: services cut long ones
PERFORMANCE = (Rule.BEHIND, Rule.DRAWDOWN, Rule.MOVE)
READING = (
    Rule.INCOMPLETE,
    Rule.UNEXPLAINED,
    Rule.REFUSED,
    Rule.DIFFERENCE,
    Rule.TRANSFERS,
    Rule.SWITCHED,
    Rule.KEY_EXPIRY,
    Rule.KEY_RIGHTS,
)
REPEATED = "(Perhaps sent before: the attempt was interrupted.)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look at the facts came to."""

    judgements: Sequence[Judgement]
    already_over: Sequence[tuple[Begun, datetime]] = ()  # what is over already, and when it began


def raise_alerts(db: Db, settings: Settings, now: datetime, seconds: float = SENDING_SECONDS) -> None:
    """Judge every rule after a run and send what began and ended, within `seconds`. A failure is logged: the hour is
    recorded.
    """
    try:
        send_alerts(db, settings, Look(judgements=judge_all(db, settings, now)), now, seconds)
    except psycopg.Error as error:
        log.warning("Alerts wait for the next run: %s", " ".join(str(error).split()))


def send_alerts(db: Db, settings: Settings, look: Look, now: datetime, seconds: float = SENDING_SECONDS) -> None:
    """Record what the look changed, and within `seconds` deliver what waits, unless another process is doing so."""
    with episodes_changing(db):
        _record_turns(db, settings.notify_rules, look, now)
    with sending_lock(db) as is_held:
        if is_held:
            _deliver_all(db, settings, now, time.monotonic() + seconds)


def _deliver_all(db: Db, settings: Settings, now: datetime, until: float) -> None:
    targets = name_targets(settings.notify_urls)
    plan_deliveries(db, [target.name for target in targets], now)
    is_quiet = settings.notify_quiet.contain(now)
    waiting = {target: load_waiting(db, target.name, critical_only=is_quiet) for target in targets}
    concerned = [target for target in targets if waiting[target]]
    for number, target in enumerate(concerned):
        seconds = share_time(until, len(concerned) - number)
        if not seconds:
            log.warning("Alerts to %s wait for the next run: there is no time left for sending.", target.name)
            continue
        _deliver(db, target, waiting[target], now, time.monotonic() + seconds)


def judge_all(db: Db, settings: Settings, now: datetime) -> list[Judgement]:
    """What every rule says of the hour of `now`; performance only where that hour has a figure."""
    hour = hour_of(now)
    limits = settings.notify_rules
    pages = Pages(address=settings.notify_link, portfolios=load_judged_portfolios(db, hour))
    judged = judge_stale(db, settings, now)
    for reading in load_readings(db, now):
        judged += judge_reading(reading, limits, pages, now)
    for figures in load_figures(db, hour, limits.behind_days):
        judged += judge_performance(figures, limits, pages)
    return judged


def judge_stale(db: Db, settings: Settings, now: datetime) -> list[Judgement]:
    """Whether hours are being recorded at all, and will be."""
    freshness = load_freshness(db)
    if freshness is None:
        return []
    limits, pages = settings.notify_rules, Pages(address=settings.notify_link)
    folder = settings.data_dir.resolve()
    place = next(
        one for one in (folder, *folder.parents) if one.exists()
    )  # with a server of one's own it may not exist
    free_bytes = shutil.disk_usage(place).free
    judged = (judge_freshness(freshness, limits, pages, now), judge_disk(free_bytes, limits))
    return [judgement for judgement in judged if judgement]


def _record_turns(db: Db, limits: Thresholds, look: Look, now: datetime) -> None:
    turns = follow_episodes(load_open_episodes(db), look.judgements, _watched(db, limits, now))
    for begun in turns.begun:
        record_begun(db, begun, now)
    for ended in turns.ended:
        record_end_with_message(db, ended, now)
    for episode in turns.unwatched:
        record_end(db, episode.id, "This is not watched any more.", now)
    for begun, began_at in look.already_over:
        record_ended_episode(db, begun, began_at, now)


def _deliver(db: Db, target: Target, waiting: Sequence[Message], now: datetime, until: float) -> None:
    """Send what waits for a target, the oldest first, until the first failure or `until` (monotonic)."""
    for first in range(0, len(waiting), AT_ONCE):
        seconds = until - time.monotonic()
        if first and seconds < SHORTEST_SECONDS:
            return
        messages = waiting[first : first + AT_ONCE]
        record_attempt(db, target.name, messages, now)
        title, body = join_messages([_word(message, now) for message in messages])
        is_alarm = any(message.is_alarm for message in messages)
        failure = send(target, title, body, is_alarm=is_alarm, seconds=seconds)
        record_result(db, target.name, messages, failure, now)
        if failure:
            log.warning("An alert could not be sent to %s and waits for the next run: %s", target.name, failure)
            return


def _word(message: Message, now: datetime) -> tuple[str, str]:
    notes = []
    if message.written_at < now:
        notes.append(f"(Of {format_hour(message.written_at)}.)")
    if message.was_interrupted:
        notes.append(REPEATED)
    return message.title, " ".join([message.body, *notes])


def _watched(db: Db, limits: Thresholds, now: datetime) -> set[Watched]:
    """Every account or portfolio, and rule, that can open an episode."""
    tracked = load_tracked(db)
    watched = {(account_id, rule) for account_id in tracked for rule in (*PERFORMANCE, *READING)}
    watched |= {(ALL_ACCOUNTS, Rule.STALE), (ALL_ACCOUNTS, Rule.DISK)}
    hour = hour_of(now)
    watched |= {(number, rule) for number in load_judged_portfolios(db, hour) for rule in PERFORMANCE}
    return {(account_id, rule) for account_id, rule in watched if limits.watches(rule)}
