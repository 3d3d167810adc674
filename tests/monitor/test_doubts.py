"""Readings that contradict what is known: doubted, read again, confirmed by the next hour, and no hour lost for ever."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from finance.flow_values import Basis, Move
from finance.plausibility import Lately, doubt_residual, find_residual
from monitor.commands.backfill import run_backfill
from monitor.performance.verification import verify
from paper.wire.binance.request import Asked
from paper.wire.binance.routes import ROUTES
from sql.vault import Credentials, Secret
from tests.market import SteppedMarket
from tests.market import at as step
from tests.monitor.notation import D, at, flow
from tests.venue import KEY, SECRET, START, RunningVenue
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker, patch_budgets

HELD = Basis(quantities={"BTC": D(1), "USDT": D(40_000)}, prices={"BTC": D(60_000), "USDT": D(1)})
COMPLETE, SUSPECT, RECONSTRUCTED, PARTIAL = "COMPLETE", "SUSPECT", "RECONSTRUCTED", "PARTIAL"
BALANCES = ("/sapi/v3/asset/getUserAsset", "/sapi/v1/asset/wallet/balance")


def found(**quantities: str) -> Basis:
    return Basis(quantities={asset: D(text) for asset, text in quantities.items()}, prices=HELD.prices)


def doubt(after: Basis, *flows: str, moves: tuple[Move, ...] = (), pending: tuple[str, ...] = ()) -> str:
    entries = tuple(flow(text, "2026-05-01 10:30", number) for number, text in enumerate(flows, 1))
    held = Basis(quantities=HELD.quantities, prices=HELD.prices, moves=moves)
    lately = Lately(flows=entries, pending=tuple(flow(text, "2026-05-01 10:40", 9) for text in pending), moves=moves)
    return doubt_residual(find_residual(held, entries, after), after, lately)


def move(quantity: str, asset: str = "USDT", when: str = "2026-05-01 10:45") -> Move:
    return Move(at=at(when), asset=asset, quantity=D(quantity))


BELIEVED = {
    "nothing happened": lambda: doubt(found(BTC="1", USDT="40000")),
    "a flow that is known": lambda: doubt(found(BTC="1", USDT="90000"), "+50000 USDT"),
    "income that is known": lambda: doubt(found(BTC="1", USDT="90000"), moves=(move("50000"),)),
    "a trade that is not known": lambda: doubt(found(BTC="1.66", USDT="400")),
    "a fifth and no more is missing": lambda: doubt(found(BTC="1", USDT="20001")),
    "little is missing of little": lambda: doubt_residual({"USDT": D(9)}, found(USDT="9"), Lately()),
    "all of a deposit was spent in a trade": lambda: doubt(found(BTC="1.0083", USDT="40000"), "+500 USDT"),
    "a deposit as large as a known one is not told": lambda: doubt(found(BTC="1", USDT="43000"), "+1500 USDT"),
    "a withdrawal as large as a known one is not told": lambda: doubt(found(BTC="0.8", USDT="40000"), "-0.1 BTC"),
    "as much went out as is pending": lambda: doubt(found(BTC="1", USDT="38500"), pending=("+1500 USDT",)),
    "income is told that is not there yet": lambda: doubt(
        found(BTC="1", USDT="41500"), "+1500 USDT", moves=(move("0.02", "BTC"),)
    ),
    "what is rounded is as much as a speck that came": lambda: doubt(found(BTC="1", USDT="40000"), "+0.001 USDT"),
}
DOUBTED = {
    "more than a fifth is missing": lambda: doubt(found(BTC="1", USDT="19000")),
    "more than a fifth is there too much": lambda: doubt(found(BTC="1.5", USDT="40000")),
    "a deposit is told that is not there": lambda: doubt(found(BTC="1", USDT="40000"), "+1500 USDT"),
    "and all but what the network took": lambda: doubt(found(BTC="1", USDT="40001"), "+1500 USDT"),
    "two deposits are told that are not there": lambda: doubt(found(BTC="1", USDT="40000"), "+1500 USDT", "+70 USDT"),
    "nor what was earned since": lambda: doubt(found(BTC="1", USDT="40000"), "+1500 USDT", moves=(move("300"),)),
    "a deposit is told that is not there, and a little of another coin is missing": lambda: doubt(
        found(BTC="0.999", USDT="40000"), "+1500 USDT"
    ),
    "nor what was earned before it": lambda: doubt(
        found(BTC="1", USDT="40000"), "+1500 USDT", moves=(move("300", when="2026-05-01 10:10"),)
    ),
    "nor what was earned since in another coin": lambda: doubt(
        found(BTC="1", USDT="40000"), "+1500 USDT", moves=(move("0.02", "BTC"),)
    ),
    "a withdrawal is told whose coins are there": lambda: doubt(found(BTC="1", USDT="40000"), "-0.1 BTC"),
    "a deposit is there that is pending": lambda: doubt(found(BTC="1", USDT="41500"), pending=("+1500 USDT",)),
}


@pytest.mark.parametrize("case", BELIEVED)
def test_what_is_known_or_small_is_believed(case: str) -> None:
    assert BELIEVED[case]() == ""


@pytest.mark.parametrize("case", DOUBTED)
def test_what_is_as_much_as_a_flow_or_a_fifth_of_everything_is_doubted(case: str) -> None:
    assert "is unexplained" in DOUBTED[case]()


@pytest.mark.parametrize(
    ("after", "is_doubted"), [("1251", True), ("1250", False), ("800", False), ("799", True), ("0", True)]
)
def test_a_fifth_of_the_larger_side_may_be_unexplained(after: str, is_doubted: bool) -> None:
    held = Basis(quantities={"USDT": D(1000)}, prices={"USDT": D(1)})
    later = Basis(quantities={"USDT": D(after)}, prices={"USDT": D(1)})

    assert bool(doubt_residual(find_residual(held, (), later), later, Lately())) is is_doubted


def statuses(worker: Worker, account: int = 1) -> list[str]:
    return [hour["status"] for hour in worker.hours(account)]


def prices(worker: Worker, account: int = 1) -> list[Decimal | None]:
    return [hour["unit_price"] for hour in worker.hours(account)]


def run_next(worker: Worker, venue: RunningVenue, hours: int = 1) -> None:
    for _ in range(hours):
        venue.set_clock((venue.now() + timedelta(hours=1)).replace(minute=2, second=0))
        worker.run(venue.now())


LEVERED = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 3000 USDT
+0m transfer 2500 USDT from spot to futures
"""
FALL = {"BTCUSDT": [step("0:00", "60000.00"), step("1:30", "54000.00"), step("3:30", "55000.00")]}


