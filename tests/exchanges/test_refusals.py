"""What an exchange refuses, over HTTP: the ordinary account has its figure, and nothing that may be missing is silent."""

from decimal import Decimal as D
from typing import Any

import pytest

from monitor.notify.store.alert_facts import load_readings
from monitor.performance.verification import verify
from monitor.snapshots.store.wallets import record_counted
from tests.exchanges.refusal_table import ENDPOINTS, HOURS, REFUSALS, Case, run_cases, write_story
from tests.venue import Opener as OpenVenue
from tests.venue import RunningVenue
from tests.worker import Opener as OpenWorker
from tests.worker import Worker

OPTIONS = "/eapi/v1/marginAccount"
P2P = "/sapi/v1/c2c/orderMatch/listUserOrderHistory"
PAY = "/sapi/v1/pay/transactions"
TOTALS = "/sapi/v1/asset/wallet/balance"
FAMILY = "/sapi/v1/sub-account/universalTransfer"
GONE = {"status": 404, "body": "<html><body>404 Not Found</body></html>"}


def error(code: int, status: int = 400, words: str = "no") -> dict[str, Any]:
    return {"status": status, "body": f'{{"code": {code}, "msg": "{words}"}}'}


def run_next_hour(worker: Worker, venue: RunningVenue) -> dict[str, Any]:
    venue.advance(hours=1)
    worker.run(venue.now())
    return worker.hours()[-1]


def wallet(worker: Worker, name: str) -> dict[str, Any]:
    (row,) = worker.rows("select * from account_wallets where wallet = %(name)s", name=name)
    return row


def test_an_ordinary_account_is_complete_in_its_first_hour(worker: Worker, venue: RunningVenue) -> None:
    """No sub-accounts, no options (their path is gone), no margin, a key without the right to futures."""
    venue.fault(OPTIONS, GONE)
    worker.run(venue.now())

    (hour,) = worker.hours()
    assert (hour["status"], hour["reason"], hour["estimated"]) == ("COMPLETE", "", False)
    (whole,) = worker.hours(0)
    assert (whole["status"], whole["estimated"]) == ("COMPLETE", False)
    master = wallet(worker, "transfers of a master account")
    assert (master["state"], "-8012" in master["message"]) == ("not_opened", True)
    assert load_readings(worker.db, venue.now())[0].refused == ()
    options = wallet(worker, "options")
    assert (options["state"], "HTTP 404, a web page" in options["message"]) == ("not_opened", True)


@pytest.mark.parametrize("code", [-8012, -10038, 100001002])
def test_an_account_without_sub_accounts_has_no_such_history(code: int, worker: Worker, venue: RunningVenue) -> None:
    for path in ("/sapi/v1/sub-account/list", FAMILY, "/sapi/v1/sub-account/transfer/subUserHistory"):
        venue.fault(path, error(code))
    for _ in range(2):
        hour = run_next_hour(worker, venue)
        assert (hour["status"], hour["reason"], hour["estimated"]) == ("COMPLETE", "", False)
    assert wallet(worker, "transfers of a sub-account")["state"] == "not_opened"


@pytest.mark.parametrize("refusal", [error(-9999), error(-1127), GONE])
@pytest.mark.usefixtures("first_hour")
def test_a_refused_history_of_flows_leaves_hours_estimated_and_is_told_once(
    refusal: dict[str, Any], worker: Worker, venue: RunningVenue
) -> None:
    venue.fault(P2P, refusal)
    for _ in range(3):
        hour = run_next_hour(worker, venue)
        assert (hour["status"], hour["estimated"]) == ("COMPLETE", True)
        assert hour["reason"].startswith("P2P orders: Reading P2P orders")
    assert worker.hours(0)[-1]["estimated"]
    assert wallet(worker, "P2P orders")["state"] == "refused"
    assert load_readings(worker.db, venue.now())[0].refused == ("P2P orders",)
    told = worker.rows("select message from system_logs where message like 'P2P orders%%'")
    assert len(told) == 1
    assert verify(worker.db).differences == ()

    venue.clear_faults()
    hour = run_next_hour(worker, venue)
    assert (hour["status"], hour["reason"], hour["estimated"]) == ("COMPLETE", "", False)
    assert wallet(worker, "P2P orders")["state"] == "enabled"
    assert load_readings(worker.db, venue.now())[0].refused == ()


