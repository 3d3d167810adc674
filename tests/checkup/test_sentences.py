"""What a check says of every hour is what the hours then are."""

from pathlib import Path
from typing import Any

import pytest

from monitor.checkup.check_report import COMPLETE, WIDTH, format_check, format_report, format_summary
from tests.checkup.checking import examine
from tests.venue import RunningVenue
from tests.worker import Worker


def no(code: int, status: int = 400) -> dict[str, Any]:
    """A refusal in the exchange's own words."""
    return {"status": status, "body": f'{{"code": {code}, "msg": "No."}}'}


PAGE = {"status": 404, "body": "<html>gone</html>", "headers": {"content-type": "text/html"}}
WALL = {"status": 403, "body": "<html>forbidden</html>", "headers": {"content-type": "text/html"}}
ORDINARY = {
    "/sapi/v1/sub-account/*": no(-8012),
    "/eapi/*": PAGE,
    "/papi/*": no(-2015, 401),
    "/sapi/v1/margin/account": no(-3003),
    "/sapi/v1/margin/isolated/account": no(-11001),
}
CASES: list[tuple[str, dict[str, Any]]] = [
    ("/sapi/v3/asset/getUserAsset", no(-9000)),
    ("/sapi/v1/asset/get-funding-asset", no(-9000)),
    ("/sapi/v1/capital/deposit/hisrec", no(-2015, 401)),
    ("/sapi/v1/capital/withdraw/history", WALL),
    ("/sapi/v1/fiat/orders", no(-9000)),
    ("/sapi/v1/fiat/orders", {"status": 200, "body": '{"code": "000000", "data": 7}'}),
    ("/sapi/v1/pay/transactions", WALL),
    ("/sapi/v1/c2c/orderMatch/listUserOrderHistory", no(-1022)),
    ("/sapi/v1/simple-earn/flexible/position", no(-9000)),
    ("/sapi/v1/simple-earn/locked/position", {"status": 200, "body": "[]"}),
    ("/fapi/v3/account", no(-2015, 401)),
    ("/fapi/v3/account", WALL),
    ("/sapi/v1/asset/wallet/balance", no(-9000)),
    ("/sapi/v1/asset/wallet/balance", {"status": 200, "body": '[{"walletName": "Trading Bots", "balance": "123"}]'}),
    ("/sapi/v1/asset/assetDividend", no(-9000)),
    ("/fapi/v1/income", WALL),
    ("/api/v3/ticker/price", WALL),
    ("/api/v3/myTrades", no(-2015, 401)),
]


@pytest.mark.parametrize(("path", "fault"), CASES)
def test_the_sentence_is_what_the_next_hour_is(
    path: str, fault: dict[str, Any], worker: Worker, venue: RunningVenue, tmp_path: Path
) -> None:
    venue.fault(path, fault)
    findings = examine(venue, tmp_path, db=worker.db)
    worker.run(venue.now())
    (hour,) = worker.hours()

    assert findings.is_complete == (hour["status"] == "COMPLETE"), hour["reason"]
    last = "\n".join(format_summary(findings))
    assert last.startswith(COMPLETE[:-1] if findings.is_complete else "What stands in the way of complete hours:")
    assert (last == COMPLETE) == (findings.is_complete and not hour["reason"])
    for told in (format_check(findings), format_report(findings, "0", "its own key")):
        assert max(map(len, told.splitlines())) <= WIDTH
        (row, *_) = [line for line in told.splitlines() if path in line]
        assert (row.split()[2] == "yes") == (fault["status"] == 200)
        assert str(fault["status"]) in row


def test_an_ordinary_account_is_told_that_every_hour_will_be_complete(venue: RunningVenue, tmp_path: Path) -> None:
    for path, fault in ORDINARY.items():
        venue.fault(path, fault)
    findings = examine(venue, tmp_path)
    told = format_check(findings)

    assert told.splitlines()[-1] == COMPLETE
    assert format_report(findings, "0", "its own key").splitlines()[-1] == COMPLETE
    assert max(map(len, told.splitlines())) <= WIDTH
    for row in ("GET /eapi/v1/marginAccount no 404 page none", "GET /sapi/v1/margin/account no 400 -3003 none"):
        assert row in [" ".join(line.split()) for line in told.splitlines()]


UNKNOWN_TOTALS = ("/sapi/v1/asset/wallet/balance", no(-9000))


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (UNKNOWN_TOTALS, "What stands in the way of complete hours: 1 coin without a price."),
        (None, "Every hour of this account will be complete, and marked as estimated by: 1 price."),
    ],
)
def test_a_coin_without_a_price_is_told_and_the_report_does_not_name_it(
    fault: tuple[str, dict[str, Any]] | None, sentence: str, worker: Worker, venue: RunningVenue, tmp_path: Path
) -> None:
    venue.do("airdrop 5 NOTRADE")
    if fault:
        venue.fault(*fault)
    findings = examine(venue, tmp_path, db=worker.db)
    worker.run(venue.now())

    (hour,) = worker.hours()
    assert findings.is_complete == (hour["status"] == "COMPLETE") == (fault is None)
    assert "NOTRADE" in hour["reason"] and hour["reason"] in (*findings.problems, *findings.caveats)
    report = format_report(findings, "0", "its own key")
    assert " ".join(report.split()).endswith(sentence) and "NOTRADE" not in report
