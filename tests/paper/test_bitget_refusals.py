"""Bitget refuses in its own words: signatures, stamps, passphrases, windows, rights, systems, and too many calls."""

import random
from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest

from paper.wire.bitget.routes import OF_UNIFIED, ROUTES
from tests.paper.bitget import AGE, KEY, ask, ms, read
from tests.venue import RunningVenue

D = Decimal


WINDOW_YEARS = {"startTime": "1600000000000", "endTime": "1700000000000"}
EIGHT_DAYS = {"startTime": "1600000000000", "endTime": "1600691200000"}
SPOT = "/api/v2/spot/account/assets"


@pytest.mark.parametrize(
    ("path", "asked", "headers", "code"),
    [
        (SPOT, {}, {"access_sign": "AAAA"}, "40009"),
        (SPOT, {}, {"access_passphrase": "wrong"}, "40012"),
        (SPOT, {}, {"access_passphrase": ""}, "40011"),
        (SPOT, {}, {"access_key": "nobody"}, "40006"),
        (SPOT, {}, {"access_key": "key-of-bob-0123456789"}, "40006"),
        (SPOT, {}, {"access_key": ""}, "40001"),
        (SPOT, {}, {"access_sign": ""}, "40003"),
        (SPOT, {}, {"access_timestamp": "soon"}, "40005"),
        (SPOT, {}, {"access_timestamp": "1600000000000"}, "40008"),
        ("/api/v3/account/settings", {}, {}, "40084"),
        ("/api/v2/spot/wallet/deposit-records", {"startTime": "1700000000000"}, {}, "40019"),
        ("/api/v2/spot/wallet/deposit-records", WINDOW_YEARS, {}, "00001"),
        ("/api/v2/mix/account/accounts", {"productType": "MOON-FUTURES"}, {}, "40020"),
        ("/api/v2/spot/market/candles", {"symbol": "NONEUSDT", "granularity": "1min"}, {}, "40034"),
        ("/api/v2/spot/market/candles", {"symbol": "BTCUSDT", "granularity": "1m"}, {}, "40020"),
        ("/api/v2/spot/account/bills", {"limit": "501"}, {}, "40020"),
        ("/api/v2/mix/order/fill-history", {"symbol": "BTCUSDT"}, {}, "40019"),
        ("/api/v2/mix/order/fill-history", {"productType": "USDT-FUTURES", **EIGHT_DAYS}, {}, "00001"),
        ("/api/v2/mix/position/history-position", WINDOW_YEARS, {}, "00001"),
        ("/api/v2/mix/position/history-position", {"limit": "101"}, {}, "40020"),
        ("/api/v2/nothing", {}, {}, "40404"),
    ],
)
def test_calls_are_refused_as_bitget_refuses_them(
    path: str, asked: dict[str, str], headers: dict[str, str], code: str, open_bitget: Callable[[str], RunningVenue]
) -> None:
    answer = ask(open_bitget("classic"), path, asked, **headers)
    told = answer.json()

    assert (told["code"], told["data"]) == (code, None) and told["msg"]
    assert answer.status_code == (404 if code == "40404" else 400)


def test_one_wrong_byte_of_what_was_signed_is_refused(open_bitget: Callable[[str], RunningVenue]) -> None:
    venue = open_bitget("classic")
    asked = {"coin": "USDT", "startTime": str(ms(venue.now() - AGE)), "endTime": str(ms(venue.now()))}
    signed = ask(venue, "/api/v2/spot/account/bills", asked).request.headers
    sent = {name: signed[name] for name in ("access-key", "access-sign", "access-timestamp", "access-passphrase")}

    for changed in (asked | {"coin": "USDC"}, asked | {"limit": "5"}, {"coin": "USDT"}):
        answer = httpx.get(f"{venue.urls['bitget']}/api/v2/spot/account/bills", params=changed, headers=sent)
        assert answer.json()["code"] == "40009"
    turned = httpx.get(
        f"{venue.urls['bitget']}/api/v2/spot/account/bills", params=dict(list(asked.items())[::-1]), headers=sent
    )
    assert turned.json()["code"] == "00000"  # the order of the names is not signed


