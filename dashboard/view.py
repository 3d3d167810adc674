"""What the reader picked, and how it stands in the address: account, period, benchmark, one hour, page of a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from dashboard.errors import BadChoice
from dashboard.periods import USUAL, Period, read_period

LAST_SHEET = 9_999
LONGEST_NAME = 60
HOUR = "%Y-%m-%dT%H"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The state of a page; two equal views show the same."""

    account: str = ""  # empty: the first one, which is all accounts together when there are several
    period: Period
    benchmark: str = ""  # empty: the account's usual one
    sheet: int = 1  # of a list that is longer than a page
    hour: datetime | None = None  # the one that is looked into; None: the period's last
    refreshes: bool = True  # every minute, by itself

    def query(self, **changes: object) -> str:
        """The address's query for this view with other choices, `?...`; what is usual is left out, an hour is not kept."""
        dates = self.period.key == "dates"
        state: dict[str, object] = {
            "account": self.account,
            "period": "" if dates else self.period.key,
            "from": self.period.first_day if dates else "",
            "to": self.period.last_day if dates else "",
            "benchmark": self.benchmark,
            "sheet": 1,
            "refresh": "on" if self.refreshes else "off",
        }
        if "period" in changes:
            state |= {"from": "", "to": ""}
        state |= changes
        usual = {"period": USUAL, "sheet": 1, "refresh": "on"}
        told = {
            name: f"{value:{HOUR}}" if isinstance(value, datetime) else value
            for name, value in state.items()
            if value not in ("", None, usual.get(name))
        }
        return f"?{urlencode(told)}" if told else ""


def read_view(parameters: Mapping[str, str]) -> View:
    """The view of a query; unknown parameters are ignored. Raises BadChoice."""
    benchmark = parameters.get("benchmark", "")
    if len(benchmark) > LONGEST_NAME or not benchmark.isprintable():
        raise BadChoice("That is no benchmark's name.")
    account = parameters.get("account", "")
    if account and not _is_number(account):
        raise BadChoice("The account is a number; the list of accounts has it in its links.")
    sheet = parameters.get("sheet", "1")
    if not (_is_number(sheet) and 1 <= int(sheet) <= LAST_SHEET):
        raise BadChoice(f"The sheet is a number from 1 to {LAST_SHEET}.")
    refresh = parameters.get("refresh", "on")
    if refresh not in ("on", "off"):
        raise BadChoice("refresh is on or off.")
    period = read_period(parameters)
    return View(
        account=account,
        period=period,
        benchmark=benchmark,
        sheet=int(sheet),
        hour=_read_hour(parameters.get("hour", "")),
        refreshes=refresh == "on",
    )


def _read_hour(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, HOUR).replace(tzinfo=UTC) if text else None
    except ValueError as error:
        raise BadChoice("Give the hour as year-month-dayThour, UTC: hour=2026-01-31T08.") from error


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
