"""Decimal arithmetic of the money: 60 digits while computing, 18 decimals where a division must be cut to be stored.

A balance with 18 decimals times a price with 18 decimals is exact in 60 digits, so sums of values add up to the last
digit. Only divisions (units, benchmark quantities, inverse prices) are rounded, once, half to even.
"""

from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

ZERO = Decimal(0)
ONE = Decimal(1)
CONTEXT = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
STORED_STEP = Decimal("1e-18")


def exact(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, computed in the money's context whatever the caller's is."""

    @wraps(function)
    def computed(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(CONTEXT):
            return function(*args, **kwargs)

    return computed


def stored(value: Decimal) -> Decimal:
    """`value` cut to the 18 decimals that are stored."""
    with localcontext(CONTEXT):
        return value.quantize(STORED_STEP)


@exact
def total(values: Iterable[Decimal]) -> Decimal:
    """The exact sum of `values`."""
    return sum(values, ZERO)
