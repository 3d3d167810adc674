"""Decimal arithmetic of the money: 60 digits while computing, 18 decimals where a division must be cut to be stored.

A balance with 18 decimals times a price with 18 decimals is exact in 60 digits, so sums of values add up to the last
digit. Only divisions (units, benchmark quantities, inverse prices) are rounded, once, half to even.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import (
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

ZERO = Decimal(0)
ONE = Decimal(1)
CONTEXT = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
# For sums and products that must lose nothing: a digit that would be lost is an error and never a difference.
UNROUNDED = Context(prec=400, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
STORED_STEP = Decimal("1e-18")
CENT = Decimal("0.01")


def exact(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, computed in the money's context whatever the caller's is."""

    @wraps(function)
    def computed(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(CONTEXT):
            return function(*args, **kwargs)

    return computed


def stored(value: Decimal) -> Decimal:
    """`value` cut to the 18 decimals that are stored."""
    return CONTEXT.quantize(value, STORED_STEP)


def plain(value: Decimal) -> str:
    """`value` with all of its digits and no more: 0.00000001, never 1E-8; 7.1, never 7.100; 0, never -0.00."""
    text = f"{value:f}"
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if short == "-0" else short


@exact
def total(values: Iterable[Decimal]) -> Decimal:
    """The exact sum of `values`."""
    return sum(values, ZERO)


@exact
def apportion(parts: Sequence[Decimal], step: Decimal = CENT) -> list[Decimal]:
    """`parts` rounded to `step` so that they add up to their rounded sum (largest remainders)."""
    cut = [(part / step).to_integral_value(ROUND_FLOOR) for part in parts]
    left = [part / step - whole for part, whole in zip(parts, cut, strict=True)]
    missing = int((sum(parts, ZERO) / step).to_integral_value(ROUND_HALF_EVEN) - sum(cut, ZERO))
    for index in sorted(range(len(parts)), key=lambda i: (-left[i], i))[:missing]:
        cut[index] += 1
    return [whole * step for whole in cut]
