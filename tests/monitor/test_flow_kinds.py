"""Every kind of flow through whole cycles: counted once, at its time, and never a gain."""

from typing import Any

import pytest

from tests.monitor.notation import D
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

HTML = {"status": 200, "headers": {"content-type": "text/html"}, "body": "<html>maintenance</html>"}
FIAT, P2P = "/sapi/v1/fiat/orders", "/sapi/v1/c2c/orderMatch/listUserOrderHistory"


def flows(worker: Worker) -> list[dict[str, Any]]:
    """The flows after the opening, newest revisions, with what they were worth."""
    return worker.rows(
        "select * from (select distinct on (t.kind, t.exchange_id) t.*, v.value, v.estimated"
        " from processed_transactions t left join flow_valuations v on v.transaction_id = t.id and v.account_id = 1"
        " where t.occurred_at > (select min(occurred_at) from processed_transactions where kind = 'opening')"
        " order by t.kind, t.exchange_id, t.revision desc) newest order by occurred_at"
    )


def changes(worker: Worker, account: int = 1) -> list[dict[str, Any]]:
    return worker.rows("select * from history_changes where account_id = %(a)s order by id", a=account)


WAYS = [
    "fiat deposit 20000 TRY fee 50",
    "card buy 0.02 BTC for 50000 TRY",
    "p2p buy 400 USDT fee 0.4",
    "pay receive 300 USDT",
    "pay receive 0.005 BTC as CRYPTO_BOX",
]


@pytest.mark.parametrize("line", WAYS)
@pytest.mark.usefixtures("first_hour")
def test_money_that_comes_by_any_way_is_a_flow_and_no_gain(line: str, worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=30)
    venue.do(line)
    venue.advance(minutes=30)
    worker.run(venue.now())

    before, after = worker.hours()
    (flow,) = flows(worker)
    assert after["status"] == "COMPLETE"
    assert flow["value"] > 100
    assert after["flows"] == flow["value"]
    assert abs(after["unit_price"] - before["unit_price"]) < 3
    assert abs(after["nav"] - before["nav"] - flow["value"]) < D("0.03") * before["nav"]


GIVEN = {
    "fiat withdraw 9000 TRY fee 20": ("fiat deposit 20000 TRY", D(-9020)),
    "p2p sell 300 USDT fee 0.3": ("transfer 1000 USDT from spot to funding", D("-300.3")),
    "pay send 300 USDT fee 1": ("transfer 1000 USDT from spot to funding", D(-301)),
    "card sell 0.02 BTC for 50000 TRY": ("transfer 0.03 BTC from spot to funding", D("-0.02")),
}


@pytest.mark.parametrize("line", GIVEN)
def test_money_that_leaves_by_any_way_is_a_flow_of_amount_and_fee(
    line: str, worker: Worker, venue: RunningVenue
) -> None:
    first, quantity = GIVEN[line]
    venue.do(first)
    worker.run(venue.now())
    venue.advance(minutes=30)
    venue.do(line)
    venue.advance(minutes=30)
    worker.run(venue.now())

    before, after = worker.hours()
    flow = flows(worker)[-1]
    assert flow["quantity"] == quantity
    assert after["flows"] == flow["value"] < -100
    assert abs(after["unit_price"] - before["unit_price"]) < 3


@pytest.mark.parametrize(("duration", "flows"), [("30m", [3000, 0]), ("90m", [0, 3000])])
@pytest.mark.usefixtures("first_hour")
def test_an_order_counts_in_the_hour_of_its_completion(
    duration: str, flows: list[int], worker: Worker, venue: RunningVenue
) -> None:
    """P2P tells when an order was made, never when it was completed."""
    venue.advance(minutes=50)
    venue.do(f"p2p buy 3000 USDT completed after {duration}")
    for _ in range(2):
        venue.advance(hours=1)
        worker.run(venue.now())

    assert [h["flows"] for h in worker.hours()[1:]] == flows
    prices = [h["unit_price"] for h in worker.hours()]
    assert all(95 < price < 105 for price in prices)


