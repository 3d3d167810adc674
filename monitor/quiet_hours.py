"""Quiet hours: what is not critical waits until they end."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FORM = re.compile(r"(\d\d?)(?::(\d\d))?-(\d\d?)(?::(\d\d))?(?:\s+(\S+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From `since` to `until` by the clock of `zone`, over midnight where `since` is later; equal: never."""

    since: time = time()
    until: time = time()
    zone: tzinfo = UTC

    def contain(self, moment: datetime) -> bool:
        """Whether an aware `moment` is quiet."""
        clock = moment.astimezone(self.zone).time()
        if self.since <= self.until:
            return self.since <= clock < self.until
        return clock >= self.since or clock < self.until

    def __str__(self) -> str:
        if self.since == self.until:
            return "none"
        return f"{self.since:%H:%M} to {self.until:%H:%M} {self.zone}"


def parse_quiet(text: str) -> QuietHours:
    """Quiet hours from "22-7 Europe/Prague" or "22:30-06:45" (UTC); none from an empty text. Raises ValueError."""
    if not text:
        return QuietHours()
    found = FORM.fullmatch(text)
    if not found:
        raise ValueError(f"'{text}' is not like 22-7 Europe/Prague")
    first_hour, first_minute, last_hour, last_minute, zone = found.groups()
    try:
        since = time(int(first_hour), int(first_minute or 0))
        until = time(int(last_hour), int(last_minute or 0))
    except ValueError:
        raise ValueError(f"'{text}' has a time of day that does not exist") from None
    try:
        return QuietHours(since=since, until=until, zone=ZoneInfo(zone) if zone else UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"'{zone}' is no time zone that this machine knows, like Europe/Prague") from None
