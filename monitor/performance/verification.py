"""Every stored figure computed again from the ledger and the stored prices, and what differs.

Units, unit price and benchmarks come out of the same fold as every hour, from the first hour to the last; holdings,
NAVs and portfolios are added up again by the database, and the highest unit prices looked for in all. Nothing is written and no exchange is asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

from finance.attribution.explanation import Explanation
from finance.moments import EPOCH, HOUR
from finance.portfolios import is_portfolio
from finance.track import TrackState, start_track
from monitor.accounts.store.benchmarks import load_configs
from monitor.errors import MonitorError
from monitor.ledger.store.entries import load_opening
from monitor.market.known_prices import Fetched, PricesNeeded
from monitor.performance.derivation import Derived, compute_history
from monitor.performance.explaining import compute_explanations
from monitor.performance.intervals import load_intervals
from monitor.performance.store.changes import Recomputation, load_recomputation
from monitor.performance.store.explanations import load_explanations
from monitor.performance.store.highs import load_wrong_highs
from monitor.performance.store.stored_rows import (
    load_accounts_with_history,
    load_benchmark_flow_rows,
    load_benchmark_rows,
    load_broken_sums,
    load_flow_rows,
    load_hour_rows,
    load_surplus,
)
from monitor.performance.store.together import keeps_trades
from monitor.performance.store.valued_hours import ValuedHour, load_valued_after
from monitor.performance.trades import HourlyBooks, TradesAgain
from sql.rows import Db

CHUNK = 2_000  # hours computed at a time: memory does not grow with history
Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Difference:
    """One stored figure that is not what the ledger and the prices give."""

    account: str
    at: datetime
    figure: str
    stored: object
    computed: object

    def __str__(self) -> str:
        """The line that is printed."""
        return f"{self.account}  {self.at:%Y-%m-%d %H:%M:%S}  {self.figure}: stored {self.stored}, computed {self.computed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """How much was looked at and what differs."""

    hours: int
    differences: tuple[Difference, ...]
    waiting: tuple[str, ...] = ()  # what the next run computes again, and is not compared before


def verify(db: Db) -> Verified:
    """Every stored figure of every account and portfolio compared with what it is computed from."""
    hours, found, waiting, sums = 0, [], [], load_broken_sums(db)
    for account_id, label, exchange in load_accounts_with_history(db):
        valued = load_valued_after(db, account_id, EPOCH)
        hours += len(valued)
        fetched, compared, until = Fetched(exchange=exchange), valued, None
        if again := load_recomputation(db, account_id):
            waiting.append(_describe_waiting(label, again))
            compared = tuple(hour for hour in valued if hour.taken_at <= again.since)
            until = compared[-1].taken_at if compared else EPOCH
        found += list(_verify_track(db, account_id, fetched, label, compared, until))
        if not is_portfolio(account_id) or keeps_trades(db, account_id):
            found += list(_verify_explanations(db, account_id, label, [one.hour for one in compared], is_all=not again))
        if is_portfolio(account_id) and again:
            sums = tuple(one for one in sums if one.label != label or one.at + HOUR <= again.since)
    broken = [
        Difference(account=one.label, at=one.at, figure=one.figure, stored=one.stored, computed=one.computed)
        for one in (*sums, *load_wrong_highs(db))
    ]
    return Verified(hours=hours, differences=(*broken, *found), waiting=tuple(waiting))


def _describe_waiting(label: str, again: Recomputation) -> str:
    line = f"{label}: not compared from {again.since:%Y-%m-%d %H:%M} UTC on, which the next run computes again"
    return f"{line}: {again.reason}" if again.reason else f"{line} (python -m monitor run)"


def _verify_track(
    db: Db,
    account_id: int,
    fetched: Fetched,
    label: str,
    hours: Sequence[ValuedHour],
    until: datetime | None,
) -> Iterator[Difference]:
    configs = load_configs(db, account_id)
    state, start = start_track(configs), None
    opening_id = load_opening(db, account_id)
    booked: set[int] = set()
    for begin in range(0, len(hours), CHUNK):
        chunk = hours[begin : begin + CHUNK]
        try:
            derived = _compute(db, account_id, fetched, state, start, chunk, opening_id)
        except MonitorError as failure:  # a price is missing that the hours were once computed with
            yield Difference(account=label, at=chunk[0].hour, figure="units", stored="from here on", computed=failure)
            return
        yield from _compare_hours(db, account_id, label, derived)
        yield from _compare_flows(db, account_id, label, derived)
        booked |= {flow.entry.id or 0 for flow in derived.flows}
        booked |= {point.event.transaction_id or 0 for point in derived.flow_points}
        state, start = derived.hour_points[-1].state, chunk[-1]
    for one in load_surplus(db, account_id, booked):
        if until is None or one.at < until:
            yield Difference(account=label, at=one.at, figure=one.figure, stored=one.stored, computed="nothing")


def _compute(
    db: Db,
    account_id: int,
    fetched: Fetched,
    state: TrackState,
    start: ValuedHour | None,
    hours: Sequence[ValuedHour],
    opening_id: int | None,
) -> Derived:
    configs = load_configs(db, account_id)
    intervals = load_intervals(db, account_id, start, hours)
    while True:
        try:
            return compute_history(db, account_id, fetched, configs, state, intervals, opening_id)
        except PricesNeeded as needed:  # not stored: such a flow is pending valuation or estimated, here as there
            fetched = fetched.add(needed.keys, dict.fromkeys(needed.fills, ()))


def _compare_hours(db: Db, account_id: int, label: str, derived: Derived) -> Iterator[Difference]:
    first, last = derived.hour_points[0].event.hour, derived.hour_points[-1].event.hour
    hour_rows = load_hour_rows(db, account_id, first, last)
    benchmark_rows = load_benchmark_rows(db, [config.id for config in derived.configs], first, last)
    for point in derived.hour_points:
        hour, account = point.event.hour, point.state.account
        computed = _fields(account) | {"flows": point.flows, "estimated": hour in derived.estimated}
        yield from _compare(label, hour, "", hour_rows[hour], computed)
        for config, benchmark, nav in zip(derived.configs, point.state.benchmarks, point.benchmark_navs, strict=True):
            held = {"nav": nav, "debt": benchmark.debt, "quantities": list(benchmark.quantities)}
            stored = benchmark_rows.get((config.id, hour), {})
            yield from _compare(label, hour, f"benchmark {config.name} ", stored, _fields(benchmark.track) | held)


def _compare_flows(db: Db, account_id: int, label: str, derived: Derived) -> Iterator[Difference]:
    points = {point.event.transaction_id or 0: point for point in derived.flow_points}
    flows = {flow.entry.id or 0: flow for flow in derived.flows}
    stored = load_flow_rows(db, account_id, points.keys() | flows.keys())
    for number, flow in flows.items():
        price = flow.price.value if flow.price else None
        computed = {
            "occurred_at": flow.at,
            "price": price,
            "nav_before": flow.nav_before,
            "estimated": flow.is_estimated,
        }
        if number not in points:  # pending valuation
            computed |= {"value": flow.value, "unit_price": None, "units": None}
        yield from _compare(label, flow.entry.second, "flow ", stored.get(number, {}), computed)
    for number, point in points.items():
        computed = {"value": point.event.value, "unit_price": point.unit_price, "units": point.units}
        if number:  # an account that joins or leaves a portfolio has no entry
            yield from _compare(label, point.event.at, "flow ", stored.get(number, {}), computed)
    yield from _compare_benchmark_flows(db, label, derived)


def _compare_benchmark_flows(db: Db, label: str, derived: Derived) -> Iterator[Difference]:
    points = {point.event.transaction_id: point for point in derived.flow_points if point.event.transaction_id}
    stored = load_benchmark_flow_rows(db, [config.id for config in derived.configs], points)
    for number, point in points.items():
        for config, (unit_price, units) in zip(derived.configs, point.benchmarks, strict=True):
            computed = {"unit_price": unit_price, "units": units}
            present = stored.get((config.id, number), {})
            yield from _compare(label, point.event.at, f"benchmark {config.name} flow ", present, computed)


def _verify_explanations(
    db: Db, account_id: int, label: str, hours: Sequence[datetime], *, is_all: bool
) -> Iterator[Difference]:
    """Every explanation, trade and fee beside those that holdings, prices and histories give; causes are only words."""
    if len(hours) < 2:
        return
    books, trades = HourlyBooks(db, account_id, hours[0]), TradesAgain(db, account_id, hours[0])
    for stretch in compute_explanations(db, account_id, hours):
        first, last = stretch[0].found.hour, stretch[-1].found.hour
        stored = {one.hour: one for one in load_explanations(db, account_id, first, last)}
        booked = list(books.prepare(stretch))
        for computed in (one.explained for one in booked):
            found = _parts(stored[computed.hour]) if computed.hour in stored else {}
            expected = dict.fromkeys(found, "nothing") | _parts(computed)  # what nothing stands behind differs, too
            yield from _compare(label, computed.hour, "explained ", found, expected)
        yield from (Difference(label, *wrong) for wrong in trades.find_wrong(booked))
    if is_all:
        yield from (Difference(label, *wrong) for wrong in trades.find_wrong_open(books.open))


def _parts(explanation: Explanation) -> dict[str, object]:
    """An explanation's figures by name: the change of NAV, its parts, its kinds, and each asset's share."""
    kinds = {"income": explanation.income, "fees": explanation.fees}
    named = {f"{part}, {kind}": value for part, amounts in kinds.items() for kind, value in amounts.items()}
    return {
        "change of nav": explanation.nav_change,
        "since": explanation.from_hour,
        **{str(part).replace("_", " "): value for part, value in explanation.parts.items()},
        **named,
        **{f"change of {asset.asset}": asset for asset in explanation.assets if asset.is_stored},
        **_gains(explanation),
        **{name: getattr(explanation, name) for name in ("state", "through", "booking")},
    }


def _gains(explanation: Explanation) -> dict[str, object]:
    """What is realised and unrealised, and each asset's cost."""
    if (gains := explanation.gains) is None:
        return {}
    return {
        **{str(gain).replace("_", " "): value for gain, value in gains.amounts.items()},
        "unrealised change": gains.unrealised_change,
        "unrealised": gains.unrealised,
        **{f"cost of {asset}": cost for asset, cost in gains.costs.items()},
    }


def _fields(state: object) -> dict[str, object]:
    return {field.name: getattr(state, field.name) for field in fields(state)}  # type: ignore[arg-type]


def _compare(label: str, at: datetime, prefix: str, stored: Values, computed: Values) -> Iterator[Difference]:
    for name, value in computed.items():
        present = stored.get(name, "nothing")
        if present != value:
            yield Difference(account=label, at=at, figure=prefix + name, stored=_plain(present), computed=_plain(value))


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return f"{value:f}" if isinstance(value, Decimal) else value