PAGES = [{"status": status, "body": "<html>no</html>"} for status in (400, 403, 502)]
WALLS = [error(-1022), error(-1, 403), error(-2015, 401), *PAGES]


@pytest.mark.parametrize("fault", WALLS)
def test_our_own_fault_or_a_wall_is_never_a_wallet_or_history_that_is_not_there(
    fault: dict[str, Any], worker: Worker, venue: RunningVenue
) -> None:
    paths = (PAY, "/sapi/v1/sub-account/list", "/sapi/v1/margin/account")
    for path in paths:
        venue.fault(path, fault)
    worker.run(venue.now())

    (hour,) = worker.hours()
    assert (hour["status"], hour["nav"]) == ("PARTIAL", None)
    assert all(path.split("v1/")[-1].split("v3/")[-1] in hour["reason"] for path in paths)
    found = ("Binance Pay", "transfers of a master account", "cross_margin")
    assert worker.rows("select * from account_wallets where wallet = any(%(found)s)", found=list(found)) == []


@pytest.mark.usefixtures("first_hour")
def test_a_flow_that_a_refused_history_hides_leaves_no_figure_until_it_is_known(
    worker: Worker, venue: RunningVenue
) -> None:
    venue.fault(P2P, error(-9999))
    venue.do("buy 0.01 BTCUSDT")
    assert run_next_hour(worker, venue)["status"] == "COMPLETE", "a trade moves both sides"
    venue.do("p2p buy 300 USDT")
    for _ in range(2):
        hour = run_next_hour(worker, venue)
        assert (hour["status"], hour["nav"]) == ("PARTIAL", None)
        assert hour["reason"].startswith("+300.00 USDT came or went") and "flow add" in hour["reason"]

    venue.clear_faults()
    hour = run_next_hour(worker, venue)
    assert (hour["status"], hour["estimated"]) == ("COMPLETE", False)
    assert sum(one["flows"] for one in worker.hours()[1:]) == 300
    assert [one["status"] for one in worker.hours()[2:4]] == ["RECONSTRUCTED", "RECONSTRUCTED"]
    assert verify(worker.db).differences == ()


def test_totals_that_fail_decide_nothing_and_totals_that_are_refused_are_not_waited_for(
    worker: Worker, venue: RunningVenue
) -> None:
    venue.fault(OPTIONS, error(-9999))
    venue.fault(TOTALS, {"status": 503, "body": ""}, times=3)
    hour = run_next_hour(worker, venue)
    assert (hour["status"], "are not known either" in hour["reason"]) == ("PARTIAL", True)

    hour = run_next_hour(worker, venue)
    assert (hour["status"], hour["estimated"]) == ("COMPLETE", False)
    venue.fault(TOTALS, {"status": 503, "body": ""}, times=3)
    hour = run_next_hour(worker, venue)
    assert (hour["status"], hour["estimated"]) == ("COMPLETE", True), "it was judged before"
    venue.fault(TOTALS, error(-9999))
    hour = run_next_hour(worker, venue)
    assert (hour["status"], hour["estimated"]) == ("COMPLETE", True)
    assert "options: Reading options" in hour["reason"]


def test_money_moved_to_a_wallet_that_nothing_tells_of_is_no_loss(worker: Worker, venue: RunningVenue) -> None:
    venue.fault(OPTIONS, error(-9999))
    venue.fault(TOTALS, error(-9999))
    worker.run(venue.now())
    venue.do("transfer 100 USDT from spot to options")
    hour = run_next_hour(worker, venue)

    assert (hour["status"], hour["nav"]) == ("PARTIAL", None)
    assert hour["reason"].startswith("-100.00 USDT came or went")


# ---------------------------------------------------------------- the exchange's own total counts


def explained(worker: Worker) -> dict[str, Any]:
    rows = worker.rows("select * from explanations where account_id = 1 order by hour desc limit 1")
    return rows[0]


def count(worker: Worker, venue: RunningVenue, name: str) -> None:
    record_counted(worker.db, 1, name, venue.now())