def test_a_fall_of_a_leveraged_account_is_no_reason_for_doubt(open_venue: VenueOpener, open_worker: Opener) -> None:
    """What was open profit at one reading is money at the next one."""
    venue = open_venue(LEVERED, SteppedMarket(START, FALL))
    worker = open_worker(venue)
    worker.add()
    venue.do("long 0.3 BTCUSDT")
    worker.run(venue.now())
    run_next(worker, venue)
    venue.advance(minutes=20)
    venue.do("close BTCUSDT")
    run_next(worker, venue)

    first, fallen, closed = (hour["nav"] for hour in worker.hours())
    assert statuses(worker) == [COMPLETE] * 3
    assert fallen < first * D("0.45") > closed


@pytest.mark.usefixtures("first_hour")
def test_income_of_more_than_a_fifth_is_no_reason_for_doubt(worker: Worker, venue: RunningVenue) -> None:
    venue.do("dividend 4000 USDT")
    venue.do("reward 1 BTC locked REWARDS")
    run_next(worker, venue)

    assert statuses(worker) == [COMPLETE, COMPLETE]


@pytest.mark.usefixtures("first_hour")
def test_a_large_deposit_that_is_told_two_hours_late_loses_no_hour(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=20)
    venue.do("deposit 6000 USDT shown after 2h")
    run_next(worker, venue)
    assert statuses(worker) == [COMPLETE, SUSPECT]
    run_next(worker, venue, 3)

    assert statuses(worker) == [COMPLETE] * 5
    assert all(price is not None and 98 < price < 102 for price in prices(worker))
    assert {row["state"] for row in worker.rows("select state from explanations")} == {"explained"}
    assert verify(worker.db).differences == ()


