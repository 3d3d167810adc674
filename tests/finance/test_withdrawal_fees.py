"""The fee of a withdrawal, turned by another word: what counts, and what the exchange says beside it."""

from dataclasses import replace

import pytest

from finance.ledger_entries import LedgerEntry
from finance.records import FeePlace, FlowKind, FlowState
from finance.withdrawal_fees import turn_fee
from monitor.performance.changes import supersede
from tests.monitor.notation import D, at
from tests.worker import Worker

LISTED = LedgerEntry(
    id=7,
    account_id=1,
    kind=FlowKind.WITHDRAWAL,
    exchange_id="W1",
    state=FlowState.COUNTED,
    asset="USDT",
    amount=D(99),
    fee=D(1),
    assumed_fee=FeePlace.INSIDE,
    requested_at=at("2026-05-01 10:00"),
    occurred_at=at("2026-05-01 10:00"),
    first_seen_at=at("2026-05-01 10:30"),
)
NOW = at("2026-05-01 12:00")


@pytest.mark.parametrize(("told_amount", "told_fee"), [(D(89), D(1)), (D(97), D(3))])
def test_an_amount_that_readings_proved_is_turned_and_not_given_up_for_the_one_that_is_told(
    worker: Worker, told_amount: D, told_fee: D
) -> None:
    proven = replace(LISTED, told_amount=told_amount, told_fee=told_fee)

    turned = turn_fee(proven, FeePlace.ON_TOP, NOW)

    assert (turned.amount, turned.fee) == (100, 1)
    assert (turned.told_amount, turned.told_fee) == (told_amount + told_fee, told_fee)
    back = turn_fee(turned, FeePlace.INSIDE, NOW)
    assert (back.amount, back.fee, back.told_amount) == (proven.amount, proven.fee, proven.told_amount)
    (change,) = supersede(worker.db, {proven.key: proven}, [turned])
    assert (change.at, change.doubt) == (proven.second, "")


def test_a_fee_of_more_than_what_was_proven_stays_on_top() -> None:
    proven = replace(LISTED, amount=D("0.5"), assumed_fee=FeePlace.ON_TOP, told_amount=D(90), told_fee=D(1))

    turned = turn_fee(proven, FeePlace.INSIDE, NOW)

    assert (turned.amount, turned.told_amount) == (D("0.5"), 89)
