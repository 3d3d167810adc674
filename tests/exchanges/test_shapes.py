"""Answers of another shape: they belong to the wallet, the history or the symbol that they are of, and to one account."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from monitor.exchanges.binance.dialect import DIALECT
from monitor.exchanges.binance.market import _read_prices
from monitor.exchanges.http.capture import Response
from monitor.exchanges.http.failures import judge_answer
from monitor.exchanges.http.fields import Malformed, amount, asset, optional_text, select, text
from monitor.performance.verification import verify
from tests.venue import Opener as OpenVenue
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DEEP = "[" * 200_000
DIGITS = "9" * 5_000


@pytest.mark.parametrize("value", ["a\x00b", "a\nb", "\ud800", "x" * 501, "\x9f", True, None, 1.5, {}])
def test_no_id_and_no_asset_has_what_no_database_stores(value: object) -> None:
    with pytest.raises(Malformed):
        text({"id": value}, "id")
    with pytest.raises(Malformed):
        asset({"asset": value})


def test_what_is_kept_of_a_row_can_be_stored() -> None:
    assert select({"note": "a\x00\ud800b", "more": None}, ("note", "more")) == {"note": "a\ufffd\ufffdb"}
    assert (optional_text({}, "id"), optional_text({"id": ""}, "id"), optional_text({"id": 7}, "id")) == ("", "", "7")


@pytest.mark.parametrize(
    "value", ["1e20", "-1e20", "9e35", "1e-41", DIGITS, "1e999999999", "٣", "0x10", "", None, True]
)
def test_a_number_that_no_coin_has_is_refused(value: object) -> None:
    with pytest.raises(Malformed):
        amount({"free": value}, "free", signed=True)
    assert amount({"free": "99999999999999999999.5"}, "free") == D("99999999999999999999.5")


@pytest.mark.parametrize("after", [DIGITS, "²", "Fri, 99 Foo 10000", "-1", "1e9", "\x00", "(((((" * 100])
def test_a_senseless_wait_is_a_short_one_or_bounded(after: str) -> None:
    failed = judge_answer(
        Response(status=429, headers={"Retry-After": after, "X-MBX-USED-WEIGHT-1M": after}, body=DEEP), DIALECT, NOW
    )
    assert failed is not None and failed.until is not None
    assert timedelta(seconds=1) <= failed.until - NOW <= timedelta(days=3)


def test_one_price_that_can_not_be_read_costs_its_own_symbol() -> None:
    rows = [{"symbol": "BTCUSDT", "price": "60000"}, {"symbol": "ETHUSDT", "price": None}, {"symbol": 5, "price": {}}]
    twice = [{"symbol": "SOLUSDT", "price": "1"}, {"symbol": "SOLUSDT", "price": "2"}, {"price": "1"}, 7, None]

    assert _read_prices([*rows, *twice]) == {"BTCUSDT": 60000}
    assert _read_prices([]) == {}
    nothings: tuple[object, ...] = (rows[1:], {}, "BTCUSDT")
    for nothing in nothings:
        with pytest.raises(Malformed):
            _read_prices(nothing)


# ---------------------------------------------------------------- over HTTP

POSITIONS = "/sapi/v1/simple-earn/locked/position"
DEPOSITS = "/sapi/v1/capital/deposit/hisrec"
SPOT = "/sapi/v3/asset/getUserAsset"
DIVIDENDS = "/sapi/v1/asset/assetDividend"


def answer(body: str, **headers: str) -> dict[str, Any]:
    return {"status": 200, "body": body, "headers": headers}


ODD = {
    "deep": answer(DEEP),
    "deep objects": answer('{"a":' * 100_000),
    "utf-16": answer("[]", **{"content-type": "application/json; charset=utf-16"}),
    "a charset of bytes": answer("[]", **{"content-type": "application/json; charset=zlib"}),
    "numbers": answer(f'{{"rows": {DIGITS}, "total": {DIGITS}}}'),
    "a list in a list": answer("[[[]]]"),
    "an object for a number": answer('[{"asset": "BTC", "free": {}, "amount": [], "coin": {}, "rows": 1}]'),
    "NUL": answer(
        '[{"asset": "B\\u0000TC", "coin": "B\\u0000TC", "free": "1", "id": "1", "amount": "1", "status": 1}]'
    ),
    "half a character": answer(
        '[{"asset": "\\ud800", "coin": "BTC", "free": "1", "id": "\\ud800", "amount": "1", "status": 1,'
        ' "insertTime": 1772323200000}]'
    ),
    "too much": answer(
        '[{"asset": "BTC", "coin": "BTC", "free": "9e35", "id": "1", "amount": "9e35", "status": 1,'
        ' "insertTime": 1772323200000}]'
    ),
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_answer_is_a_failure_of_what_was_asked(odd: str, worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 100 USDT from spot to earn_locked")
    worker.run(venue.now())
    for path in (SPOT, POSITIONS, DEPOSITS):
        venue.advance(hours=1)
        venue.fault(path, ODD[odd])
        worker.run(venue.now())
        venue.clear_faults()
        hour = worker.hours()[-1]
        assert (hour["status"], hour["nav"]) == ("PARTIAL", None), path
        assert path.split("/", 3)[-1] in hour["reason"]


@pytest.mark.usefixtures("first_hour")
def test_odd_income_voids_nothing_and_is_not_stored(worker: Worker, venue: RunningVenue) -> None:
    row = '{"id": "1", "asset": "BTC", "amount": "1", "divTime": 1772323200000, "enInfo": "a\\u0000\\ud800b", "tranId": 1}'
    for body in (f'{{"rows": [{row}], "total": 1}}', '{"rows": [{"id": "\\u0000"}], "total": 1}', DEEP):
        venue.advance(hours=1)
        venue.fault(DIVIDENDS, answer(body))
        worker.run(venue.now())
        venue.clear_faults()
        assert worker.hours()[-1]["status"] == "COMPLETE"
    (stored,) = worker.rows("select raw from income")
    assert stored["raw"]["enInfo"] == "a\ufffd\ufffdb"
    assert verify(worker.db).differences == ()


def test_one_ill_shaped_price_costs_who_holds_that_coin(open_worker: Opener, open_venue: OpenVenue) -> None:
    one, other = (f"key-of-{name}-0123456789" for name in ("one", "other"))
    story = f"""