def test_coins_frozen_for_a_p2p_sale_stay_in_nav_until_it_is_completed(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 1000 USDT from spot to funding")
    worker.run(venue.now())
    venue.do("p2p sell 900 USDT completed after 90m")
    for _ in range(2):
        venue.advance(hours=1)
        worker.run(venue.now())

    assert [h["flows"] for h in worker.hours()[1:]] == [0, -900]
    assert all(97 < h["unit_price"] < 103 for h in worker.hours())


def test_a_refunded_fiat_withdrawal_never_was_a_flow(worker: Worker, venue: RunningVenue) -> None:
    venue.do("fiat deposit 20000 TRY")
    worker.run(venue.now())
    venue.do("fiat withdraw 9000 TRY fee 20 refunded after 90m")
    for _ in range(3):
        venue.advance(hours=1)
        worker.run(venue.now())

    assert [h["flows"] for h in worker.hours()[1:]] == [0, 0, 0]
    assert worker.rows("select state from processed_transactions where kind = 'fiat_withdrawal' order by revision") == [
        {"state": "pending"},
        {"state": "void"},
    ]


def test_income_is_no_flow_and_is_stored_once(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 2000 USDT from spot to earn_flexible")
    venue.do("transfer 500 USDT from spot to futures")
    worker.run(venue.now())
    for line in ("interest 5 USDT", "reward 2 USDT flexible", "dividend 3 ADA", "rebate 0.4 USDT"):
        venue.do(line)
    venue.do("funding pay 0.7 USDT BTCUSDT")
    for _ in range(2):
        venue.advance(hours=1)
        worker.run(venue.now())

    assert [h["flows"] for h in worker.hours()[1:]] == [0, 0]
    found = worker.rows("select kind, amount, asset from income order by kind, amount")
    assert [(row["kind"], row["amount"], row["asset"]) for row in found] == [
        ("dividend", 3, "ADA"),
        ("earn_interest", D("0.27397260"), "USDT"),
        ("earn_interest", 2, "USDT"),
        ("funding_fee", D("-0.7"), "USDT"),
        ("rebate", D("0.4"), "USDT"),
    ]


def test_a_reward_that_is_also_told_as_a_dividend_is_stored_once(worker: Worker, venue: RunningVenue) -> None:
    venue.do("reward 2 USDT flexible")
    account = venue.exchange.venue.accounts["test"]
    (told,) = [row for row in account.rows if row.history == "reward"]
    account.rows.append(type(told)(history="dividend", id="77", asset="USDT", amount=D(2), at=told.at,
                                   changed_at=told.at, shown_at=told.at))  # fmt: skip
    worker.run(venue.now())

    assert len(worker.rows("select * from income")) == 1


def test_coins_bought_with_the_accounts_own_fiat_are_a_fill(worker: Worker, venue: RunningVenue) -> None:
    venue.do("fiat deposit 30000 TRY")
    worker.run(venue.now())
    venue.do("card buy 0.01 BTC for 25000 TRY fee 100 as cash")
    venue.advance(hours=1)
    worker.run(venue.now())

    assert worker.hours()[-1]["flows"] == 0
    (fill,) = worker.rows("select * from fills where symbol = 'BTCTRY'")
    assert (fill["base_quantity"], fill["quote_quantity"], fill["fee"]) == (D("0.01"), -24900, 100)


SECONDARY = {
    "fiat orders": FIAT,
    "fiat payments": "/sapi/v1/fiat/payments",
    "P2P orders": P2P,
    "Binance Pay": "/sapi/v1/pay/transactions",
}


@pytest.mark.parametrize("source", SECONDARY)
@pytest.mark.usefixtures("first_hour")
def test_a_history_of_flows_that_cannot_be_read_leaves_the_hour_without_a_nav(
    source: str, worker: Worker, venue: RunningVenue
) -> None:
    venue.advance(hours=1)
    venue.do("pay receive 300 USDT")
    venue.fault(SECONDARY[source], HTML)
    worker.run(venue.now())

    last = worker.hours()[-1]
    assert (last["status"], last["nav"]) == ("PARTIAL", None)
    assert source in last["reason"]

    venue.clear_faults()
    venue.advance(hours=1)
    worker.run(venue.now())
    assert worker.hours()[-1]["status"] == "COMPLETE"
    assert abs(worker.hours()[-1]["flows"] - 300) < D("1e-9")


INCOME_PATHS = ["/sapi/v1/asset/assetDividend", "/sapi/v1/rebate/taxQuery", "/fapi/v1/income",
                "/sapi/v1/simple-earn/flexible/history/rewardsRecord"]  # fmt: skip


@pytest.mark.parametrize("path", INCOME_PATHS)
@pytest.mark.usefixtures("first_hour")
def test_income_that_cannot_be_read_never_voids_an_hour_and_is_read_later(
    path: str, worker: Worker, venue: RunningVenue
) -> None:
    for line in (
        "dividend 3 ADA",
        "rebate 1 USDT",
        "transfer 500 USDT from spot to earn_flexible",
        "interest 3.65 USDT",
    ):
        venue.do(line)
    venue.do("transfer 500 USDT from spot to futures")
    venue.do("funding receive 1 USDT BTCUSDT")
    venue.fault(path, HTML)
    venue.advance(hours=1)
    worker.run(venue.now())
    assert (worker.hours()[-1]["status"], len(worker.rows("select * from income"))) == ("COMPLETE", 3)

    venue.clear_faults()
    venue.advance(hours=1)
    worker.run(venue.now())
    assert len(worker.rows("select * from income")) == 4


def test_a_history_that_an_account_does_not_have_is_asked_for_once_a_day(worker: Worker, venue: RunningVenue) -> None:
    path = "/sapi/v1/sub-account/list"
    for _ in range(25):
        worker.run(venue.now())
        venue.advance(hours=1)

    asked = sum(request["path"] == path for request in venue.requests())
    assert asked == 2
    (row,) = worker.rows("select * from account_wallets where wallet = 'transfers of a master account'")
    assert row["state"] == "not_opened"
    assert "-8012" in row["message"]


def test_what_an_empty_wallet_or_dear_histories_tell_is_asked_for_once_a_day(
    worker: Worker, venue: RunningVenue
) -> None:
    paths = ("/fapi/v1/income", "/sapi/v1/simple-earn/flexible/history/rewardsRecord")
    for _ in range(24):
        worker.run(venue.now())
        venue.advance(hours=1)

    asked = [request["path"] for request in venue.requests()]
    assert [asked.count(path) for path in paths] == [1, 3]  # three kinds of reward
    assert asked.count("/sapi/v1/asset/assetDividend") == 24


@pytest.mark.usefixtures("first_hour")
def test_what_happens_in_a_wallet_is_read_in_the_hour_that_fills_it(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 500 USDT from spot to futures")
    venue.do("funding receive 1 USDT BTCUSDT")
    venue.advance(hours=1)
    worker.run(venue.now())

    (row,) = worker.rows("select state, income from explanations where account_id = 1")
    assert row == {"state": "explained", "income": 1}


@pytest.mark.usefixtures("first_hour")
def test_a_bonus_that_comes_unexplained_is_found_by_the_next_run(worker: Worker, venue: RunningVenue) -> None:
    venue.do("reward 40 USDT flexible")
    for _ in range(2):
        venue.advance(hours=1)
        worker.run(venue.now())

    states = worker.rows("select state, income from explanations where account_id = 1 order by hour")
    assert states == [{"state": "explained", "income": 40}, {"state": "explained", "income": 0}]


@pytest.mark.usefixtures("first_hour")
def test_a_late_deposit_changes_history_and_says_so(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=30)
    venue.do("deposit 500 USDT shown after 150m")
    deposited = venue.now()
    for _ in range(4):
        venue.advance(hours=1)
        worker.run(venue.now())

    (change,) = changes(worker)
    since = worker.hours()[1]["hour"]
    assert (change["since_hour"], change["hours"]) == (since, 2)
    assert "deposit of 500" in change["reason"]
    assert "became visible 2 h late" in change["reason"] or "became visible 3 h late" in change["reason"]
    assert f"{deposited:%Y-%m-%d %H:%M}" in change["reason"]
    assert changes(worker, account=0)[0]["since_hour"] == since


@pytest.mark.usefixtures("first_hour")
def test_a_deposit_in_time_changes_no_history(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=30)
    venue.do("deposit 500 USDT")
    venue.advance(minutes=30)
    worker.run(venue.now())

    assert changes(worker) == []


@pytest.mark.usefixtures("first_hour")
def test_a_withdrawal_that_fails_after_it_counted_comes_back_as_a_flow(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=30)
    venue.do("withdraw 1000 USDT fee 1")
    for _ in range(2):
        venue.advance(hours=1)
        worker.run(venue.now())
    withdrawal = venue.exchange.venue.accounts["test"].withdrawals[0]
    withdrawal.status = "5"
    venue.exchange.venue.ledger.move("USDT", D(1000), ("outside", ""), ("test", "spot"))
    venue.exchange.venue.ledger.move("USDT", D(1), ("house", ""), ("test", "spot"))
    venue.advance(hours=1)
    worker.run(venue.now())

    assert [h["flows"] for h in worker.hours()[1:]] == [-1001, 0, 1001]
    assert all(97 < h["unit_price"] < 103 for h in worker.hours())
    assert changes(worker) == []


@pytest.mark.usefixtures("first_hour")
def test_a_flow_whose_price_is_learnt_later_is_settled_then(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=30)
    venue.do("deposit 400 ADA shown after 100m")
    venue.advance(minutes=30)
    klines = {"status": 400, "headers": {}, "body": '{"code": -1121, "msg": "Invalid symbol."}'}
    worker.run(venue.now())
    venue.fault("/api/v3/klines", klines)
    venue.advance(hours=2)
    worker.run(venue.now())
    before = [h["flows"] for h in worker.hours()]
    venue.clear_faults()
    venue.advance(hours=1)
    worker.run(venue.now())

    assert (before[1], worker.hours()[1]["flows"] > 300) == (0, True)
    assert any("price of the deposit of 400" in c["reason"] for c in changes(worker))


@pytest.mark.usefixtures("first_hour")
def test_one_movement_told_by_two_histories_is_pointed_out(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=30)
    venue.do("pay receive 300 USDT")
    row = (
        '[{"id":"9","amount":"300","coin":"USDT","network":"","status":1,"address":"","txId":"Internal transfer 77",'
        f'"insertTime":{int(venue.now().timestamp()) * 1000},"completeTime":{int(venue.now().timestamp()) * 1000},'
        '"transferType":1,"walletType":1}]'
    )
    venue.fault("/sapi/v1/capital/deposit/hisrec", {"status": 200, "headers": {}, "body": row})
    venue.advance(minutes=30)
    worker.run(venue.now())

    (log,) = worker.rows("select message from system_logs where message like '%%recorded twice%%'")
    assert "flow void" in log["message"]


FAMILY = """
+0m account master key master-key-0123456789 secret master-secret-0123456789
+0m deposit 5000 USDT
+0m account child key child-key-0123456789 secret child-secret-0123456789
+0m belongs to master
+0m deposit 1000 USDT
"""


def test_a_transfer_in_a_family_is_a_flow_of_both_and_none_of_the_whole(
    open_worker: Opener, open_venue: VenueOpener
) -> None:
    venue = open_venue(FAMILY)
    worker = open_worker(venue)
    worker.add("master", "master-key-0123456789", "master-secret-0123456789")
    worker.add("child", "child-key-0123456789", "child-secret-0123456789")
    worker.run(venue.now())
    venue.advance(minutes=30)
    venue.do("hand 700 USDT to child", account="master")
    venue.advance(minutes=30)
    worker.run(venue.now())

    assert [(worker.hours(a)[-1]["flows"], worker.hours(a)[-1]["nav"]) for a in (1, 2, 0)] == [
        (-700, 4300),
        (700, 1700),
        (0, 6000),
    ]


@pytest.mark.usefixtures("first_hour")
def test_a_flow_in_the_second_of_the_reading_is_read_again_and_lies_in_the_balances(
    worker: Worker, venue: RunningVenue
) -> None:
    """Fiat orders tell their times, so they are looked at once: unless one took effect while the balances were read."""
    venue.advance(hours=1)
    venue.do("fiat deposit 20000 TRY")
    venue.control("/requests", method="DELETE")
    worker.run(venue.now())

    first, second = worker.hours()
    assert sum((request["path"], request["status"]) == (FIAT, 200) for request in venue.requests()) == 4
    assert second["flows"] > 100
    assert second["taken_at"] > venue.now()
    assert abs(second["unit_price"] - first["unit_price"]) < 3
