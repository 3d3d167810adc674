"""What an address says of the time and the rest, and how it is written back."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest

from dashboard.errors import BadChoice
from dashboard.periods import EPOCH, NAMES, Period, find_window, read_period
from dashboard.view import View, read_view

FIRST, LAST = datetime(2025, 11, 3, 5, tzinfo=UTC), datetime(2026, 3, 10, 12, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("key", "since"),
    [
        ("24h", at("2026-03-09 12:00")),
        ("7d", at("2026-03-03 12:00")),
        ("30d", at("2026-02-08 12:00")),
        ("ytd", at("2026-01-01 00:00")),
        ("1y", FIRST),
        ("all", FIRST),
    ],
)
def test_a_named_period_ends_with_the_last_hour(key: str, since: datetime) -> None:
    window = find_window(Period(key=key), FIRST, LAST)
    assert window and (window.since, window.until, window.through) == (since, LAST, None)
    assert window.is_shorter == (key == "1y")


def test_dates_include_both_days() -> None:
    period = read_period({"from": "2026-01-31", "to": "2026-02-01", "period": "7d"})
    window = find_window(period, FIRST, LAST)
    assert window and (window.since, window.until) == (at("2026-01-31 00:00"), at("2026-02-02 00:00"))


def test_dates_outside_the_history_have_no_window() -> None:
    assert find_window(read_period({"from": "2027-01-01", "to": "2027-01-31"}), FIRST, LAST) is None
    assert find_window(read_period({"from": "2020-01-01", "to": "2020-01-31"}), FIRST, LAST) is None


@pytest.mark.parametrize(
    "given",
    [
        {"from": "2026-01-01"},
        {"from": "2026-13-01", "to": "2026-12-31"},
        {"from": "2026-01-02", "to": "2026-01-01"},
        {"from": "1900-01-01", "to": "2026-01-01"},
        {"period": "forever"},
    ],
)
def test_what_is_no_period_is_said(given: dict[str, str]) -> None:
    with pytest.raises(BadChoice, match=r"2026-01-|comes after"):
        read_period(given)


@pytest.mark.parametrize("key", [*NAMES, "dates"])
@pytest.mark.parametrize("benchmark", ["", "monthly", "60/40 & more"])
def test_a_view_survives_its_address(key: str, benchmark: str) -> None:
    days = {"first_day": EPOCH.date(), "last_day": LAST.date()} if key == "dates" else {}
    view = View(account="3", period=Period(key=key, **days), benchmark=benchmark, refreshes=False)
    assert read_view(dict(parse_qsl(view.query().removeprefix("?")))) == view


def test_picking_a_period_drops_the_dates_and_the_sheet() -> None:
    view = View(period=Period(key="dates", first_day=EPOCH.date(), last_day=LAST.date()), sheet=4)
    assert view.query(period="7d") == "?period=7d"
    assert view.query(period="all") == ""
