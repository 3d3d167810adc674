"""Readings that are complete and well-formed, and still not to be believed at once.

What the account held before, plus its flows, at today's prices, is what it should be worth if it only traded at the
market. When the reading is far from that, coins came or went without a trace: the hour is SUSPECT and left out of
every return until the next hour's reading confirms it. A crash of prices is no reason: both sides fall with it.
Before an hour is called suspect, everything is read once more in the same run (ReadAgain).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from monitor.flow_values import ValuedFlow
from monitor.precision import ZERO, exact
from monitor.valuation import Valuation

LARGEST_UNEXPLAINED = Decimal("0.2")
SMALLEST_NOTICED = Decimal(10)  # in the valuation asset


class ReadAgain(Exception):
    """A reading is doubted: nothing of it was recorded, and the account is to be read again, every wallet of it."""


@exact
def doubt_snapshot(
    held: Mapping[str, Decimal], flows: Iterable[ValuedFlow], valuation: Valuation, prices: Mapping[str, Decimal]
) -> str:
    """Why `valuation` is not believed, or nothing.

    `held` are the quantities of the reading before, `flows` what came and went since, `prices` today's by asset.
    """
    if valuation.nav is None:
        return ""
    moved = sum((f.entry.quantity * prices.get(f.entry.asset, ZERO) for f in flows), ZERO)
    expected = sum((quantity * prices.get(asset, ZERO) for asset, quantity in held.items()), ZERO) + moved
    unexplained = valuation.nav - expected
    if abs(unexplained) <= max(SMALLEST_NOTICED, LARGEST_UNEXPLAINED * max(abs(expected), abs(valuation.nav))):
        return ""
    return (
        f"NAV is {valuation.nav:,.2f} USDT, but the holdings of the last reading and the known flows are worth "
        f"{expected:,.2f}: {unexplained:+,.2f} is unexplained. Left out until the next hour's reading confirms it"
    )