+0m account one key {one} secret secret-of-one-9876543210
+0m deposit 100 USDT
+0m account other key {other} secret secret-of-other-9876543210
+0m deposit 100 USDT
+1m buy for 50 SOLUSDT
"""
    venue = open_venue(story)
    worker = open_worker(venue)
    worker.add("one", one, "secret-of-one-9876543210")
    worker.add("other", other, "secret-of-other-9876543210")
    prices = [{"symbol": name, "price": str(venue.exchange.venue.price(name, venue.now()))} for name in
              ("BTCUSDT", "ETHUSDT")]  # fmt: skip
    body = str([*prices, {"symbol": "SOLUSDT", "price": "much"}]).replace("'", '"')
    venue.fault("/api/v3/ticker/price", answer(body))
    worker.run(venue.now())

    assert [worker.hours(number)[-1]["status"] for number in (1, 2)] == ["COMPLETE", "PARTIAL"]
    assert "SOL in spot has no price" in worker.hours(2)[-1]["reason"]


def test_one_ill_shaped_kline_costs_its_own_coin(worker: Worker, venue: RunningVenue) -> None:
    """Every price is new in the first hour, so the klines of all of them are asked for."""
    venue.fault("/api/v3/klines", answer('[["soon"]]'), of="symbol=ETHUSDT")
    worker.run(venue.now())

    reason = worker.hours()[-1]["reason"]
    assert "the price of ETH" in reason and "could not be checked" in reason
    assert "the price of BTC" not in reason
