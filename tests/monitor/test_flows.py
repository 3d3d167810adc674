"""Flows: revisions of the ledger and values at their own minute."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from finance.flow_values import Basis, Move, ValuationPrice, value_flows, value_interval
from finance.ledger_entries import revise_ledger
from finance.records import FlowKind, FlowRecord, FlowState
from monitor.performance.changes import supersede
from tests.monitor.notation import D, at, flow
from tests.worker import Worker

SEEN = at("2026-05-01 12:02")


def told(state: FlowState, completed: datetime | None = None) -> FlowRecord:
    return FlowRecord(
        kind=FlowKind.DEPOSIT,
        exchange_id="D1",
        state=state,
        exchange_status="x",
        asset="BTC",
        amount=D("0.5"),
        fee=D(0),
        requested_at=at("2026-05-01 10:00"),
        completed_at=completed,
    )


def test_a_flow_told_twice_is_recorded_once() -> None:
    (entry,) = revise_ledger(1, {}, [told(FlowState.COUNTED, at("2026-05-01 10:40"))], SEEN)

    assert revise_ledger(1, {entry.key: entry}, [told(FlowState.COUNTED, at("2026-05-01 10:40"))], SEEN) == ()


def test_a_pending_deposit_counts_when_its_credit_is_first_seen() -> None:
    (pending,) = revise_ledger(1, {}, [told(FlowState.PENDING)], at("2026-05-01 11:02"))
    (counted,) = revise_ledger(1, {pending.key: pending}, [told(FlowState.COUNTED)], SEEN)

    assert (pending.occurred_at, counted.occurred_at, counted.revision) == (None, SEEN - timedelta(seconds=1), 2)
    assert revise_ledger(1, {counted.key: counted}, [told(FlowState.COUNTED)], at("2026-05-01 13:02")) == ()


def test_a_flow_that_the_last_look_did_not_tell_took_effect_after_it() -> None:
    """Unless the exchange says when: then that is when."""
    looks = {FlowKind.DEPOSIT: at("2026-05-01 11:02")}
    (untimed,) = revise_ledger(1, {}, [told(FlowState.COUNTED)], SEEN, looks)
    (timed,) = revise_ledger(1, {}, [told(FlowState.COUNTED, at("2026-05-01 10:40"))], SEEN, looks)

    assert (untimed.occurred_at, timed.occurred_at) == (at("2026-05-01 11:02"), at("2026-05-01 10:40"))


def test_a_flow_that_is_no_longer_told_stays() -> None:
    (entry,) = revise_ledger(1, {}, [told(FlowState.COUNTED)], SEEN)

    assert revise_ledger(1, {entry.key: entry}, [], SEEN) == ()


def test_a_flow_that_is_taken_back_stays_and_is_undone_when_that_is_seen() -> None:
    """It was in the balances meanwhile. Told again, and told as counted after all, nothing is doubled."""
    (counted,) = revise_ledger(1, {}, [told(FlowState.COUNTED, at("2026-05-01 10:40"))], SEEN)
    later, last = at("2026-05-08 12:02"), at("2026-05-08 13:02")
    (undone,) = revise_ledger(1, {counted.key: counted}, [told(FlowState.VOID)], later)
    both = {counted.key: counted, undone.key: undone}
    (restored,) = revise_ledger(1, both, [told(FlowState.COUNTED, at("2026-05-01 10:40"))], last)

    assert (undone.kind, undone.quantity, undone.second) == (
        FlowKind.WITHDRAWAL,
        -counted.quantity,
        later - timedelta(seconds=1),
    )
    assert revise_ledger(1, both, [told(FlowState.VOID)], last) == ()
    assert (restored.key, restored.revision, restored.state) == (undone.key, 2, FlowState.VOID)


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_flow_told_for_another_time_changes_history_from_the_earlier_one_on(hours: int, worker: Worker) -> None:
    (first,) = revise_ledger(1, {}, [told(FlowState.COUNTED, at("2026-05-01 10:40"))], SEEN)
    moved = at("2026-05-01 10:40") + timedelta(hours=hours)
    (second,) = revise_ledger(1, {first.key: first}, [told(FlowState.COUNTED, moved)], SEEN)

    (change,) = supersede(worker.db, {first.key: first}, [second])

    assert change.at == min(first.second, moved)
    assert f"is now reported for {moved:%Y-%m-%d %H:%M}" in change.reason


def test_a_flow_that_never_counted_has_nothing_to_undo() -> None:
    (pending,) = revise_ledger(1, {}, [told(FlowState.PENDING)], SEEN)
    (void,) = revise_ledger(1, {pending.key: pending}, [told(FlowState.VOID)], at("2026-05-01 13:02"))

    assert (void.key, void.state) == (pending.key, FlowState.VOID)


def test_a_withdrawal_takes_its_fee_along() -> None:
    assert flow("-100 USDT fee 1", "2026-05-01 10:00").quantity == -101


MINUTE = at("2026-05-01 10:30")
PRICES = {
    ("BTC", MINUTE): ValuationPrice(value=D(60000), route="BTCUSDT"),
    ("USDT", MINUTE): ValuationPrice(value=D(1), route="USDT"),
}
HELD = Basis(quantities={"BTC": D(1), "USDT": D(500)}, prices={"BTC": D(59000), "USDT": D(1)})


def test_a_flow_is_valued_at_its_minute_and_so_is_the_account_before_it() -> None:
    (valued,) = value_flows(HELD, [flow("+0.5 BTC", "2026-05-01 10:30:40")], PRICES)

    assert (valued.value, valued.nav_before, valued.reason) == (30000, 60500, "")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_flows_in_one_second_does_not_matter(order: tuple[int, ...]) -> None:
    flows = [flow(text, "2026-05-01 10:30:40", n) for n, text in enumerate(["+1 BTC", "-50 USDT", "+9 USDT"])]

    valued = value_flows(HELD, [flows[n] for n in order], PRICES)

    assert {f.nav_before for f in valued} == {D(60500)}


def test_a_later_flow_sees_the_earlier_one_in_the_account() -> None:
    valued = value_flows(
        HELD, [flow("+100 USDT", "2026-05-01 10:30:10", 1), flow("-50 USDT", "2026-05-01 10:30:20", 2)], PRICES
    )

    assert [f.nav_before for f in valued] == [60500, 60600]


def test_what_moved_in_the_flows_own_second_was_not_in_the_account_before_it() -> None:
    moves = tuple(
        Move(at=at(f"2026-05-01 10:30:{second}"), asset="USDT", quantity=D(7)) for second in ("39", "40", "41")
    )

    (valued,) = value_flows(replace(HELD, moves=moves), [flow("+100 USDT", "2026-05-01 10:30:40")], PRICES)

    assert valued.nav_before == 60507


def test_a_flow_without_a_price_is_pending_valuation_and_says_why() -> None:
    (valued,) = value_flows(HELD, [flow("+7 NEWCOIN", "2026-05-01 10:30")], PRICES)

    assert valued.value is None
    assert "no price for NEWCOIN" in valued.reason


def test_trades_near_a_flow_make_its_valuation_an_estimate() -> None:
    flows = [flow("+100 USDT", "2026-05-01 10:30")]
    expected = replace(HELD, quantities={"BTC": D(1), "USDT": D(600)})
    found = replace(HELD, quantities={"BTC": D("0.9"), "USDT": D(6600)})

    assert value_interval(HELD, expected, flows, PRICES)[0].is_estimated is False
    assert value_interval(HELD, found, flows, PRICES)[0].is_estimated is True


def test_the_profit_of_open_positions_is_no_quantity_that_came() -> None:
    flows = [flow("+100 USDT", "2026-05-01 10:30")]
    found = replace(HELD, quantities={"BTC": D(1), "USDT": D(600)}, profits={"USDT": D(9000)})

    assert value_interval(HELD, found, flows, PRICES)[0].is_estimated is False


def test_no_total_loss_is_concluded_from_an_estimate() -> None:
    """By what is known everything was lost before the deposit; but something else moved, and nobody knows when."""
    lost = replace(HELD, moves=(Move(at=at("2026-05-01 10:20"), asset="USDT", quantity=D(-61000)),))
    flows = [flow("+100 USDT", "2026-05-01 10:30")]
    as_told = replace(HELD, quantities={"BTC": D(1), "USDT": D(-60400)})

    (exact,) = value_interval(lost, as_told, flows, PRICES)
    (guessed,) = value_interval(lost, replace(as_told, quantities={"USDT": D(900)}), flows, PRICES)

    assert (exact.nav_before, exact.is_estimated) == (-500, False)
    assert (guessed.nav_before, guessed.is_estimated) == (59500, True)
