"""Units and benchmarks of an account, derived from its stored hours and the ledger: the same for one hour or for all.

Interval by interval between valued hours: value the flows, put rebalancings, flows and the hour in time order, fold.
Every price comes from the database; the ones it lacks are asked for by raising `PricesNeeded`, and so are the fills
that show how large a position was at a flow (`monitor.market.missing_prices`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from finance.benchmark import BenchmarkConfig, rebalancing_times
from finance.decimals import ONE
from finance.flow_values import ValuedFlow, needed_prices, value_interval
from finance.moments import EPOCH, minute_of
from finance.portfolios import is_portfolio
from finance.prices import VALUATION_ASSET
from finance.track import (
    Event,
    FlowEvent,
    FlowPoint,
    HourEvent,
    HourPoint,
    Midnight,
    Prices,
    TrackState,
    fold_track,
    start_track,
)
from monitor.accounts.store.benchmarks import load_configs
from monitor.errors import MonitorError
from monitor.ledger.store.entries import load_opening
from monitor.market.known_prices import Fetched, PriceKey, ValuationPrices, find_fills, find_prices, with_fills
from monitor.performance.changes import Change
from monitor.performance.explaining import derive_explanations
from monitor.performance.intervals import Interval, list_joined, load_intervals
from monitor.performance.store.changes import mark_portfolios, record_history_change
from monitor.performance.store.explanations import load_late_counted
from monitor.performance.store.members import load_basket_prices
from monitor.performance.store.together import keeps_trades
from monitor.performance.store.track import record_flow_points, record_flow_values, record_hour_points
from monitor.performance.store.valued_hours import ValuedHour, load_last_valued, load_track, load_valued_after
from sql.rows import Db


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What a stretch of history comes to."""

    configs: tuple[BenchmarkConfig, ...]
    flows: tuple[ValuedFlow, ...]
    flow_points: tuple[FlowPoint, ...]
    hour_points: tuple[HourPoint, ...]
    estimated: frozenset[datetime]  # hours whose NAV, or a flow in it, could not be valued exactly


def derive_history(
    db: Db, account_id: int, fetched: Fetched, *, since: datetime, current_hour: datetime | None = None
) -> None:
    """Recompute units, benchmarks and flow values of every valued hour that an event at `since` can change.

    The `current_hour` is always among them. What an account's event changes is marked in its portfolios. Raises
    PricesNeeded, or MonitorError when a benchmark's asset had no price.
    """
    if not is_portfolio(account_id):
        mark_portfolios(db, account_id, since)
    derive_again(db, account_id, fetched, since=since, current_hour=current_hour)


def derive_again(
    db: Db, account_id: int, fetched: Fetched, *, since: datetime, current_hour: datetime | None = None
) -> None:
    """The same where no event has changed anything, as for a benchmark that was added: portfolios stay true."""
    configs = load_configs(db, account_id)
    start = load_last_valued(db, account_id, taken_until=since, before=current_hour)
    state = load_track(db, configs, start) if start else None
    if state is None:
        start, state = None, start_track(configs)
    hours = load_valued_after(db, account_id, start.hour if start else EPOCH)
    if not hours:
        return
    hours_to_explain = [valued.hour for valued in ([start, *hours] if start else hours)]
    counted = load_late_counted(db, account_id, hours_to_explain[0])
    _derive_hours(db, account_id, fetched, configs, state, start, hours)
    if is_portfolio(account_id) and not keeps_trades(db, account_id):
        return
    derive_explanations(db, account_id, hours_to_explain, fetched)
    if load_late_counted(db, account_id, hours_to_explain[0]) != counted:  # then the NAV before a flow is another
        _derive_hours(db, account_id, fetched, configs, state, start, hours)


def derive_changes(
    db: Db,
    account_id: int,
    fetched: Fetched,
    changes: Sequence[Change],
    *,
    at: datetime,
    since: datetime | None = None,
    run_id: int | None = None,
) -> None:
    """Recompute what `changes` of the past change, from `since` or the first of them on, and record why it did."""
    if since or changes:
        derive_history(db, account_id, fetched, since=since or min(change.at for change in changes))
    for change in (one for one in changes if one.reason):
        record_history_change(db, account_id, since=change.at, reason=change.reason, at=at, run_id=run_id)


def _derive_hours(
    db: Db,
    account_id: int,
    fetched: Fetched,
    configs: tuple[BenchmarkConfig, ...],
    state: TrackState,
    start: ValuedHour | None,
    hours: Sequence[ValuedHour],
) -> None:
    opening_id = None if start else load_opening(db, account_id)
    intervals = load_intervals(db, account_id, start, hours)
    derived = compute_history(db, account_id, fetched, configs, state, intervals, opening_id)
    record_flow_values(db, account_id, derived.flows)
    record_hour_points(db, account_id, configs, derived.hour_points, derived.estimated)
    booked = [point for point in derived.flow_points if point.event.transaction_id is not None]
    record_flow_points(db, account_id, configs, booked)


