"""Every endpoint of an hourly run x every bad answer: a right reading, or an hour that names what failed. Never zero."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.venue import KEY, SECRET, RunningVenue
from tests.worker import Worker

ENDPOINTS = [
    "/api/v3/time",
    "/api/v3/ticker/price",
    "/sapi/v3/asset/getUserAsset",
    "/sapi/v1/asset/get-funding-asset",
    "/sapi/v1/simple-earn/flexible/position",
    "/sapi/v1/simple-earn/locked/position",
    "/fapi/v3/account",
    "/sapi/v1/margin/account",
    "/sapi/v1/capital/deposit/hisrec",
    "/sapi/v1/capital/withdraw/history",
]


def answer(body: str, status: int = 200, **headers: str) -> dict[str, Any]:
    return {"status": status, "body": body, "headers": headers}


def code(number: int, status: int = 400) -> dict[str, Any]:
    return answer(f'{{"code": {number}, "msg": "no"}}', status)


BAD = {
    "maintenance page": answer("<html>maintenance</html>"),
    "empty": answer(""),
    "null": answer("null"),
    "empty object": answer("{}"),
    "truncated": answer('[{"asset": "BTC", "fr'),
    "not a number": answer('[{"asset": "BTC", "free": NaN}]'),
    "wrong types": answer('{"serverTime": "soon", "rows": 5, "total": 1, "assets": 7}'),
    "a text": answer('"fine"'),
    "500": answer("oops", 500),
    "502 page": answer("<html>bad gateway</html>", 502),
    "503": answer('{"code": -1008, "msg": "overloaded"}', 503),
    "403 wall": answer("<html>forbidden</html>", 403),
    "451": answer("", 451),
    "418": answer('{"code": -1003, "msg": "banned"}', 418, **{"Retry-After": "3600"}),
    "429 long": answer("", 429, **{"Retry-After": "3600"}),
    "429 date": answer("", 429, **{"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}),
    "-1003 in a 200": code(-1003, 200),
    "-2015": code(-2015, 401),
    "-1022": code(-1022),
    "-1021 for ever": code(-1021),
    "reset": {"kind": "reset"},
    "closed": {"kind": "close"},
    "garbage": {"kind": "garbage"},
    "cut short": {"kind": "truncate"},
    "redirect": {"kind": "redirect", "to": "http://127.0.0.1:9/elsewhere"},
}


USED = ("earn_flexible", "earn_locked", "futures", "coin_m", "cross_margin", "isolated_margin", "options")


def run_broken(worker: Worker, venue: RunningVenue, path: str, fault: dict[str, Any]) -> dict[str, Any]:
    venue.fault(path, fault)
    worker.run(venue.now())
    venue.clear_faults()
    return worker.hours()[-1]


HARDEST = ("maintenance page", "empty object", "wrong types", "-2015", "cut short")


@pytest.mark.parametrize("fault", HARDEST)  # each of the others: make soak
def test_no_bad_answer_of_any_endpoint_becomes_a_number(fault: str, worker: Worker, venue: RunningVenue) -> None:
    endpoints_refuse(fault, worker, venue)


def endpoints_refuse(fault: str, worker: Worker, venue: RunningVenue) -> None:
    """One endpoint after the other gives this answer: each hour is PARTIAL without a figure and says why."""
    for wallet in USED:  # one that holds nothing is asked once a day
        venue.do(f"transfer 10 USDT from spot to {wallet}")
    worker.run(venue.now())
    for path in ENDPOINTS:
        venue.advance(hours=1)
        hour = run_broken(worker, venue, path, BAD[fault])
        assert (hour["status"], hour["nav"]) == ("PARTIAL", None), (path, hour["reason"])
        assert hour["reason"], path
        assert KEY not in hour["reason"] and SECRET not in hour["reason"] and "signature" not in hour["reason"]
        venue.advance(hours=80)  # beyond the longest pause that is believed


FLOW_HISTORIES = [
    "/sapi/v1/fiat/orders",
    "/sapi/v1/fiat/payments",
    "/sapi/v1/c2c/orderMatch/listUserOrderHistory",
    "/sapi/v1/pay/transactions",
]
INCOME_HISTORIES = [
    "/sapi/v1/simple-earn/flexible/history/rewardsRecord",
    "/sapi/v1/asset/assetDividend",
    "/sapi/v1/rebate/taxQuery",
    "/fapi/v1/income",
]
SAMPLE = ("maintenance page", "empty object", "429 long", "-2015")


@pytest.mark.parametrize("fault", SAMPLE)  # each of the others: make soak
def test_no_bad_answer_of_a_history_hides_a_flow(fault: str, worker: Worker, venue: RunningVenue) -> None:
    flow_histories_refuse(fault, worker, venue)


def flow_histories_refuse(fault: str, worker: Worker, venue: RunningVenue) -> None:
    """One history of flows after the other gives this answer: each hour is PARTIAL without a figure and names it."""
    worker.run(venue.now())
    for path in FLOW_HISTORIES:
        venue.advance(hours=1)
        hour = run_broken(worker, venue, path, BAD[fault])
        assert (hour["status"], hour["nav"]) == ("PARTIAL", None), (path, hour["reason"])
        assert path.removeprefix("/sapi/v1/") in hour["reason"]
        venue.advance(hours=2)


@pytest.mark.parametrize("fault", SAMPLE)
def test_no_bad_answer_of_an_income_history_voids_an_hour_or_becomes_income(
    fault: str, worker: Worker, venue: RunningVenue
) -> None:
    for wallet in ("earn_flexible", "futures"):  # what an empty one would tell is asked once a day
        venue.do(f"transfer 10 USDT from spot to {wallet}")
    worker.run(venue.now())
    for path in INCOME_HISTORIES:
        venue.advance(hours=1)
        hour = run_broken(worker, venue, path, BAD[fault])
        assert hour["status"] == "COMPLETE", (path, hour["reason"])
        said = worker.rows(
            "select message from system_logs where run_id = (select max(id) from runs) and position(%(path)s in message) > 0",
            path=path.removeprefix("/sapi/v1/").removeprefix("/fapi/v1/"),
        )
        assert said or fault in ("429 long", "-2015"), path  # a pause has a log of its own; refused: there is none
        venue.advance(hours=2)
    assert worker.rows("select * from income") == []


ORDER_LISTS = ["/api/v3/openOrders", "/api/v3/allOrders"]


ORDERS_SAMPLE = "empty object"  # each of the others: make soak


def test_no_bad_answer_of_a_list_of_orders_makes_or_ends_one(worker: Worker, venue: RunningVenue) -> None:
    orders_refuse(ORDERS_SAMPLE, worker, venue)


def orders_refuse(fault: str, worker: Worker, venue: RunningVenue) -> None:
    """One list after the other gives this answer: each hour stands, what waits still does, and the next run reads what there is."""
    venue.do("limit sell 0.01 BTCUSDT at 900000")
    worker.run(venue.now())
    for number, path in enumerate(ORDER_LISTS, 1):
        venue.advance(hours=1)
        venue.do("buy 0.001 BTCUSDT")
        hour = run_broken(worker, venue, path, BAD[fault])
        assert hour["status"] == "COMPLETE", (path, hour["reason"])
        assert worker.rows("select count(*) from open_orders") == [{"count": 1}], path
        venue.advance(hours=80)  # beyond the longest pause that is believed
        worker.run(venue.now())
        known = worker.rows("select count(*) from order_revisions where symbol = 'BTCUSDT'")
        assert known == [{"count": 2 + number}], path  # one waits, one was of before


def test_no_bad_answer_about_a_contract_hides_a_fill(worker: Worker, venue: RunningVenue) -> None:
    contracts_refuse(answer("[]"), worker, venue)  # each of the others: make soak


def contracts_refuse(fault: dict[str, Any], worker: Worker, venue: RunningVenue) -> None:
    """Its fills are listed like this: the hour stands, nothing is stored, and the next run reads what there is."""
    venue.do("transfer 1000 USDT from spot to futures")
    worker.run(venue.now())
    venue.advance(hours=1)
    venue.do("long 0.01 BTCUSDT")
    hour = run_broken(worker, venue, "/fapi/v1/userTrades", fault)
    assert (hour["status"], worker.rows("select * from contract_fills")) == ("COMPLETE", []), hour["reason"]
    venue.advance(hours=80)  # beyond the longest pause that is believed
    worker.run(venue.now())
    assert worker.rows("select quantity from contract_fills") == [{"quantity": Decimal("0.01")}]


@pytest.mark.parametrize("after", ["0", "-5", "abc", "1"])
def test_a_short_or_senseless_retry_after_is_waited_out_in_the_run(
    after: str, worker: Worker, venue: RunningVenue
) -> None:
    venue.fault("/sapi/v3/asset/getUserAsset", answer("", 429, **{"Retry-After": after}), times=1)
    worker.run(venue.now())

    assert worker.hours()[-1]["status"] == "COMPLETE"


@pytest.mark.parametrize("kind", ["reset", "close", "garbage", "truncate"])
def test_a_broken_connection_is_tried_again(kind: str, worker: Worker, venue: RunningVenue) -> None:
    venue.fault("/sapi/v3/asset/getUserAsset", {"kind": kind}, times=1)
    worker.run(venue.now())

    assert worker.hours()[-1]["status"] == "COMPLETE"


@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_an_endless_answer_ends_with_its_time(kind: str, worker: Worker, venue: RunningVenue) -> None:
    worker.settings = replace(worker.settings, call_timeout_seconds=0.5)  # type: ignore[arg-type]
    hour = run_broken(worker, venue, "/sapi/v1/asset/get-funding-asset", {"kind": kind})

    assert hour["status"] == "PARTIAL"
    assert "no answer within 0.5 s" in hour["reason"]


def test_a_coin_told_twice_is_not_believed(worker: Worker, venue: RunningVenue) -> None:
    row = '{"asset": "BTC", "free": "1", "locked": "0", "freeze": "0", "withdrawing": "0"}'
    hour = run_broken(worker, venue, "/sapi/v3/asset/getUserAsset", answer(f"[{row}, {row}]"))

    assert "asset BTC appears twice" in hour["reason"]


def test_a_deposit_told_twice_with_different_amounts_leaves_the_hour_without_a_nav(
    worker: Worker, venue: RunningVenue
) -> None:
    venue.advance(minutes=30)
    venue.do("deposit 2000 USDT")
    deposits = venue.exchange.venue.accounts["test"].deposits
    deposits.append(replace(deposits[-1], amount=Decimal(1900)))
    worker.run(venue.now())
    deposits.pop()
    venue.advance(hours=1)
    worker.run(venue.now())

    first, second = worker.hours()
    assert (first["status"], first["nav"], second["status"]) == ("PARTIAL", None, "COMPLETE")
    assert "is listed twice" in first["reason"]


def test_the_wrong_clock_is_corrected_once(worker: Worker, venue: RunningVenue) -> None:
    """The venue stands in the past, so the first signed call of every process is refused with -1021."""
    worker.run(venue.now())

    assert worker.hours()[-1]["status"] == "COMPLETE"
    assert any(r["path"] == "/api/v3/time" for r in venue.requests())


def test_earn_shadows_are_counted_once_and_a_coin_named_like_one_stays(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 0.02 BTC from spot to earn_flexible")
    venue.do("airdrop 5 LDO")
    mirror = answer(
        '[{"asset": "LDBTC", "free": "0.02", "locked": "0", "freeze": "0", "withdrawing": "0"},'
        ' {"asset": "LDO", "free": "5", "locked": "0", "freeze": "0", "withdrawing": "0"}]'
    )
    run_broken(worker, venue, "/sapi/v3/asset/getUserAsset", mirror)

    found = {(r["wallet"], r["asset"]) for r in worker.rows("select wallet, asset from holdings")}
    assert found == {("spot", "LDO"), ("earn_flexible", "BTC")}
