"""Which stretch of time a page shows: a named period that ends now, or dates of the reader's choice, by the clock
of the reader's time zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from dashboard.errors import BadChoice
from finance.trade_metrics import Period as Calendar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMES = {
    "24h": "24 hours",
    "7d": "7 days",
    "30d": "30 days",
    "90d": "90 days",
    "ytd": "this year",
    "1y": "1 year",
    "all": "all time",
}
LENGTHS = {
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "90d": timedelta(days=90),
    "1y": timedelta(days=365),
}
CALENDAR = ("daily", "weekly", "monthly")  # the day, week or month of the last valued hour, UTC; of the JSON alone
USUAL = "all"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What the reader picked: a name of NAMES or CALENDAR, or `dates` with its first and last day."""

    key: str
    first_day: date | None = None
    last_day: date | None = None

    @property
    def name(self) -> str:
        """How the period is called in a table."""
        return NAMES.get(self.key) or f"{self.first_day} to {self.last_day}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A period within a history."""

    since: datetime
    until: datetime
    through: datetime | None  # how far lists go, beyond the last valued hour; None: to the present
    is_shorter: bool  # the history begins after the period does

    def begins_at(self, hour: datetime) -> bool:
        """Whether what is shown from the valued `hour` on is the period that was asked for: its start is no gap."""
        return hour == self.since and not self.is_shorter


def read_period(parameters: Mapping[str, str]) -> Period:
    """The period of a query: `from` and `to` (days, both included) before `period`. Raises BadChoice."""
    given = [parameters.get(name, "").strip() for name in ("from", "to")]
    if not any(given):
        key = parameters.get("period", USUAL)
        if key not in NAMES:
            raise BadChoice(f"The period is one of {', '.join(NAMES)}, or dates: from=2026-01-01 and to=2026-01-31.")
        return Period(key=key)
    first, last = (_read_day(text) for text in given)
    if first > last:
        raise BadChoice(f"The first day, {first}, comes after the last day, {last}.")
    return Period(key="dates", first_day=first, last_day=last)


def _read_day(text: str) -> date:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or not EPOCH.year <= day.year < 9999:
        raise BadChoice("Give both days as year-month-day: from=2026-01-01 and to=2026-01-31.")
    return day


def find_window(period: Period, first: datetime, last: datetime, zone: tzinfo = UTC) -> Window | None:
    """Where `period`, its days by a time zone, lies in a history from `first` to `last`; None when it has no hour of it."""
    since, until = _bounds(period, last, zone)
    if since > last or until < first:
        return None
    return Window(
        since=max(since, first),
        until=min(until, last),
        through=until if period.key == "dates" else None,
        is_shorter=period.key != "all" and since < first,
    )


def find_bounds(period: Period, zone: tzinfo = UTC) -> tuple[datetime, datetime | None]:
    """Where the dates of `period` begin and end, whatever was recorded; of a named one all there is, None: to the present."""
    return _bounds(period, EPOCH, zone) if period.key == "dates" else (EPOCH, None)


def _bounds(period: Period, last: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    if period.first_day and period.last_day:
        since, until = (datetime.combine(day, time(), zone) for day in (period.first_day, period.last_day + DAY))
        return since.astimezone(UTC), until.astimezone(UTC)
    if period.key in CALENDAR:
        return Calendar(period.key).begin(last) or EPOCH, last
    if period.key == "ytd":
        return datetime(last.astimezone(zone).year, 1, 1, tzinfo=zone).astimezone(UTC), last
    return (last - LENGTHS[period.key], last) if period.key in LENGTHS else (EPOCH, last)
