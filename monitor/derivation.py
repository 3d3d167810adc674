"""Units and benchmarks of an account, derived from its stored hours and the ledger: the same for one hour or for all.

Interval by interval between valued hours: value the flows, put rebalancings, flows and the hour in time order, fold.
Every price comes from the database or from the `PriceBook`; one that neither has is asked for by raising
`PricesNeeded`, the caller fetches it and starts the transaction again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from monitor.benchmark import BenchmarkConfig, month_starts
from monitor.flows import KnownPrice, LedgerEntry, ValuedFlow, doubt_quantities, needed_prices, value_flows
from monitor.precision import ONE, total
from monitor.prices import VALUATION_ASSET
from monitor.store import Db
from monitor.store.history import ValuedHour, load_configs, load_last_valued, load_track, load_valued_after
from monitor.store.ledger import load_flows_between
from monitor.store.members import Member, load_basket_prices, load_members
from monitor.store.observations import load_basis, load_minute_prices, record_minute_prices
from monitor.store.track import record_flow_points, record_flow_values, record_hour_points
from monitor.track import Event, FlowEvent, HourEvent, MonthStart, Prices, fold_track, start_track

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PriceKey = tuple[str, datetime]  # asset and minute


class PricesNeeded(Exception):
    """Prices of past minutes that must be fetched before the derivation can go on."""

    def __init__(self, keys: set[PriceKey]) -> None:
        super().__init__(f"{len(keys)} minute prices")
        self.keys = keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose history is derived, and at which exchange's prices."""

    account_id: int
    exchange: str
    fetched: dict[PriceKey, KnownPrice | None]  # what was fetched for PricesNeeded; None: no such price exists


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The time between two valued hours (or before the first)."""

    before: ValuedHour | None
    hour: ValuedHour
    members_before: tuple[Member, ...]
    members: tuple[Member, ...]
    entries: tuple[LedgerEntry, ...]


def derive_history(
    db: Db, scope: Scope, *, since: datetime, current_hour: datetime, opening_id: int | None = None
) -> None:
    """Recompute units, benchmarks and flow values of every valued hour that an event at `since` can change.

    The `current_hour` is always among them. `opening_id` is the ledger entry of the opening, when the first valued hour is among them.
    """
    configs = load_configs(db, scope.account_id)
    start = load_last_valued(db, scope.account_id, taken_until=since, before=current_hour)
    hours = load_valued_after(db, scope.account_id, start.hour if start else EPOCH)
    if not hours:
        return
    state = load_track(db, configs, start) if start else start_track(configs)
    intervals = _load_intervals(db, scope, start, hours)
    events, flows, estimated = _list_events(db, scope, configs, intervals, opening_id)
    flow_points, hour_points = fold_track(configs, state, events)
    record_flow_values(db, scope.account_id, flows)
    record_hour_points(db, scope.account_id, configs, hour_points, estimated)
    record_flow_points(db, scope.account_id, configs, [p for p in flow_points if p.event.transaction_id is not None])


def _load_intervals(
    db: Db, scope: Scope, start: ValuedHour | None, hours: Sequence[ValuedHour]
) -> tuple[Interval, ...]:
    first = start or hours[0]
    members = load_members(db, scope.account_id, first.hour)
    accounts = {member.account_id for part in members.values() for member in part}
    entries = load_flows_between(db, accounts, first.taken_at, hours[-1].taken_at)
    pairs = pairwise([start, *hours] if start else [None, *hours])
    return tuple(_interval(before, hour, members, entries) for before, hour in pairs if hour)


def _interval(
    before: ValuedHour | None,
    hour: ValuedHour,
    members: dict[datetime, tuple[Member, ...]],
    entries: Iterable[LedgerEntry],
) -> Interval:
    before_members = members.get(before.hour, ()) if before else ()
    after_members = members.get(hour.hour, ())
    # Flows of an account that joins or leaves are part of what it brings or takes.
    stayed = {m.account_id for m in before_members} & {m.account_id for m in after_members}
    inside = (e for e in entries if before and before.taken_at <= e.second < hour.taken_at)
    return Interval(
        before=before,
        hour=hour,
        members_before=before_members,
        members=after_members,
        entries=tuple(e for e in inside if e.account_id in stayed),
    )


def _list_events(
    db: Db, scope: Scope, configs: Sequence[BenchmarkConfig], intervals: Sequence[Interval], opening_id: int | None
) -> tuple[list[Event], list[ValuedFlow], set[datetime]]:
    basket = sorted({asset for config in configs for asset in config.assets})
    at_hours = load_basket_prices(db, scope.account_id, scope.exchange, basket, intervals[0].hour.hour)
    events: list[Event] = []
    flows: list[ValuedFlow] = []
    estimated: set[datetime] = set()
    for interval in intervals:
        at_hour = at_hours[interval.hour.hour] | {VALUATION_ASSET: ONE}
        inside, valued = _inside(db, scope, interval, basket, at_hour)
        events += inside
        events.append(_hour_event(interval, at_hour, opening_id))
        flows += valued
        if any(flow.is_estimated for flow in valued):
            estimated.add(interval.hour.hour)
    return events, flows, estimated


def _hour_event(interval: Interval, prices: Prices, opening_id: int | None) -> HourEvent:
    hour = interval.hour
    opening = opening_id if interval.before is None else None
    return HourEvent(at=hour.taken_at, hour=hour.hour, nav=hour.nav, prices=prices, opening_id=opening)


def _inside(
    db: Db, scope: Scope, interval: Interval, basket: Sequence[str], at_hour: Prices
) -> tuple[list[Event], tuple[ValuedFlow, ...]]:
    """Rebalancings, flows and changed membership of an interval, in time order."""
    if interval.before is None:
        return [], ()
    months = month_starts(interval.before.taken_at, interval.hour.taken_at)
    valued = value_interval(db, scope, interval, basket) if interval.entries else ()
    wanted = {(asset, m) for m in months for asset in basket}
    wanted |= {(asset, f.entry.second.replace(second=0)) for f in valued for asset in basket}
    prices = find_prices(db, scope, wanted)
    events: list[Event] = [MonthStart(at=m, prices=_basket_at(basket, m, prices)) for m in months]
    events += [
        _flow_event(flow, _basket_at(basket, flow.entry.second.replace(second=0), prices))
        for flow in valued
        if flow.value is not None and flow.nav_before is not None
    ]
    events.sort(key=lambda event: (event.at, not isinstance(event, MonthStart)))
    return [*events, *_membership(interval, at_hour)], valued


def value_interval(db: Db, scope: Scope, interval: Interval, basket: Sequence[str]) -> tuple[ValuedFlow, ...]:
    """The interval's flows, valued from the snapshots before it and compared with those after it."""
    basis = load_basis(db, [member.snapshot_id for member in interval.members_before])
    minutes = {(asset, entry.second.replace(second=0)) for entry in interval.entries for asset in basket}
    prices = find_prices(db, scope, needed_prices(basis, interval.entries) | minutes)
    valued = value_flows(basis, interval.entries, prices)
    found = load_basis(db, [member.snapshot_id for member in interval.members])
    return doubt_quantities(basis, valued, found.quantities, found.prices)


