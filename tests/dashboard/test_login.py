"""A dashboard with a password, and strangers who try to get in: by other routes, forged cookies, other origins, or patience."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection

import httpx
import pytest

from dashboard.access import Access, Attempts, Sessions, hash_password
from dashboard.access.attempts import FREE, LONGEST_WAIT, MOST_KNOWN
from dashboard.access.password import fits
from tests.dashboard.site import NOW, Site
from tests.postgres import Server, open_database

PASSWORD = "correct horse battery staple"
HASH = hash_password(PASSWORD, memory_kib=8192, rounds=1)
NAME = "portfolio.tail1234.ts.net"
ACCESS = Access(password_hash=HASH, names=frozenset({NAME}))
CLOSED = ["/api/flows", "/api/openapi.json", "/charts/light/values.svg", "/export/series.csv", "/export/report.pdf",
          "/export/day-end.csv?date=2026-05-01", "/nothing", "/static", "/health/", "/health/../api/flows", "/login/"]  # fmt: skip


@pytest.fixture(scope="module")
def data(server: Server) -> Iterator[str]:
    """The address of a database over which dashboards with a password stand."""
    with open_database(server) as database:
        yield database.dashboard_url


@pytest.fixture
def fresh(data: str) -> Iterator[Site]:
    """A dashboard with a password, where nobody has tried anything yet."""
    made = Site(data, lambda: NOW, ACCESS)
    yield made
    made.server.should_exit = True


@pytest.fixture(scope="module")
def shared(data: str) -> Iterator[Site]:
    """One for all tests that leave it as it was."""
    made = Site(data, lambda: NOW, ACCESS)
    yield made
    made.server.should_exit = True


@pytest.fixture
def locked(shared: Site) -> Site:
    """A dashboard with a password."""
    assert sign_in(shared).status_code == 303  # what was tried wrong before is forgotten
    return shared


def sign_in(site: Site, password: str = PASSWORD, **headers: str) -> httpx.Response:
    return post(site, "/login", {"password": password}, **headers)


def post(site: Site, path: str, form: dict[str, str], **headers: str) -> httpx.Response:
    given = {"Origin": site.url} | {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(site.url + path, data=form, headers=given, timeout=20, verify=False)


def cookie(site: Site) -> str:
    return sign_in(site).headers["set-cookie"].partition(";")[0]


def test_pages_lead_to_the_login_and_everything_else_is_refused(locked: Site) -> None:
    for path, asked in (("/", "/login"), ("/holdings?period=7d", "/login?next=%2Fholdings%3Fperiod%3D7d")):
        answer = locked.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, asked)
    for path in CLOSED:
        answer = locked.get(path)
        assert (path, answer.status_code, answer.json()["error"][:8]) == (path, 401, "Sign in:")
        assert (
            answer.headers["cache-control"] == "no-store"
            and "default-src 'none'" in answer.headers["content-security-policy"]
        )
        assert httpx.head(locked.url + path).status_code == 401


def test_health_and_the_style_sheet_answer_without_and_strangers_learn_nothing(locked: Site) -> None:
    assert locked.get("/static/style.css").status_code == 200
    assert locked.get("/health").json() == {"status": "late"}
    assert locked.get("/health", Cookie=cookie(locked)).json()["reason"] == "no account is tracked"


def test_the_right_password_opens_everything_and_signing_out_closes_it(locked: Site) -> None:
    answer = sign_in(locked)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    name, *rest = answer.headers["set-cookie"].split("; ")
    assert name.startswith("portfolio_dashboard=")
    assert rest == ["Max-Age=604800", "Path=/", "HttpOnly", "SameSite=Lax"]
    page = locked.get("/", Cookie=name)
    assert page.status_code == 200 and 'action="/logout"' in page.text
    assert locked.get("/api/flows", Cookie=f"portfolio_paper=x; {name}; other=1").status_code == 404  # no account yet
    assert locked.get("/login?next=/holdings", Cookie=name).headers["location"] == "/holdings"

    gone = post(locked, "/logout", {}, Cookie=name)
    assert (gone.status_code, gone.headers["location"]) == (303, "/login")
    assert "portfolio_dashboard=; Max-Age=0;" in gone.headers["set-cookie"]
    assert locked.get("/", Cookie=name).status_code == 303  # a copy of the cookie opens nothing, either


def test_a_session_ends_after_seven_days_and_with_another_password(fresh: Site, data: str) -> None:
    held = cookie(fresh)
    fresh.late = timedelta(days=6, hours=23)
    assert fresh.get("/", Cookie=held).status_code == 200
    fresh.late = timedelta(days=7, seconds=1)
    assert fresh.get("/", Cookie=held).status_code == 303
    other = Site(data, lambda: NOW, Access(password_hash=hash_password(PASSWORD, memory_kib=8192, rounds=1)))
    try:
        assert other.get("/", Cookie=held).status_code == 303
    finally:
        other.server.should_exit = True


def test_behind_tls_the_cookie_is_for_tls_alone(locked: Site) -> None:
    answer = sign_in(locked, Origin=f"https://{NAME}", Host=NAME)
    assert answer.status_code == 303 and answer.headers["set-cookie"].endswith("; SameSite=Lax; Secure")


def test_forged_cookies_open_nothing(locked: Site) -> None:
    value = cookie(locked).partition("=")[2]
    until, nonce, mac = value.split(".")
    later = str(int(until) + 86_400)
    forged = [
        *("", ".", "..", "...", "x" * 5000, "1.2.3", f"{later}.{nonce}.{mac}", f"{until}.{nonce}x.{mac}"),
        *(f"{until}.{nonce}.", f"{until}.{nonce}", f"{until}.{nonce}.{mac[:-1]}", f"{until}.{nonce}.{mac}x"),
        *(f"0{until}.{nonce}.{mac}", f"+{until}.{nonce}.{mac}", f"{until} .{nonce}.{mac}", f"{value}.{mac}"),
        *(f"{'9' * 4300}.{nonce}.{mac}", f"٣.{nonce}.{mac}", f"{until}.{nonce}.{mac.swapcase()}"),
        Sessions(HASH[:-1]).issue(NOW),
        Sessions(hash_password("x" * 12, memory_kib=8192, rounds=1)).issue(NOW),
    ]
    for one in forged:
        sent = [(b"cookie", f"portfolio_dashboard={one}".encode())]
        assert httpx.get(locked.url, headers=sent, verify=False).status_code == 303, one
    assert locked.get("/", Cookie=f"portfolio_dashboard_={value}").status_code == 303
    assert locked.get("/", Cookie=f"Portfolio_Dashboard={value}").status_code == 303
    tossed = "; ".join([*["portfolio_dashboard=planted"] * 3, f"portfolio_dashboard={value}"])
    assert locked.get("/", Cookie=tossed).status_code == 200  # what another port planted does not lock the owner out


def test_a_session_is_always_a_new_one(locked: Site) -> None:
    planted = cookie(locked)
    answer = sign_in(locked, Cookie=planted)
    assert answer.headers["set-cookie"].partition(";")[0] != planted
    assert "set-cookie" not in sign_in(locked, "wrong", Cookie="portfolio_dashboard=planted").headers


@pytest.mark.parametrize(
    "origin",
    [None, "null", "", "https://evil.example", "http://localhost", "http://127.0.0.1", "http://127.0.0.1:1", "127.0.0.1",
     "http://{host}.evil.example", "http://{host}/", "http://x@{host}", "file://{host}", "http://{host}, http://{host}"],
)  # fmt: skip
def test_only_our_own_pages_may_send_a_form(locked: Site, origin: str | None) -> None:
    host = locked.url.removeprefix("http://")
    sent = [] if origin is None else [(b"origin", origin.format(host=host).encode())]
    for path in ("/login", "/logout"):
        answer = httpx.post(locked.url + path, data={"password": PASSWORD}, headers=sent, verify=False)
        assert answer.status_code == 403 and "set-cookie" not in answer.headers
    twice = [(b"origin", locked.url.encode()), (b"origin", b"https://evil.example")]
    assert httpx.post(locked.url + "/login", data={"password": PASSWORD}, headers=twice).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_form_is_refused_also_as_a_link(locked: Site, site: str) -> None:
    followed = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert sign_in(locked, **followed).status_code == 403
    assert post(locked, "/logout", {}, **followed).status_code == 403
    led = {name.replace("_", "-"): value for name, value in followed.items()}
    assert [locked.get(path, **led).status_code for path in ("/", "/login", "/logout")] == [303, 200, 403]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
def test_no_other_route_takes_a_form(locked: Site, long_site: Site, method: str) -> None:
    held = {"Cookie": cookie(locked), "Origin": locked.url}
    closed = ["/", "/api/flows", "/health", "/static/style.css", "/export/series.csv", "/login/", "//login", "/LOGIN"]
    for path in closed + ["/login", "/logout"] * (method != "POST"):
        answer = httpx.request(method, locked.url + path, headers=held, verify=False)
        assert answer.status_code in (400, 405), path
    for path in ("/login", "/logout", "/"):  # without a password there is nothing to sign in to
        sent = {"Origin": long_site.url}
        assert httpx.request(method, long_site.url + path, headers=sent, verify=False).status_code in (400, 405)
    assert long_site.get("/login").status_code == long_site.get("/logout").status_code == 404


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "https:evil.example", "///evil", "evil",
     "javascript:alert(1)", "/%2f/evil.example", "/\t/evil.example", "/\n/evil.example", "/holdings\r\nSet-Cookie: a=b",
     "/login", "/logout", "/api/flows", "/nothing", "/holdings#x", "/holdings?a=\x00", "/.evil.example", "/@evil.example",
     "/holdings?" + "x" * 5000, " /holdings", "/holdings/../..//evil"],
)  # fmt: skip
def test_no_login_leads_anywhere_but_to_a_page(locked: Site, target: str) -> None:
    answer = post(locked, "/login", {"password": PASSWORD, "next": target})
    if len(target) > 4000:
        assert answer.status_code == 413
        return
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    held = answer.headers["set-cookie"].partition(";")[0]
    asked = httpx.get(locked.url + "/login", params={"next": target}, headers={"Cookie": held})
    assert (asked.status_code, asked.headers["location"]) == (303, "/")


def test_a_login_leads_back_to_the_page_that_was_asked_for(locked: Site) -> None:
    form = locked.get("/login?next=%2Fholdings%3Fperiod%3D7d%26account%3Da%2520b").text
    assert 'name="next" value="/holdings?period=7d&amp;account=a%20b"' in form
    answer = post(locked, "/login", {"password": PASSWORD, "next": "/holdings?period=7d&account=a%20b"})
    assert answer.headers["location"] == "/holdings?period=7d&account=a%20b"
    hostile = locked.get('/login?next=%2Fholdings%3Fa%3D"><script>alert(1)</script>').text
    assert "<script>" not in hostile and 'name="next" value="/"' in hostile


def test_what_is_no_form_is_refused_before_it_costs_anything(locked: Site) -> None:
    form = "application/x-www-form-urlencoded"
    attempts: list[tuple[bytes, str, int]] = [
        (b"password=" + b"x" * 5000, form, 413),
        (b"password=%FF%FE", form, 400),
        (b"password=\xff", form, 400),
        (b"&" * 4000, form, 400),
        (b"a=1&" * 500 + b"password=x", form, 400),
        (b"password=a&password=b", form, 400),
        (b"", form, 400),
        (b"next=/", form, 400),
        (b'{"password": "x"}', "application/json", 415),
        (b"--x\r\n", "multipart/form-data; boundary=x", 415),
        (b"password=x", "text/plain", 415),
    ]
    for body, kind, status in attempts:
        answer = httpx.post(locked.url + "/login", content=body, headers={"Origin": locked.url, "Content-Type": kind})
        assert (body[:20], answer.status_code) == (body[:20], status)
    dripped = httpx.post(
        locked.url + "/login",
        content=(b"password=" if n == 0 else b"x" * 1000 for n in range(8)),
        headers={"Origin": locked.url, "Content-Type": form},
    )
    assert dripped.status_code == 413
    assert sign_in(locked).status_code == 303  # none of these was a wrong password


def test_a_body_that_never_comes_holds_nobody_up(locked: Site) -> None:
    with socket.create_connection(("127.0.0.1", locked.port)) as link:
        head = f"POST /login HTTP/1.1\r\nHost: {locked.url[7:]}\r\nOrigin: {locked.url}\r\nContent-Length: 30\r\n"
        link.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\npass".encode())
        began = time.monotonic()
        assert sign_in(locked).status_code == 303
        assert time.monotonic() - began < 2


def test_a_wrong_password_says_so_and_many_are_waited_for(fresh: Site) -> None:
    said = sign_in(fresh, "wrong")
    assert said.status_code == 401 and "This is not the password." in said.text and "wrong" not in said.text
    assert sign_in(fresh, "y" * 300).status_code == 401  # longer than any password: never computed
    held = cookie(fresh)  # the right one forgets the wrong ones
    for _ in range(FREE):
        assert sign_in(fresh, "wrong").status_code == 401
    for password in (PASSWORD, "wrong"):  # a fresh door says nothing about the key
        refused = sign_in(fresh, password)
        assert refused.status_code == 429 and 1 <= int(refused.headers["retry-after"]) <= 15
        assert "Try again in 15 s" in refused.text
    assert fresh.get("/", Cookie=held).status_code == 200  # who is in stays in
    fresh.late = timedelta(seconds=16)
    assert sign_in(fresh).status_code == 303


def test_an_accent_may_be_written_in_two_ways() -> None:
    assert fits(hash_password("z\u00e1mek na kopci", memory_kib=8192, rounds=1), "za\u0301mek na kopci")


def test_a_stranger_elsewhere_locks_nobody_else_out(fresh: Site) -> None:
    """As a proxy on this machine names its visitors; what a visitor writes himself stands before it."""
    for n in range(FREE):
        assert sign_in(fresh, "wrong", X_Forwarded_For=f"10.9.9.{n}, 203.0.113.7").status_code == 401
    assert sign_in(fresh, X_Forwarded_For="1.2.3.4, 203.0.113.7").status_code == 429
    assert sign_in(fresh, X_Forwarded_For="203.0.113.8").status_code == 303
    assert sign_in(fresh).status_code == 303


def test_passwords_are_computed_one_at_a_time_and_one_for_each_address(data: str) -> None:
    slow = Site(data, lambda: NOW, Access(password_hash=hash_password(PASSWORD, memory_kib=32768, rounds=3)))
    try:
        statuses: list[int] = []

        def attempt(address: str) -> None:
            statuses.append(sign_in(slow, "wrong", X_Forwarded_For=address).status_code)

        same = [threading.Thread(target=attempt, args=("203.0.113.7",)) for _ in range(4)]
        others = [threading.Thread(target=attempt, args=(f"203.0.113.{n}",)) for n in range(20, 36)]
        for thread in same + others:
            thread.start()
        link = HTTPConnection("127.0.0.1", slow.port, timeout=5)
        began = time.monotonic()
        link.request("GET", "/static/style.css")
        assert link.getresponse().status == 200 and time.monotonic() - began < 2  # others are answered meanwhile
        for thread in same + others:
            thread.join()
    finally:
        slow.server.should_exit = True
    assert statuses.count(401) <= 12 and statuses.count(429) >= 3 and statuses.count(503) >= 4
    assert set(statuses) == {401, 429, 503}


def test_lockouts_are_bounded_in_time_and_memory() -> None:
    attempts = Attempts()
    for n in range(3 * MOST_KNOWN):
        attempts.begin(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", NOW)
    assert len(attempts) == MOST_KNOWN
    waits = []
    for n in range(40):
        now = NOW + timedelta(hours=n / 60)
        waits.append(attempts.wait("2001:db8::1", now))
        attempts.begin(f"2001:db8::{n:x}", now)  # one network of one house
    assert waits[0] == 0 and max(waits) <= LONGEST_WAIT
    assert attempts.wait("2001:db8::1", NOW + timedelta(days=1)) == 0
    assert attempts.wait("2001:db8:0:1::1", NOW) == 0
    for _ in range(FREE):
        attempts.begin("::ffff:10.0.0.1", NOW)
    assert attempts.wait("10.0.0.1", NOW) == 15


def test_refused_tries_make_no_lockout_longer() -> None:
    attempts = Attempts()
    for _ in range(FREE):
        attempts.begin("203.0.113.7", NOW)
    wait = attempts.wait("203.0.113.7", NOW)
    for second in range(14):
        later = NOW + timedelta(seconds=second)
        assert attempts.wait("203.0.113.7", later) == pytest.approx(wait - second)
    assert attempts.wait("203.0.113.7", NOW + timedelta(seconds=wait)) == 0


@pytest.mark.parametrize("host", [NAME, f"{NAME}:8443", NAME.upper(), "localhost"])
def test_allowed_names_are_served(locked: Site, host: str) -> None:
    assert locked.get("/static/style.css", Host=host).status_code == 200


@pytest.mark.parametrize(
    "host", [f"{NAME}.evil.example", f"evil.{NAME}", "ts.net", f"{NAME}@evil", f"{NAME}:", f"{NAME}:a", "*"]
)
def test_other_names_are_refused_before_any_password(locked: Site, host: str) -> None:
    assert locked.get("/", Host=host).status_code == 400
    assert sign_in(locked, Host=host, Origin=f"http://{host}").status_code == 400


def test_nothing_about_a_login_is_written_to_the_database(locked: Site, data: str) -> None:
    assert data.startswith("postgresql://portfolio_dashboard:")  # a role that can only read: test_dashboard
    assert locked.get("/", Cookie=cookie(locked)).status_code == 200