def test_two_large_deposits_that_are_told_late_in_neighbouring_hours_lose_no_hour(
    open_venue: VenueOpener, open_worker: Opener
) -> None:
    """The second hides from the next reading that it fits the first."""
    venue = open_venue(LEVERED)
    worker = open_worker(venue)
    worker.add()
    venue.do("long 0.01 BTCUSDT")
    worker.run(venue.now())
    for amount, wait in (("2000", "5h"), ("4000", "2h")):
        venue.advance(minutes=20)
        venue.do(f"deposit {amount} USDT shown after {wait}")
        run_next(worker, venue)
    assert statuses(worker) == [COMPLETE, SUSPECT, SUSPECT]
    run_next(worker, venue)
    assert statuses(worker) == [COMPLETE, SUSPECT, COMPLETE, COMPLETE]
    run_next(worker, venue, 3)

    assert statuses(worker) == [COMPLETE] * 7
    assert [hour["flows"] for hour in worker.hours()[1:4]] == [2000, 4000, 0]
    assert all(price is not None and 98 < price < 102 for price in prices(worker))
    assert prices(worker, 0) == prices(worker)
    assert verify(worker.db).differences == ()


def answer(venue: RunningVenue, path: str, account: str = "test") -> dict[str, Any]:
    """What a path answers now, as a fault: a cache that tells it later, or to somebody else."""
    books = venue.exchange.venue
    asked = Asked(venue=books, now=books.catch_up(), parameters={}, signer=books.accounts[account])
    route = ROUTES.get(f"GET {path}") or ROUTES[path]
    return {"status": 200, "body": json.dumps(route.answer(asked))}


@pytest.mark.usefixtures("first_hour")
def test_balances_that_are_an_hour_old_while_money_arrives_are_not_believed(
    worker: Worker, venue: RunningVenue
) -> None:
    """Neither is the unit price 13 % lower for an hour, nor is the hour lost."""
    stale = {path: answer(venue, path) for path in BALANCES}
    venue.advance(minutes=30)
    venue.do("deposit 1500 USDT")
    for path, told in stale.items():
        venue.fault(path, told)
    run_next(worker, venue)
    assert statuses(worker) == [COMPLETE, SUSPECT]
    assert "as much as a known flow moved" in worker.hours()[-1]["reason"]
    venue.clear_faults()
    run_next(worker, venue)

    assert statuses(worker) == [COMPLETE, RECONSTRUCTED, COMPLETE]
    assert all(price is not None and 98 < price < 102 for price in prices(worker))
    assert verify(worker.db).differences == ()


@pytest.mark.usefixtures("first_hour")
def test_balances_that_stay_an_hour_old_while_more_arrives_are_not_believed(
    worker: Worker, venue: RunningVenue
) -> None:
    """The second of them has what the first one lacks, and lacks what came since: neither confirms the other."""
    for amount in ("1500", "700"):
        stale = {path: answer(venue, path) for path in BALANCES}
        venue.advance(minutes=30)
        venue.do(f"deposit {amount} USDT")
        for path, told in stale.items():
            venue.fault(path, told)
        run_next(worker, venue)
        venue.clear_faults()
    assert statuses(worker) == [COMPLETE, SUSPECT, SUSPECT]
    run_next(worker, venue)

    assert statuses(worker) == [COMPLETE, RECONSTRUCTED, RECONSTRUCTED, COMPLETE]
    assert [hour["flows"] for hour in worker.hours()[1:]] == [1500, 700, 0]
    assert verify(worker.db).differences == ()