def find_prices(db: Db, scope: Scope, keys: set[PriceKey]) -> dict[PriceKey, KnownPrice]:
    """Those of the minute prices `keys` that exist. Raises PricesNeeded for those nobody has looked up yet."""
    found = load_minute_prices(db, scope.exchange, keys)
    found |= {(a, m): KnownPrice(value=ONE, route=VALUATION_ASSET) for a, m in keys if a == VALUATION_ASSET}
    missing = keys - found.keys()
    unasked = missing - scope.fetched.keys()
    if unasked:
        raise PricesNeeded(unasked)
    fresh = {key: price for key in missing if (price := scope.fetched[key]) is not None}
    record_minute_prices(db, scope.exchange, fresh)
    return found | fresh


def _basket_at(basket: Sequence[str], minute: datetime, prices: dict[PriceKey, KnownPrice]) -> Prices:
    return {asset: prices[asset, minute].value for asset in basket}


def _flow_event(flow: ValuedFlow, prices: Prices) -> FlowEvent:
    assert flow.value is not None and flow.nav_before is not None  # filtered by the caller
    return FlowEvent(
        at=flow.entry.second,
        transaction_id=flow.entry.id,
        value=flow.value,
        nav_before=flow.nav_before,
        prices=prices,
    )


def _membership(interval: Interval, prices: Prices) -> list[FlowEvent]:
    """In the combined row an account that joins or leaves is a flow of its whole NAV, at the hour's own moment."""
    before = {member.account_id: member.nav for member in interval.members_before}
    after = {member.account_id: member.nav for member in interval.members}
    joined = total(nav for account, nav in after.items() if account not in before)
    left = total(nav for account, nav in before.items() if account not in after)
    if joined == left == 0:
        return []
    at, nav_before = interval.hour.taken_at, total((interval.hour.nav, -joined, left))
    return [FlowEvent(at=at, transaction_id=None, value=total((joined, -left)), nav_before=nav_before, prices=prices)]
