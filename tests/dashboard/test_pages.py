"""What every page says of a long history, against the stored rows themselves."""

import html
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import current_thread
from typing import Any

import pytest

from dashboard.history.pulse import WatchedConnection
from dashboard.pages import CHARTS, PAGES
from dashboard.pages.measure_lines import GROUPS
from finance.measures import DEFINITIONS
from look import figures
from sql.connect import connect
from tests.dashboard.history_rows import MISSED, PARTIAL
from tests.dashboard.site import LONG, NOW, Site
from tests.postgres import Database, Server
from tests.venue import RunningVenue
from tests.worker import Worker

MOST_BYTES = 400_000
PATHS = [page.path for page in PAGES]
PERIODS = ("24h", "7d", "30d", "90d", "ytd", "1y", "all")


def text(page: str) -> str:
    """What a reader sees."""
    return plain(html.unescape(re.sub(r"<[^>]+>", " ", page)))


def plain(written: str) -> str:
    """Every space an ordinary one."""
    return " ".join(written.split())


def rows(database: Database, statement: str) -> list[dict[str, Any]]:
    with connect(database.owner_url, name="test") as owner:
        return owner.execute(statement).fetchall()


def change(database: Database, statement: str) -> None:
    with connect(database.owner_url, name="test") as owner:
        owner.execute(statement)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_with_its_charts_is_light_and_links_keep_the_view(long_site: Site, path: str) -> None:
    for period in PERIODS:
        query = f"?period={period}&benchmark=monthly&refresh=off"
        page = long_site.get(path + query).text
        sources = {html.unescape(source) for source in re.findall(r'src="(/charts/[^"]+)"', page)}
        charts = [long_site.get(source) for source in sources]
        assert all(chart.status_code == 200 for chart in charts)
        assert len(page) + sum(len(chart.content) for chart in charts) < MOST_BYTES
        links = re.findall(r'href="(/[^"?#]*)([^"]*)" *(?:aria-current="page")?>(?:Overview|Performance|Flows)<', page)
        assert len(links) == 3
        assert all("benchmark=monthly" in link[1] and "refresh=off" in link[1] for link in links)


def test_a_period_that_begins_in_a_gap_says_since_when_it_really_is(own_site: Site, database: Database) -> None:
    before = NOW.replace(minute=0) - timedelta(hours=25)
    change(
        database,
        "update nav_history set status = 'MISSED', nav = null, unit_price = null where hour between"
        " (select max(hour) from nav_history) - interval '24 hours' and (select max(hour) from nav_history) - interval '9 hours'",
    )

    page = text(own_site.get("/").text)

    assert f"24 hours since {figures.day(before)}" in page
    assert "7 days since" not in page


def test_the_answer_is_what_the_rows_say(own_site: Site, database: Database) -> None:
    first, last = rows(
        database,
        "select n.nav - n.invested as made, n.nav - b.nav as difference, n.unit_price as mine, b.unit_price as other from nav_history n join"
        " benchmark_history b using (hour) join benchmark_configs c on c.id = b.benchmark_id and c.name = 'hold'"
        " where hour = (select max(hour) from nav_history) or hour = (select max(hour) from nav_history)"
        " - interval '90 days' order by hour",
    )
    gained = last["difference"] - first["difference"]
    active = last["mine"] / first["mine"] - last["other"] / first["other"]

    made, grown = last["made"] - first["made"], last["mine"] / first["mine"] - 1

    headline = text(own_site.get("/?period=90d").text)
    verb, direction = "made" if made > 0 else "lost", "ahead of" if gained > 0 else "behind"
    assert plain(f"long {verb} {figures.abs_money(made)} USDT ({figures.percent(grown)}") in headline
    compared = f"{figures.abs_money(gained)} USDT {direction} simply holding 50/50 BTC/ETH ({figures.points(active)})"
    assert plain(compared) in headline
    assert plain(f"Account made {figures.signed_money(made)} USDT") in headline
    assert plain(f"Benchmark made, same money {figures.signed_money(made - gained)} USDT") in headline


def test_performance_shows_the_unit_prices_return_and_why_there_is_no_annual_one(
    own_site: Site, database: Database
) -> None:
    first, last = rows(
        database,
        "select unit_price from nav_history where hour in (select min(hour) from nav_history union"
        " select max(hour) from nav_history) order by hour",
    )
    page = text(own_site.get("/performance?period=all").text)

    made = plain(figures.percent(last["unit_price"] / first["unit_price"] - 1))
    assert re.search(rf"Time-weighted return \S+ pp {re.escape(made)} ", page)  # after the difference
    assert page.count("a part of a year says nothing about a whole one: Annual return (CAGR) , Annual money") == 1
    assert f"{LONG - len(PARTIAL) - len(MISSED):,} of {LONG:,} hours valued" in page


