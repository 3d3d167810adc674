"""Figures that add up as they are shown: rounded by largest remainders. Pure."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")
ZERO = Decimal(0)


def to_cent(value: Decimal, cent: Decimal = CENT) -> Decimal:
    """`value` as it is shown; `cent` is the smallest amount that is."""
    return value.quantize(cent, ROUND_HALF_EVEN)


def apportion(parts: Sequence[Decimal], whole: Decimal | None = None, cent: Decimal = CENT) -> list[Decimal]:
    """`parts` in cents that add up to `whole`, or to their own rounded sum.

    Where `whole` is another rounding of the sum, the last cents go to (or come from) the parts that are nearest.
    """
    if not parts:
        return []
    cut = [(part / cent).to_integral_value(ROUND_FLOOR) for part in parts]
    left = [part / cent - cents for part, cents in zip(parts, cut, strict=True)]
    missing = int((to_cent(sum(parts, ZERO), cent) if whole is None else whole) / cent - sum(cut, ZERO))
    order = sorted(range(len(parts)), key=lambda index: (-left[index], index))
    for turn in range(abs(missing)):
        if missing > 0:
            cut[order[turn % len(order)]] += 1
        else:
            cut[order[-1 - turn % len(order)]] -= 1
    return [cents * cent for cents in cut]
