"""The same series in independent libraries, told our conventions (365 days, risk-free rate 0)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
import pyxirr
from pyxirr import pe as private_equity

from finance.measures import measure
from finance.measures.money_weighted import CashFlows, annual_money_weighted_return, solve
from finance.measures.outcome import Measure
from finance.measures.public_market import direct_alpha, kaplan_schoar
from tests.finance.measures.notation import YEAR, always, at, daily, life


def empyrical() -> Any:
    """The library; whoever only collects the tests need not import it, and pandas with it."""
    import empyrical as library

    return library


RNG = np.random.default_rng(20_260_101)
BENCHMARK = RNG.normal(0.0006, 0.03, 800)
ACCOUNT = 0.8 * BENCHMARK + RNG.normal(0.0003, 0.01, 800)
LIFE = life(daily(ACCOUNT), daily(BENCHMARK))
FOUND = measure(*LIFE, always(LIFE[0]))

ORACLES: dict[str, Callable[[], float]] = {
    "time_weighted_return": lambda: empyrical().cum_returns_final(ACCOUNT),
    "annual_return": lambda: empyrical().annual_return(ACCOUNT, annualization=365),
    "volatility": lambda: empyrical().annual_volatility(ACCOUNT, annualization=365),
    "sharpe_ratio": lambda: empyrical().sharpe_ratio(ACCOUNT, annualization=365),
    "sortino_ratio": lambda: empyrical().sortino_ratio(ACCOUNT, annualization=365),
    "calmar_ratio": lambda: empyrical().calmar_ratio(ACCOUNT, annualization=365),
    "max_drawdown": lambda: empyrical().max_drawdown(ACCOUNT),
    "beta": lambda: empyrical().beta(ACCOUNT, BENCHMARK),
    # empyrical compounds alpha; ours is the daily alpha times 365.
    "alpha": lambda: ((1 + empyrical().alpha(ACCOUNT, BENCHMARK, annualization=365)) ** (1 / 365) - 1) * 365,
    "r_squared": lambda: np.corrcoef(ACCOUNT, BENCHMARK)[0, 1] ** 2,
    "tracking_error": lambda: empyrical().annual_volatility(ACCOUNT - BENCHMARK, annualization=365),
    # empyrical doesn't scale it to a year.
    "information_ratio": lambda: empyrical().excess_sharpe(ACCOUNT, BENCHMARK) * 365**0.5,
    "value_at_risk": lambda: empyrical().value_at_risk(ACCOUNT, cutoff=0.05),
    "up_capture": lambda: ACCOUNT[BENCHMARK > 0].mean() / BENCHMARK[BENCHMARK > 0].mean(),
    "down_capture": lambda: ACCOUNT[BENCHMARK < 0].mean() / BENCHMARK[BENCHMARK < 0].mean(),
    "average_day": ACCOUNT.mean,
    "best_day": ACCOUNT.max,
    "worst_day": ACCOUNT.min,
}


@pytest.mark.parametrize("name", ORACLES)
def test_a_measure_is_that_of_empyrical_or_numpy(name: str) -> None:
    assert FOUND.figures[name].account.value == pytest.approx(ORACLES[name](), rel=1e-9)


def test_shortfall_is_that_of_empyrical_where_the_quantile_is_a_return() -> None:
    returns = ACCOUNT[:401]  # 5 % of 400 steps: the 21st lowest return itself
    series, flows = life(daily(returns))
    found = measure(series, flows, always(series))

    assert found.figures["conditional_value_at_risk"].account.value == pytest.approx(
        empyrical().conditional_value_at_risk(returns, cutoff=0.05), rel=1e-9
    )


EARLY = 1e-7  # pyxirr stops within 1e-9 of the flows, ours at the last bit (test_laws)


def random_dates(seed: int, count: int = 40) -> tuple[list[date], np.ndarray, np.ndarray]:
    """Dates, investor's flows and an index: money in, now and then out, and a final value."""
    rng = np.random.default_rng(seed)
    days = np.sort(rng.choice(1_500, count, replace=False))
    amounts = -rng.uniform(10, 1_000, count)
    amounts[rng.random(count) < 0.3] *= -0.5
    amounts[0], amounts[-1] = -1_000, -amounts[1:-1].sum() * rng.uniform(0.7, 1.6) + 1_500
    index = 100 * np.exp(np.cumsum(rng.normal(0, 0.05, count)))
    return [date.fromordinal(date(2022, 1, 1).toordinal() + int(day)) for day in days], amounts, index


def cash(dates: list[date], amounts: np.ndarray) -> CashFlows:
    return CashFlows(at=np.array([int(at(day.isoformat()).timestamp()) for day in dates]), amount=amounts)


@pytest.mark.parametrize("seed", range(20))
def test_xirr_and_market_equivalents_are_those_of_pyxirr(seed: int) -> None:
    dates, amounts, index = random_dates(seed)
    flows = cash(dates, amounts)

    assert annual_money_weighted_return(solve(flows)).value == pytest.approx(pyxirr.xirr(dates, amounts), rel=EARLY)
    assert kaplan_schoar(flows, index).value == pytest.approx(private_equity.ks_pme(amounts, index, 0), rel=1e-9)
    grown = amounts * index[-1] / index
    assert direct_alpha(flows, index).value == pytest.approx(pyxirr.xirr(dates, grown), rel=EARLY)


def test_flows_of_one_day_keep_their_seconds() -> None:
    """Where only dates count, both flows of a day are one; the rate by the second solves the equation."""
    times = [at("2026-01-01"), at("2026-01-01 23:00"), at("2027-06-01")]
    flows = CashFlows(at=np.array([int(t.timestamp()) for t in times]), amount=np.array([-100.0, -10_000, 11_500]))

    rate = annual_money_weighted_return(solve(flows)).value

    assert rate is not None
    years = np.array([(t - times[0]).total_seconds() / YEAR for t in times])
    assert (flows.amount * (1 + rate) ** -years).sum() == pytest.approx(0, abs=1e-8)
    assert rate != pytest.approx(pyxirr.xirr([t.date() for t in times], flows.amount), rel=1e-5)


def test_an_unavailable_measure_is_not_equal_to_a_zero() -> None:
    with pytest.raises(ValueError, match="either a value or a reason"):
        Measure()
