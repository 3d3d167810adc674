"""From an old trade's gross to our gain, in steps that add up to the last digit."""

from decimal import Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as some

from finance.decimals import UNROUNDED
from finance.trades import OpenedBy, Trade
from monitor.legacy.comparison import Ours, compare
from monitor.legacy.old_trades import OldTrade
from tests.monitor.notation import D, at

amounts = some.decimals(min_value=0, max_value=10**6, places=8, allow_nan=False)


@given(
    entry=amounts,
    left=amounts,
    whole=amounts,
    part=amounts,
    value=amounts,
    gain=amounts,
    is_short=some.booleans(),
    has_own_gross=some.booleans(),
)
def test_every_digit_of_the_difference_has_a_reason(
    *,
    entry: Decimal,
    left: Decimal,
    whole: Decimal,
    part: Decimal,
    value: Decimal,
    gain: Decimal,
    is_short: bool,
    has_own_gross: bool,
) -> None:
    with localcontext(UNROUNDED):
        gross = gain - value if has_own_gross else (left - entry) * whole * (-1 if is_short else 1)
    old = OldTrade(
        name="1",
        exchange="binance",
        symbol="BTCUSDT",
        is_short=is_short,
        entry_id="1",
        exit_id="2",
        entry_price=entry,
        exit_price=left,
        entry_quantity=whole,
        exit_quantity=part,
        gross=gross,
        net=gross,
        percentage=None,
        roi=None,
        leverage=D(1),
        exit_type="TP",
        closed_at=None,
    )
    trade = Trade(id="f1", asset="BTC", is_short=is_short, opened_by=OpenedBy.FILL, opened_at=at("2025-01-10 10:00"))
    found = compare(old, Ours(trade=trade, quantity=part, value=value, gain=gain), {})
    with localcontext(UNROUNDED):
        assert gross + sum(step.amount for step in found.steps) == gain
    assert all(step.amount and step.reason for step in found.steps)
    assert has_own_gross or not any("its own prices" in step.reason for step in found.steps)
