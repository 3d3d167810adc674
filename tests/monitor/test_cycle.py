"""Whole runs: exchange over HTTP, real database."""

from decimal import Decimal
from itertools import pairwise

import pytest

from finance.hour_status import HourStatus
from monitor.performance.store.history import record_hour
from monitor.performance.verification import verify
from tests.monitor.notation import D
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

HTML = {"status": 200, "headers": {"content-type": "text/html"}, "body": "<html>maintenance</html>"}


def test_the_first_hour_opens_account_and_benchmark_with_what_is_there(worker: Worker, venue: RunningVenue) -> None:
    result = worker.run(venue.now())

    (hour,) = worker.hours()
    assert (result.outcomes[0].status, hour["status"], hour["unit_price"]) == ("COMPLETE", "COMPLETE", 100)
    assert hour["flows"] == hour["invested"] == hour["nav"]
    for benchmark in worker.rows("select * from benchmark_history"):
        assert abs(benchmark["nav"] - hour["nav"]) < D("1e-10")


def test_nav_is_what_the_exchange_really_holds(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 1000 USDT from spot to earn_flexible")
    venue.do("transfer 500 USDT from spot to futures")
    venue.do("lock 0.01 BTC")
    worker.run(venue.now())

    truth = venue.truth()["wallets"]
    held: dict[str, Decimal] = {}
    for wallet in truth.values():
        for asset, quantity in wallet.items():
            held[asset] = held.get(asset, D(0)) + D(quantity)
    found = {r["asset"]: r["q"] for r in worker.rows("select asset, sum(free+locked-owed) q from holdings group by 1")}
    assert found == held


def test_a_run_repeated_changes_nothing(worker: Worker, venue: RunningVenue) -> None:
    tables = ("nav_history", "benchmark_history", "processed_transactions", "flow_valuations", "holdings", "snapshots")
    venue.do("deposit 1 ETH")
    worker.run(venue.now())
    before = {table: worker.rows(f"select * from {table} order by 1, 2") for table in tables}

    venue.advance(minutes=5)
    worker.run(venue.now())

    assert {table: worker.rows(f"select * from {table} order by 1, 2") for table in tables} == before


@pytest.mark.usefixtures("first_hour")
def test_a_deposit_and_a_withdrawal_move_no_unit_price(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=20)
    venue.do("deposit 0.5 BTC")
    venue.advance(minutes=10)
    venue.do("withdraw 1000 USDT fee 1")
    venue.advance(minutes=30)
    worker.run(venue.now())

    last = worker.hours()[-1]
    flows = worker.rows("select * from flow_valuations where account_id = 1 order by occurred_at")
    assert [f["value"] > 0 for f in flows] == [True, True, False]
    assert last["flows"] == flows[1]["value"] + flows[2]["value"]
    assert flows[2]["value"] == -1001
    assert all(90 < f["unit_price"] < 110 for f in flows)
    assert abs(last["units"] * last["unit_price"] - last["nav"]) < D("1e-9")
    (hold,) = worker.rows(
        "select h.* from benchmark_history h join benchmark_configs c on c.id = h.benchmark_id"
        " where c.account_id = 1 and c.name = 'hold' and hour = %(h)s",
        h=last["hour"],
    )
    assert hold["invested"] == last["invested"]


@pytest.mark.usefixtures("first_hour")
def test_a_pending_deposit_counts_once_when_it_is_credited(worker: Worker, venue: RunningVenue) -> None:
    venue.do("deposit 1 BTC credited after 90m")
    for _ in range(3):
        venue.advance(hours=1)
        worker.run(venue.now())

    flows = [h["flows"] > 0 for h in worker.hours()[1:]]
    assert flows == [False, True, False]
    assert len(worker.rows("select * from flow_valuations v where v.account_id = 1")) == 2


@pytest.mark.usefixtures("first_hour")
def test_a_cancelled_withdrawal_is_no_flow_and_its_coins_never_leave_nav(worker: Worker, venue: RunningVenue) -> None:
    venue.do("withdraw 1000 USDT fee 1 cancelled after 90m")
    for _ in range(3):
        venue.advance(hours=1)
        worker.run(venue.now())

    assert [h["flows"] for h in worker.hours()[1:]] == [0, 0, 0]
    usdt = worker.rows("select sum(free+locked) q from holdings where asset = 'USDT' group by snapshot_id")
    assert len({row["q"] for row in usdt}) == 1


@pytest.mark.usefixtures("first_hour")
def test_a_deposit_that_is_reversed_later_was_in_the_account_until_then(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=30)
    venue.do("deposit 2000 USDT")
    venue.advance(minutes=30)
    worker.run(venue.now())
    venue.advance(minutes=30)
    venue.do("vanish 2000 USDT")
    venue.exchange.venue.accounts["test"].deposits[-1].status = "2"  # rejected
    venue.advance(minutes=30)
    worker.run(venue.now())

    assert [hour["flows"] for hour in worker.hours()[1:]] == [2000, -2000]
    assert all(98 < hour["unit_price"] < 102 for hour in worker.hours())
    assert {row["state"] for row in worker.rows("select state from explanations")} == {"explained"}
    (warning,) = worker.rows("select message from system_logs where message like '%%taken back by the exchange%%'")
    assert "the withdrawal of 2000" in warning["message"]


@pytest.mark.usefixtures("first_hour")
def test_a_deposit_told_hours_late_corrects_the_hours_in_between(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=30)
    venue.do("deposit 2000 USDT shown after 3h")
    prices = []
    for _ in range(4):
        venue.advance(hours=1)
        worker.run(venue.now())
        prices.append([h["unit_price"] for h in worker.hours()])

    assert prices[0][1] is None or prices[0][1] > 110 or worker.hours()[1]["status"] == "SUSPECT"
    final = [h["unit_price"] for h in worker.hours() if h["unit_price"] is not None]
    assert all(90 < price < 110 for price in final)


@pytest.mark.usefixtures("first_hour")
def test_three_days_asleep_are_rebuilt_hours_and_flows_keep_their_times(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(hours=20)
    venue.do("deposit 3000 USDT")
    deposited = venue.now()
    venue.advance(hours=53)
    worker.run(venue.now())

    hours = worker.hours()
    assert [h["status"] for h in hours] == ["COMPLETE", *["RECONSTRUCTED"] * 72, "COMPLETE"]
    assert all(h["taken_at"] == h["hour"] and h["reason"] for h in hours[1:-1])
    navs = [h["nav"] for h in hours]
    assert len(set(navs)) == 74  # no straight line
    assert max(abs(a - b) for a, b in pairwise(navs)) > 2900 > max(abs(a - b) for a, b in pairwise(navs[21:]))
    flow = worker.rows("select * from flow_valuations where account_id = 1 order by occurred_at")[-1]
    assert abs((flow["occurred_at"] - deposited).total_seconds()) < 2


WALLET_PATHS = {
    "spot": "/sapi/v3/asset/getUserAsset",
    "funding": "/sapi/v1/asset/get-funding-asset",
    "earn_flexible": "/sapi/v1/simple-earn/flexible/position",
    "earn_locked": "/sapi/v1/simple-earn/locked/position",
    "usd_m_futures": "/fapi/v3/account",
}


@pytest.mark.parametrize("wallet", WALLET_PATHS)
def test_a_wallet_that_fails_leaves_the_hour_without_a_nav(wallet: str, worker: Worker, venue: RunningVenue) -> None:
    for used in ("funding", "earn_flexible", "earn_locked", "futures"):
        venue.do(f"transfer 10 USDT from spot to {used}")
    worker.run(venue.now())
    venue.advance(hours=1)
    venue.fault(WALLET_PATHS[wallet], HTML)
    worker.run(venue.now())

    last = worker.hours()[-1]
    assert (last["status"], last["nav"], last["unit_price"]) == ("PARTIAL", None, None)
    assert wallet in last["reason"]

    venue.clear_faults()
    worker.run(venue.now())
    assert worker.hours()[-1]["status"] == "COMPLETE"


@pytest.mark.usefixtures("first_hour")
def test_coins_that_vanish_make_a_suspect_hour_until_the_next_one_confirms(worker: Worker, venue: RunningVenue) -> None:
    """Then both count, and what went stands as unexplained."""
    venue.do("vanish 2900 USDT")
    venue.do("vanish 0.03 BTC")
    venue.advance(hours=1)
    worker.run(venue.now())
    assert [h["status"] for h in worker.hours()] == ["COMPLETE", "SUSPECT"]
    venue.advance(hours=1)
    worker.run(venue.now())

    assert [h["status"] for h in worker.hours()] == ["COMPLETE"] * 3
    gone, _ = worker.rows("select state, residual from explanations where account_id = 1 order by hour")
    assert (gone["state"], gone["residual"] < -2900) == ("unexplained", True)
    assert verify(worker.db).differences == ()


@pytest.mark.usefixtures("first_hour")
def test_a_doubted_hour_is_not_confirmed_by_reading_it_again(worker: Worker, venue: RunningVenue) -> None:
    venue.do("vanish 2900 USDT")
    venue.do("vanish 0.03 BTC")
    venue.advance(hours=1)
    for _ in range(3):
        worker.run(venue.now())
        venue.advance(minutes=5)

    assert [h["status"] for h in worker.hours()] == ["COMPLETE", "SUSPECT"]


@pytest.mark.usefixtures("first_hour")
def test_a_deposit_after_a_doubted_reading_does_not_keep_up_the_doubt(worker: Worker, venue: RunningVenue) -> None:
    venue.do("vanish 2900 USDT")
    venue.do("vanish 0.03 BTC")
    venue.advance(hours=1)
    worker.run(venue.now())
    venue.do("deposit 9000 USDT")
    venue.advance(hours=1)
    worker.run(venue.now())

    assert [h["status"] for h in worker.hours()] == ["COMPLETE"] * 3


TWO = """
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 1000 USDT
+0m account two key key-two-0123456789 secret secret-two-0123456789
+0m deposit 3000 USDT
"""


def test_one_failing_account_does_not_stop_the_other(open_worker: Opener, open_venue: VenueOpener) -> None:
    venue = open_venue(TWO)
    worker = open_worker(venue)
    worker.add("one", "key-one-0123456789", "secret-one-0123456789")
    worker.add("two", "key-two-0123456789", "secret-of-somebody-else")
    worker.run(venue.now())

    assert [worker.hours(a)[0]["status"] for a in (1, 2, 0)] == ["COMPLETE", "PARTIAL", "PARTIAL"]
    assert worker.hours(0)[0]["nav"] is None


def test_tracking_another_account_is_no_gain_of_the_whole(open_worker: Opener, open_venue: VenueOpener) -> None:
    venue = open_venue(TWO)
    worker = open_worker(venue)
    worker.add("one", "key-one-0123456789", "secret-one-0123456789")
    worker.run(venue.now())
    worker.add("two", "key-two-0123456789", "secret-two-0123456789")
    venue.advance(hours=1)
    worker.run(venue.now())

    assert [(h["nav"], h["unit_price"], h["invested"]) for h in worker.hours(0)] == [
        (1000, 100, 1000),
        (4000, 100, 4000),
    ]


def test_a_deposit_in_the_second_of_a_reading_is_counted_once_by_those_it_came_after(
    open_worker: Opener, open_venue: VenueOpener
) -> None:
    """The accounts of a run are read at moments of their own: here `two` is read a second after `one`."""
    venue = open_venue(TWO)
    worker = open_worker(venue)
    for name in ("one", "two"):
        worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
    worker.run(venue.now())
    venue.advance(hours=1)
    venue.do("deposit 50 USDT", "two")
    worker.run(venue.now())
    venue.do("deposit 700 USDT", "one")
    venue.advance(hours=1)
    worker.run(venue.now())

    for account, flows in ((1, [0, 700]), (2, [50, 0]), (0, [50, 700])):
        hours = worker.hours(account)
        assert [hour["flows"] for hour in hours[1:]] == flows
        assert {hour["unit_price"] for hour in hours} == {100}


def test_an_account_that_was_disabled_for_hours_is_no_gain_of_the_whole(
    open_worker: Opener, open_venue: VenueOpener
) -> None:
    """What it did meanwhile is rebuilt when it comes back: then it was part of those hours of the whole, too."""
    venue = open_venue(TWO)
    worker = open_worker(venue)
    worker.add("one", "key-one-0123456789", "secret-one-0123456789")
    worker.add("two", "key-two-0123456789", "secret-two-0123456789")
    for is_enabled in (True, False, True, True):
        worker.db.execute("update monitor.accounts set enabled = %(so)s where label = 'two'", {"so": is_enabled})
        worker.run(venue.now())
        venue.do("deposit 70 USDT", account="two")
        venue.advance(hours=1)

    rows = worker.hours(0)
    assert [(row["nav"], row["invested"], row["unit_price"]) for row in rows] == [
        (4000 + 70 * n, 4000 + 70 * n, 100) for n in range(4)
    ]
    assert worker.hours(2)[1]["status"] == "RECONSTRUCTED"
    (change,) = worker.rows(
        "select * from history_changes where account_id = 0 and reason like '%%was rebuilt for these hours%%'"
    )
    assert (change["since_hour"], change["hours"]) == (rows[1]["hour"], 1)
    assert verify(worker.db).differences == ()


def test_a_ban_is_remembered_for_the_next_run(worker: Worker, venue: RunningVenue) -> None:
    venue.fault(
        "/sapi/v3/asset/getUserAsset", {"status": 418, "headers": {"Retry-After": "7200"}, "body": "{}"}, times=1
    )
    worker.run(venue.now())
    venue.advance(hours=1)
    before = len(venue.requests())
    worker.run(venue.now())

    assert [h["status"] for h in worker.hours()] == ["PARTIAL", "PARTIAL"]
    assert len(venue.requests()) == before
    venue.advance(hours=2)
    worker.run(venue.now())
    assert worker.hours()[-1]["status"] == "COMPLETE"


def test_a_ban_that_comes_when_income_is_read_spares_the_hour_and_is_remembered(
    worker: Worker, venue: RunningVenue
) -> None:
    banned = {"status": 418, "headers": {"Retry-After": "7200"}, "body": '{"code": -1003, "msg": "banned"}'}
    venue.fault("/sapi/v1/asset/assetDividend", banned)
    worker.run(venue.now())
    venue.clear_faults()
    venue.advance(hours=1)
    worker.run(venue.now())

    assert [hour["status"] for hour in worker.hours()] == ["COMPLETE", "PARTIAL"]
    assert "Nobody calls before" in worker.hours()[-1]["reason"]


@pytest.mark.usefixtures("first_hour")
def test_a_figure_that_was_recorded_is_never_replaced(worker: Worker, venue: RunningVenue) -> None:
    before = worker.hours()

    record_hour(worker.db, 1, before[0]["hour"], status=HourStatus.PARTIAL, reason="read again")

    assert worker.hours() == before


def test_a_key_that_may_trade_is_refused_at_the_first_reading(worker: Worker, venue: RunningVenue) -> None:
    venue.do("permit enableSpotAndMarginTrading")
    worker.run(venue.now())

    (hour,) = worker.hours()
    assert (hour["status"], hour["nav"]) == ("PARTIAL", None)
    assert "enableSpotAndMarginTrading" in hour["reason"]


def test_one_account_under_two_labels_is_not_counted_twice(worker: Worker, venue: RunningVenue) -> None:
    worker.add("again")
    worker.run(venue.now())

    assert sorted(worker.hours(a)[0]["status"] for a in (1, 2)) == ["COMPLETE", "PARTIAL"]
    assert worker.hours(0)[0]["nav"] is None
