"""The benchmark: the same money, at the same moments, held in a fixed basket (50/50 BTC/ETH unless configured).

A deposit buys the basket by its weights at the deposit's own minute prices; a withdrawal sells pro rata of what the
benchmark holds, which leaves its weights alone and can't overdraw one asset. Without a fee (the default) it is an
index, so that a flow moves account and benchmark by exactly the same amount. When a withdrawal is larger than the
benchmark (the account beat it and took the gain out), it sells everything and carries the rest as a debt without
interest; later deposits repay it first. So NAV minus invested is comparable to the last cent, always.

Options: when the basket goes back to its weights (never, at each month's or day's start, or when a weight is off by
more than a band at a day's start), a fee on everything it buys and sells, and withdrawals of the same fraction of its
NAV instead of the same amount (the modified PME of Cambridge Associates, 2013). What a fee costs when money comes in
lowers the unit price; when money goes out the units that had to be sold are gone, and the price stays.

The default is the index comparison method (Long & Nickels 1996) with coins, an explicit shortage rule and unitisation.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from finance.decimals import ONE, ZERO, exact, stored
from finance.units import UnitState, apply_flow, observe


class Rebalance(StrEnum):
    """When the basket is brought back to its weights."""

    NEVER = "never"
    MONTHLY = "monthly"
    DAILY = "daily"
    BAND = "band"  # at 00:00 UTC, when a weight is further from its share than the band


class Withdrawals(StrEnum):
    """What the benchmark pays out when the account does."""

    SAME_AMOUNT = "same_amount"
    SAME_FRACTION = "same_fraction"  # of its own NAV; its invested money then differs from the account's


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkConfig:
    """One benchmark of one account."""

    id: int
    account_id: int
    name: str
    weights: tuple[tuple[str, Decimal], ...]  # asset and share; shares add up to 1
    rebalance: Rebalance
    is_default: bool = False
    band: Decimal | None = None
    fee: Decimal = ZERO  # share of everything bought or sold
    withdrawals: Withdrawals = Withdrawals.SAME_AMOUNT

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
def flow_benchmark(
    config: BenchmarkConfig, state: BenchmarkState, value: Decimal, prices: Prices, account_nav: Decimal
) -> BenchmarkState:
    """`state` after the account's external flow of `value`, at the flow's own `prices`.

    `account_nav` is the account's NAV just before the flow: what a withdrawal of the same fraction is a fraction of. Of
    nothing there is no fraction: what such an account takes out, or owes when it begins, is the same amount.
    """
    nav = value_benchmark(config, state, prices)
    if value < 0 < account_nav and config.withdrawals is Withdrawals.SAME_FRACTION:
        return _sell_fraction(config, state, -value / account_nav, nav)
    if value < 0:
        return _sell(config, state, -value, nav)
    repaid = min(value, state.debt)
    bought = _buy(config, state.quantities, value - repaid, prices)
    track = apply_flow(state.track, value, nav)
    return replace(state, quantities=bought, debt=state.debt - repaid, track=track)


def _buy(config: BenchmarkConfig, held: tuple[Decimal, ...], value: Decimal, prices: Prices) -> tuple[Decimal, ...]:
    spent = value * (ONE - config.fee)
    return tuple(
        quantity + stored(spent * share / prices[asset])
        for quantity, (asset, share) in zip(held, config.weights, strict=True)
    )


def _sell(config: BenchmarkConfig, state: BenchmarkState, value: Decimal, nav: Decimal) -> BenchmarkState:
    state = replace(state, track=_redeem(config, state.track, value, nav))
    sold = value / (ONE - config.fee)
    if sold < nav:
        return _keep(state, ONE - sold / nav)
    worth = (nav + state.debt) * (ONE - config.fee)  # nothing is held while there is a debt: one of the two is zero
    return replace(_keep(state, ZERO), debt=state.debt + value - worth)


def _redeem(config: BenchmarkConfig, track: UnitState, paid: Decimal, nav: Decimal) -> UnitState:
    """`track` after paying out: the units go that had to be sold, so what stays does not pay for what leaves.

    A fund's exit load does the same: a unit is redeemed at its price times (1 - fee).
    """
    return replace(apply_flow(track, -paid / (ONE - config.fee), nav), invested=track.invested - paid)


def _sell_fraction(config: BenchmarkConfig, state: BenchmarkState, fraction: Decimal, nav: Decimal) -> BenchmarkState:
    fraction = min(fraction, ONE)
    paid = stored(max(nav, ZERO) * fraction * (ONE - config.fee))
    return replace(_keep(state, ONE - fraction), track=_redeem(config, state.track, paid, nav))


def _keep(state: BenchmarkState, share: Decimal) -> BenchmarkState:
    return replace(state, quantities=tuple(stored(quantity * share) for quantity in state.quantities))


@exact
def rebalance_benchmark(config: BenchmarkConfig, state: BenchmarkState, prices: Prices, at: datetime) -> BenchmarkState:
    """`state` with the basket back at its weights, where the configuration says so at this midnight.

    Without a fee, value and unit price stay.
    """
    nav = value_benchmark(config, state, prices)
    if nav <= 0 or not _is_due(config, state, prices, at, nav):
        return state
    values = [quantity * prices[asset] for asset, quantity in zip(config.assets, state.quantities, strict=True)]
    after = _value_after_fees(values, [share for _, share in config.weights], (ONE - config.fee) ** 2)
    return replace(state, quantities=tuple(stored(after * share / prices[asset]) for asset, share in config.weights))


def _is_due(config: BenchmarkConfig, state: BenchmarkState, prices: Prices, at: datetime, nav: Decimal) -> bool:
    if config.rebalance is Rebalance.MONTHLY:
        return at.day == 1
    if config.rebalance is not Rebalance.BAND:
        return config.rebalance is Rebalance.DAILY
    held = zip(state.quantities, config.weights, strict=True)
    assert config.band is not None  # the database's check
    return max(abs(quantity * prices[asset] / nav - share) for quantity, (asset, share) in held) > config.band


def _value_after_fees(values: Sequence[Decimal], shares: Sequence[Decimal], after_fee: Decimal) -> Decimal:
    """What the basket is worth at its weights, when `after_fee` of each amount sold arrives where it is bought.

    Sold from the heavy ones: sum(h - w V); bought of the light ones: sum(w V - l) = after_fee x sold. Solved for V; an asset
    may turn heavy as V falls, so the set is found by repetition.
    """
    value = sum(values, ZERO)
    heavy: set[int] = set()
    while True:
        found = {i for i, share in enumerate(shares) if values[i] > share * value}
        if after_fee == ONE or found == heavy:
            return value
        heavy = found
        factors = [after_fee if i in heavy else ONE for i in range(len(shares))]
        money = sum((f * v for f, v in zip(factors, values, strict=True)), ZERO)
        value = money / sum((f * w for f, w in zip(factors, shares, strict=True)), ZERO)


@exact
def mark_benchmark(config: BenchmarkConfig, state: BenchmarkState, prices: Prices) -> BenchmarkState:
    """`state` with its unit price at `prices`."""
    return replace(state, track=observe(state.track, value_benchmark(config, state, prices)))


def rebalancing_times(configs: Iterable[BenchmarkConfig], since: datetime, until: datetime) -> tuple[datetime, ...]:
    """Every 00:00 UTC in [since, until) at which one of `configs` may be rebalanced."""
    policies = {config.rebalance for config in configs}
    daily = bool(policies & {Rebalance.DAILY, Rebalance.BAND})
    if not daily and Rebalance.MONTHLY not in policies:
        return ()
    first = datetime(since.year, since.month, since.day, tzinfo=UTC)
    midnights = (first + timedelta(days=day) for day in range((until - first).days + 1))
    return tuple(at for at in midnights if since <= at < until and (daily or at.day == 1))
