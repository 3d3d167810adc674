"""Accounts: every tracked account beside the others, all of them together, and their keys."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from dashboard.alarms import Alarm
from dashboard.frame import Frame
from dashboard.history.accounts import Account, NewestHour, load_benchmarks, load_members, load_newest
from dashboard.history.rebuildings import load_rebuildings
from dashboard.history.track import load_ends, load_extent
from dashboard.listing import sort_rows
from dashboard.page import Model, Page
from dashboard.performance import compare
from dashboard.periods import find_window
from dashboard.progress import describe_end
from dashboard.rounding import apportion
from finance.portfolios import ALL_ACCOUNTS
from sql.rows import Db

EQUAL = Decimal("1e-12")  # what dividing by a rate leaves
KEYS: Mapping[str, Callable[[dict[str, Any]], Any]] = {  # by which accounts are sorted
    "account": lambda line: line["account"].label.casefold(),
    "nav": lambda line: line["newest"] and line["newest"].nav,
    "return": lambda line: line["figures"] and line["figures"].account,
    "benchmark": lambda line: line["figures"] and line["figures"].benchmark,
    "active": lambda line: line["figures"] and line["figures"].active,
    "difference": lambda line: line["figures"] and line["figures"].value,
    "hour": lambda line: line["newest"] and line["newest"].hour,
}


def make_accounts(db: Db, frame: Frame) -> Model:
    """A line for each account and portfolio."""
    newest = load_newest(db, frame.currency)
    lines = [_make_line(db, frame, account, newest.get(account.account_id)) for account in frame.accounts]
    whole = next((line for line in lines if line["account"].account_id == ALL_ACCOUNTS), None)
    members = [line for line in lines if line["account"].account_id > 0]
    portfolios = [line for line in lines if line["account"].account_id < 0]
    return {
        "members": sort_rows(members, frame.view, "members", KEYS),
        "whole": whole,
        "portfolios": [line | {"parts": load_members(db, line["account"].account_id)} for line in portfolios],
        "sum": _add_up(members, whole, frame.display.cent) if whole else None,
        "is_touched": is_touched,
        "pasts": [(one, describe_end(one)) for one in load_rebuildings(db, ALL_ACCOUNTS, with_finished=True)],
    }


def _make_line(db: Db, frame: Frame, account: Account, newest: NewestHour | None) -> dict[str, Any]:
    """An account's newest hour, and its figures for the period."""
    number = account.account_id
    benchmarks = load_benchmarks(db, number)
    named = [benchmark for benchmark in benchmarks if benchmark.name == frame.view.benchmark]
    benchmark = next(iter([*named, *benchmarks]), None)
    extent = load_extent(db, number, frame.currency)
    members = load_members(db, number) if number <= 0 else []
    ids = {member["account_id"] for member in members if member["until"] is None} or {number}
    line = {
        "ids": ids,
        "last": extent.last,
        "account": account,
        "newest": newest,
        "benchmark": benchmark,
        "figures": None,
        "begins_elsewhere": False,
    }
    window = (
        find_window(frame.view.period, extent.first, extent.last, frame.display.tz)
        if extent.first and extent.last and benchmark
        else None
    )
    if window is None or benchmark is None:
        return line
    ends = load_ends(db, number, benchmark.name, window.since, window.until, frame.currency)
    if ends is None:
        return line
    start, end = ends
    return line | {
        "figures": compare(start, end, frame.display.cent),
        "end": end,
        "begins_elsewhere": not window.begins_at(start.hour),
    }


def is_touched(line: dict[str, Any], alarms: Iterable[Alarm]) -> bool:
    """Whether the figures of a line are wrong or old by one of the `alarms`."""
    found, last = line["figures"], line["last"]
    concerned = [alarm for alarm in alarms if not alarm.accounts.isdisjoint(line["ids"])]
    return found is not None and any(alarm.touches(found.started_at, found.ended_at, last) for alarm in concerned)


def _add_up(members: list[dict[str, Any]], whole: dict[str, Any], cent: Decimal) -> dict[str, Any] | None:
    """The accounts' NAV and what is on its way between them, in cents that add up to the NAV of all; None without one.

    Only figures of the same hour add up.
    """
    newest = whole["newest"]
    if newest is None or newest.unit_price is None:
        return None
    same = [line for line in members if line["newest"] and line["newest"].hour == newest.hour]
    parts = [line["newest"].nav for line in same]
    if any(part is None for part in parts) or abs(sum(parts, Decimal(0)) + newest.in_transit - newest.nav) > EQUAL:
        return None
    *navs, in_transit = apportion([*parts, newest.in_transit], cent=cent)
    by_account = {line["account"].account_id: nav for line, nav in zip(same, navs, strict=True)}
    return {"navs": by_account, "in_transit": in_transit, "whole": sum(navs, in_transit)}


ACCOUNTS = Page(name="accounts", title="Accounts", path="/accounts", make=make_accounts, needs_history=False)
