"""Files to take away: complete, safe to open, and enough to compute the headline figures again."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Event

import pytest

from dashboard.files.csv_file import write_cell, write_csv
from dashboard.files.growing import Chunks, GrowingFile, Make, OnWait
from dashboard.tables import TABLES
from look import figures
from sql.connect import connect
from sql.errors import DatabaseAway
from tests.dashboard.history_rows import PARTIAL
from tests.dashboard.site import LONG, SYMBOLS, Site
from tests.dashboard.test_pages import plain, text
from tests.postgres import Database

HOSTILE = '=HYPERLINK("http://x";1)'


def load(site: Site, path: str) -> list[dict[str, str]]:
    answer = site.get(f"/export/{path}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def change(database: Database, statement: str) -> None:
    with connect(database.owner_url, name="test") as owner:
        owner.execute(statement)


def test_the_headline_figures_can_be_computed_from_the_file(long_site: Site) -> None:
    hours = [row for row in load(long_site, "series.csv?period=90d") if row["unit_price"]]
    first, last = hours[0], hours[-1]

    def number(row: dict[str, str], name: str) -> Decimal:
        return Decimal(row[name])

    account, benchmark = (number(last, p) / number(first, p) - 1 for p in ("unit_price", "benchmark_unit_price"))
    ahead = sum(
        (sign * (number(row, "nav") - number(row, "benchmark_nav")) for row, sign in ((last, 1), (first, -1))),
        Decimal(0),
    )
    peak, deepest = Decimal(0), Decimal(0)
    for row in hours:
        peak = max(peak, number(row, "unit_price"))
        deepest = min(deepest, number(row, "unit_price") / peak - 1)

    overview, performance = (text(long_site.get(f"{path}?period=90d").text) for path in ("/", "/performance"))
    assert f"{figures.abs_money(ahead)} USDT {'ahead of' if ahead > 0 else 'behind'} simply holding" in overview
    assert plain(f"({figures.points(account - benchmark)})") in overview
    shown = (figures.points(account - benchmark), figures.percent(account), figures.percent(benchmark))
    assert plain(f"Time-weighted return {' '.join(shown)}") in performance
    assert plain(f"the account's deepest is {figures.percent(deepest)}") in plain(
        long_site.get("/performance?period=90d").text.replace("&#39;", "'")
    )


def test_the_series_has_every_hour_and_says_why_one_has_no_figure(long_site: Site) -> None:
    hours = load(long_site, "series.csv")
    assert len(hours) == LONG
    partial = [row for row in hours if row["status"] == "PARTIAL"]
    assert len(partial) == len(PARTIAL)
    assert {(row["nav"], row["reason"]) for row in partial} == {("", "spot: HTTP 503")}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:00:00Z", row["hour"]) for row in hours)


def test_every_table_is_a_file_with_all_its_rows(own_site: Site, database: Database) -> None:
    counts = {"holdings": "holdings", "runs": "runs", "explanations": "explanations", "market-hours": "market_hours"}
    for name in TABLES:
        answer = own_site.get(f"/export/{name}.csv")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="portfolio-1-{name}-all.csv"'
        assert answer.text.splitlines()[0] == ",".join(TABLES[name].row.model_fields)
    with connect(database.owner_url, name="test") as owner:
        for name, table in counts.items():
            (found,) = owner.execute(f"select count(*) as n from {table}").fetchall()
            assert len(load(own_site, f"{name}.csv")) == found["n"], name
    assert {row["symbol"] for row in load(own_site, "market-hours.csv?period=7d")} == set(SYMBOLS)


def test_a_text_that_looks_like_a_formula_stays_a_text(own_site: Site, database: Database) -> None:
    change(database, f"update accounts set label = '{HOSTILE}' where id = 1")
    change(database, "update processed_transactions set note = '@SUM(1)' where kind = 'deposit'")
    deposit = load(own_site, "flows.csv")[-1]
    assert (deposit["label"], deposit["note"]) == (f"'{HOSTILE}", "'@SUM(1)")
    assert [write_cell(value) for value in ("-1", "+1", "\t=1", "1INCH", Decimal("-1.50"), None, True)] == [
        "'-1", "'+1", "'\t=1", "1INCH", "-1.5", "", "true",
    ]  # fmt: skip


def read(make: Make, act: Callable[[AsyncIterator[bytes]], Coroutine[object, object, None]]) -> None:
    """Let `act` read a file that grows."""

    async def run() -> None:
        with ThreadPoolExecutor(1) as threads:
            await act(GrowingFile(make, threads).read())

    asyncio.run(run())


def test_a_file_is_sent_while_it_is_made() -> None:
    go = Event()

    def chunks(_: OnWait) -> Chunks:
        yield b"first"
        go.wait(10)
        yield b" last"

    async def act(reader: AsyncIterator[bytes]) -> None:
        assert await anext(reader) == b"first"
        go.set()
        assert [chunk async for chunk in reader] == [b" last"]

    read(chunks, act)


def test_a_file_is_made_without_anybody_reading_it() -> None:
    made = Event()

    def chunks(_: OnWait) -> Chunks:
        yield b"x" * 2**22
        made.set()

    async def act(reader: AsyncIterator[bytes]) -> None:
        assert made.wait(10)
        assert sum([len(chunk) async for chunk in reader]) == 2**22

    read(chunks, act)


def test_a_file_that_breaks_off_does_not_look_whole() -> None:
    def chunks(_: OnWait) -> Chunks:
        yield b"first"
        raise DatabaseAway("gone")

    async def act(reader: AsyncIterator[bytes]) -> None:
        assert await anext(reader) == b"first"
        with pytest.raises(DatabaseAway):
            await anext(reader)

    read(chunks, act)


def test_the_names_come_before_the_first_row_is_read() -> None:
    def rows() -> Iterator[dict[str, str]]:
        raise LookupError
        yield {}

    assert next(write_csv(["a", "b"], rows())) == b"a,b\r\n"


def test_holdings_of_many_days_are_all_there_and_in_order(long_site: Site) -> None:
    found = load(long_site, "holdings.csv")
    valued = {row["hour"] for row in load(long_site, "series.csv") if row["nav"]}
    keys = [(row["hour"], row["account_id"], row["wallet"], row["asset"]) for row in found]
    assert len(keys) == len(set(keys)) and {key[0] for key in keys} == valued
    assert keys == sorted(keys)


def test_the_end_of_a_day_says_which_hour_was_used(own_site: Site, database: Database) -> None:
    with connect(database.owner_url, name="test") as owner:
        (missed,) = owner.execute(
            "select min(hour) as first, max(hour) as last from nav_history where status = 'MISSED'"
        ).fetchall()
        (then,) = owner.execute(
            "select nav from nav_history where hour = %(h)s", {"h": missed["first"] - timedelta(hours=1)}
        ).fetchall()
    day = missed["last"].date() - timedelta(days=1)
    held = load(own_site, f"day-end.csv?date={day}")
    assert {row["day_ended_at"] for row in held} == {f"{day + timedelta(days=1)}T00:00:00Z"}
    assert {row["hour_used"] for row in held} == {f"{missed['first'] - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"}
    assert {Decimal(row["account_nav"]) for row in held} == {then["nav"]}
    assert abs(sum(Decimal(row["value"]) for row in held) - then["nav"]) < Decimal("1e-9")


def test_a_report_is_one_file_with_charts_and_definitions(long_site: Site) -> None:
    answer = long_site.get("/export/report.html?period=90d")
    report = text(re.sub("<style>.*</style>", "", answer.text, flags=re.S))
    headline = text(long_site.get("/?period=90d").text).replace(" ,", ",")  # a date is a tag of its own there
    said = re.search(r"long (made|lost) [\d,.]+ USDT .+? (ahead of|behind) simply holding", report)
    assert said and said[0] in headline
    assert answer.text.count("data:image/svg+xml;base64,") >= 5
    assert not re.search(r'(src|href)="(?!data:)', answer.text)
    assert "The time-weighted return as a constant yearly rate" in report and "Money in and out" in report
    assert "style-src 'unsafe-inline'" in answer.headers["content-security-policy"]


def test_a_report_is_a_pdf_that_can_be_made_of_names_from_outside(own_site: Site, database: Database) -> None:
    change(database, "update accounts set label = '$\\frac{1}{2}$ <b> 🚀' where id = 1")
    answer = own_site.get("/export/report.pdf?period=30d")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-1.4") and answer.content.rstrip().endswith(b"%%EOF")
    assert answer.content.count(b"/Type /Page ") > 8


def test_what_cannot_be_exported_says_why(long_site: Site) -> None:
    refused = {
        "nothing.csv": (404, "There is no such table. There are series, daily-snapshots, flows"),
        "report.doc": (404, "report.html or report.pdf"),
        "report.pdf?from=2020-01-01&to=2020-01-02": (404, "no hour of it has a figure"),
        "day-end.csv": (400, "Give the day"),
        "day-end.csv?date=2020-01-01": (404, "no valued hour up to"),
        "series.csv?period=soon": (400, "The period is one of"),
        "series.csv?account=9": (404, "There is no account 9"),
        "series.csv?acount=1": (400, "acount: there is no such parameter"),
        "report.html?perod=7d": (400, "perod: there is no such parameter"),
        "day-end.csv?date=2026-05-01&to=2026-05-02": (400, "to: there is no such parameter"),
    }
    for path, (status, told) in refused.items():
        answer = long_site.get(f"/export/{path}")
        assert answer.status_code == status, path
        assert told in text(answer.text), path


def test_the_market_page_shows_what_the_api_tells(long_site: Site) -> None:
    page = text(long_site.get("/market").text)
    for window in long_site.get("/api/performance").json()["windows"]:
        change_told = figures.percent(Decimal(window["change_percent"]) / 100)
        assert plain(f"{figures.price(Decimal(window['average']))} {change_told}") in page
    assert page.count("BTCUSDT") >= 1


def test_a_market_that_was_not_read_yet_says_so(own_site: Site, database: Database) -> None:
    change(database, "delete from market_hours")
    assert "No market prices have been read yet" in own_site.get("/market").text
    assert own_site.get("/charts/light/windows.svg").status_code == 404
    assert own_site.get("/api/performance").json() == {"windows": []}