def test_the_other_account_system_and_a_missing_right_are_refused(open_bitget: Callable[[str], RunningVenue]) -> None:
    venue = open_bitget("classic")
    rights = read(venue, "/api/v2/spot/account/info")["authorities"]
    assert set(rights) == {"coor", "cpor", "stor", "smor", "ttor", "wtor", "taxr", "chor", "p2pr", "pllr"}
    venue.do("forbid smor", "Ann")
    venue.do("permit stow", "Ann")
    assert ask(venue, "/api/v2/margin/crossed/account/assets").json()["code"] == "40014"
    assert ask(venue, SPOT).json()["code"] == "00000"
    venue.do("unify", "Ann")
    assert ask(venue, SPOT).json()["code"] == "40085"
    assert read(venue, "/api/v3/account/settings")["accountMode"] == "unified"
    assert read(venue, "/api/v3/account/info")["permType"] == "read-only"
    assert read(venue, "/api/v2/earn/account/assets") == [{"coin": "USDT", "amount": "700"}]
    venue.do("forbid v2", "Ann")  # nobody knows whether a unified account may ask this
    assert ask(venue, "/api/v2/earn/account/assets").json()["code"] == "40085"
    venue.do("unify hybrid", "Ann")
    both = [ask(venue, path).json()["code"] for path in (SPOT, "/api/v3/account/assets")]
    assert (both, read(venue, "/api/v3/account/settings")["accountMode"]) == (["00000", "00000"], "hybrid")
    venue.do("revoke", "Ann")
    assert ask(venue, SPOT).json()["code"] == "40037"


def test_too_many_calls_in_a_second_are_refused_and_others_are_not(open_bitget: Callable[[str], RunningVenue]) -> None:
    venue = open_bitget("classic")
    answers = [ask(venue, "/api/v2/account/all-account-balance") for _ in range(2)]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(200, "00000"), (429, "429")]
    assert ask(venue, SPOT).status_code == 200
    venue.control("/weights", method="DELETE")
    assert ask(venue, "/api/v2/account/all-account-balance").status_code == 200


def test_faults_strike_bitget(open_bitget: Callable[[str], RunningVenue]) -> None:
    venue = open_bitget("classic")
    venue.fault(SPOT, {"status": 200, "body": "<html>"}, exchange="bitget", of=KEY, times=1)

    assert [ask(venue, SPOT).text[:6], ask(venue, SPOT).json()["code"]] == ["<html>", "00000"]
    assert [entry["status"] for entry in venue.requests() if entry["exchange"] == "bitget"] == ["fault", 200]


def test_no_parameter_makes_bitget_fail(open_bitget: Callable[[str], RunningVenue]) -> None:
    venues = {system: open_bitget(system) for system in ("classic", "unified")}
    chance = random.Random(7)
    values = [
        "1" * 5_000,
        "9" * 18,
        "-1",
        "1e400",
        "0",
        "",
        "１",
        "x" * 300,
        "253402300800000",
        "USDT-FUTURES",
        "BTCUSDT",
        "SPOT",
    ]
    names = ["startTime", "endTime", "limit", "idLessThan", "cursor", "symbol", "productType", "category", "coin",
             "granularity", "interval", "role", "subUid", "marginCoin", "accountType", "assetType", "type"]  # fmt: skip
    failed = []
    for path in ROUTES:
        venue = venues["unified" if path in OF_UNIFIED else "classic"]
        for _ in range(5):
            asked = {name: chance.choice(values) for name in chance.sample(names, 5)}
            answer = ask(venue, path, asked)
            failed += [(path, asked)] if answer.status_code >= 500 or answer.json()["code"] == "40009" else []
        venue.control("/weights", method="DELETE")

    assert failed == []
