"""Which alerts are wanted: one limit a rule, each of which can be off, and hours in which only critical ones are sent."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

OFF = "off"
LARGEST_COUNT = 999
QUIET_FORM = re.compile(r"(\d\d?)(?::(\d\d))?-(\d\d?)(?::(\d\d))?(?:\s+(\S+))?")


class Rule(StrEnum):
    """What is watched."""

    BEHIND = "behind"
    DRAWDOWN = "drawdown"
    MOVE = "move"
    UNEXPLAINED = "unexplained"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"
    DIFFERENCE = "difference"
    TRANSFERS = "transfers"
    SWITCHED = "switched"
    KEY_EXPIRY = "key-expiry"
    KEY_RIGHTS = "key-rights"
    STALE = "stale"
    DISK = "disk"
    DATABASE = "database"  # away; goes with STALE, and is sent without a database


CRITICAL = frozenset({Rule.KEY_RIGHTS, Rule.STALE, Rule.DISK, Rule.DATABASE})  # sent in quiet hours, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The limit of each rule; None or False: the rule is off."""

    behind: Decimal | None = Decimal(5)  # percentage points of time-weighted return
    behind_days: int = 30  # over which the account is compared with its benchmark
    drawdown: Decimal | None = Decimal(20)  # percent below the highest unit price of a year
    move: Decimal | None = Decimal(10)  # percent of unit price in 24 hours, up or down
    unexplained: bool = True
    incomplete: int | None = 3  # hours in a row
    refused: bool = True
    difference: bool = True
    transfers: bool = True
    switched: bool = True
    key_expiry: int | None = 14  # days ahead
    key_rights: bool = True
    stale: int | None = 2  # hours
    disk: int | None = 500  # MB left where DATA_DIR is

    def watches(self, rule: Rule) -> bool:
        """Whether the rule is on."""
        name = Rule.STALE if rule is Rule.DATABASE else rule
        limit = getattr(self, name.replace("-", "_"))
        return limit is not None and limit is not False


def parse_rules(text: str) -> Thresholds:
    """Limits from words as in "drawdown=15 move=off"; what is not named stays usual. Raises ValueError."""
    limits: dict[str, Any] = {}
    for word in text.replace(",", " ").split():
        name, _, value = word.partition("=")
        field = name.replace("-", "_")
        if field not in Thresholds.__dataclass_fields__ or field in limits or "_" in name:
            names = " ".join(known.replace("_", "-") for known in Thresholds.__dataclass_fields__)
            raise ValueError(f"'{word}' is not one RULE=LIMIT; the rules are {names}")
        limits[field] = _parse_limit(name, value)
    return replace(Thresholds(), **limits)


def _parse_limit(name: str, value: str) -> Decimal | int | bool | None:
    if name in (Rule.UNEXPLAINED, Rule.REFUSED, Rule.DIFFERENCE, Rule.TRANSFERS, Rule.SWITCHED, Rule.KEY_RIGHTS):
        if value not in ("on", OFF):
            raise ValueError(f"{name}={value}: it is on or off")
        return value == "on"
    if value == OFF and name != "behind-days":
        return None
    if name in (Rule.BEHIND, Rule.DRAWDOWN, Rule.MOVE):
        return _parse_percent(name, value)
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= LARGEST_COUNT):
        raise ValueError(f"{name}={value}: give a whole number from 1 to {LARGEST_COUNT}")
    return int(value)


def _parse_percent(name: str, value: str) -> Decimal:
    try:
        limit = Decimal(value)
    except InvalidOperation:
        limit = Decimal(0)
    if not (limit.is_finite() and 0 < limit < 1000):
        raise ValueError(f"{name}={value}: give a number above 0, as in {name}=5, or off")
    return limit


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
    found = QUIET_FORM.fullmatch(text)
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
