"""What the reader picked, and how it stands in the address: portfolio or account, period, benchmark, one hour, and how a
list is sorted, filtered and paged."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from dashboard.display import USUAL as USUAL_DISPLAY
from dashboard.display import Display, read_display
from dashboard.errors import BadChoice
from dashboard.history.accounts import Account
from dashboard.periods import USUAL, Period, read_period
from finance.inventory import Method

LAST_SHEET = 9_999
LONGEST_NAME, LONGEST_TRADE = 60, 80
ROWS = (25, 50, 100, 250)  # of a list, a page
USUAL_ROWS = 50
MONEY, PERCENT = "money", "percent"
SCALES = (MONEY, PERCENT)  # amounts, or how much they changed since the start of the period
METHODS = tuple(method.name for method in Method)
AVERAGE = Method.AVERAGE.name
SORT = re.compile(r"-?[a-z][a-z-]{0,29}\.[a-z0-9_-]{1,40}")
USUAL_CHOICE = {"currency": USUAL_DISPLAY.currency, "zone": USUAL_DISPLAY.zone}  # written when it is chosen
HOUR = "%Y-%m-%dT%H"
KEY = re.compile(r"[a-z0-9-]{1,40}")
ALL_ACCOUNTS = "all"  # the key of the portfolio of every account; account=0 is the same


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The state of a page; two equal views show the same."""

    portfolio: str = ""  # its key; empty: an account, or the usual choice
    account: str = ""  # number or label; both empty: all accounts together when there are several, else the one
    exchange: str = ""  # of which it is the only account
    period: Period
    benchmark: str = ""  # empty: the account's usual one
    sheet: int = 1  # of a list that is longer than a page
    rows: int = USUAL_ROWS  # of it on a page
    sort: str = ""  # table.column, with a minus for descending; empty: as usual
    find: str = ""  # the text that its rows contain
    hour: datetime | None = None  # the one that is looked into; None: the period's last
    trade: str = ""  # the id of the one that is looked into; empty: the last
    method: str = AVERAGE  # of cost, by which its exits are shown
    scale: str = MONEY  # of the chart of values
    refreshes: bool = True  # every minute, by itself
    display: Display = USUAL_DISPLAY  # the currency and the clock

    @property
    def currency(self) -> str:
        """What amounts are in."""
        return self.display.currency

    @property
    def zone(self) -> str:
        """The time zone of days and times."""
        return self.display.zone

    def query(self, **changes: object) -> str:
        """The address's query for this view with other choices, `?...`; what is usual is left out.

        What belongs to one page alone, an hour or the state of a list, is dropped.
        """
        parameters = self.parameters(**changes)
        return f"?{urlencode(parameters)}" if parameters else ""

    def listed(self, **changes: object) -> str:
        """The same with the state of a list, from its beginning."""
        return self.query(**self._list | changes)

    def asked(self, **changes: object) -> str:
        """The query with which the JSON routes are asked for the same: whose, of which period, compared with what.

        Of one account alone with `account`.
        """
        kept = ("account",) if changes else ("portfolio", "account", "period", "from", "to", "benchmark")
        parameters = {name: value for name, value in self.parameters(**changes).items() if name in kept}
        return f"?{urlencode(parameters)}" if parameters else ""

    def hidden(self, *without: str) -> Mapping[str, object]:
        """The parameters that a form leaves as they are: of a list as well, but none of `without`."""
        found = self.parameters(**self._list)
        return {name: value for name, value in found.items() if name not in without}

    @property
    def _list(self) -> dict[str, object]:
        return {"sort": self.sort, "find": self.find, "rows": self.rows}

    def parameters(self, **changes: object) -> Mapping[str, object]:
        """What `query` writes into an address."""
        dates = self.period.key == "dates"
        state: dict[str, object] = {
            "portfolio": self.portfolio,
            "account": self.account,
            "period": "" if dates else self.period.key,
            "from": self.period.first_day if dates else "",
            "to": self.period.last_day if dates else "",
            "benchmark": self.benchmark,
            "sheet": 1,
            "scale": self.scale,
            "refresh": "on" if self.refreshes else "off",
            "currency": self.currency,
            "zone": self.zone,
        }
        if "period" in changes:
            state |= {"from": "", "to": ""}
        if "account" in changes:
            state["portfolio"] = ""
        state |= changes
        usual = {"period": USUAL, "sheet": 1, "rows": USUAL_ROWS, "scale": MONEY, "refresh": "on", "method": AVERAGE}
        usual |= {name: value for name, value in USUAL_CHOICE.items() if name not in changes}
        return {
            name: f"{value:{HOUR}}" if isinstance(value, datetime) else value
            for name, value in state.items()
            if value not in ("", None, usual.get(name))
        }

    def of(self, shown: Account, **changes: object) -> str:
        """The same of another portfolio or account, `shown`."""
        key = shown.portfolio
        return self.query(account="" if key else shown.account_id, portfolio=key or "", **changes)


