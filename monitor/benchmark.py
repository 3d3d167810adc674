"""The benchmark: the same money, at the same moments, held in a fixed basket (50/50 BTC/ETH unless configured).

A deposit buys the basket by its weights at the deposit's own minute prices; a withdrawal sells pro rata of what the
benchmark holds, which leaves its weights alone and can't overdraw one asset. No costs: an index, so that a flow moves
account and benchmark by exactly the same amount. Policies: `never` rebalanced (what "held" says) and `monthly`
(00:00 UTC of the first). When a withdrawal is larger than the benchmark (the account beat it and took the gain out),
it sells everything and carries the rest as a debt without interest; later deposits repay it first. So NAV minus
invested is comparable to the last cent, always.

This is the index comparison method (Long & Nickels 1996) with coins, an explicit shortage rule and unitisation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from monitor.precision import ONE, ZERO, exact, stored
from monitor.units import UnitState, apply_flow, mark


class Rebalance(StrEnum):
    """When the basket is brought back to its weights."""

    NEVER = "never"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkConfig:
    """One benchmark of one account."""

    id: int
    account_id: int
    name: str
    weights: tuple[tuple[str, Decimal], ...]  # asset and share; shares add up to 1
    rebalance: Rebalance
    is_default: bool

    @property
    def assets(self) -> tuple[str, ...]:
        """The basket's assets, in the order of the stored quantities."""
        return tuple(asset for asset, _ in self.weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkState:
    """What the benchmark holds after the last event."""

    quantities: tuple[Decimal, ...]
    debt: Decimal = ZERO  # in the valuation asset
    track: UnitState = UnitState()


Prices = Mapping[str, Decimal]


def start_benchmark(config: BenchmarkConfig) -> BenchmarkState:
    """A benchmark that holds nothing yet."""
    return BenchmarkState(quantities=tuple(ZERO for _ in config.weights))


@exact
def value_benchmark(config: BenchmarkConfig, state: BenchmarkState, prices: Prices) -> Decimal:
    """NAV of the benchmark in the valuation asset; negative while it owes."""
    held = zip(config.assets, state.quantities, strict=True)
    return sum((quantity * prices[asset] for asset, quantity in held), ZERO) - state.debt


@exact
def flow_benchmark(config: BenchmarkConfig, state: BenchmarkState, value: Decimal, prices: Prices) -> BenchmarkState:
    """`state` after the account's external flow of `value`, at the flow's own `prices`."""
    nav = value_benchmark(config, state, prices)
    track = apply_flow(state.track, value, nav)
    if value >= 0:
        repaid = min(value, state.debt)
        bought = _buy(config, state.quantities, value - repaid, prices)
        return replace(state, quantities=bought, debt=state.debt - repaid, track=track)
    return replace(_sell(state, -value, nav), track=track)


def _buy(config: BenchmarkConfig, held: tuple[Decimal, ...], value: Decimal, prices: Prices) -> tuple[Decimal, ...]:
    return tuple(
        quantity + stored(value * share / prices[asset])
        for quantity, (asset, share) in zip(held, config.weights, strict=True)
    )


def _sell(state: BenchmarkState, value: Decimal, nav: Decimal) -> BenchmarkState:
    if value < nav:
        kept = ONE - value / nav
        return replace(state, quantities=tuple(stored(quantity * kept) for quantity in state.quantities))
    worth = nav + state.debt  # nothing is held while there is a debt, so one of the two is zero
    return replace(state, quantities=tuple(ZERO for _ in state.quantities), debt=state.debt + value - worth)


@exact
def rebalance_benchmark(config: BenchmarkConfig, state: BenchmarkState, prices: Prices) -> BenchmarkState:
    """`state` with the basket back at its weights; value and unit price stay."""
    nav = value_benchmark(config, state, prices)
    if nav <= 0:
        return state
    nothing = tuple(ZERO for _ in state.quantities)
    return replace(state, quantities=_buy(config, nothing, nav, prices))


@exact
def mark_benchmark(config: BenchmarkConfig, state: BenchmarkState, prices: Prices) -> BenchmarkState:
    """`state` with its unit price at `prices`."""
    return replace(state, track=mark(state.track, value_benchmark(config, state, prices)))


def month_starts(since: datetime, until: datetime) -> tuple[datetime, ...]:
    """Every 00:00 UTC of a first of the month in [since, until): when a monthly basket is rebalanced."""
    starts = []
    start = datetime(since.year, since.month, 1, tzinfo=UTC)
    while start < until:
        starts.append(start)
        start = (start + timedelta(days=32)).replace(day=1)
    return tuple(start for start in starts if start >= since)
