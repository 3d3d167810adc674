"""What several commands are given, and what they read of their arguments in the same way."""

import argparse
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from monitor.settings import Settings
from sql.rows import Db

Opener = Callable[[Settings], AbstractContextManager[Db]]  # of the database, by a command that opens it itself
Clock = Callable[[], datetime]


def read_time(text: str) -> datetime:
    """A time in UTC, which it is if it does not say otherwise. Raises ArgumentTypeError for what is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no time. Give a UTC time like 2026-01-31 or 2026-01-31T08:00Z"
        ) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_note(text: str) -> str:
    """The owner's reason for a word, which is stored with it. Raises ArgumentTypeError where there is none."""
    if not text.strip():
        raise argparse.ArgumentTypeError("say in a few words why. It is shown with it for ever")
    return text.strip()
