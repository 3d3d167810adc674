"""The dashboard over a real database that a real worker filled."""

import socket
import sys
from datetime import timedelta

import httpx
import pytest

from dashboard.history import Database as History
from dashboard.program import main
from monitor.snapshots.store.wallets import record_counted
from tests.dashboard.site import NOW, Site
from tests.dashboard.test_alarms import MARK, table
from tests.dashboard.test_pages import plain, text
from tests.postgres import Database, Server
from tests.venue import RunningVenue
from tests.worker import Worker


def test_before_the_first_hour_the_page_says_what_comes(site: Site) -> None:
    assert "no complete hour yet" in site.get("/").text


@pytest.mark.usefixtures("first_hour")
def test_the_page_shows_the_stored_figures(site: Site, worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=30)
    venue.do("deposit 2500 USDT")
    venue.advance(minutes=30)
    worker.run(venue.now())

    page = site.get("/").text
    nav = worker.hours()[-1]["nav"]
    assert f"{nav:,.2f}" in page
    assert "+2,500.00" in page and "2,500 USDT" in page
    assert 'http-equiv="refresh" content="60"' in page
    for theme in ("light", "dark"):
        chart = site.get(f"/charts/{theme}/values.svg")
        assert chart.headers["content-type"].startswith("image/svg") and b"benchmark" in chart.content


@pytest.mark.usefixtures("first_hour")
def test_a_partial_hour_is_named_and_no_number(site: Site, worker: Worker, venue: RunningVenue) -> None:
    venue.advance(hours=1)
    venue.do("airdrop 3 MYSTERY")
    venue.fault("/sapi/v1/asset/wallet/balance", {"status": 500, "body": "oops"})  # nobody says what it may be worth
    worker.run(venue.now())

    page = site.get("/").text
    assert "partial" in page and "3 MYSTERY in spot has no price" in page


def test_a_coin_that_counts_as_nothing_is_listed_and_other_prices_say_where_they_come_from(
    site: Site, worker: Worker, venue: RunningVenue
) -> None:
    venue.do("airdrop 3 MYSTERY")
    venue.do("airdrop 100 LDUSDT")
    worker.run(venue.now())
    (hour,) = worker.hours()

    page = site.get("/holdings").text
    assert "3 MYSTERY in spot" in page and "They count as nothing" in page and "<h1>test: " in page
    assert "<small>index LDUSDTUSD*1/USDTUSD</small>" in page and "<small>BTCUSDT</small>" not in page
    page = site.get(f"/explain/hour?hour={hour['hour']:%Y-%m-%dT%H}").text
    assert "Its NAV is an estimate: 3 MYSTERY in spot has no price" in page
    (told,) = [row for row in site.get("/api/balances/1").json()["balances"] if row["asset"] == "LDUSDT"]
    assert told["route"] == "index LDUSDTUSD*1/USDTUSD"


@pytest.mark.usefixtures("first_hour")
def test_health_turns_to_503_when_the_newest_hour_is_old(site: Site, worker: Worker, venue: RunningVenue) -> None:
    assert site.get("/health").status_code == 200
    site.late = timedelta(hours=3)
    assert site.get("/health").status_code == 503


def test_health_names_the_account_that_is_late_while_another_is_fine(
    site: Site, worker: Worker, venue: RunningVenue
) -> None:
    worker.add("broken", secret="secret-of-somebody-else")
    worker.db.execute("update monitor.accounts set created_at = %(now)s where id = 2", {"now": venue.now()})
    worker.run(venue.now())
    assert site.get("/health").json() == {"status": "ok", "newest_hour": worker.hours()[0]["hour"].isoformat()}
    venue.advance(hours=3)
    worker.run(venue.now())

    answer = site.get("/health")
    assert (answer.status_code, answer.json()["late"]) == (503, ["broken"])
    assert answer.json()["reason"] == "broken: no complete hour yet"


def test_health_is_json_when_the_database_is_away(database: Database) -> None:
    site = Site(database.dashboard_url.replace(f"/{database.name}?", "/gone?"), lambda: NOW)
    try:
        answer = site.get("/health")
    finally:
        site.server.should_exit = True

    assert (answer.status_code, answer.json()["status"]) == (503, "away")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "", "evil:8000"])
def test_foreign_host_names_are_refused(site: Site, host: str) -> None:
    with socket.create_connection(("127.0.0.1", site.port)) as link:
        link.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert b" 400 " in link.recv(200)