def compute_history(
    db: Db,
    account_id: int,
    fetched: Fetched,
    configs: tuple[BenchmarkConfig, ...],
    state: TrackState,
    intervals: Sequence[Interval],
    opening_id: int | None,
) -> Derived:
    """What `intervals` come to, from `state` at their beginning; nothing is written but what was fetched."""
    fetched = fetched.of_portfolio(db) if is_portfolio(account_id) else fetched
    intervals = _add_fills(db, fetched, intervals)
    basket = sorted({asset for config in configs for asset in config.assets})
    first, last = intervals[0].hour.hour, intervals[-1].hour.hour
    at_hours = load_basket_prices(db, account_id, fetched.exchanges, basket, first, last)
    midnights = [rebalancing_times(configs, i.before.taken_at, i.hour.taken_at) if i.before else () for i in intervals]
    wanted = {(asset, minute) for found in midnights for minute in found for asset in basket}
    for interval in intervals:
        wanted |= _needed(interval, basket) | _unpriced(interval, basket, at_hours)
    prices = find_prices(db, fetched, wanted)
    events: list[Event] = []
    flows: list[ValuedFlow] = []
    estimated = set()
    for interval, inside in zip(intervals, midnights, strict=True):
        at_hour = _at_hour(interval, basket, at_hours, prices)
        valued = [_count_by_row(interval, flow) for flow in _value_entries(interval, prices)]
        rebalancings = [Midnight(at=midnight, prices=_basket_at(basket, midnight, prices)) for midnight in inside]
        events += _order([*rebalancings, *_flow_events(valued, basket, prices)])
        events += list_joined(interval, at_hour)
        events.append(_hour_event(interval, at_hour, opening_id))
        flows += valued
        if interval.hour.estimate or any(flow.is_estimated for flow in valued):
            estimated.add(interval.hour.hour)
    flow_points, hour_points = fold_track(configs, state, events)
    return Derived(
        configs=configs,
        flows=tuple(flows),
        flow_points=flow_points,
        hour_points=hour_points,
        estimated=frozenset(estimated),
    )


def _add_fills(db: Db, fetched: Fetched, intervals: Sequence[Interval]) -> list[Interval]:
    """`intervals` with the fills that show how large positions were at flows. Raises PricesNeeded."""
    found = find_fills(db, fetched, [(i.held, i.entries) for i in intervals if i.held])
    return [replace(i, held=with_fills(i.held, found)) if i.held and found else i for i in intervals]


def _needed(interval: Interval, basket: Iterable[str]) -> set[PriceKey]:
    if interval.held is None:
        return set()
    minutes = {minute_of(entry.second) for entry in interval.entries}
    return needed_prices(interval.held, interval.entries) | {(asset, m) for asset in basket for m in minutes}


AtHours = dict[datetime, dict[str, Decimal]]


def _unpriced(interval: Interval, basket: Iterable[str], at_hours: AtHours) -> set[PriceKey]:
    """Prices of basket assets that the hour's own run did not read: a benchmark that was added later."""
    known = at_hours.get(interval.hour.hour, {}).keys() | {VALUATION_ASSET}
    return {(asset, minute_of(interval.hour.taken_at)) for asset in basket if asset not in known}


def _at_hour(interval: Interval, basket: Iterable[str], at_hours: AtHours, prices: ValuationPrices) -> Prices:
    later = {asset: _price_of(asset, m, prices) for asset, m in _unpriced(interval, basket, at_hours)}
    return {VALUATION_ASSET: ONE} | at_hours.get(interval.hour.hour, {}) | later


def _value_entries(interval: Interval, prices: ValuationPrices) -> tuple[ValuedFlow, ...]:
    if interval.held is None or interval.found is None:
        return ()
    return value_interval(interval.held, interval.found, interval.entries, prices)


def _count_by_row(interval: Interval, flow: ValuedFlow) -> ValuedFlow:
    """The accounts of a portfolio are read seconds apart: what one gets between its reading and the row's moment is
    not in the row, and counts from then on."""
    row_at = interval.before.taken_at if interval.before else flow.entry.second
    return replace(flow, counts_from=row_at) if flow.entry.second < row_at else flow


def _order(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.at, not isinstance(event, Midnight)))


def _hour_event(interval: Interval, prices: Prices, opening_id: int | None) -> HourEvent:
    hour = interval.hour
    return HourEvent(
        at=hour.taken_at,
        hour=hour.hour,
        nav=hour.nav,
        prices=prices,
        is_first=interval.before is None,
        opening_id=opening_id if interval.before is None else None,
    )


def _basket_at(basket: Iterable[str], minute: datetime, prices: ValuationPrices) -> Prices:
    return {asset: _price_of(asset, minute, prices) for asset in basket}


def _price_of(asset: str, minute: datetime, prices: ValuationPrices) -> Decimal:
    if price := prices.get((asset, minute)):
        return price.value
    raise MonitorError(
        f"Computing the benchmark: the exchange has no price of {asset} at {minute:%Y-%m-%d %H:%M} UTC. Choose "
        "benchmark assets that traded for the whole of the account's history (python -m monitor benchmark)."
    )


def _flow_events(flows: Iterable[ValuedFlow], basket: Sequence[str], prices: ValuationPrices) -> Iterable[FlowEvent]:
    for flow in flows:
        if flow.value is not None and flow.nav_before is not None:
            yield FlowEvent(
                at=flow.entry.second,
                transaction_id=flow.entry.id,
                value=flow.value,
                nav_before=flow.nav_before,
                prices=_basket_at(basket, minute_of(flow.entry.second), prices),
            )
