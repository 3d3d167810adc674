"""What the fold derives, as it is stored: written again without a trace, and taken back."""

from dataclasses import replace
from decimal import Decimal as D

from finance.flow_values import ValuationPrice, ValuedFlow
from monitor.ledger.store.entries import load_flows_between
from monitor.performance.store.track import forget_flow_values, record_flow_values
from tests.monitor.notation import at
from tests.monitor.performance.hours import Hours, deposit

FIRST, SECOND = at("2026-05-01 10:02"), at("2026-05-01 11:02")
CAME = deposit(1, "0.02", "BTC", at("2026-05-01 10:30"))
STORED = (
    "select price, price_source, value, nav_before, estimated, reason from flow_valuations where price_source <> 'USDT'"
)


def flow(hours: Hours) -> ValuedFlow:
    """The deposit, as it is valued."""
    hours.record(FIRST, "1000 USDT")
    hours.record(SECOND, "1000 USDT 0.02 BTC", CAME)
    (entry,) = load_flows_between(hours.db, [1], FIRST.replace(minute=3), SECOND)
    price = ValuationPrice(value=D(50_000), route="BTCUSDT")
    return ValuedFlow(entry=entry, price=price, value=D(1000), nav_before=D(1000))


def test_a_flow_is_written_again_in_its_place(hours: Hours) -> None:
    valued = flow(hours)
    record_flow_values(hours.db, 1, [replace(valued, value=D(900), reason="older price used")])

    (row,) = hours.rows(STORED)
    assert (row["value"], row["estimated"], row["reason"]) == (900, True, "older price used")


def test_a_flow_without_a_price_stays_without_a_value_and_never_counts_as_zero(hours: Hours) -> None:
    record_flow_values(hours.db, 1, [replace(flow(hours), price=None, value=None, reason="no price for BTC")])

    (row,) = hours.rows("select price, value, price_source from flow_valuations where reason <> ''")
    assert row == {"price": None, "value": None, "price_source": ""}


def test_what_a_superseded_revision_was_booked_at_is_taken_back_everywhere(hours: Hours) -> None:
    valued = flow(hours)
    forget_flow_values(hours.db, [valued.entry.id or 0])

    assert hours.rows(STORED) == []
    assert hours.rows(f"select 1 from benchmark_flows where transaction_id = {valued.entry.id}") == []
