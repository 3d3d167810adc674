"""Hostile callers of the paper exchange: nothing they send makes it fail or hang, and its control has a secret."""

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from paper.control import MOST_FAULTS
from paper.wire.binance.routes import ROUTES
from tests.paper.test_signing import sign_with
from tests.venue import KEY, SECRET, RunningVenue

ODD: list[Any] = [
    0, -1, 1e9, 1e400, -1e400, 10**40, 10**18 - 1, 0.5, True, None, "", "x" * 2_000, "1" * 5_000, "\x00", "\ud800",
    "１", "nan", "1e400", "2026-03-01", "9999-12-31T23:59:59+00:00", [], {}, [[[]]], {"a": {"a": 1}},
]  # fmt: skip
PATHS = {
    "/clock": ("advance_seconds", "set", "follow"),
    "/events": ("line", "account"),
    "/faults": ("path", "fault", "times", "after"),
    "/latency": ("seconds",),
}
LINES = [
    "deposit", "deposit 5", "deposit 1e400 USDT", "deposit 1 USDT credited after 99999999999999d", "buy for 1 NONE",
    "transfer 1 USDT from spot to nowhere", "withdraw 99999999999 USDT fee 1", "send 1 USDT to nobody", "account",
    "account a", "long", "long 1 NONE", "option buy x", "unify x y", "belongs to", "hand 1", "borrow 1 BTC on moon",
    "dividend", "reward 1", "lock", "p2p buy", "card sell 1", "every 0m deposit 1 USDT", "_credit test D1", "_write_day",
]  # fmt: skip
FAULTS: list[Any] = [
    {"kind": "slow", "seconds": 1e9}, {"kind": "hang", "seconds": "long"}, {"kind": 7}, {"status": 99}, {"status": 1e9},
    {"status": 200, "body": 7}, {"status": 200, "body": "\ud800"}, {"status": 200, "headers": {"A": "b\r\nC: d"}},
    {"status": 200, "headers": {"A B": "c"}}, {"status": 200, "headers": [1]}, {"kind": "redirect", "to": 7},
    {"status": 200, "headers": {"A": "ж"}},
]  # fmt: skip


class Stranger:
    """Sends what it likes to the control port."""

    def __init__(self, venue: RunningVenue) -> None:
        self._secret = {"Authorization": f"Bearer {venue.control_secret}"}
        self._client = httpx.Client(base_url=venue.control_url, timeout=10)

    def post(self, path: str, body: Any) -> httpx.Response:
        text = json.dumps(body) if isinstance(body, (dict, list, int, float, type(None))) else body
        return self._client.post(path, content=text, headers=self._secret)


@pytest.fixture
def stranger(venue: RunningVenue) -> Stranger:
    return Stranger(venue)


@pytest.mark.parametrize("told", ["", "Bearer", "Bearer wrong", "Bearer ключ", None])
def test_the_control_port_answers_who_knows_its_secret(told: str | None, venue: RunningVenue) -> None:
    before = venue.truth()
    headers: Any = {} if told is None else {"Authorization": told.encode()}
    body = '{"line": "deposit 5 BTC", "account": "test"}'

    assert httpx.post(f"{venue.control_url}/events", content=body, headers=headers).status_code == 401
    assert httpx.get(f"{venue.control_url}/truth", headers=headers).status_code == 401
    assert httpx.delete(f"{venue.control_url}/requests", headers=headers).status_code == 401
    assert venue.truth() == before


@pytest.mark.parametrize("path", PATHS)
def test_no_argument_makes_the_control_port_fail(path: str, stranger: Stranger, venue: RunningVenue) -> None:
    bodies: list[Any] = [{name: odd} for name in PATHS[path] for odd in ODD]
    bodies += [odd for odd in ODD if not isinstance(odd, str)]
    bodies += ["[" * 100_000, "{" * 5_000, '{"seconds": ' + "1" * 5_000 + "}", b"\xff\xfe", "{", '{"a": NaN}']
    if path == "/events":
        bodies += [{"line": line, "account": account} for line in LINES for account in ("test", "nobody")]
    if path == "/faults":
        bodies += [{"path": "/none", "fault": fault} for fault in FAULTS]
        bodies += [{"path": "/none", "fault": {"kind": "close"}, "times": odd, "after": odd} for odd in ODD]
    answers = [stranger.post(path, body) for body in bodies]

    told = [(body, answer.text) for body, answer in zip(bodies, answers, strict=True) if answer.status_code >= 500]
    assert told == []
    assert {answer.status_code for answer in answers} <= {200, 400}
    assert sum(answer.status_code == 400 for answer in answers) > len(answers) / 2
    venue.clear_faults()
    assert httpx.get(f"{venue.url}/api/v3/time").status_code == 200


def test_no_delay_and_no_step_is_endless(stranger: Stranger) -> None:
    assert stranger.post("/latency", {"seconds": 1e9}).status_code == 400
    assert stranger.post("/clock", {"advance_seconds": 1e10}).status_code == 400
    assert stranger.post("/clock", {"set": "2101-01-01T00:00:00+00:00"}).status_code == 400
    answers = [stranger.post("/faults", {"path": "/none", "fault": {"kind": "close"}}) for _ in range(MOST_FAULTS + 1)]
    assert [answer.status_code for answer in answers[-2:]] == [200, 400]


def test_a_body_without_an_end_is_not_read_to_it(stranger: Stranger) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 1024 * 1024

    with suppress(httpx.TransportError):  # refused while it is still being sent
        assert stranger.post("/events", endless()).status_code == 413
    assert 16 <= sent < 100
    assert stranger.post("/latency", {"seconds": 0}).status_code == 200


NUMBERS = ["1" * 5_000, "9" * 18, "9" * 17, "-1", "1e400", "0", "", "１", "\x00", "x" * 3_000, "253402300800000"]
NAMES = ["startTime", "endTime", "beginTime", "limit", "page", "current", "size", "rows", "fromId", "symbol", "type",
         "email", "transactionType", "tradeType", "interval", "asset", "recvWindow", "futuresType", "currency"]  # fmt: skip


def test_no_parameter_makes_the_exchange_fail(venue: RunningVenue) -> None:
    now = int(venue.now().timestamp() * 1000)
    chance = random.Random(7)
    client = httpx.Client(base_url=venue.url, headers={"X-MBX-APIKEY": KEY}, timeout=10)
    failed: list[tuple[str, object]] = []
    for path, route in ROUTES.items():
        for _ in range(12):
            asked = {name: chance.choice(NUMBERS) for name in chance.sample(NAMES, 4)} | {"timestamp": now}
            text = urlencode(asked)
            query = f"{text}&signature={sign_with(SECRET, text)}"
            answer = client.request(route.method, f"{path}?{query}")
            failed += [(path, asked)] if answer.status_code >= 500 else []
        venue.control("/weights", method="DELETE")
    for stamp in NUMBERS:  # also before anything is signed
        answer = client.get("/api/v3/account", params={"timestamp": stamp, "recvWindow": stamp, "signature": "x"})
        failed += [("timestamp", stamp)] if answer.status_code >= 500 else []

    assert failed == []
