"""Lives of accounts in the words of the measures: prices hour by hour, money in and out, what was not measured."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import ArrayLike

from finance.measures import Flows, Period, Series, Track
from finance.measures.series import HOUR, Floats

YEAR = 31_536_000
LATE = 130  # seconds after the full hour at which balances are read


def at(text: str) -> datetime:
    """'2026-01-01' or '2026-01-01 03:00', UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def life(
    account: ArrayLike,
    benchmark: ArrayLike | None = None,
    *,
    flows: Mapping[int, float] | None = None,
    opening: float = 1_000,
    start: str = "2026-01-01",
) -> tuple[Series, Flows]:
    """Unit prices every hour from `start`; a flow stands at the number of the hour it follows by ten minutes.

    Both sides get the same money, booked at the price of the hour before it.
    """
    flows = flows or {}
    prices = np.asarray(account, float), np.asarray(account if benchmark is None else benchmark, float)
    first = int(at(start).timestamp())
    hour = first + HOUR * np.arange(prices[0].size)
    money = np.zeros(hour.size)
    for index, amount in flows.items():
        money[index + 1] += amount
    money[0] = opening
    booked = [np.concatenate((price[:1], price[:-1])) for price in prices]
    tracks = [_track(price, money, before) for price, before in zip(prices, booked, strict=True)]
    numbers = np.array(sorted(flows), int)
    listed = Flows(
        at=np.concatenate(([hour[0] + LATE], hour[numbers] + LATE + 600)).astype(np.int64),
        amount=np.array([opening, *(flows[i] for i in sorted(flows))], float),
        unit_price=np.concatenate((prices[0][:1], prices[0][numbers])),
        benchmark_unit_price=np.concatenate((prices[1][:1], prices[1][numbers])),
        is_opening=np.arange(numbers.size + 1) == 0,
    )
    series = Series(
        hour=hour,
        taken_at=hour + LATE,
        contributed=np.cumsum(money),
        benchmark_contributed=np.cumsum(money),
        losses=np.zeros_like(hour),
        account=tracks[0],
        benchmark=tracks[1],
    )
    return series, listed


def _track(prices: Floats, money: Floats, booked: Floats) -> Track:
    units = np.cumsum(money / booked)
    return Track(nav=units * prices, unit_price=prices, invested=units > 1e-12)


def without(series: Series, rows: Sequence[int]) -> Series:
    """The same life, measured less often: gaps at `rows`."""
    prices = series.account.unit_price.copy()
    prices[list(rows)] = np.nan
    account = Track(nav=series.account.nav, unit_price=prices, invested=series.account.invested)
    return Series(
        hour=series.hour,
        taken_at=series.taken_at,
        contributed=series.contributed,
        benchmark_contributed=series.benchmark_contributed,
        losses=series.losses,
        account=account,
        benchmark=series.benchmark,
    )


def always(series: Series) -> Period:
    """The whole series."""
    first, last = (datetime.fromtimestamp(int(t), UTC) for t in series.hour[[0, -1]])
    return Period(start=first, end=last + timedelta(hours=1))


def walk(hours: int, seed: int, volatility: float = 0.005) -> Floats:
    """A random path of hourly prices from 100."""
    steps = np.random.default_rng(seed).normal(0.00002, volatility, hours - 1)
    return 100 * np.exp(np.concatenate(([0.0], np.cumsum(steps))))


def daily(returns: ArrayLike) -> Floats:
    """Hourly prices whose returns from midnight to midnight are `returns`."""
    ends = 100 * np.cumprod([1.0, *(1 + np.asarray(returns, float))])
    hours = np.arange(24 * (ends.size - 1) + 1) / 24
    prices: Floats = np.exp(np.interp(hours, np.arange(ends.size), np.log(ends)))
    return prices