def test_holdings_add_up_to_the_net_asset_value(own_site: Site, database: Database) -> None:
    (total,) = rows(database, "select nav from nav_history order by hour desc limit 1")
    change(
        database,
        "update monitor.holding_sets set wallets = wallets || array['spot', 'spot'],"
        " assets = assets || array['MYSTERY', 'SPECK'], free = free || '{3,3}'::numeric[],"
        " locked = locked || '{0,0}'::numeric[], prices = prices || '{null,0.001}'::numeric[]"
        " where snapshot_id = (select max(id) from monitor.snapshots)",
    )
    page = text(own_site.get("/holdings").text)
    wallets = [Decimal(value.replace(",", "")) for value in re.findall(r"(?:spot|earn flexible): ([\d,.]+) USDT", page)]

    assert abs(sum(wallets) - total["nav"]) < Decimal("0.02")
    assert "3 MYSTERY in spot" in page and "3 SPECK, 0.00 USDT" in page


def test_the_ledger_has_sheets_sums_and_corrections(own_site: Site, database: Database) -> None:
    (paid,) = rows(database, "select amount from processed_transactions where kind = 'deposit'")
    change(
        database,
        "insert into processed_transactions (account_id, kind, exchange_id, revision, state, asset, amount, fee,"
        " requested_at, occurred_at, first_seen_at) select 1, 'withdrawal', 'w' || n, r, 'counted', 'USDT', n, 1,"
        " t, t, t from generate_series(1, 60) n, (values (1), (2)) as v (r), (select max(hour) as t from nav_history) h"
        " where r = 1 or n = 7",
    )
    first = text(own_site.get("/flows?period=all").text)
    second = text(own_site.get("/flows?period=all&sheet=2").text)

    assert f"Paid in {figures.signed_money(paid['amount'])} USDT" in first
    assert "Pending 60" in first  # none of the withdrawals is valued
    assert "Next page" in first and "Previous page" not in first
    assert "Previous page" in second and "Next page" not in second and "opening" in second
    assert "success, corrected" in first + second and "withdrawal w7" in first
    assert "There are no more entries" in text(own_site.get("/flows?sheet=9").text)


def test_health_joins_hours_without_a_figure(long_site: Site) -> None:
    page = text(long_site.get("/status?period=all").text)
    assert f"({len(PARTIAL)} hours): spot: HTTP 503" in page
    assert f"({len(MISSED)} hours): the monitor did not run" in page
    assert f"missed {len(MISSED)} hours, 2.0 %" in page


def test_a_period_longer_than_the_history_is_told_as_all_time(long_site: Site) -> None:
    told = re.findall(r'<th scope="row"><a href="/performance[^"]*">([^<]+)</a>', long_site.get("/").text)
    assert told == ["24 hours", "7 days", "30 days", "90 days", "all time"]


@pytest.mark.usefixtures("first_hour")
def test_one_hour_is_no_answer_yet(site: Site, worker: Worker, venue: RunningVenue) -> None:
    page = text(site.get("/").text)
    assert ": compared with simply holding 50/50 BTC/ETH from" in page and "needs two hours" in page
    assert "ahead of" not in page and "behind" not in page


def test_dates_outside_the_history_say_what_there_is(long_site: Site) -> None:
    page = long_site.get("/performance?from=2020-01-01&to=2020-01-31")
    assert page.status_code == 200
    assert "no figures in this period" in page.text and "2026-06-01 00:00 UTC" in text(page.text)


def test_dates_cut_the_period(long_site: Site) -> None:
    page = text(long_site.get("/?from=2026-04-01&to=2026-04-30").text)
    assert "from 2026-04-01 to 2026-04-30" in page