def read_view(parameters: Mapping[str, str]) -> View:
    """The view of a query; unknown parameters are ignored. Raises BadChoice."""
    benchmark = parameters.get("benchmark", "")
    if len(benchmark) > LONGEST_NAME or not benchmark.isprintable():
        raise BadChoice("That is no benchmark's name.")
    portfolio, account = _read_shown(parameters)
    sheet = parameters.get("sheet", "1")
    if not (_is_number(sheet) and 1 <= int(sheet) <= LAST_SHEET):
        raise BadChoice(f"The page of a list is a number from 1 to {LAST_SHEET}.")
    rows = parameters.get("rows", str(USUAL_ROWS))
    if rows not in map(str, ROWS):
        raise BadChoice(f"A page of a list has {', '.join(map(str, ROWS[:-1]))} or {ROWS[-1]} rows.")
    scale = parameters.get("scale", MONEY)
    if scale not in SCALES:
        raise BadChoice(f"The scale of the chart is one of: {', '.join(SCALES)}.")
    refresh = parameters.get("refresh", "on")
    if refresh not in ("on", "off"):
        raise BadChoice("refresh is on or off.")
    period = read_period(parameters)
    return View(
        portfolio=portfolio,
        account=account,
        period=period,
        benchmark=benchmark,
        sheet=int(sheet),
        rows=int(rows),
        sort=_read_sort(parameters.get("sort", "")),
        find=_read_find(parameters.get("find", "")),
        scale=scale,
        hour=_read_hour(parameters.get("hour", "")),
        trade=_read_trade(parameters.get("trade", "")),
        method=_read_method(parameters.get("method", AVERAGE)),
        refreshes=refresh == "on",
        display=read_display(parameters.get("currency", ""), parameters.get("zone", "")),
    )


def _read_shown(parameters: Mapping[str, str]) -> tuple[str, str]:
    """The key of a portfolio, or the number or label of an account. Raises BadChoice for both, and for neither."""
    portfolio, account = parameters.get("portfolio", ""), parameters.get("account", "")
    if portfolio and account:
        raise BadChoice("Give portfolio=KEY or account=NUMBER or LABEL, not both.")
    if portfolio and not KEY.fullmatch(portfolio):
        raise BadChoice("A portfolio is named by its key: lower-case letters, digits and hyphens.")
    if len(account) > LONGEST_NAME or not account.isprintable():
        raise BadChoice("That is no account's number or label.")
    return (ALL_ACCOUNTS, "") if _is_number(account) and int(account) == 0 else (portfolio, account)


def _read_sort(text: str) -> str:
    if text and not SORT.fullmatch(text):
        raise BadChoice("Give sort as table.column, with a minus before it for the largest first: sort=-flows.value.")
    return text


def _read_find(text: str) -> str:
    """What a filter field says, without spaces around it. Raises BadChoice for what no row contains."""
    text = text.strip()
    if len(text) > LONGEST_NAME or not text.isprintable():
        raise BadChoice(f"A filter is a text of up to {LONGEST_NAME} characters.")
    return text


def _read_hour(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, HOUR).replace(tzinfo=UTC) if text else None
    except ValueError as error:
        raise BadChoice("Give the hour as year-month-dayThour, UTC: hour=2026-01-31T08.") from error


def _read_trade(text: str) -> str:
    if len(text) > LONGEST_TRADE or not text.isprintable():
        raise BadChoice("A trade is named by its id: trade=f123.")
    return text


def _read_method(text: str) -> str:
    if text.upper() not in METHODS:
        raise BadChoice(f"The method of cost is one of: {', '.join(METHODS)}.")
    return text.upper()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