@pytest.mark.usefixtures("first_hour")
def test_bots_count_at_the_exchanges_total_by_the_owners_word(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 500 USDT from spot to bots")
    hour = run_next_hour(worker, venue)
    assert (hour["status"], "python -m monitor account count-total test 'Trading Bots'" in hour["reason"]) == (
        "PARTIAL",
        True,
    )
    count(worker, venue, "Trading Bots")
    hour = run_next_hour(worker, venue)

    assert (hour["status"], hour["reason"], hour["estimated"]) == ("COMPLETE", "", False)
    (holding,) = worker.rows("select wallet, asset, value from holdings where wallet like 'total of%%'")
    assert holding == {"wallet": "total of Trading Bots", "asset": "USDT", "value": 500}
    assert wallet(worker, "total of Trading Bots")["state"] == "counted"
    part = explained(worker)
    assert (part["state"], part["positions"], part["residual"], part["flows"]) == ("explained", 0, 0, 0)
    checks = worker.rows("select within, difference from cross_checks where subject in ('Trading Bots', 'account')")
    assert all(check["within"] for check in checks[-2:])
    assert verify(worker.db).differences == ()


def test_what_a_counted_wallet_gains_is_profit_and_what_goes_there_is_a_move(
    worker: Worker, venue: RunningVenue
) -> None:
    count(worker, venue, "Trading Bots")
    venue.do("transfer 1000 USDT from spot to bots")
    worker.run(venue.now())
    venue.exchange.venue.ledger.move("USDT", D(30), ("house", "bots"), ("test", "bots"))
    assert run_next_hour(worker, venue)["status"] == "COMPLETE"
    gained = explained(worker)
    assert (gained["state"], gained["positions"], gained["residual"]) == ("explained", 30, 0)

    venue.do("transfer 0.02 BTC from spot to bots")
    hour = run_next_hour(worker, venue)
    moved = explained(worker)
    assert (hour["status"], moved["state"], moved["residual"], moved["flows"]) == ("COMPLETE", "explained", 0, 0)
    assert abs(moved["positions"]) < D("0.01"), "the coin went there at its price"

    venue.do("transfer 400 USDT from bots to spot")
    run_next_hour(worker, venue)
    back = explained(worker)
    assert (back["state"], back["residual"]) == ("explained", 0)
    assert verify(worker.db).differences == ()


def test_a_counted_wallet_that_is_read_again_counts_once(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 200 USDT from spot to options")
    venue.fault(OPTIONS, GONE)
    assert run_next_hour(worker, venue)["status"] == "PARTIAL"
    count(worker, venue, "Options")
    first = run_next_hour(worker, venue)
    assert (first["status"], wallet(worker, "options")["state"]) == ("COMPLETE", "counted")

    venue.clear_faults()
    hour = run_next_hour(worker, venue)
    held = worker.rows(
        "select wallet, value from holdings where snapshot_id = (select max(id) from snapshots) and wallet like '%%ptions'"
    )
    assert held == [{"wallet": "options", "value": 200}]
    assert (hour["status"], explained(worker)["residual"]) == ("COMPLETE", 0)
    assert worker.rows("select ended_at is not null as is_over from counted_totals") == [{"is_over": True}]
    assert worker.rows("select * from system_logs where message like 'Options is read again%%'")
    assert worker.rows("select * from account_wallets where wallet like 'total of%%'") == []


def test_a_counted_total_that_is_not_told_leaves_no_figure(worker: Worker, venue: RunningVenue) -> None:
    count(worker, venue, "Trading Bots")
    venue.do("transfer 500 USDT from spot to bots")
    assert run_next_hour(worker, venue)["status"] == "COMPLETE"
    venue.fault(TOTALS, {"status": 500, "body": ""})
    hour = run_next_hour(worker, venue)

    assert (hour["status"], hour["nav"]) == ("PARTIAL", None)
    assert "total of Trading Bots wallet was not read" in hour["reason"]


# ---------------------------------------------------------------- the table


def test_no_refusal_of_an_optional_endpoint_voids_hours_or_makes_a_wrong_figure(
    open_worker: OpenWorker, open_venue: OpenVenue
) -> None:
    """A sample: every refusal once, of an endpoint of another kind each time; all of it in tests/soak."""
    paths = list(ENDPOINTS)
    cases = [Case(path=paths[number * 7 % len(paths)], refusal=refusal) for number, refusal in enumerate(REFUSALS)]
    cases += [Case(path=TOTALS, refusal="400 -9999"), Case(path=P2P, refusal="400 -9999")]
    cases += [Case(path=OPTIONS, refusal=refusal, wallet="options") for refusal in ("404 page", "401 -2015")]
    assert {ENDPOINTS[case.path] for case in cases} == set(ENDPOINTS.values())
    venue = open_venue(write_story(cases))
    found = run_cases(open_worker(venue), venue, cases)

    assert found == {case: [case.expected] * len(HOURS) for case in cases}
