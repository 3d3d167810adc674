"""What a chart says of a moment: the figures of the lists and measures, in the reader's currency and by his clock."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.decimals import plain
from tests.dashboard.site import NOW, Site

HOUR = timedelta(hours=1)
LAST = NOW.replace(minute=0)
EXACT = Decimal("1e-12")


def read(site: Site, chart: str, at: datetime, query: str = "") -> dict[str, Any]:
    """The chart's reading."""
    answer = site.get(f"/api/charts/{chart}?at={at:%Y-%m-%dT%H:%M}&{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def amounts(reading: dict[str, Any]) -> dict[str, Decimal]:
    """The figures by name."""
    return {value["name"]: Decimal(value["amount"]) for value in reading["values"]}


def rows_of(site: Site, path: str, day: datetime) -> dict[datetime, dict[str, Any]]:
    """A day of a list, by hour."""
    found = site.get(f"{path}from={day.date()}&to={day.date()}").json()["rows"]
    return {datetime.fromisoformat(row["hour"]): row for row in found if row.get("currency") != "BTC"}


def test_amounts_are_the_lists(long_site: Site) -> None:
    for at, row in rows_of(long_site, "/api/portfolio/equity-curve?", LAST - timedelta(days=40)).items():
        found = amounts(read(long_site, "values", at))
        if row["nav"] is None:
            assert found == {}
            continue
        assert plain(found["Account"]) == row["nav"] and plain(found["Benchmark"]) == row["benchmark_nav"]
        assert "In and out" in found or Decimal(row["flows"]) == 0


def test_in_another_currency_they_are_those_at_the_hours_rate(long_site: Site) -> None:
    day = LAST - timedelta(days=40)
    rates = rows_of(long_site, "/api/rates?", day)
    for at, row in rows_of(long_site, "/api/portfolio/equity-curve?", day).items():
        found = read(long_site, "values", at, "currency=EUR&zone=Europe/Prague")
        if row["nav"] is None:
            continue
        assert abs(amounts(found)["Account"] - Decimal(row["nav"]) / Decimal(rates[at]["rate"])) < EXACT
        assert {value["unit"] for value in found["values"]} == {"EUR"}
        assert found["when"] == f"{at + 2 * HOUR:%Y-%m-%d %H:%M} CEST"


def test_the_last_hour_is_the_answer(long_site: Site) -> None:
    for query in ("period=30d", "period=30d&benchmark=hold"):
        returns = long_site.get(f"/api/portfolio/snapshot?{query}").json()["returns"]
        assert plain(amounts(read(long_site, "difference", LAST, query))["Difference"]) == returns["value"]
        changes = amounts(read(long_site, "values", LAST, f"{query}&scale=percent"))
        assert changes["Account"] == pytest.approx(Decimal(returns["account"]), abs=EXACT)
        assert changes["Difference"] == pytest.approx(Decimal(returns["active"]), abs=EXACT)


def test_an_hour_without_a_figure_says_why(long_site: Site) -> None:
    assert read(long_site, "values", LAST + 3 * HOUR)["reason"] == "not recorded"
    first = read(long_site, "values", LAST - timedelta(days=99), "currency=BTC&period=7d")
    assert first["values"] == [] and first["reason"] == "no rate of BTC is known"


def test_the_deepest_and_the_last_drawdown_are_the_measures(long_site: Site) -> None:
    told = long_site.get("/api/performance/metrics").json()["metrics"]
    measures = {metric["key"]: metric for metric in told}
    found = amounts(read(long_site, "drawdown", LAST))
    assert plain(found["Account"]) == measures["current_drawdown"]["account"]["value"]
    assert plain(found["Benchmark"]) == measures["current_drawdown"]["benchmark"]["value"]


def test_shares_add_up_to_the_whole(long_site: Site) -> None:
    found = read(long_site, "allocation", LAST - timedelta(days=50))
    assert abs(sum(amounts(found).values(), Decimal(-1))) < EXACT


def test_what_can_not_be_read_is_refused(long_site: Site) -> None:
    assert long_site.get(f"/api/charts/waterfall?at={LAST:%Y-%m-%dT%H:%M}").status_code == 404
    for wrong in ("at=yesterday", "", f"at={LAST:%Y-%m-%dT%H:%M}&zone=Mars", f"at={LAST:%Y-%m-%dT%H:%M}&currency=GBP"):
        assert long_site.get(f"/api/charts/values?{wrong}").status_code == 400
