"""Every route by nobody's token, a stranger's, another's id: 401, 403 or 404, each with one body; and JSON that is hostile."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paper.api.app import OPERATIONS
from paper.api.operations import Access, Operation
from paper.users.records import Role
from paper.users.signed_tokens import Type
from tests.paper.api.site import Site

UNKNOWN = {"error": "Authentication required"}
HIDDEN = {"error": "Not found"}
GUARDED = [one for one in OPERATIONS if one.access is not Access.OPEN]
NAMED = [
    one for one in OPERATIONS if "{key}" in one.path or "{id}" in one.path
]  # {type} is the same for all: whose it is, the token says
WITH_BODY = [one for one in OPERATIONS if one.body]
ORDER = {"type": "buy", "symbol": "BTC", "quantity": "0.01", "price": "20000"}
AT_MARKET = {"type": "buy", "symbol": "BTC", "quantity": "0.001"}
KEY = {"label": "bot", "permissions": ["read", "trade"], "kind": "hmac"}


MADE = {"/api/users/api-keys": ("/api/users/api-keys", KEY), "/api/orders": ("/api/orders", ORDER), "/api/trades": ("/api/orders", AT_MARKET),
        "/api/wallets": ("/api/wallets", {"type": "spot", "asset": "USDT"})}  # fmt: skip


def name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A platform whose limits of calls don't matter here."""
    site = Site()
    site.membership.calls.count = lambda whom, now: None  # type: ignore[method-assign]
    yield site
    site.close()


@pytest.fixture(scope="module")
def tokens(site: Site) -> dict[str, str]:
    """Tokens that open nothing."""
    user, gone = site.join("walk@example.com"), site.join("gone@example.com")
    good, of_gone = site.sign_in(user), site.sign_in(gone).access
    site.membership.write([_deleted(site, gone.id)])
    claims = jwt.decode(good.access, options={"verify_signature": False})
    old = site.membership.now() - timedelta(hours=1)
    version = claims["ver"]
    return {
        "none": "",
        "of nobody": "nonsense",
        "unsigned": jwt.encode(claims, "", algorithm="none"),
        "by another algorithm": jwt.encode(claims, b"s" * 64, algorithm="HS512"),
        "by another key": jwt.encode(claims, b"x" * 32, algorithm="HS256"),
        "expired": site.signer.sign(Type.ACCESS, str(user.id), old, session=claims["sid"], version=version),
        "of another type": site.signer.sign(Type.INVITATION, str(user.id), site.membership.now(), version=version),
        "of an older version": site.signer.sign(Type.ACCESS, str(user.id), site.membership.now(), version="0" * 16),
        "of no user": site.signer.sign(Type.ACCESS, "ann", site.membership.now(), version=version),
        "of a deleted user": of_gone,
        "a refresh token": good.refresh,
    }


def _deleted(site: Site, user: Any) -> Any:
    known = site.directory.user(user)
    assert known
    return replace(known, is_deleted=True)


@pytest.mark.parametrize("operation", GUARDED, ids=name)
def test_no_route_answers_a_token_that_is_not_good(site: Site, tokens: dict[str, str], operation: Operation) -> None:
    path, written = operation.path.replace("{key}", "x"), len(site.journal.entries)
    answers = {
        kind: site.ask(operation.method, path, {"x": 1} if operation.body else None, token)
        for kind, token in tokens.items()
    }

    assert {kind: (one.status_code, one.json()) for kind, one in answers.items()} == dict.fromkeys(
        tokens, (401, UNKNOWN)
    )
    assert {one.headers["WWW-Authenticate"] for one in answers.values()} == {"Bearer"}
    cookies = {"Cookie": f"portfolio_paper={site.sign_in(site.directory.user_of_email('walk@example.com')).access}"}  # type: ignore[arg-type]
    assert site.ask(operation.method, path, headers=cookies).status_code == 401
    assert len(site.journal.entries) == written


