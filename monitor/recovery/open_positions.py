"""Derivatives that were open at hours to be rebuilt: as large as readings and fills prove, at the exchange's own marks.

No history shows the profit of an open position. But its size follows from the readings on both sides of the gap and the
fills in between, and the exchange reports what it marked a contract with at every minute. What only readings show (options,
a sub-account's positions) can't be rebuilt, nor can a position whose size at that hour nobody knows.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from finance.contracts import OpenContract, contract_size
from finance.decimals import exact
from finance.exposure import Exposure, Mark, list_open, list_unsized, open_at, value_open
from finance.flow_values import ValuationPrice, name_mark
from monitor.accounts.account_run import AccountRun
from monitor.ledger.store.contract_fills import record_contract_fills
from monitor.market.missing_prices import FillsKey, add_fills, fetch_fills, find_prices, with_prices
from monitor.performance.store.exposures import load_exposure, load_open
from monitor.performance.store.members import load_members
from monitor.recovery.reconstruction import OpenSpan
from monitor.recovery.store.gaps import Gap
from sql.rows import Db


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
    keys = {(name_mark(symbol), hour) for hour in hours for symbol in list_open(exposure, hour)}
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
    found = {name: prices.get((name_mark(name), hour)) for name in list_open(exposure, hour)}
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
            size = contract_size(known, symbol, contract.margin_asset)
            yield replace(contract, mark_price=mark, unrealised=contract.profit_at(mark, size))
