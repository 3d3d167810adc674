"""The dates of the deepest fall."""

import numpy as np
import pytest

from finance.measures.drawdown import Drawdown, max_drawdown, underwater
from tests.finance.measures.notation import at

NAN = np.nan


def deepest(*prices: float) -> Drawdown | None:
    """Of one price a day from 1 January 1970."""
    values = np.array(prices)
    return max_drawdown(86_400 * np.arange(values.size), values, underwater(values))


def test_the_peak_is_the_last_time_the_high_was_touched_and_the_trough_the_first_time_the_low_was() -> None:
    fall = deepest(100, 120, 110, 120, 90, 100, 90, 119)

    assert fall is not None
    assert fall.depth == pytest.approx(-0.25)
    assert (fall.peak_at, fall.trough_at) == (at("1970-01-04"), at("1970-01-05"))
    assert (fall.recovered_at, fall.duration) == (None, None)


def test_an_equal_high_is_a_recovery() -> None:
    fall = deepest(100, 80, 100, 100)

    assert fall is not None
    assert fall.recovered_at == at("1970-01-03")


def test_the_first_price_counts_as_a_high() -> None:
    fall = deepest(100, 90)

    assert fall is not None
    assert (fall.depth, fall.peak_at) == (pytest.approx(-0.1), at("1970-01-01"))


def test_a_price_that_only_rose_has_no_dates() -> None:
    assert deepest(100, 100, 101) == Drawdown(depth=0.0)


def test_an_unknown_price_neither_falls_nor_hides_the_high_before_it() -> None:
    assert underwater(np.array([100, NAN, 90, NAN])) == pytest.approx([0, NAN, -0.1, NAN], nan_ok=True)


def test_without_prices_there_is_no_drawdown() -> None:
    assert deepest(NAN, NAN) is None
