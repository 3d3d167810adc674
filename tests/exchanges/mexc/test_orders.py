"""Futures orders of MEXC: booked once, when they have ended, however long that takes."""

import asyncio
import json
from datetime import timedelta
from decimal import Decimal

import pytest

from finance.records import IncomeRecord
from monitor.exchanges.http.fields import Malformed
from monitor.exchanges.mexc import adapter, income
from tests.exchanges.mexc.answering import NOW, Answering
from tests.exchanges.mexc.answers import ORDER, contract


def fetch(state: int, profit: float) -> tuple[IncomeRecord, ...]:
    """What is read where the exchange lists one order."""
    body = json.dumps(contract([ORDER | {"state": state, "profit": profit, "takerFee": 0}]))
    return asyncio.run(income.fetch_orders(Answering(lambda *_: body), NOW - timedelta(days=1), NOW))  # type: ignore[arg-type]


def test_an_order_that_is_filled_in_part_is_booked_when_it_has_ended() -> None:
    assert fetch(2, 1.0) == ()
    assert [one.amount for one in fetch(3, 2.5)] == [Decimal("2.5")]
    assert [one.amount for one in fetch(4, 1.5)] == [Decimal("1.5")]  # cancelled, after some of it was filled


def test_an_order_in_no_known_state_is_not_left_out() -> None:
    with pytest.raises(Malformed, match="state"):
        fetch(9, 1.0)


def test_an_order_that_took_weeks_is_found_by_when_it_was_made() -> None:
    assert adapter.ORDERS.wide >= timedelta(days=89)
