"""The JSON API: what it says is what is stored, what it refuses it explains, and its document is true."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashboard.fields import shorten_amounts, write_moment
from dashboard.reading import measured
from dashboard.tables import TABLES, read_cursor, write_cursor
from finance.decimals import plain
from sql.connect import connect
from tests.dashboard.site import LONG, NOW, SYMBOLS, Site
from tests.postgres import Database

# What no schema can say (a first day after the last one, an unknown benchmark) is refused although it fits.
CONFIGURATION = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "304", "400", "404"]
"""
REFUSED = [
    ("/flows?perod=7d", 400, "perod: there is no such parameter"),
    ("/flows?period=7days", 400, "'24h', '7d'"),
    ("/flows?from=2026-05-02&to=2026-05-01", 400, "comes after the last day"),
    ("/flows?from=2026-02-30&to=2026-05-01", 400, "year-month-day"),
    ("/flows?limit=0", 400, "limit: "),
    ("/flows?cursor=x", 400, "next_cursor"),
    ("/flows?cursor=1~x", 400, "next_cursor"),
    ("/trades/history?perod=7d", 400, "perod: there is no such parameter"),
    ("/trades/history?sort=price", 400, "sort: "),
    ("/trades/history?exit_type=SOLD", 400, "exit_type: "),
    ("/trades/history?cursor=W10", 400, "next_cursor"),
    ("/trades/round-trips?cursor=W10", 400, "next_cursor"),
    ("/trades/round-trips?sort=colour", 400, "sort"),
    ("/portfolio/accounts?period=7d", 400, "period: there is no such parameter"),
    ("/trades/history.csv?limit=7", 400, "limit: there is no such parameter"),
    ("/trades/history.csv?account=7", 404, "There is no account 7"),
    ("/trades/metrics?by=colour", 400, "by: "),
    ("/trades/metrics?limit=7", 400, "limit: there is no such parameter"),
    ("/performance/metrics?period=yearly", 400, "period: "),
    ("/fees.csv?limit=7", 400, "limit: there is no such parameter"),
    ("/positions/open?symbol=BTC", 400, "symbol: there is no such parameter"),
    ("/flows?account=7", 404, "There is no account 7"),
    ("/flows?benchmark=gold", 400, "hold, monthly"),
    ("/portfolio/at?date=2020-01-01", 404, "no valued hour up to 2020-01-02"),
    ("/portfolio/at", 400, "date: "),
    ("/portfolio/snapshot?from=2020-01-01&to=2020-01-02", 404, "The history goes from"),
    ("/balances/7", 404, "There is no account 7"),
    ("/history/performance/BTCUSDT/1d?start_time=yesterday", 400, "start_time is a time like"),
    ("/history/performance/BTCUSDT/1d?start_time=2026-05-02&end_time=2026-05-01", 400, "comes after"),
    ("/performance/BTCUSDT/1m", 400, "window: "),
    ("/performance/%00/1d", 404, "market is not stored"),
    ("/flows?benchmark=%ED%A0%80", 400, "benchmark: "),
    ("/%ED%A0%80", 404, "no such address"),
    ("/balances/%0A", 404, "no such address"),
]