@pytest.mark.parametrize("operation", NAMED, ids=name)
def test_anothers_is_absent_like_what_there_is_not(site: Site, operation: Operation) -> None:
    owner, stranger = site.join(f"owner@{id(operation)}.com"), site.join(f"stranger@{id(operation)}.com")
    owners, token = site.sign_in(owner).access, site.sign_in(stranger).access
    made = site.ask("POST", *MADE[operation.path.split("/{")[0]], owners).json()
    if operation.path.startswith("/api/trades"):
        made = site.ask("GET", "/api/trades", token=owners).json()["trades"][0]
    number = next(made[name] for name in ("key", "tradeId", "orderId", "walletId") if name in made)
    body = dict.fromkeys(operation.body, "100") or None
    asked = [operation.path.format(key=one, id=one) for one in (number, "x" * 64, "0", "9" * 18, "9" * 30, "-1")]
    answers = [site.ask(operation.method, path, body, token) for path in asked]

    assert [(one.status_code, one.json()) for one in answers] == [(404, HIDDEN)] * len(asked)
    if "userId" in made:
        assert site.ask("GET", f"{operation.path.split('/{')[0]}/{number}", token=owners).json() == made
    else:
        assert site.directory.key(number)


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.access is Access.ADMIN], ids=name)
def test_what_is_an_admins_is_nobody_elses(site: Site, operation: Operation) -> None:
    token = site.sign_in(site.join(f"plain@{id(operation)}.com")).access
    answer = site.ask(operation.method, operation.path, {}, token)

    assert (answer.status_code, answer.json()) == (403, {"error": "Only for admins."})


def test_lists_show_ones_own_alone_and_an_admin_the_trail_of_all(site: Site) -> None:
    one, two = site.join("one@list.com"), site.join("two@list.com")
    first, second = site.sign_in(one).access, site.sign_in(two).access
    keys = [site.ask("POST", "/api/users/api-keys", KEY, first).json() for _ in range(3)]

    def listed(token: str, path: str, **query: object) -> tuple[list[Any], object]:
        found = site.ask("GET", path, token=token, params=query).json()
        return found[path.rpartition("/")[2].replace("-", "_")], found["next"]

    assert [row["key"] for row in listed(first, "/api/users/api-keys")[0]] == [one["key"] for one in keys[::-1]]
    assert listed(second, "/api/users/api-keys") == ([], None)
    part, following = listed(first, "/api/users/api-keys", limit=2)
    rest, end = listed(first, "/api/users/api-keys", limit=2, before=following)
    assert [len(part), len(rest), end] == [2, 1, None]
    assert {row["user_id"] for row in listed(first, "/api/audit-logs")[0]} == {str(one.id)}
    assert [row["action"] for row in listed(first, "/api/audit-logs")[0]] == ["make_key"] * 3 + ["register"]
    assert [row["action"] for row in listed(second, "/api/audit-logs")[0]] == ["register"]
    known = site.directory.user(two.id)
    assert known
    site.membership.write([replace(known, role=Role.ADMIN)])
    assert {str(one.id), str(two.id)} <= {row["user_id"] for row in listed(second, "/api/audit-logs", limit=500)[0]}
    secrets = [key["secret"] for key in keys]
    everything = json.dumps([listed(first, "/api/users/api-keys"), listed(second, "/api/audit-logs", limit=500)])
    assert not any(secret in everything for secret in secrets)


UNREAD: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"{", "Expecting property name"),
    "a list": (b"[]", "one JSON object"),
    "a text": (b'"x"', "one JSON object"),
    "nothing": (b"null", "one JSON object"),
    "NaN": (b'{"email": NaN}', "NaN is no number"),
    "infinity": (b'{"email": -Infinity}', "-Infinity is no number"),
    "a name twice": (b'{"email": "a@b.c", "email": "x@y.z"}', "twice"),
    "a name twice, deeper": (b'{"email": {"a": 1, "a": 2}}', "twice"),
    "too deep": (b'{"email": ' + b"[" * 20_000, "too deep"),
    "a long number": (b'{"email": ' + b"1" * 5_000 + b"}", "digits"),
    "no UTF-8": (b'{"email": "\xff"}', "not UTF-8"),
    "UTF-16": ('{"email": "a@b.c"}'.encode("utf-16"), "not UTF-8"),
    "too large": (b'{"email": "' + b"x" * 70_000 + b'"}', "65,536 bytes"),
}
HOSTILE: dict[str, tuple[bytes, str]] = UNREAD | {
    "a huge exponent": (b'{"email": 1e999999999}', "Invalid input"),
    "half a character": (
        b'{"email": "\\ud800", "password": "\\ud800", "name": "\\ud800", "\\ud800": 1, "token": "\\ud800"}',
        "Invalid input",
    ),
    "nothing to be shown": (
        b'{"email": "a\\u0000@b.c", "name": "\\u0000", "label": "\\u202e", "token": "\\u0000", "x": 1}',
        "Invalid input",
    ),
    "unknown fields": (json.dumps({f"x{n}": n for n in range(1_000)}).encode(), "Invalid input"),
    "an unknown prototype": (b'{"__proto__": {"role": "admin"}, "role": "owner", "constructor": 1}', "Invalid input"),
}


