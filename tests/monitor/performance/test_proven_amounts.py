"""Which corrections of amounts the balances of an hour prove, when several flows of it are told with other amounts."""

import pytest

from monitor.performance.proven_amounts import choose_corrections
from monitor.performance.verification import verify
from tests.monitor.notation import D
from tests.venue import RunningVenue
from tests.worker import Worker

CASES = {  # units unexplained, corrections in units: those that fit
    "one that explains everything": ("450", ["450"], [0]),
    "one that explains a part": ("500", ["450"], [0]),
    "one that explains nothing": ("0", ["4950"], []),
    "one that leaves as much on the other side": ("50", ["100"], []),
    "one that leaves more": ("57", ["139"], []),
    "two that cancel each other partly": ("57", ["139", "-82"], [0, 1]),
    "two of which one is wrong": ("57", ["57", "-82"], [0]),
    "two of which none fits": ("0", ["57", "-82"], []),
    "two that cancel each other": ("0", ["57", "-57"], []),
    "equals: as many as possible": ("10", ["10", "5", "-5"], [0, 1, 2]),
    "eight": ("1", ["64", "-32", "-16", "-8", "-4", "-2", "-1", "7"], list(range(7))),
    "more than eight, all": ("9", ["1"] * 9, list(range(9))),
    "more than eight, none": ("1", ["1"] * 9, []),
}


@pytest.mark.parametrize("case", CASES)
def test_corrections_of_one_hour_are_judged_together(case: str) -> None:
    residual, corrections, chosen = CASES[case]

    assert choose_corrections(D(residual), [D(units) for units in corrections]) == set(chosen)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("deposit 212 USDT told 73 until 2h", "deposit 30 USDT told 112 until 2h"),
        ("deposit 212 USDT told 73 until 2h", "withdraw 111 USDT fee 1 told 29 until 2h"),
        ("deposit 212 USDT told 73 until 2h", "deposit 30 USDT told 112 until 3h"),
        ("deposit 60 USDT told 110 until 2h", "deposit 72 USDT told 12 until 3h"),
        ("deposit 70 USDT told 80 until 2h", "deposit 72 USDT told 12 until 3h"),
        ("deposit 212 USDT told 262 until 2h", "deposit 30 USDT shown after 2h"),
        ("deposit 212 USDT told 262 until 2h", "deposit 30 USDT shown after 4h"),
        ("deposit 30 USDT shown after 2h", "deposit 212 USDT told 262 until 4h"),
    ],
    ids=[
        "deposits",
        "a deposit and a withdrawal",
        "one after the other",
        "either alone looks wrong",
        "the second helps",
        "one is shown at the same time",
        "one is shown later",
        "one is shown before",
    ],
)
@pytest.mark.usefixtures("first_hour")
def test_two_wrong_amounts_of_one_hour_are_both_put_right(
    first: str, second: str, worker: Worker, venue: RunningVenue
) -> None:
    venue.advance(minutes=10)
    venue.do(first)
    venue.advance(minutes=10)
    venue.do(second)
    venue.advance(minutes=40)
    for _ in range(6):
        worker.run(venue.now())
        venue.advance(hours=1)

    assert {hour["status"] for hour in worker.hours()} == {"COMPLETE"}
    assert {row["residual"] for row in worker.rows("select residual from explanations where account_id = 1")} == {0}
    real = [float(line.split()[1]) * (-1 if "withdraw" in line else 1) for line in (first, second)]
    fees = 1 if "fee" in second else 0
    assert float(worker.hours()[1]["flows"]) == sum(real) - fees
    assert verify(worker.db).differences == ()


@pytest.mark.usefixtures("first_hour")
def test_of_two_changed_amounts_of_one_hour_only_the_proven_one_counts(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=10)
    venue.do("deposit 212 USDT told 73 until 2h")
    venue.advance(minutes=10)
    venue.do("deposit 30 USDT told 112 from 2h")
    venue.advance(minutes=40)
    for _ in range(6):
        worker.run(venue.now())
        venue.advance(hours=1)

    assert worker.hours()[1]["flows"] == 242
    assert {row["residual"] for row in worker.rows("select residual from explanations where account_id = 1")} == {0}
    assert verify(worker.db).differences == ()
