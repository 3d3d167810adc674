"""The alert that the database can't be used: sent without it, once, and once more when it is back.

The mark of having sent it is a file in DATA_DIR, for there is nowhere else to keep it.
"""

import logging
import time
from datetime import datetime
from pathlib import Path

from finance.portfolios import ALL_ACCOUNTS
from monitor.alert_settings import Rule
from monitor.notify.delivery import SENDING_SECONDS, Target, name_targets, send, share_time
from monitor.notify.judgement import Begun, Finding, format_hour, quote
from monitor.settings import Settings

MARK = "database-away.told"  # an earlier version may have made it: the name stays
log = logging.getLogger(__name__)


def send_absence(settings: Settings, reason: str, now: datetime) -> None:
    """Send the alert that the database can't be used, unless it was sent: marked as sent when any target got it."""
    mark = settings.data_dir / MARK
    if mark.exists() or not settings.notify_rules.watches(Rule.DATABASE):
        return
    title = "The database can't be used"
    body = (
        f"No hour can be recorded, {format_hour(now)}: {quote(reason)}. Look at the disk's free space and at: python -m "
        "sql status. Hours that are missed are shown as gaps."
    )
    targets, until = name_targets(settings.notify_urls), time.monotonic() + SENDING_SECONDS
    sent = [_send(target, title, body, share_time(until, len(targets) - n)) for n, target in enumerate(targets)]
    if any(sent):
        _make(mark, now)


def _send(target: Target, title: str, body: str, seconds: float) -> bool:
    """Whether a target took the message within `seconds`."""
    no_time = "there is no time left for sending"
    failure = send(target, title, body, is_alarm=True, seconds=seconds) if seconds else no_time
    if failure:
        log.warning("An alert could not be sent to %s: %s", target.name, failure)
    return not failure


def find_ended_absence(settings: Settings, now: datetime) -> list[tuple[Begun, datetime]]:
    """The absence that was sent and is over, with its beginning; nothing where there was none."""
    began = _read(settings.data_dir / MARK)
    if began is None:
        return []
    finding = Finding(
        title="Over: the database can be used again",
        body=f"It could not be used from {format_hour(began)} until {format_hour(now)}. Missed hours are shown as gaps.",
    )
    return [(Begun(account_id=ALL_ACCOUNTS, rule=Rule.DATABASE, finding=finding), began)]


def forget_absence(settings: Settings) -> None:
    """Remove the mark, once its end is recorded."""
    (settings.data_dir / MARK).unlink(missing_ok=True)


def _make(mark: Path, now: datetime) -> None:
    try:
        mark.write_text(now.isoformat(), encoding="ascii")
    except OSError as error:
        log.warning("%s could not be written (%s): the next look sends it again.", mark, error.strerror)


def _read(mark: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(mark.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