@pytest.mark.usefixtures("first_hour")
def test_old_balances_are_not_confirmed_by_right_ones_that_differ_by_something_else_too(
    worker: Worker, venue: RunningVenue
) -> None:
    """What came back is neither as much as a flow nor a fifth of NAV, but most of it is what was missing."""
    stale = {path: answer(venue, path) for path in BALANCES}
    venue.do("deposit 600 USDT")
    for path, told in stale.items():
        venue.fault(path, told)
    run_next(worker, venue)
    venue.clear_faults()
    venue.advance(minutes=20)
    venue.do("deposit 90 USDT shown after 2h")
    run_next(worker, venue)
    assert statuses(worker) == [COMPLETE, SUSPECT, COMPLETE]
    run_next(worker, venue, 3)

    assert statuses(worker) == [COMPLETE, RECONSTRUCTED, *[COMPLETE] * 4]
    assert [hour["flows"] for hour in worker.hours()[1:]] == [600, 90, 0, 0, 0]
    assert verify(worker.db).differences == ()


def test_hours_of_balances_that_were_old_are_rebuilt_beside_an_open_position(
    open_venue: VenueOpener, open_worker: Opener
) -> None:
    venue = open_venue(LEVERED, SteppedMarket(START, FALL))
    worker = open_worker(venue)
    worker.add()
    venue.do("long 0.1 BTCUSDT")
    venue.advance(minutes=1)
    worker.run(venue.now())
    stale = {path: answer(venue, path) for path in (*BALANCES, "/fapi/v3/account", "/fapi/v3/positionRisk")}
    venue.advance(minutes=40)
    venue.do("deposit 1500 USDT")
    for path, told in stale.items():
        venue.fault(path, told)
    run_next(worker, venue)
    assert statuses(worker) == [COMPLETE, SUSPECT]
    venue.clear_faults()
    run_next(worker, venue)

    first, rebuilt, _ = worker.hours()
    assert statuses(worker) == [COMPLETE, RECONSTRUCTED, COMPLETE]
    assert abs(rebuilt["nav"] - (first["nav"] + 1500 - 600)) < 1  # 0.1 BTC fell by 6,000; marks are near the price
    assert {row["state"] for row in worker.rows("select state from explanations")} == {"explained"}
    assert verify(worker.db).differences == ()