@pytest.mark.parametrize("host", ["localhost:9", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_our_own_names_are_served(site: Site, host: str) -> None:
    assert site.get("/static/style.css", Host=host).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/?period=NaN", 400),
        ("/?benchmark=%00", 400),
        ("/?account=999", 404),
        ("/?account=1e400", 404),  # a label that nobody has
        ("/?account=-1", 404),
        ("/?account=" + "1" * 400, 400),
        ("/?sheet=0", 400),
        ("/?sheet=NaN", 400),
        ("/?refresh=maybe", 400),
        ("/?from=2026-01-01", 400),
        ("/?from=2026-02-30&to=2026-03-01", 400),
        ("/?from=2026-03-02&to=2026-03-01", 400),
        ("/?from=9999-12-31&to=9999-12-31", 400),
        ("/?from=2026W011&to=2026-03-01", 400),
        ("/charts/pink/values.svg", 404),
        ("/charts/light/nothing.svg", 404),
        ("/charts/light/values.svg?period=soon", 400),
        ("/static/../app.py", 404),
        ("/nothing", 404),
        ("/?period=" + "9" * 5000, 400),
    ],
)
def test_hostile_addresses_get_a_plain_answer(site: Site, path: str, status: int) -> None:
    answer = site.get(path)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_dashboard_only_reads(site: Site) -> None:
    assert httpx.post(f"http://127.0.0.1:{site.port}/").status_code == 405


def test_a_role_that_can_write_is_refused(database: Database) -> None:
    with pytest.raises(PermissionError, match="reads or writes tables"):
        History(database.worker_url).check()
    History(database.dashboard_url).check()


@pytest.mark.parametrize(
    ("given", "taken", "named"),
    [
        ("alter role portfolio_dashboard createrole", "alter role portfolio_dashboard nocreaterole", "makes roles"),
        ("alter role portfolio_dashboard createdb", "alter role portfolio_dashboard nocreatedb", "makes databases"),
        ("grant pg_execute_server_program to portfolio_dashboard", "revoke pg_execute_server_program from portfolio_dashboard", "member of"),
        ("grant pg_read_all_data to portfolio_dashboard", "revoke pg_read_all_data from portfolio_dashboard", "reads or writes"),
        ("grant select on monitor.api_credentials to portfolio_dashboard", "select 1", "reads or writes tables"),
    ],
)  # fmt: skip
def test_a_role_with_any_right_beyond_its_views_is_refused(
    server: Server, database: Database, given: str, taken: str, named: str
) -> None:
    with server.admin(database.name) as admin:
        admin.execute(given)
        try:
            with pytest.raises(PermissionError, match=named):
                History(database.dashboard_url).check()
        finally:
            admin.execute(taken)


def test_names_from_outside_are_shown_as_text(site: Site, worker: Worker, venue: RunningVenue) -> None:
    venue.do("airdrop 3 <script>alert(1)</script>")
    worker.run(venue.now())
    page = site.get("/").text
    assert "<script>" not in page


def test_a_port_that_is_taken_is_a_setting_to_change(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["python -m dashboard"])
    monkeypatch.setenv("DASHBOARD_DATABASE_URL", database.dashboard_url)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("DASHBOARD_PORT", str(port))
        code = main()

    said = capsys.readouterr().err
    assert code == 2 and f"DASHBOARD_PORT: 127.0.0.1, port {port} can't be had" in said and "choose another" in said


def test_what_is_refused_and_what_counts_at_a_total_is_marked(site: Site, worker: Worker, venue: RunningVenue) -> None:
    venue.fault(
        "/sapi/v1/c2c/orderMatch/listUserOrderHistory", {"status": 400, "body": '{"code": -9999, "msg": "no P2P"}'}
    )
    venue.do("transfer 500 USDT from spot to bots")
    record_counted(worker.db, 1, "Trading Bots", venue.now())
    worker.run(venue.now())
    (hour,) = worker.hours()

    page = " ".join(site.get("/status").text.split())
    assert "What the exchange refuses to show" in page and "P2P orders, refused since" in page and "no P2P" in page
    assert "total of Trading Bots, counted since" in page
    page = site.get("/holdings").text
    assert plain(
        "test: Binance has refused to show P2P orders since Sunday 01:02 UTC. Money in there is missing"
    ) in text(page)
    assert all(MARK not in row for row in table(page, "Holdings by asset"))  # what was read is as it is
    assert "total of Trading Bots: 500.00 USDT" in page and "counted at the exchange&#39;s total" in page
    assert "refused by the exchange" in page
    page = site.get(f"/explain/hour?hour={hour['hour']:%Y-%m-%dT%H}").text
    assert "Its NAV is an estimate: P2P orders: Reading P2P orders" in page
