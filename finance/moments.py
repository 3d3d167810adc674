"""Moments by the clock: the minute and the hour that contain one, in UTC."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # before everything that is stored
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def second_of(moment: datetime) -> datetime:
    """The second that contains `moment`."""
    return moment.replace(microsecond=0)


def minute_of(moment: datetime) -> datetime:
    """The minute that contains `moment`."""
    return moment.replace(second=0, microsecond=0)


def hour_of(moment: datetime) -> datetime:
    """The hour that contains `moment`."""
    return moment.replace(minute=0, second=0, microsecond=0)


def ceil_hour(moment: datetime) -> datetime:
    """The first full hour that is not before `moment`."""
    hour = hour_of(moment)
    return hour if hour == moment else hour + HOUR
