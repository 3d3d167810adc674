"""The help says what the code does."""

import re
from pathlib import Path

import numpy as np
import pytest

import finance.measures
from finance.measures import CONVENTIONS, DEFINITIONS, measure
from finance.measures.comparisons import FEWEST_DAYS
from finance.measures.days import OLDEST
from finance.measures.outcome import FEW_OBSERVATIONS
from finance.measures.risk import DAYS_A_YEAR
from finance.measures.rolling import roll
from finance.measures.series import HOUR, YEAR
from tests.finance.measures.notation import always, daily, life, walk, without

CODE = "".join(path.read_text() for path in Path(finance.measures.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_measure_is_a_function_with_formula_and_source(name: str) -> None:
    if name in ("active_return", "current_drawdown"):  # a difference, and the end of the depths
        return
    text = re.search(rf'def {name}\([^"]*?"""(.*?)"""', CODE, re.DOTALL)

    assert text, name
    assert "Source:" in text[1] or name in ("average_day", "best_day", "worst_day", "winning_days", "flat_days"), name


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_definition_leaves_nothing_open(name: str) -> None:
    definition = DEFINITIONS[name]

    assert all((definition.name, definition.meaning, definition.formula, definition.inputs, definition.source))


def test_every_definition_has_a_figure_and_the_two_sided_ones_have_two() -> None:
    series, flows = life(walk(24 * 400 + 1, 1), walk(24 * 400 + 1, 2))

    figures = measure(series, flows, always(series)).figures

    assert list(figures) == list(DEFINITIONS)
    for name, figure in figures.items():
        assert figure.account.is_available, name
        assert (figure.benchmark is None) == DEFINITIONS[name].compares, name
        assert (figure.difference is None) == DEFINITIONS[name].compares, name


def test_the_conventions_are_those_of_the_code() -> None:
    assert f"{YEAR // 86_400} days, {YEAR:,} seconds" in CONVENTIONS["Year"]
    assert (OLDEST, "at most three hours old" in CONVENTIONS["Day"]) == (3 * HOUR, True)
    assert f"square root of {DAYS_A_YEAR}, from {FEWEST_DAYS} days" in CONVENTIONS["Scaling to a year"]
    assert f"fewer than {FEW_OBSERVATIONS} days" in CONVENTIONS["Few observations"]


def test_rolling_figures_are_the_measures_of_their_own_days() -> None:
    rng = np.random.default_rng(7)
    account, benchmark = daily(rng.normal(0, 0.02, 100)), daily(rng.normal(0, 0.02, 100))
    series, flows = life(account, benchmark)
    whole = measure(series, flows, always(series)).measured
    last, last_flows = life(account[-24 * 40 - 1 :], benchmark[-24 * 40 - 1 :])
    figures = measure(last, last_flows, always(last)).figures
    assert whole is not None

    rolling = roll(whole.days, 40)

    assert rolling.end.size == 61
    assert rolling.end[-1] == series.hour[-1]
    assert rolling.account_return[-1] == pytest.approx(figures["time_weighted_return"].account.value)
    assert rolling.account_volatility[-1] == pytest.approx(figures["volatility"].account.value)
    assert rolling.sharpe_ratio[-1] == pytest.approx(figures["sharpe_ratio"].account.value)
    assert rolling.beta[-1] == pytest.approx(figures["beta"].account.value)
    assert figures["volatility"].benchmark is not None
    assert rolling.benchmark_volatility[-1] == pytest.approx(figures["volatility"].benchmark.value)


def test_a_rolling_window_does_not_reach_over_a_missing_day() -> None:
    series, flows = life(walk(24 * 20 + 1, 1))
    gappy = measure(without(series, range(24 * 10 - 3, 24 * 10 + 1)), flows, always(series)).measured
    assert gappy is not None

    rolling = roll(gappy.days, 5)

    ended = ((rolling.end - series.hour[0]) // 86_400).tolist()
    assert ended == [5, 6, 7, 8, 9, 16, 17, 18, 19, 20]


def test_fewer_days_than_the_window_roll_nothing() -> None:
    series, flows = life(walk(24 * 3 + 1, 1))
    measured = measure(series, flows, always(series)).measured
    assert measured is not None

    assert roll(measured.days, 30).end.size == 0
