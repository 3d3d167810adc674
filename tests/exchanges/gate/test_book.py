"""Gate's account book: it says when a deposit or a withdrawal changed a balance, and how its fee was paid."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from finance.records import FeePlace, FlowKind, FlowRecord, FlowState
from monitor.exchanges.gate.deposits import place_in_book
from monitor.exchanges.ledger import LedgerRow
from tests.monitor.notation import D, at

ASKED = at("2026-03-01 10:00")
SECOND = timedelta(seconds=1)


def withdrawal(number: str, left: str, fee: str, state: FlowState = FlowState.PENDING, after: int = 0) -> FlowRecord:
    """A withdrawal of which `left` arrives, asked for `after` seconds."""
    return FlowRecord(
        kind=FlowKind.WITHDRAWAL, exchange_id=number, state=state, exchange_status="", asset="USDT", amount=D(left),
        fee=D(fee), assumed_fee=FeePlace.INSIDE, requested_at=ASKED + after * SECOND, completed_at=None,
    )  # fmt: skip


def row(number: str, size: str, moment: datetime, coin: str = "USDT") -> LedgerRow:
    """A row of the book."""
    return LedgerRow(
        exchange_id=number, asset=coin, size=D(size), balance=Decimal(0), occurred_at=moment, word="withdraw"
    )


def told(flow: FlowRecord) -> tuple[FlowState, Decimal, Decimal, datetime | None]:
    return flow.state, flow.amount, flow.fee, flow.completed_at


@pytest.mark.parametrize(
    ("size", "left"), [("-9", "7"), ("-11", "9")], ids=["the fee is inside the amount", "the fee is on top of it"]
)
def test_the_book_says_when_a_withdrawal_left_and_how_its_fee_was_paid(size: str, left: str) -> None:
    (flow,) = place_in_book([withdrawal("w1", "7", "2")], [row("1", size, ASKED + SECOND)])

    assert told(flow) == (FlowState.COUNTED, D(left), D(2), ASKED + SECOND)


def test_without_a_row_of_its_own_a_withdrawal_is_as_the_list_says() -> None:
    flow = withdrawal("w1", "7", "2")
    others = [
        row("1", "-8", ASKED),
        row("2", "-9", ASKED, "BTC"),
        row("3", "-9", ASKED - timedelta(hours=1)),
        row("4", "-9", ASKED + timedelta(days=31)),
    ]

    assert place_in_book([flow], others) == (flow,)


def test_what_was_taken_back_is_not_looked_for() -> None:
    void, other = withdrawal("w1", "7", "2", FlowState.VOID), withdrawal("w2", "7", "2", after=60)

    first, second = place_in_book([other, void], [row("1", "-9", ASKED + 61 * SECOND)])

    assert (first, second.completed_at) == (void, ASKED + 61 * SECOND)


def test_of_equal_withdrawals_each_has_a_row_in_the_order_of_time() -> None:
    flows = [withdrawal("w2", "7", "2", after=5), withdrawal("w1", "7", "2"), withdrawal("w3", "7", "2", after=9)]
    rows = [row("1", "-9", ASKED + 2 * SECOND), row("2", "-9", ASKED + 6 * SECOND)]

    placed = {flow.exchange_id: flow.completed_at for flow in place_in_book(flows, rows)}

    assert placed == {"w1": ASKED + 2 * SECOND, "w2": ASKED + 6 * SECOND, "w3": None}


def test_withdrawals_whose_amounts_differ_by_a_fee_do_not_take_each_others_rows() -> None:
    """On top of both: of 11 and 9 listed, each with a fee of 2, left 13 and 11."""
    flows = [withdrawal("w1", "9", "2"), withdrawal("w2", "7", "2", after=60)]
    rows = [row("1", "-13", ASKED + SECOND), row("2", "-11", ASKED + 61 * SECOND)]

    first, second = place_in_book(flows, rows)

    assert told(first) == (FlowState.COUNTED, D(11), D(2), ASKED + SECOND)
    assert told(second) == (FlowState.COUNTED, D(9), D(2), ASKED + 61 * SECOND)
