"""The exchange's own account of a closed position beside our trade: which is which, and why their figures differ."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from finance.closed_positions import OWN_ENTRY, ClosedPosition, explain_difference, match_positions
from finance.contract_trades import Contract, ContractTrade
from finance.trades import OpenedBy

OPENED, CLOSED = datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TRADE = replace(
    ContractTrade(
        id="c1",
        asset="BTCUSDT",
        contract=Contract(symbol="BTCUSDT", side="both", settle="USDT"),
        market="futures",
        is_short=False,
        opened_by=OpenedBy.FILL,
        opened_at=OPENED,
    ),
    closed_at=CLOSED,
    settled_gross=D(100),
    fees=D(7),
    funding=D(-2),
    fills=2,
)
THEIRS = ClosedPosition(
    wallet="futures", symbol="BTCUSDT", exchange_id="1", is_short=False, opened_at=OPENED, closed_at=CLOSED, settle="USDT",
    profit=D(100), fees=D(7), funding=D(-2), net=D(91),
)  # fmt: skip


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, ""),
        ({"profit": D("100.00000001")}, "rounds each profit"),
        ({"profit": D(93)}, "has the fees in it"),
        ({"profit": D(91)}, "has fees and funding in it"),
        ({"fees": D(5)}, "counts other fees"),
        ({"funding": D(0)}, "counts other funding"),
        ({"profit": D(80), "opened_at": OPENED - HOUR}, "was open before this trade"),
        ({"profit": D(80), "opened_at": OPENED + HOUR}, "resets where this trade was never flat"),
        ({"profit": D(80)}, OWN_ENTRY),
        ({"profit": D(80), "opened_at": None}, OWN_ENTRY),
    ],
)
def test_a_difference_has_a_reason(told: dict[str, Any], words: str) -> None:
    reason = explain_difference(TRADE, replace(THEIRS, **told))

    assert words in reason and bool(words) is bool(reason)


def test_fees_in_a_coin_are_not_compared_with_ours_in_dollars() -> None:
    inverse = Contract(symbol="BTCUSD_PERP", side="both", settle="BTC", size=D(100))
    assert explain_difference(replace(TRADE, contract=inverse), replace(THEIRS, settle="BTC", fees=D("0.0001"))) == ""


def test_a_trade_has_the_nearest_position_of_its_side_once() -> None:
    seconds = timedelta(seconds=30)
    again = replace(TRADE, id="c2", closed_at=CLOSED + seconds)
    others = (
        replace(THEIRS, exchange_id="2", closed_at=CLOSED + seconds),
        replace(THEIRS, exchange_id="3", is_short=True),
        replace(THEIRS, exchange_id="4", closed_at=CLOSED + HOUR),
        replace(THEIRS, exchange_id="5", symbol="ETHUSDT"),
    )
    still_open = replace(TRADE, id="c3", closed_at=None)

    found = match_positions([TRADE, again, still_open], [*others, THEIRS])

    assert {name: one.exchange_id for name, one in found.items()} == {"c1": "1", "c2": "2"}