def test_balances_that_are_old_for_a_moment_cost_nothing(
    worker: Worker, venue: RunningVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read again in the same run, three times here, which is more than the limits of a minute allow."""
    patch_budgets(monkeypatch, account=10**9, endpoint=10**9)
    worker.run(venue.now())
    stale = {path: answer(venue, path) for path in BALANCES}
    venue.advance(minutes=30)
    venue.do("deposit 1500 USDT")
    for path, told in stale.items():
        venue.fault(path, told, times=3 if path == BALANCES[0] else 1)  # spot is looked at before, meanwhile and after
    run_next(worker, venue)

    assert statuses(worker) == [COMPLETE, COMPLETE]
    assert all(price is not None and 98 < price < 102 for price in prices(worker))


@pytest.mark.usefixtures("first_hour")
def test_what_an_earlier_version_left_doubted_is_mended_by_backfill(worker: Worker, venue: RunningVenue) -> None:
    """The reading of the hour after it fits; that version took no second look."""
    venue.do("vanish 2900 USDT")
    venue.do("vanish 0.03 BTC")
    run_next(worker, venue)
    right = worker.hours()[1]["reason"]
    run_next(worker, venue)
    complete = worker.hours()
    forget = "update nav_history set status = 'SUSPECT', reason = %(r)s, nav = null, units = null, unit_price = null"
    worker.db.execute(forget + " where account_id = 1 and hour = %(h)s", {"r": right, "h": complete[1]["hour"]})

    asked = SimpleNamespace(since=complete[0]["hour"], until=None, account=None, again=False, all=False)
    run_backfill(worker.db, worker.settings, asked, venue.now())  # type: ignore[arg-type]

    assert worker.hours() == [row | {"reason": ""} for row in complete]
    assert verify(worker.db).differences == ()


OTHER = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 10000 USDT
+0m account other key key-other-0123456789 secret secret-other-0123456789
+0m deposit 900 USDT
"""


def test_another_accounts_balances_are_not_believed(open_venue: VenueOpener, open_worker: Opener) -> None:
    venue = open_venue(OTHER)
    worker = open_worker(venue)
    worker.add()
    worker.run(venue.now())
    for path in BALANCES:
        venue.fault(path, answer(venue, path, "other"))
    run_next(worker, venue)
    assert statuses(worker) == [COMPLETE, SUSPECT]
    venue.clear_faults()
    run_next(worker, venue)

    assert statuses(worker) == [COMPLETE, RECONSTRUCTED, COMPLETE]
    assert prices(worker) == [100, 100, 100]


@pytest.mark.usefixtures("first_hour")
def test_less_than_a_fifth_that_nobody_explains_counts_and_is_told(worker: Worker, venue: RunningVenue) -> None:
    venue.do("vanish 700 USDT")
    run_next(worker, venue)

    assert statuses(worker) == [COMPLETE, COMPLETE]
    (told,) = worker.rows("select state, residual from explanations where account_id = 1")
    assert (told["state"], told["residual"]) == ("unexplained", -700)
    assert worker.rows("select from system_logs where message like '%%700.00 USDT are unexplained%%'")


def change_amount(venue: RunningVenue, amount: str) -> None:
    venue.exchange.venue.accounts["test"].deposits[-1].amount = D(amount)


@pytest.mark.usefixtures("first_hour")
def test_a_deposit_that_is_suddenly_told_a_hundred_times_larger_changes_no_history(
    worker: Worker, venue: RunningVenue
) -> None:
    venue.do("deposit 50 USDT")
    run_next(worker, venue)
    right = prices(worker)
    change_amount(venue, "5000")
    run_next(worker, venue)
    assert statuses(worker) == [COMPLETE, COMPLETE, SUSPECT]
    assert "is reported as 5000" in worker.hours()[-1]["reason"]
    run_next(worker, venue)

    assert statuses(worker) == [COMPLETE] * 4
    assert prices(worker)[:2] == right
    assert all(price is not None and 98 < price < 102 for price in prices(worker))
    newest = worker.rows("select amount, told_amount from processed_transactions where kind = 'deposit' order by id")[
        -1
    ]
    assert (newest["amount"], newest["told_amount"]) == (50, 5000)

    change_amount(venue, "50")
    run_next(worker, venue)
    assert statuses(worker) == [COMPLETE] * 5
    assert verify(worker.db).differences == ()


@pytest.mark.usefixtures("first_hour")
def test_an_amount_that_the_balances_prove_counts_at_once(worker: Worker, venue: RunningVenue) -> None:
    """The deposit was told as 50 by mistake; 500 came."""
    venue.do("deposit 500 USDT")
    change_amount(venue, "50")
    run_next(worker, venue)
    change_amount(venue, "500")
    run_next(worker, venue)

    assert statuses(worker) == [COMPLETE] * 3
    assert worker.hours()[1]["flows"] == 500
    assert {row["state"] for row in worker.rows("select state from explanations")} == {"explained"}


def shift(venue: RunningVenue, **step: float) -> None:
    """Let the last deposit be told for another moment than the one at which the balance changed."""
    deposit = venue.exchange.venue.accounts["test"].deposits[-1]
    assert deposit.completed_at
    deposit.completed_at += timedelta(**step)


MISPLACED: dict[str, Callable[[RunningVenue], None]] = {
    "for the hour before it came": lambda venue: shift(venue, minutes=-6),
    "for the hour after it came": lambda venue: shift(venue, minutes=60),
}


@pytest.mark.parametrize("case", MISPLACED)
@pytest.mark.usefixtures("first_hour")
def test_a_flow_that_is_told_for_the_wrong_hour_moves_to_where_the_balances_changed(
    case: str, worker: Worker, venue: RunningVenue
) -> None:
    """Not -13 % for an hour, and no advice to tell of a withdrawal that never was."""
    run_next(worker, venue)
    venue.advance(minutes=5)
    venue.do("deposit 1500 USDT shown after 90m")
    MISPLACED[case](venue)
    run_next(worker, venue, 4)

    assert statuses(worker) == [COMPLETE] * 6
    assert [hour["flows"] for hour in worker.hours()[1:]] == [0, 1500, 0, 0, 0]
    assert all(price is not None and 98 < price < 102 for price in prices(worker))
    assert {row["state"] for row in worker.rows("select state from explanations")} == {"explained"}
    assert worker.rows("select from history_changes where account_id = 1 and reason like '%%counts from%%'")
    assert len(worker.rows("select from processed_transactions where kind = 'deposit'")) == 3  # told anew, nothing new
    assert verify(worker.db).differences == ()


@pytest.mark.usefixtures("first_hour")
def test_equal_deposits_that_are_all_told_hours_late_are_no_reason_for_doubt(
    worker: Worker, venue: RunningVenue
) -> None:
    """An hour that has one more than its history tells lacks nothing, though one as large has just been told."""
    for _ in range(6):
        venue.advance(minutes=20)
        venue.do("deposit 100 USDT shown after 3h")
        run_next(worker, venue)
    assert statuses(worker) == [COMPLETE] * 7
    run_next(worker, venue, 3)

    assert [hour["flows"] for hour in worker.hours()[1:]] == [100] * 6 + [0] * 3
    assert {row["state"] for row in worker.rows("select state from explanations")} == {"explained"}
    assert verify(worker.db).differences == ()


def test_a_debt_that_no_list_has_any_more_is_no_gain(open_venue: VenueOpener, open_worker: Opener) -> None:
    key, secret = "key-of-an-account-at-gate-0123456789", "its-secret"
    story = f"+0m account test on gate key {key} secret {secret}\n+0m deposit 5000 USDT\n+1m borrow 300 USDT on loans"
    venue = open_venue(f"+0m account other key {KEY} secret {SECRET}\n{story}")
    worker = open_worker(venue)
    worker.add_at("gate", "test", Credentials(key=Secret(key), secret=Secret(secret)))
    worker.run(venue.now())
    for path in ("multi_collateral", "collateral"):
        venue.fault(f"/api/v4/loan/{path}/orders", {"status": 200, "body": "[]"}, exchange="gate")
    venue.advance(hours=1)
    worker.run(venue.now())
    hour = worker.hours()[-1]
    assert (hour["status"], hour["nav"]) == (SUSPECT, None) and "owed in loans (-300.00 USDT)" in hour["reason"]

    venue.clear_faults()
    venue.advance(hours=1)
    worker.run(venue.now())
    assert (worker.hours()[-1]["status"], worker.hours()[-1]["nav"]) == (COMPLETE, 5000)
    assert worker.rows("select 1 from explanations where residual <> 0") == []


def test_a_wallet_that_is_empty_again_is_believed_after_a_day(open_venue: VenueOpener, open_worker: Opener) -> None:
    """A second false answer, as empty as the first, confirms nothing."""
    key, secret = "mx0-key-of-test-0123456789", "its-secret"
    story = f"+0m account test on mexc key {key} secret {secret}\n+0m deposit 5000 USDT"
    venue = open_venue(f"+0m account other key {KEY} secret {SECRET}\n{story}")
    worker = open_worker(venue)
    worker.add_at("mexc", "test", Credentials(key=Secret(key), secret=Secret(secret)))
    worker.run(venue.now())
    venue.do("vanish 5000 USDT", "test")
    run_next(worker, venue, 2)
    assert statuses(worker) == [COMPLETE, SUSPECT, SUSPECT]
    assert "nothing is left of what was held or owed in spot (5,000.00 USDT)" in worker.hours()[-1]["reason"]

    venue.advance(hours=22)
    run_next(worker, venue)
    assert [hour["nav"] for hour in worker.hours()] == [5000] + [0] * 25
