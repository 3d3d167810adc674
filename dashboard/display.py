"""What the reader counts in and whose clock it is by: one value, by which every amount and every time is written."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from dashboard.errors import BadChoice
from dashboard.history.rates import CURRENCIES, USDT
from look import figures

UTC = "UTC"
ZONE = re.compile(r"[A-Za-z0-9_+/-]{1,40}")
DECIMALS = {"BTC": 8, "ETH": 6}
USUAL_DECIMALS = 2
FEW_DECIMALS = 5  # of BTC and ETH where room is short
FILTERS = ("money", "abs_money", "signed_money", "utc", "minute", "clock", "day", "month", "exact", "date_of")
# Zones that the field suggests; every name of the time zone database is understood.
__all__ = ["CURRENCIES", "FILTERS", "SUGGESTED", "USUAL", "Display", "describe_units", "is_zone", "read_display"]
SUGGESTED = (
    "UTC", "Europe/London", "Europe/Berlin", "Europe/Prague", "Europe/Kyiv", "Europe/Istanbul", "Asia/Dubai",
    "Asia/Kolkata", "Asia/Singapore", "Asia/Hong_Kong", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo",
    "America/New_York", "America/Chicago", "America/Los_Angeles",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """A currency of CURRENCIES and the name of a time zone. Amounts it writes are in the currency already."""

    currency: str = USDT
    zone: str = UTC

    @property
    def decimals(self) -> int:
        """Of an amount."""
        return DECIMALS.get(self.currency, USUAL_DECIMALS)

    @property
    def cent(self) -> Decimal:
        """The smallest amount that is written."""
        return Decimal(1).scaleb(-self.decimals)

    def money(self, value: Decimal | None, decimals: int | None = None) -> str:
        """An amount."""
        return figures.money(value, self.decimals if decimals is None else decimals)

    def abs_money(self, value: Decimal) -> str:
        """The size of a difference, for a sentence that says its direction."""
        return figures.money(abs(value), self.decimals)

    def signed_money(self, value: Decimal | None) -> str:
        """A difference, with its sign."""
        return figures.signed_money(value, self.decimals)

    def compact(self, value: Decimal, *, is_change: bool = True) -> str:
        """An amount for a chart: short where it is long, with its sign where it is a change."""
        if self.decimals == USUAL_DECIMALS:
            return figures.compact(value, is_change=is_change)
        return figures.signed_money(value, FEW_DECIMALS) if is_change else self.money(value, FEW_DECIMALS)

    @property
    def tz(self) -> ZoneInfo:
        """The zone itself."""
        return ZoneInfo(self.zone)

    def local(self, moment: datetime) -> datetime:
        """A moment by the reader's clock."""
        return moment.astimezone(self.tz)

    def date_of(self, moment: datetime) -> date:
        """The day on which a moment is."""
        return self.local(moment).date()

    def utc(self, moment: datetime) -> str:
        """A time to the minute, with the name of its clock."""
        local = self.local(moment)
        return f"{local:%Y-%m-%d %H:%M} {local:%Z}"

    def minute(self, moment: datetime) -> str:
        """A time to the minute, in a column whose head names the zone."""
        return f"{self.local(moment):%Y-%m-%d %H:%M}"

    def clock(self, moment: datetime) -> str:
        """The time of a day whose date stands elsewhere."""
        return f"{self.local(moment):%H:%M}"

    def day(self, moment: datetime | date) -> str:
        """A day."""
        return f"{self.local(moment) if isinstance(moment, datetime) else moment:%Y-%m-%d}"

    def month(self, moment: datetime) -> str:
        """A month."""
        return f"{self.local(moment):%Y-%m}"

    def exact(self, moment: datetime) -> str:
        """A time to the second, with the name of its clock."""
        local = self.local(moment)
        return f"{local:%Y-%m-%d %H:%M:%S} {local:%Z}"


USUAL = Display()


def describe_units(display: Display) -> str:
    """What amounts and times are in, as a page ends with it."""
    converted = (
        ""
        if display.currency == USDT
        else " Amounts of an hour are converted at the rate of that hour, and returns are those in "
        f"{display.currency}: what its own price did is part of them."
    )
    days = "" if display.zone == UTC else " Hours and the measures' days are UTC's."
    return (
        f"Times are {display.zone}.{days} Amounts are in {display.currency} unless another asset is named.{converted}"
    )


def read_display(currency: str, zone: str) -> Display:
    """The display of two texts; empty ones are as usual. Raises BadChoice."""
    if currency and currency not in CURRENCIES:
        raise BadChoice(f"The currency is one of {', '.join(CURRENCIES)}: currency=EUR.")
    if zone and not is_zone(zone):
        near = get_close_matches(zone, sorted(_zones()), n=3)
        meant = f" Did you mean {' or '.join(near)}?" if near else ""
        raise BadChoice(f"No such time zone is known here. Give one like zone=Europe/Prague.{meant}")
    return Display(currency=currency or USDT, zone=zone or UTC)


def is_zone(name: str) -> bool:
    """Whether a text is the name of a time zone."""
    return name == UTC or bool(ZONE.fullmatch(name) and name in _zones())


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