@pytest.mark.parametrize("operation", WITH_BODY, ids=name)
def test_hostile_json_is_a_400_everywhere(site: Site, operation: Operation) -> None:
    user = site.directory.user_of_email("hostile@example.com") or site.join("hostile@example.com")
    site.membership.write([_admin(site, user.id)])
    token, written = site.sign_in(user).access, len(site.journal.entries)
    answers = {kind: site.ask(operation.method, operation.path, body, token) for kind, (body, _) in HOSTILE.items()}

    assert {kind: one.status_code for kind, one in answers.items() if one.status_code != 400} == {}
    assert {kind: said in answers[kind].json()["error"] for kind, (_, said) in HOSTILE.items()} == dict.fromkeys(
        HOSTILE, True
    )
    assert all(set(one.json()) <= {"error", "details"} and len(one.content) < 5_000 for one in answers.values())
    assert len(site.journal.entries) == written


def _admin(site: Site, user: Any) -> Any:
    known = site.directory.user(user)
    assert known
    return replace(known, role=Role.ADMIN)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_no_body_breaks_a_route(site: Site, data: st.DataObject) -> None:
    cheap = [one for one in WITH_BODY if one.path not in ("/api/users", "/api/users/register", "/api/users/login")]
    operation = data.draw(st.sampled_from(cheap))
    user = site.directory.user_of_email("any@example.com") or site.join("any@example.com")
    body = {field: data.draw(JSON) for field in operation.body}
    answer = site.ask(operation.method, operation.path, body, site.sign_in(user).access)

    assert answer.status_code in (200, 201, 400, 401, 403, 404, 409), answer.text


@pytest.mark.parametrize(
    "headers", [{"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}]
)
def test_what_a_page_of_another_site_can_send_is_not_read(site: Site, headers: dict[str, str]) -> None:
    body = b'{"email": "x@example.com", "password": "long enough", "name": "X"}'

    assert site.ask("POST", "/api/users", body, headers=headers).status_code == 400
    assert site.directory.user_of_email("x@example.com") is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Origin": "http://127.0.0.1:8100"}, 401),
        ({"Origin": "http://127.0.0.1:8000"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Host": "evil.example"}, 400),
        ({"Host": "127.0.0.1.evil.example:8100"}, 400),
        ({"Host": "[::1]:8100"}, 401),
    ],
)
def test_pages_of_other_sites_and_other_names_are_refused(site: Site, headers: dict[str, str], status: int) -> None:
    answer = site.ask("GET", "/api/users/profile", headers=headers)

    assert answer.status_code == status and set(answer.json()) == {"error"}
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not [header for header in answer.headers if header.startswith("access-control")]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/nothing", 404), ("GET", "/api/users/profile/", 404), ("POST", "/api/users/", 404), ("HEAD", "/api/users/profile", 200), ("PATCH", "/api/users/profile", 405), ("OPTIONS", "/api/users/profile", 405),
     ("GET", "/api/users/api-keys?limit=501", 400), ("GET", "/api/users/api-keys?limit=0", 400),
     ("GET", "/api/users/api-keys?limit=1&limit=2", 400), ("GET", "/api/users/api-keys?before=x", 400),
     ("GET", "/api/users/api-keys?user=1", 400), ("GET", "/api/users/profile?x=1", 400),
     ("GET", "/api/audit-logs?before=99999999999999999999", 400)],
)  # fmt: skip
def test_paths_methods_and_queries_that_there_are_not(site: Site, method: str, path: str, status: int) -> None:
    user = site.directory.user_of_email("paths@example.com") or site.join("paths@example.com")
    answer = site.ask(method, path, token=site.sign_in(user).access)

    assert answer.status_code == status and (method == "HEAD" or "error" in answer.json())
    assert (status != 405) or {"GET", "PUT", "DELETE"} <= set(answer.headers["Allow"].split(", "))
