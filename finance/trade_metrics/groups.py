"""Closed trades in groups, and in the periods in which they were closed. Every trade is in one group: groups add up to all.

Of tags it may have several, or none: it is in the group of each, so that these do not add up.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from operator import attrgetter

from finance.trade_metrics.closed import ClosedTrade

UNTAGGED = ""
HOURS = tuple(f"{hour:02}" for hour in range(24))
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class By(StrEnum):
    """What trades can be grouped by; times are those of opening, in UTC."""

    SYMBOL = "symbol"
    ASSET = "asset"
    SIDE = "side"
    MARKET = "market"
    EXIT_KIND = "exit_kind"
    EXCHANGE = "exchange"
    ACCOUNT = "account"
    TAG = "tag"
    HOUR = "hour"
    WEEKDAY = "weekday"


class Period(StrEnum):
    """A calendar's stretch of time, in UTC; a week is that of ISO 8601 and begins on Monday."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    ALL_TIME = "all_time"

    def begin(self, moment: datetime) -> datetime | None:
        """When the period began that `moment` is in; None of all time."""
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        if self is Period.WEEKLY:
            return day - timedelta(days=day.weekday())
        if self is Period.MONTHLY:
            return day.replace(day=1)
        return day if self is Period.DAILY else None

    def end(self, moment: datetime) -> datetime | None:
        """When the next one begins."""
        begun = self.begin(moment)
        return None if begun is None else self.begin(begun + timedelta(days=self._longest))

    @property
    def _longest(self) -> int:
        """Days after its beginning that are in the next one, whatever month it is."""
        return {Period.DAILY: 1, Period.WEEKLY: 7, Period.MONTHLY: 31}[self]


KEYS: Mapping[By, Callable[[ClosedTrade], str]] = {
    By.SYMBOL: attrgetter("symbol"),
    By.ASSET: attrgetter("asset"),
    By.SIDE: attrgetter("side"),
    By.MARKET: attrgetter("market"),
    By.EXIT_KIND: lambda trade: trade.exit_kind or "",
    By.EXCHANGE: attrgetter("exchange"),
    By.ACCOUNT: attrgetter("account"),
    By.HOUR: lambda trade: HOURS[trade.opened_at.hour],
    By.WEEKDAY: lambda trade: WEEKDAYS[trade.opened_at.weekday()],
}


def group_by(trades: Iterable[ClosedTrade], by: By) -> dict[str, list[ClosedTrade]]:
    """Trades by the name of their group, in the order of the names, weekdays from Monday on; without a tag: under an empty name."""
    groups: dict[str, list[ClosedTrade]] = {}
    for trade in trades:
        for name in trade.tags or (UNTAGGED,) if by is By.TAG else (KEYS[by](trade),):
            groups.setdefault(name, []).append(trade)
    return {name: groups[name] for name in sorted(groups, key=WEEKDAYS.index if by is By.WEEKDAY else None)}


def split_periods(trades: Iterable[ClosedTrade], period: Period) -> dict[datetime | None, list[ClosedTrade]]:
    """Trades by the beginning of the period in which they were closed, the first period first; periods without a trade are none."""
    periods: dict[datetime | None, list[ClosedTrade]] = {}
    for trade in trades:
        periods.setdefault(period.begin(trade.closed_at), []).append(trade)
    return dict(sorted(periods.items(), key=lambda item: item[0] or datetime.max.replace(tzinfo=UTC)))
