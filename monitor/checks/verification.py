"""`python -m monitor verify`: every stored figure computed again from the ledger and the stored prices.

Units, unit price and benchmarks come out of the same fold as every hour, from the first hour to the last; holdings,
NAVs and the combined row are added up again by the database. Nothing is written and no exchange is asked.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal

from monitor.derivation import EPOCH, Derived, PricesNeeded, Scope, compute_history
from monitor.intervals import load_intervals
from monitor.settings import Settings
from monitor.store import Db
from monitor.store.history import ValuedHour, load_configs, load_valued_after
from monitor.store.ledger import load_opening
from monitor.store.stored_rows import (
    load_accounts_with_history,
    load_benchmark_flow_rows,
    load_benchmark_rows,
    load_broken_sums,
    load_flow_rows,
    load_hour_rows,
    load_surplus_rows,
    load_wrong_explanations,
)
from monitor.track import TrackState, start_track

CHUNK = 2_000  # hours computed at a time: memory does not grow with history
MOST_SHOWN = 50
Values = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
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


def add_verify_command(parser: argparse.ArgumentParser) -> None:
    """The arguments of `verify`."""
    parser.add_argument("--json", action="store_true", help="print the differences as JSON")
    parser.set_defaults(run=run_verify)


def run_verify(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Print what differs; returns 0 when nothing does, else 1."""
    with db.transaction():
        db.execute("set transaction isolation level repeatable read, read only")
        verified = verify(db)
    if arguments.json:
        print(
            json.dumps({"hours": verified.hours, "differences": [asdict(d) for d in verified.differences]}, default=str)
        )
    else:
        print(_tell(verified))
    return 1 if verified.differences else 0


def _tell(verified: Verified) -> str:
    count = len(verified.differences)
    if not count:
        return f"{verified.hours:,} hours computed again: every stored figure is what the ledger and the prices give."
    lines = [str(difference) for difference in verified.differences[:MOST_SHOWN]]
    left = [f"... and {count - MOST_SHOWN:,} more (--json shows all)"] if count > MOST_SHOWN else []
    return "\n".join([*lines, *left, f"{count:,} figures differ, in {verified.hours:,} hours."])


def verify(db: Db) -> Verified:
    """Every stored figure of every account compared with what it is computed from."""
    hours, found = 0, []
    for account_id, label, exchange in load_accounts_with_history(db):
        valued = load_valued_after(db, account_id, EPOCH)
        hours += len(valued)
        found += list(_verify_track(db, Scope(account_id=account_id, exchange=exchange, fetched={}), label, valued))
    rows = (*load_broken_sums(db), *load_wrong_explanations(db))
    sums = [Difference(account=row.pop("label"), **row) for row in rows]
    return Verified(hours=hours, differences=(*sums, *found))


def _verify_track(db: Db, scope: Scope, label: str, hours: Sequence[ValuedHour]) -> Iterator[Difference]:
    configs = load_configs(db, scope.account_id)
    state, start = start_track(configs), None
    opening_id = load_opening(db, scope.account_id)
    booked: set[int] = set()
    for begin in range(0, len(hours), CHUNK):
        chunk = hours[begin : begin + CHUNK]
        derived = _compute(db, scope, state, start, chunk, opening_id)
        yield from _compare_hours(db, scope.account_id, label, derived)
        yield from _compare_flows(db, scope.account_id, label, derived)
        booked |= {flow.entry.id or 0 for flow in derived.flows}
        booked |= {point.event.transaction_id or 0 for point in derived.flow_points}
        state, start = derived.hour_points[-1].state, chunk[-1]
    for row in load_surplus_rows(db, scope.account_id, booked):
        yield Difference(account=label, computed="nothing", **row)


def _compute(
    db: Db,
    scope: Scope,
    state: TrackState,
    start: ValuedHour | None,
    hours: Sequence[ValuedHour],
    opening_id: int | None,
) -> Derived:
    configs = load_configs(db, scope.account_id)
    intervals = load_intervals(db, scope.account_id, start, hours)
    try:
        return compute_history(db, scope, configs, state, intervals, opening_id)
    except PricesNeeded as needed:  # not stored: such a flow is pending valuation, here as there
        scope.fetched.update(dict.fromkeys(needed.keys))
        return compute_history(db, scope, configs, state, intervals, opening_id)


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
        computed = {"nav_before": flow.nav_before, "estimated": flow.is_estimated}
        if number not in points:  # pending valuation
            computed |= {"value": flow.value, "unit_price": None, "units": None}
        yield from _compare(label, flow.entry.second, "flow ", stored.get(number, {}), computed)
    for number, point in points.items():
        computed = {"value": point.event.value, "unit_price": point.unit_price, "units": point.units}
        if number:  # an account that joins or leaves the combined row has no entry
            yield from _compare(label, point.event.at, "flow ", stored.get(number, {}), computed)
    yield from _compare_benchmark_flows(db, label, derived)


def _compare_benchmark_flows(db: Db, label: str, derived: Derived) -> Iterator[Difference]:
    points = {point.event.transaction_id: point for point in derived.flow_points if point.event.transaction_id}
    stored = load_benchmark_flow_rows(db, [config.id for config in derived.configs], points)
    for number, point in points.items():
        for config, (unit_price, units) in zip(derived.configs, point.benchmarks, strict=True):
            computed = {"unit_price": unit_price, "units": units}
            kept = stored.get((config.id, number), {})
            yield from _compare(label, point.event.at, f"benchmark {config.name} flow ", kept, computed)


def _fields(state: object) -> dict[str, object]:
    return {field.name: getattr(state, field.name) for field in fields(state)}  # type: ignore[arg-type]


def _compare(label: str, at: datetime, prefix: str, stored: Values, computed: Values) -> Iterator[Difference]:
    for name, value in computed.items():
        kept = stored.get(name, "nothing")
        if kept != value:
            yield Difference(account=label, at=at, figure=prefix + name, stored=_plain(kept), computed=_plain(value))


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return f"{value:f}" if isinstance(value, Decimal) else value
