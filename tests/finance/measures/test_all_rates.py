"""Every rate of 1,560 random streams of flows is found, and no other: beside a count in whole numbers."""

from collections.abc import Callable
from math import isfinite

import numpy as np
import pytest

from finance.measures.money_weighted import CashFlows, money_weighted_return, solve
from tests.finance.measures.exact_rates import changes_sign, count_rates

STREAMS = 260
DAY = 86_400
Stream = tuple[list[int], list[int]]  # numbers of days, whole amounts
Random = np.random.Generator


def any_flows(rng: Random) -> Stream:
    """Two to twelve flows of any size and direction."""
    steps = days(rng, 12, 40)
    return steps, [nonzero(rng.integers(-100_000, 100_000)) for _ in steps]


def all_sizes(rng: Random) -> Stream:
    """From one cent to ten million."""
    steps = days(rng, 9, 40)
    return steps, [int(rng.choice((-1, 1)) * 10 ** rng.uniform(0, 9)) for _ in steps]


def investments(rng: Random) -> Stream:
    """First in, last out: what is in between may be anything, and what is invested go below zero."""
    steps, amounts = all_sizes(rng)
    amounts[0], amounts[-1] = -abs(amounts[0]), abs(amounts[-1])
    return steps, amounts


def early_flows(rng: Random) -> Stream:
    """All flows in the first days of a long time, the rest at its end: rates beyond all reason."""
    steps = days(rng, 5, 6)
    amounts = [int(rng.choice((-1, 1)) * 10 ** rng.uniform(0, 6)) for _ in steps]
    return [*steps, 40], [*amounts, int(10 ** rng.uniform(0, 9))]


def made_of_rates(rng: Random) -> Stream:
    """Flows made of one to five growth factors a day, some of them close to another."""
    factors = [[-int(b), int(a)] for a, b in rng.integers(1, 40, (rng.integers(1, 6), 2))]
    amounts = [1]
    for low, high in factors:
        amounts = [low * x + high * y for x, y in zip([*amounts, 0], [0, *amounts], strict=True)]
    return list(range(len(amounts))), amounts


def savings(rng: Random) -> Stream:
    """Paid in day by day, now and then taken out, and what is left at the end."""
    steps = days(rng, 30, 40)
    amounts = [-int(rng.integers(1, 1_000)) if rng.random() < 0.7 else int(rng.integers(1, 3_000)) for _ in steps]
    return steps, [*amounts[:-1], int(rng.integers(1, 20_000))]


def days(rng: Random, most: int, last: int) -> list[int]:
    count = int(rng.integers(2, most + 1))
    return [0, *(int(d) for d in np.sort(rng.choice(np.arange(1, last + 1), min(count, last) - 1, replace=False)))]


def nonzero(amount: np.int64) -> int:
    return int(amount) or 1


@pytest.mark.parametrize("make", [any_flows, all_sizes, investments, early_flows, made_of_rates, savings])
def test_every_rate_is_found_and_no_other(make: Callable[[Random], Stream]) -> None:
    wrong, several = [], 0
    rng = np.random.default_rng(20_261_127)
    for _ in range(STREAMS):
        steps, amounts = make(rng)
        found = solve(CashFlows(at=np.array(steps) * DAY, amount=np.array(amounts, float)))
        rates = tuple(rate for rate in found.rates if isfinite(rate))
        several += len(rates) > 1
        # Streams without an investment are not solved: nothing was put in, or nothing came back.
        told = count_rates(steps, amounts) if min(amounts) < 0 < max(amounts) else 0
        if len(rates) != told or not all(is_one(steps, amounts, rate) for rate in rates):
            wrong.append((steps, amounts, told, rates))

    assert wrong == []
    assert several or make is savings, "none of these streams has several rates: they prove little"


def is_one(steps: list[int], amounts: list[int], rate: float) -> bool:
    """Whether a rate is true to nine digits; where two or more nearly meet, to six."""
    close, wide = ((rate - d, rate + d) for d in (1e-9 * (1 + abs(rate)), 1e-6 * (1 + abs(rate))))
    return changes_sign(steps, amounts, close) or count_rates(steps, amounts, wide) == 1


def test_a_rate_that_is_the_only_one_by_rounding_alone_is_none() -> None:
    """First in, last out; what is invested falls far below zero where everything is worth nothing beside the end."""
    steps, amounts = [0, 1, 2, 40], [-1, 1_000_000, -900_000_000, 1]

    found = solve(CashFlows(at=np.array(steps) * DAY, amount=np.array(amounts, float)))

    assert len(found.rates) == count_rates(steps, amounts) == 3
    assert money_weighted_return(found).unavailable_because == "3 different rates explain these flows"


def test_the_count_in_whole_numbers_knows_its_textbook() -> None:
    assert count_rates([0, 1, 2], [-100, 230, -132]) == 2  # 10 % and 20 %
    assert count_rates([0, 1, 2], [-100, 220, -121]) == 1  # 10 %, twice
    assert count_rates([0, 1, 2], [-100, 220, -130]) == 0
    assert count_rates([0, 2], [-100, 121]) == 1
