"""Writing rebuilt hours: priced at their full hours, part by part, each part as a whole with all that follows from it.

Derivatives that were open at these hours are as large as readings and fills prove, at the exchange's own marks. No history
shows the profit of an open position, but its size follows from the readings on both sides of the gap and the fills in
between, and the exchange reports what it marked a contract with at every minute. What only readings show (options, a
sub-account's positions) can't be rebuilt, nor can a position whose size at that hour nobody knows.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from finance.contracts import OpenContract, contract_size
from finance.decimals import ZERO, exact
from finance.exposure import Exposure, Mark, list_open, list_unsized, open_at, value_open
from finance.flow_values import ValuationPrice, name_mark
from finance.moments import SECOND
from finance.portfolios import ALL_ACCOUNTS
from finance.valuation import Valuation
from monitor.accounts.client import AccountRun
from monitor.accounts.store.benchmarks import load_configs
from monitor.ledger.store.fills_and_income import record_contract_fills
from monitor.market.known_prices import Fetched, FillsKey, PriceKey, add_fills, find_prices
from monitor.market.missing_prices import fetch_fills, with_prices
from monitor.market.past_prices import find_hour_prices
from monitor.market.ticker import find_closures
from monitor.performance.derivation import derive_history
from monitor.performance.opening import move_opening
from monitor.performance.store.changes import record_changed_hours
from monitor.performance.store.exposures import load_exposure, load_open
from monitor.performance.store.history import load_shown
from monitor.performance.store.members import load_members
from monitor.recovery.depths import TRADED, Say
from monitor.recovery.reconstruction import OpenSpan, Quantities, value_reconstructed
from monitor.recovery.store.gaps import Gap
from monitor.recovery.store.reconstructed_hours import (
    load_hour_prices,
    record_hour_prices,
    record_left_open,
    record_reconstructed_hour,
)
from sql.rows import Db

REASON = "hours before were rebuilt from the exchange's records"
FIRST_PART = 720  # hours; later parts are as long as what is done, so that deriving all of it stays in proportion


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Hours to be rebuilt."""

    hours: Mapping[datetime, Quantities]  # what was held at each of them
    left_open: Mapping[datetime, str]  # hours that can't be exact, and why
    is_first: bool  # before everything that is known: the account's opening moves to its beginning
    unpriced: frozenset[str] = frozenset()  # what counts as nothing at a reading beside them
    contracts: Mapping[datetime, Sequence[OpenContract]] = field(default_factory=dict)  # what was open at them


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a rebuilding came to."""

    hours: tuple[datetime, ...] = ()
    left_open: Mapping[datetime, str] = field(default_factory=dict)
    reason: str = ""  # why not all that was asked for


async def fill_stretch(run: AccountRun, stretch: Stretch, say: Say) -> Filled:
    """Write the hours that have all prices; the others stay open with the reason. Raises ExchangeError.

    Parts are written from the newest to the oldest: what is interrupted has a shorter history, and no broken one.
    """
    done: set[datetime] = set()
    left_open = dict(stretch.left_open)
    count = len(stretch.hours) + len(left_open)
    for part in _parts(sorted(stretch.hours)):
        valuations = await _value(run, stretch, part)
        left_open |= {hour: "; ".join(v.problems) for hour, v in valuations.items() if v.problems}
        known = {hour: valuation for hour, valuation in valuations.items() if not valuation.problems}
        if known:
            await _write_part(run, stretch, known, left_open)
        done |= known.keys()
        known_by_now = min(count, len(done) + len(left_open))
        say(f"history {known_by_now}/{count} hours", TRADED + (1 - TRADED) * known_by_now / count)
    if stretch.is_first:
        left_open = {hour: reason for hour, reason in left_open.items() if not done or hour > min(done)}
    else:
        record_left_open(run.db, run.account_id, left_open)
    return Filled(hours=tuple(sorted(done)), left_open=left_open)


def _parts(hours: Sequence[datetime]) -> Iterator[Sequence[datetime]]:
    end = len(hours)
    while end:
        start = max(0, end - max(FIRST_PART, len(hours) - end))
        yield hours[start:end]
        end = start


async def _value(run: AccountRun, stretch: Stretch, part: Iterable[datetime]) -> dict[datetime, Valuation]:
    configs = (*load_configs(run.db, run.account_id), *load_configs(run.db, ALL_ACCOUNTS))
    basket = {asset for config in configs for asset in config.assets}
    settled = {hour: {contract.margin_asset for contract in open_then} for hour, open_then in stretch.contracts.items()}
    # A basket's price is needed as much as that of a holding, and that of what a position settles in.
    held = {hour: {**dict.fromkeys(basket | settled.get(hour, set()), ZERO), **stretch.hours[hour]} for hour in part}
    prices = await _price(run, {(asset, hour) for hour, assets in held.items() for asset in assets}, stretch.unpriced)
    closed = await find_closures(run.client.market, held)
    return {
        hour: value_reconstructed(
            held[hour],
            {asset: prices.get((asset, hour)) for asset in held[hour]},
            closed_since=closed.get(hour),
            unpriced=stretch.unpriced,
            contracts=stretch.contracts.get(hour, ()),
        )
        for hour in held
    }


async def _price(run: AccountRun, keys: set[PriceKey], nothing: frozenset[str]) -> dict[PriceKey, ValuationPrice]:
    known = load_hour_prices(run.db, run.client.exchange, keys)
    ticker = run.ticker or await run.client.market.fetch_ticker()
    fetched = await find_hour_prices(run.db, run.client, ticker, keys - known.keys(), nothing)
    found = {key: price for key, price in fetched.items() if price}
    record_hour_prices(run.db, run.client.exchange, found)
    return known | found


async def _write_part(
    run: AccountRun, stretch: Stretch, known: Mapping[datetime, Valuation], left_open: Mapping[datetime, str]
) -> None:
    first = min(known)

    def write(fetched: Fetched) -> None:
        for hour, valuation in known.items():
            record_reconstructed_hour(run.db, run.account_id, hour, valuation, stretch.contracts.get(hour, ()))
        record_left_open(run.db, run.account_id, {hour: why for hour, why in left_open.items() if hour > first})
        if stretch.is_first:
            move_opening(run.db, run.account_id, first, known[first].nav or ZERO, run.now)
        derive_shown(run, fetched, first, REASON)

    await with_prices(run.db, run.client, run.ticker, write)


def derive_shown(run: AccountRun, fetched: Fetched, first: datetime, reason: str) -> None:
    """Derive the account's hours from `first` on, and record for what `reason` those have changed that were shown."""
    shown = load_shown(run.db, run.account_id, first, run.unseen_hour)
    derive_history(run.db, run.account_id, fetched, since=first - SECOND)
    figures = load_shown(run.db, run.account_id, first, run.unseen_hour)
    changed = [hour for hour in shown if shown[hour] != figures[hour]]
    record_changed_hours(run.db, run.account_id, changed, reason=reason, at=run.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What was open at an hour, or why nobody knows."""

    contracts: tuple[OpenContract, ...] = ()  # at the hour's mark prices, with what was unrealised
    reason: str = ""


async def mark_gap(
    run: AccountRun, gap: Gap, span: tuple[datetime, datetime], open_spans: Sequence[OpenSpan]
) -> dict[datetime, Marked]:
    """What was open at those hours of a gap at which something may have been; `span` is between its readings.

    Raises ExchangeError.
    """
    exposure = _load_exposure(run.db, run.account_id, gap, span)
    held = {hour: {open_span.symbol for open_span in open_spans if open_span.holds(hour)} for hour in gap.hours}
    hours = [hour for hour in gap.hours if held[hour] or exposure.lumps_before or exposure.lumps_after]
    exposure = await _find_fills(run, exposure, hours)
    keys = {(name_mark(symbol, exposure.exchange), hour) for hour in hours for symbol in list_open(exposure, hour)}
    prices = await with_prices(run.db, run.client, run.ticker, lambda fetched: find_prices(run.db, fetched, keys))
    return {hour: mark_hour(exposure, hour, held[hour], prices) for hour in hours}


def _load_exposure(db: Db, account_id: int, gap: Gap, span: tuple[datetime, datetime]) -> Exposure:
    members = [load_members(db, account_id, hour, hour)[hour][0] for hour in (gap.before, gap.after)]
    before, after = (load_open(db, member.snapshot_id) for member in members)
    return load_exposure(db, account_id, span, (before, after))


async def _find_fills(run: AccountRun, exposure: Exposure, hours: Iterable[datetime]) -> Exposure:
    """The same, with the fills that are needed to know what was open at `hours`, as far as the exchange has them."""
    wanted: set[FillsKey] = {(run.account_id, query) for hour in hours for query in list_unsized(exposure, hour)}
    found = await fetch_fills(run.client, wanted)
    with run.db.transaction():
        for fills in found.values():
            record_contract_fills(run.db, run.account_id, fills)
    return add_fills(exposure, found)


@exact
def mark_hour(
    exposure: Exposure, hour: datetime, symbols: Collection[str], prices: Mapping[tuple[str, datetime], ValuationPrice]
) -> Marked:
    """What was open at `hour`, given which `symbols` may have been and the mark `prices` of full hours."""
    known = {symbol for symbol, _ in (*exposure.before, *exposure.after)} | {b.symbol for b in exposure.bookings}
    found = {name: prices.get((name_mark(name, exposure.exchange), hour)) for name in list_open(exposure, hour)}
    marks = {name: Mark(value=price.value, is_old=price.stale) for name, price in found.items() if price}
    reasons = [f"of a position in {symbol} nothing but its bookings is known" for symbol in set(symbols) - known]
    reasons += [profit.reason for profit in value_open(exposure, hour, marks) if profit.reason]
    if reasons:
        return Marked(reason=f"what was open then can't be valued exactly: {'; '.join(sorted(set(reasons)))}")
    return Marked(contracts=tuple(c for name, mark in marks.items() for c in _mark(exposure, name, hour, mark.value)))


def _mark(exposure: Exposure, symbol: str, hour: datetime, mark: Decimal) -> Iterator[OpenContract]:
    known = [one for one in (*exposure.after.values(), *exposure.before.values()) if one.symbol == symbol]
    for contract in (open_at(exposure, symbol, hour) or {}).values():
        if contract.quantity:
            size = contract_size(known, symbol, contract.margin_asset, exposure.sizes)
            yield replace(contract, mark_price=mark, unrealised=contract.profit_at(mark, size))
