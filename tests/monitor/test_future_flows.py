"""Times that the exchange tells from the future of its own clock: what has not happened yet is pending, and nothing more."""

from datetime import datetime, timedelta

import pytest

from finance.records import SLACK
from paper.histories.accounts import Deposit
from tests.monitor.notation import D
from tests.venue import RunningVenue
from tests.worker import Worker

FAR = [timedelta(minutes=3), timedelta(days=30), timedelta(days=20_000)]


def newest(worker: Worker) -> dict[str, object]:
    """The newest revision of the deposit after the opening."""
    (row,) = worker.rows("select * from processed_transactions where kind = 'deposit' order by id desc limit 1")
    return row


def announce(venue: RunningVenue, at: datetime) -> Deposit:
    """A deposit of 500 USDT that has not arrived, told as completed at a moment."""
    venue.do("deposit 500 USDT credited after 9000h")
    deposit = venue.exchange.venue.accounts["test"].deposits[-1]
    deposit.status, deposit.completed_at = "credited", at
    return deposit


@pytest.mark.parametrize("ahead", FAR)
def test_a_deposit_that_is_completed_in_the_future_is_pending(
    ahead: timedelta, worker: Worker, venue: RunningVenue
) -> None:
    worker.run(venue.now())
    venue.advance(hours=1)
    deposit = announce(venue, venue.now() + ahead)
    usual = len(venue.requests())
    worker.run(venue.now())

    row = newest(worker)
    assert (row["state"], row["amount"], row["occurred_at"]) == ("pending", 500, None)
    assert str(row["exchange_status"]).endswith("(in the future)")
    assert len(venue.requests()) - usual < usual
    before, after = worker.hours()
    assert (after["status"], after["flows"]) == ("COMPLETE", 0)
    assert abs(after["nav"] - before["nav"]) < D("0.03") * before["nav"]

    venue.advance(minutes=30)  # the exchange corrects itself
    deposit.status, deposit.completed_at = "pending", None
    venue.venue.run(f"_credit test {deposit.id}", "test")
    venue.advance(minutes=30)
    worker.run(venue.now())
    assert newest(worker)["state"] == "counted"
    assert (worker.hours()[-1]["status"], worker.hours()[-1]["flows"]) == ("COMPLETE", 500)
    assert abs(worker.hours()[-1]["unit_price"] - before["unit_price"]) < 3


@pytest.mark.parametrize("ahead", [timedelta(), SLACK - timedelta(seconds=20)])
@pytest.mark.usefixtures("first_hour")
def test_seconds_between_the_exchanges_own_clocks_keep_nothing_waiting(
    ahead: timedelta, worker: Worker, venue: RunningVenue
) -> None:
    venue.advance(hours=1)
    venue.do("deposit 500 USDT")
    venue.exchange.venue.accounts["test"].deposits[-1].completed_at = venue.now() + ahead
    worker.run(venue.now())

    assert newest(worker)["state"] == "counted"
    assert (worker.hours()[-1]["status"], worker.hours()[-1]["flows"]) == ("COMPLETE", 500)


@pytest.mark.parametrize(
    ("path", "row"),
    [
        (
            "/sapi/v1/pay/transactions",
            '{"code":"000000","data":[{"orderType":"PAY","transactionId":"P1","transactionTime":4070908800000,'
            '"amount":"20","currency":"USDT","walletType":1,"fundsDetail":[{"currency":"USDT","amount":"20"}]}]}',
        ),
        (
            "/sapi/v1/fiat/orders",
            '{"code":"000000","data":[{"orderNo":"F1","fiatCurrency":"EUR","indicatedAmount":"20","amount":"20",'
            '"totalFee":"0","method":"Bank","status":"Successful","createTime":4070908800000,'
            '"updateTime":4070908800000}],"total":1,"success":true}',
        ),
        (
            "/sapi/v1/asset/assetDividend",
            '{"rows":[{"id":1,"amount":"7","asset":"USDT","divTime":4070908800000,"enInfo":"x","tranId":2}],"total":1}',
        ),
    ],
)
@pytest.mark.usefixtures("first_hour")
def test_nothing_of_the_future_counts_in_any_history(path: str, row: str, worker: Worker, venue: RunningVenue) -> None:
    venue.advance(hours=1)
    venue.fault(path, {"status": 200, "body": row})
    worker.run(venue.now())

    assert [hour["status"] for hour in worker.hours()] == ["COMPLETE"] * 2
    assert worker.rows("select * from processed_transactions where occurred_at > now() + interval '20 years'") == []
    assert worker.rows("select * from income where occurred_at > now() + interval '20 years'") == []
