"""The track record: one fold over time that turns NAV and flows into units, for the account and its benchmarks.

Events are folded in time order: a rebalancing, an external flow, a valued hour. The state after any valued
hour is stored with it, so a normal hour folds one interval, and a late flow folds again from the hour before it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from finance.benchmark import (
    BenchmarkConfig,
    BenchmarkState,
    flow_benchmark,
    mark_benchmark,
    rebalance_benchmark,
    start_benchmark,
    value_benchmark,
)
from finance.decimals import ZERO, exact
from finance.units import UnitState, apply_flow, mark, observe, share_units

Prices = Mapping[str, Decimal]  # of the benchmarks' assets, in the valuation asset


@dataclass(frozen=True, slots=True, kw_only=True)
class Midnight:
    """A moment at which baskets may go back to their weights."""

    at: datetime
    prices: Prices


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowEvent:
    """A valued external flow."""

    at: datetime  # to the second
    transaction_id: int | None  # None: an account joined or left a portfolio
    value: Decimal
    nav_before: Decimal
    prices: Prices


@dataclass(frozen=True, slots=True, kw_only=True)
class HourEvent:
    """A valued hour. What the first one found is the opening flow, whatever its sign: who begins with debts has paid in
    less than nothing."""

    at: datetime
    hour: datetime
    nav: Decimal
    prices: Prices
    is_first: bool = False
    opening_id: int | None = None  # the ledger's entry of the opening; None: a portfolio's


Event = Midnight | FlowEvent | HourEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackState:
    """Account and benchmarks after the last event; benchmarks in the order of their configurations."""

    account: UnitState
    benchmarks: tuple[BenchmarkState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPoint:
    """What a flow did: the unit prices it was booked at and the units it made."""

    event: FlowEvent
    unit_price: Decimal
    units: Decimal
    benchmarks: tuple[tuple[Decimal, Decimal], ...]  # unit price and units of each benchmark


@dataclass(frozen=True, slots=True, kw_only=True)
class HourPoint:
    """An hour's outcome."""

    event: HourEvent
    flows: Decimal  # value of the flows since the previous valued hour
    state: TrackState
    benchmark_navs: tuple[Decimal, ...]


def start_track(configs: Sequence[BenchmarkConfig]) -> TrackState:
    """Before anything was invested."""
    return TrackState(account=UnitState(), benchmarks=tuple(start_benchmark(config) for config in configs))


@exact
def fold_track(
    configs: Sequence[BenchmarkConfig], state: TrackState, events: Iterable[Event]
) -> tuple[tuple[FlowPoint, ...], tuple[HourPoint, ...]]:
    """Flow points and hour points of `events` (in time order), starting from `state`."""
    flow_points: list[FlowPoint] = []
    hour_points: list[HourPoint] = []
    flows = ZERO
    for _, group in groupby(events, key=lambda event: (type(event), event.at)):
        together = list(group)
        first = together[0]
        if isinstance(first, Midnight):
            state = _rebalance(configs, state, first)
        elif isinstance(first, HourEvent):
            if first.is_first and first.nav:
                state, points = _flow(configs, state, [_opening(first)])
                flow_points += points
                flows += first.nav
            state, point = _mark(configs, state, first, flows)
            hour_points.append(point)
            flows = ZERO
        else:
            state, points = _flow(configs, state, [e for e in together if isinstance(e, FlowEvent)])
            flow_points += points
            flows += sum((point.event.value for point in points), ZERO)
    return tuple(flow_points), tuple(hour_points)


def _rebalance(configs: Sequence[BenchmarkConfig], state: TrackState, event: Midnight) -> TrackState:
    return replace(
        state,
        benchmarks=tuple(
            rebalance_benchmark(config, benchmark, event.prices, event.at)
            for config, benchmark in zip(configs, state.benchmarks, strict=True)
        ),
    )


def _opening(event: HourEvent) -> FlowEvent:
    return FlowEvent(
        at=event.at, transaction_id=event.opening_id, value=event.nav, nav_before=ZERO, prices=event.prices
    )


def _mark(
    configs: Sequence[BenchmarkConfig], state: TrackState, event: HourEvent, flows: Decimal
) -> tuple[TrackState, HourPoint]:
    pairs = list(zip(configs, state.benchmarks, strict=True))
    state = TrackState(
        account=observe(state.account, event.nav),
        benchmarks=tuple(mark_benchmark(config, benchmark, event.prices) for config, benchmark in pairs),
    )
    navs = tuple(value_benchmark(config, benchmark, event.prices) for config, benchmark in pairs)
    return state, HourPoint(event=event, flows=flows, state=state, benchmark_navs=navs)


def _flow(
    configs: Sequence[BenchmarkConfig], state: TrackState, together: Sequence[FlowEvent]
) -> tuple[TrackState, list[FlowPoint]]:
    first, values = together[0], [event.value for event in together]
    net = sum(values, ZERO)
    account = apply_flow(state.account, net, first.nav_before)
    booked = share_units(mark(state.account, first.nav_before), account, values)
    benchmarks, shares = [], []
    for config, before in zip(configs, state.benchmarks, strict=True):
        after = flow_benchmark(config, before, net, first.prices, first.nav_before)
        marked = mark(before.track, value_benchmark(config, before, first.prices))
        shares.append([(after.track.unit_price, units) for units in share_units(marked, after.track, values)])
        benchmarks.append(after)
    points = [
        FlowPoint(event=event, unit_price=account.unit_price, units=units, benchmarks=tuple(s[n] for s in shares))
        for n, (event, units) in enumerate(zip(together, booked, strict=True))
    ]
    return TrackState(account=account, benchmarks=tuple(benchmarks)), points
