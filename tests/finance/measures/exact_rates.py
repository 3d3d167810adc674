"""How many rates explain a stream of flows, and where they lie: counted in whole numbers, without any rounding.

At equal steps of time the flows are a polynomial in x = e^(-y / steps), and its positive roots are the rates. Sturm's
theorem counts them (Sturm 1829; Basu, Pollack & Roy, "Algorithms in Real Algebraic Geometry", chapter 2).
"""

from collections.abc import Sequence
from fractions import Fraction
from math import exp, gcd

Polynomial = list[int]  # coefficients, lowest power first


def count_rates(steps: Sequence[int], amounts: Sequence[int], within: tuple[float, float] | None = None) -> int:
    """How many different rates explain `amounts` at the numbers of `steps` (rising, from 0), or do `within` bounds."""
    coefficients = [0] * (steps[-1] + 1)
    for step, amount in zip(steps, amounts, strict=True):
        coefficients[step] += amount
    chain = _chain(coefficients)
    if within is not None:
        low, high = (Fraction(exp(-rate / steps[-1])) for rate in reversed(within))
        return _changes([_value(p, low) for p in chain]) - _changes([_value(p, high) for p in chain])
    # The signs just above 0 are those of the lowest terms, the signs at infinity those of the highest.
    return _changes([_lowest(p) for p in chain]) - _changes([p[-1] for p in chain])


def changes_sign(steps: Sequence[int], amounts: Sequence[int], within: tuple[float, float]) -> bool:
    """Whether the value of the flows, in fractions, has different signs at two rates."""
    low, high = (Fraction(exp(-rate / steps[-1])) for rate in within)
    values = [sum(a * x**step for step, a in zip(steps, amounts, strict=True)) for x in (low, high)]
    return values[0] * values[1] <= 0


def _chain(coefficients: Polynomial) -> list[Polynomial]:
    """The Sturm chain: a polynomial, its derivative, and the negative remainders of the two before."""
    chain = [_trim(coefficients), _trim([i * c for i, c in enumerate(coefficients)][1:])]
    while rest := _remainder(chain[-2], chain[-1]):
        chain.append([-c for c in rest])
    return chain


def _remainder(above: Polynomial, below: Polynomial) -> Polynomial:
    """The remainder of a division times a positive whole number, its common factor taken out."""
    rest, lead = list(above), below[-1]
    while len(rest) >= len(below):
        top = rest[-1]
        rest = [c * abs(lead) for c in rest]
        factor = top if lead > 0 else -top
        shift = len(rest) - len(below)
        for i, c in enumerate(below):
            rest[shift + i] -= factor * c
        rest = _trim(rest)
    return rest


def _trim(coefficients: Polynomial) -> Polynomial:
    while coefficients and coefficients[-1] == 0:
        coefficients = coefficients[:-1]
    shared = gcd(*coefficients) if coefficients else 1
    return [c // shared for c in coefficients]


def _value(coefficients: Polynomial, x: Fraction) -> Fraction:
    value = Fraction(0)
    for coefficient in reversed(coefficients):
        value = value * x + coefficient
    return value


def _lowest(coefficients: Polynomial) -> int:
    return next(c for c in coefficients if c)


def _changes(values: Sequence[int | Fraction]) -> int:
    signs = [value > 0 for value in values if value]
    return sum(a != b for a, b in zip(signs, signs[1:], strict=False))