def ask(site: Site, path: str) -> Any:
    answer = site.get(f"/api{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows(database: Database, statement: str) -> list[dict[str, Any]]:
    with connect(database.owner_url, name="test") as owner:
        return owner.execute(statement).fetchall()


def test_schemathesis_finds_nothing(long_site: Site, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    asked = [f"{long_site.url}/api/openapi.json", "--max-examples=5", "--phases=examples,coverage,fuzzing", "--seed=1"]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", *asked, "--generation-database=none"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_the_snapshot_is_the_last_valued_hour(own_site: Site, database: Database) -> None:
    (last,) = rows(
        database,
        "select n.nav, b.nav as other from nav_history n join benchmark_history b using (hour) join benchmark_configs c"
        " on c.id = benchmark_id and c.name = 'hold' order by hour desc limit 1",
    )
    told = ask(own_site, "/portfolio/snapshot?period=90d")
    assert (told["nav"], told["benchmark_nav"]) == (plain(last["nav"]), plain(last["other"]))
    assert Decimal(told["difference"]) == last["nav"] - last["other"]
    assert told["hour"] == "2026-06-01T00:00:00Z"


def test_a_list_in_pages_is_the_whole_list(long_site: Site) -> None:
    for limit, period, expected in ((1, "24h", 25), (700, "all", LONG), (2000, "all", LONG)):
        hours: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = ask(long_site, f"/portfolio/equity-curve?limit={limit}&period={period}{cursor}")
            hours += [row["hour"] for row in page["rows"]]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        assert len(hours) == expected
        assert hours == sorted(set(hours))


def test_an_hour_without_a_figure_is_null_and_says_why(long_site: Site) -> None:
    found = [row for row in ask(long_site, "/portfolio/equity-curve?limit=600")["rows"] if row["status"] == "PARTIAL"]
    assert len(found) == 4
    assert {(row["nav"], row["unit_price"], row["reason"]) for row in found} == {(None, None, "spot: HTTP 503")}


@pytest.mark.parametrize("window", ["1h", "1d", "1w"])
def test_a_window_is_the_mean_of_its_closes_against_the_one_before(
    own_site: Site, database: Database, window: str
) -> None:
    length = {"1h": 1, "1d": 24, "1w": 168}[window]
    market = rows(
        database,
        "select h.*, minute_closes / minutes as hourly from market_hours h join markets m on m.id = market_id"
        " where symbol = 'ETHUSDT' order by hour desc",
    )
    closes = [row["hourly"] if length == 1 else row["close"] for row in market]
    mean, before = (sum(closes[n : n + length]) / length for n in (0, length))
    volume = sum(row["volume"] for row in market[:length])

    told = ask(own_site, f"/performance/ETHUSDT/{window}")
    assert Decimal(told["average"]) == pytest.approx(mean, abs=Decimal("1e-11"))
    assert Decimal(told["change_percent"]) == pytest.approx((mean / before - 1) * 100, abs=Decimal("1e-5"))
    assert Decimal(told["volume"]) == volume
    assert Decimal(told["taker_buy_share"]) == pytest.approx(
        sum(row["taker_buy"] for row in market[:length]) / volume, abs=Decimal("1e-6")
    )
    assert (told["closes"], told["window_end"]) == (60 if length == 1 else length, "2026-06-01T00:00:00Z")


def test_a_window_with_too_few_closes_has_no_average(own_site: Site, database: Database) -> None:
    with connect(database.owner_url, name="test") as owner:
        owner.execute("delete from market_hours where hour between '2026-05-31 02:00+00' and '2026-05-31 04:00+00'")
    told = ask(own_site, "/performance/BTCUSDT/1d")
    assert (told["closes"], told["average"], told["change_percent"]) == (21, None, None)
    assert ask(own_site, "/performance/BTCUSDT/1w")["closes"] == 165
    assert ask(own_site, "/performance/BTCUSDT/1w")["average"] is not None


def test_a_windows_history_goes_on_where_it_stopped(long_site: Site) -> None:
    path = "/history/performance/BTCUSDT/1d?start_time=2026-05-30T00:00:00Z&end_time=2026-05-30T09:00:00%2B01:00"
    first = ask(long_site, f"{path}&limit=5")
    ends = [row["window_end"] for row in first["windows"]]
    assert ends[0] == "2026-05-30T00:00:00Z" and len(ends) == 5 and first["next_start_time"] == "2026-05-30T05:00:00Z"
    assert len(ask(long_site, path)["windows"]) == 9


def test_every_symbol_is_told_and_an_unknown_one_is_not_there(long_site: Site) -> None:
    told = ask(long_site, "/performance")["windows"]
    assert {(row["symbol"], row["window"]) for row in told} == {(s, w) for s in SYMBOLS for w in ("1h", "1d", "1w")}
    assert long_site.get("/api/performance/NOPE/1d").status_code == 404


def test_the_end_of_a_day_uses_the_last_valued_hour_and_says_which(own_site: Site, database: Database) -> None:
    (missing,) = rows(database, "select min(hour) as first, max(hour) as last from nav_history where status = 'MISSED'")
    day = missing["last"].date() - timedelta(days=1)
    told = ask(own_site, f"/portfolio/at?date={day}")
    assert told["day_ended_at"] == f"{day + timedelta(days=1)}T00:00:00Z"
    assert told["hour_used"] == write_moment(missing["first"] - timedelta(hours=1))
    assert sum(Decimal(held["value"]) for held in told["holdings"]) == pytest.approx(Decimal(told["nav"]))


def test_an_explanation_adds_up_to_the_change(long_site: Site) -> None:
    told = ask(long_site, "/portfolio/explanation?period=30d")
    parts = ("price_effect", "trading", "positions", "flows", "income", "fees", "residual", "rest")
    assert sum(Decimal(told[part]) for part in parts) == Decimal(told["nav_change"])
    assert told["nav_change"] != "0"


def test_measures_have_a_value_or_a_reason(long_site: Site) -> None:
    for metric in ask(long_site, "/performance/metrics?period=30d")["metrics"]:
        assert (metric["account"]["value"] is None) == bool(metric["account"]["unavailable_because"])


def test_a_bad_parameter_is_told_in_json(long_site: Site) -> None:
    for path, status, told in REFUSED:
        answer = long_site.get(f"/api{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), path
        assert told in answer.json()["error"], path


def test_an_answer_that_did_not_change_is_not_sent_again_and_a_new_hour_is_news(
    own_site: Site, database: Database
) -> None:
    first = own_site.get("/api/performance")
    tag = {"If-None-Match": first.headers["etag"]}
    assert own_site.get("/api/performance", **tag).status_code == 304
    with connect(database.owner_url, name="test") as owner:
        owner.execute(
            "update market_hours set close = close * 2 where hour = %(h)s",
            {"h": NOW.replace(minute=0) - timedelta(hours=1)},
        )
        owner.execute("update runs set weight = '{\"api\": 99}' where id = (select max(id) from runs)")
    assert own_site.get("/api/performance", **tag).status_code == 200


def test_every_list_is_told_with_the_columns_it_promises(long_site: Site) -> None:
    document = long_site.get("/api/openapi.json").json()
    for path in ("/flows", "/flows/revisions", "/income", "/fills", "/explanations", "/cross-checks", "/runs", "/logs"):
        assert path in document["paths"]
        assert set(ask(long_site, f"{path}?limit=1")) == {"rows", "next_cursor"}


def test_the_page_of_the_api_needs_no_script(long_site: Site) -> None:
    page = long_site.get("/api/docs").text
    assert "/api/portfolio/equity-curve" in page and "http" not in page.replace("http-equiv", "")
    assert all(source.startswith("/static/") for source in re.findall(r'<script src="([^"]+)"', page))


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_cursor_comes_back_as_the_row_it_was_made_of(table: Any) -> None:
    moment = datetime(2026, 3, 1, 7, 5, 9, 123_456, tzinfo=UTC)
    number = 12 if table.is_numbered else "1/total/spot~x"
    assert read_cursor(table, write_cursor(table, {table.moment: moment, table.number: number})) == (moment, number)


def test_numbers_are_plain_and_what_is_no_number_is_null() -> None:
    stored = {"BTC": {"before": "2500.00000000", "cause": "1.0.0", "events": 0}, "all": ["-0.00", "1E+3"]}
    assert shorten_amounts(stored) == {"BTC": {"before": "2500", "cause": "1.0.0", "events": 0}, "all": ["0", "1E+3"]}
    assert (measured(float("nan")), measured(float("inf")), measured(1e-7)) == (None, None, Decimal("1e-7"))
    assert json.loads(json.dumps(write_moment(datetime(2026, 1, 1, tzinfo=UTC)))) == "2026-01-01T00:00:00Z"
