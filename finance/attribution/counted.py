"""How what counts at the exchange's own totals grew: by what went there from the wallets that are read, or by profit.

No history shows such moves. What is missing elsewhere is one if all of it is missing in the same direction, against
the growth, and less is left to explain with it than without: coins that go to a bot make its total grow by their worth.
"""

from collections.abc import Mapping
from decimal import Decimal

from finance.decimals import ZERO

SMALLEST_VALUE = Decimal("0.01")  # in the valuation asset


def find_moved(grown: Decimal, missing: Mapping[str, Decimal], prices: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What went to a counted total (negative) or came from it, in units by asset; nothing where it was something else.

    `grown` is in the valuation asset; `missing` is what no event explains of the wallets that are read.
    """
    values = {asset: quantity * prices.get(asset, ZERO) for asset, quantity in missing.items()}
    moved = {asset: value for asset, value in values.items() if abs(value) > SMALLEST_VALUE}
    is_one_way = all(value * grown < 0 for value in moved.values())
    if not is_one_way or abs(grown + sum(moved.values(), ZERO)) >= abs(grown):
        return {}
    return {asset: missing[asset] for asset in moved}
