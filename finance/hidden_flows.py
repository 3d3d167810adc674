"""Whether quantities show a flow that a refused history hides: pure.

A flow changes what is held on one side only. A trade that is not known yet changes two sides by about the same value,
and profit of open positions, fills, income and known flows are taken off before. What is left is compared with what the
last valued hour held, so it stays until it is explained: by the history, or by the owner's word.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from finance.decimals import ZERO, exact
from finance.valuation import sum_quantities

LARGEST_SHARE = Decimal("0.005")  # of what is held
SMALLEST_NOTICED = Decimal(10)  # in the valuation asset
SMALLEST_TRADE = Decimal("0.8")  # the smaller side by the larger: prices move between a trade and the reading
Quantities = Mapping[str, Decimal]


@exact
def find_hidden(
    held: Quantities,
    found: Quantities,
    moves: Iterable[tuple[str, Decimal]],
    prices: Quantities,
    *,
    counted: Decimal = ZERO,
) -> Decimal:
    """What came (+) or went (-) by no known event, in the valuation asset; zero where a trade may have been all of it.

    `held` and `found` are quantities without profit of open positions and without what counts at the exchange's own
    totals; `counted` is by how much the latter grew: what went there is on no other side.
    """
    left = sum_quantities([*found.items(), *((asset, -q) for asset, q in held.items()), *((a, -q) for a, q in moves)])
    values = [quantity * prices.get(asset, ZERO) for asset, quantity in left.items()]
    came, went = sum((v for v in values if v > 0), ZERO), -sum((v for v in values if v < 0), ZERO)
    unexplained = came - went
    if abs(unexplained + counted) < abs(unexplained):
        unexplained += counted
    worth = sum((quantity * prices.get(asset, ZERO) for asset, quantity in found.items()), ZERO)
    is_little = abs(unexplained) <= max(SMALLEST_NOTICED, LARGEST_SHARE * abs(worth))
    is_trade = min(came, went) >= SMALLEST_TRADE * max(came, went)
    return ZERO if is_little or is_trade else unexplained