def test_a_chart_that_did_not_change_is_not_sent_again(long_site: Site) -> None:
    drawn = CHARTS.keys() - {"traderisks"}  # no trade here has a stop
    for path in [*(f"/charts/light/{name}.svg?period=all" for name in drawn), "/static/style.css"]:
        first = long_site.get(path)
        again = long_site.get(path, **{"If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b""), path
        assert "content-security-policy" in again.headers


def test_what_is_cached_costs_one_question_and_a_page_two(long_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is still true; and for a page how far a rebuilding is. Its charts have the version in their address."""
    paths = {"/charts/light/drawdown.svg?period=all": 1, "/performance?period=all": 2}
    found = re.search(r'src="(/charts/light/drawdown[^"]*)"', long_site.get("/performance?period=all").text)
    assert found
    of_page = html.unescape(found[1])
    for path in (*paths, of_page):
        long_site.get(path)
    asked: list[str] = []
    wait = WatchedConnection.wait

    def counted(db: WatchedConnection, *arguments: Any, **named: Any) -> Any:
        if current_thread().name != "pulse":
            asked.append(path)
        return wait(db, *arguments, **named)

    monkeypatch.setattr(WatchedConnection, "wait", counted)
    for path in (*paths, of_page):
        long_site.get(path)
    assert Counter(asked) == paths


@pytest.mark.parametrize(
    "cause",
    [
        "update accounts set label = 'renamed' where id = 1",
        "update accounts set overpowered = true",
        "insert into exchange_pauses (exchange, asked_at, not_before, reason) values ('binance', now(), '2099-01-01', 'x')",
        "insert into system_logs (at, level, area, message) values (now(), 'error', 'x', 'news')",
        "insert into history_changes (account_id, changed_at, since_hour, hours, reason)"
        " select 1, now(), min(hour), 5, 'late' from nav_history",
        "update benchmark_configs set weights = '{0.6,0.4}'",
    ],
)
def test_whatever_changes_is_shown_at_once(own_site: Site, database: Database, cause: str) -> None:
    def shown() -> str:
        return text(own_site.get("/status").text + own_site.get("/").text)

    first = shown()
    change(database, cause)
    assert shown() != first


def test_a_pause_is_a_warning_until_it_is_over(own_site: Site, database: Database) -> None:
    change(
        database,
        "insert into exchange_pauses (exchange, asked_at, not_before, reason)"
        " values ('binance', '2026-06-01 00:01', '2026-06-01 00:30', 'banned')",
    )
    assert "no questions are asked until 00:30 UTC" in own_site.get("/").text
    own_site.late = timedelta(hours=1)
    assert "no questions are asked until" not in own_site.get("/").text


def test_fifty_viewers_at_once_are_served_while_the_database_changes(own_site: Site, database: Database) -> None:
    def look(number: int) -> int:
        if number % 10 == 0:
            change(database, "insert into system_logs (at, level, area, message) values (now(), 'info', 'x', 'news')")
        return own_site.get(f"{PATHS[number % len(PATHS)]}?period={PERIODS[number % 7]}").status_code

    with ThreadPoolExecutor(50) as viewers:
        assert set(viewers.map(look, range(100))) == {200}


def test_a_connection_that_was_cut_is_opened_again(own_site: Site, database: Database, server: Server) -> None:
    assert own_site.get("/").status_code == 200
    with server.admin() as admin:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = %s",
            [database.name, "portfolio_dashboard"],
        )
    assert own_site.get("/").status_code == 200


def test_all_accounts_together_come_first_when_there_are_several(own_site: Site, database: Database) -> None:
    change(database, "insert into accounts (label, exchange, created_at) values ('second', 'binance', '2026-01-01')")
    assert "All accounts: no complete hour yet" in text(own_site.get("/").text)
    page = text(own_site.get("/?account=1").text)
    assert "long lost" in page and "second" in page
    assert "The first one is at most an hour away" in text(own_site.get("/?account=2").text)


def test_an_unknown_benchmark_says_which_there_are(long_site: Site) -> None:
    answer = long_site.get("/?benchmark=gold")
    assert answer.status_code == 400 and "hold, monthly" in answer.text


def test_what_moves_between_the_accounts_is_no_flow_of_all_together(own_site: Site, database: Database) -> None:
    change(
        database,
        "insert into accounts (label, exchange, created_at) values ('second', 'binance', '2026-01-01');"
        " insert into nav_history (account_id, hour, status, taken_at, nav, units, unit_price, episode) select 0, hour,"
        " status, taken_at, nav, units, unit_price, episode from nav_history where status = 'COMPLETE';"
        " insert into flow_valuations (account_id, transaction_id, occurred_at, value, unit_price, units)"
        " select 0, id, occurred_at, 77, 100, 0.77 from processed_transactions where kind = 'deposit'",
    )
    assert "Paid in +77.00 USDT" in text(own_site.get("/flows?account=0").text)
    assert "Paid in +77.00 USDT" not in text(own_site.get("/flows?account=1").text)


def test_every_measure_is_shown_once() -> None:
    shown = [key for keys in GROUPS.values() for key in keys]
    assert sorted(shown) == sorted(DEFINITIONS)


def test_a_picked_period_has_the_holdings_and_the_money_of_its_end(own_site: Site, database: Database) -> None:
    day = NOW - timedelta(days=40)
    (then,) = rows(
        database,
        f"select hour, nav, invested from nav_history where hour = '{day:%Y-%m-%d}'::date + interval '1 day'",
    )
    query = f"?from={day - timedelta(days=5):%Y-%m-%d}&to={day:%Y-%m-%d}"
    overview, holdings = (text(own_site.get(f"{path}{query}").text) for path in ("/", "/holdings"))
    assert f"Account value {figures.money(then['nav'])} USDT, from" in overview
    assert "Put in, less taken out 0.00 USDT in this period" in overview
    assert f"long: {figures.money(then['nav'])} USDT" in holdings
    assert f"at the end of the period, {figures.utc(then['hour'])}" in holdings
    whole = text(own_site.get("/").text)
    assert "USDT, of it 10,000.00 there at the start" in whole
