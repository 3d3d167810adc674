"""Reading orders: those that wait, and those of pairs in which something was traded.

Nothing is asked while nothing is locked, no position in contracts is open, no order is known to wait, and nothing new was
traded. What waits is listed by one call, or by one for each pair of what is locked; a pair's orders are read by their ids, from the
last one that is known on; of an order that waited and is in no list any more it is asked what has become of it. Never in the way of the hour: it is recorded before, and what fails is asked again by
the next run.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from finance.attribution.hour import LATE
from finance.moments import EPOCH
from finance.orders import OrderRecord, OrderState
from finance.records import FillReason
from monitor.accounts.client import AccountRun
from monitor.errors import ExchangeError, ExchangePaused
from monitor.exchanges.contract import OrderMarket, OrderPage, OrderQuery, Pair
from monitor.ledger.store.contracts_due import find_forced_fill
from monitor.ledger.store.marks import mark_recomputation
from monitor.ledger.store.orders import load_locked, load_open_orders, load_positioned, record_orders
from monitor.recovery.fills import likely_pairs
from monitor.recovery.store.order_sources import OrderSource, load_due_sources, load_order_sources, record_order_source
from monitor.trading.store.groups import mark_orders

FORCED = frozenset(map(str, FillReason))  # kinds of orders that the exchange gave
MOST_CALLS = 20  # a run's, for the orders of one account: a long history is read in the course of hours
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    """What the hour's reading saw of orders that may wait."""

    locked: frozenset[tuple[str, str]]  # wallets and coins
    positioned: frozenset[str]  # wallets


class _Reading:
    """What a run has asked for so far."""

    def __init__(self, calls_left: int) -> None:
        self.calls_left = calls_left
        self.seen: set[Key] = set()  # the orders that some answer had
        self.failures: list[ExchangeError] = []

    @property
    def may_ask(self) -> bool:
        """Whether there are calls left, and nobody asked for silence."""
        return self.calls_left > 0 and not any(isinstance(one, ExchangePaused) for one in self.failures)


async def look_for_orders(run: AccountRun, most_calls: int) -> int:
    """Read the account's orders, as far as something of them may be new; returns the calls used. Raises no ExchangeError."""
    markets, most = run.connect().order_markets, min(most_calls, MOST_CALLS)
    if not markets:
        return 0
    reading, names = _Reading(most), [market.name for market in markets]
    known = tuple(order for order in load_open_orders(run.db, run.account_id) if order.market in names)
    signs = _load_signs(run)
    for market in markets:
        waiting = [order for order in known if order.market == market.name]
        for pair in _find_where(run, market, waiting, signs):
            await _read_open(run, reading, market, pair, waiting)
    for source in load_due_sources(run.db, run.account_id, names):
        await _read_source(run, reading, source)
    for order in known:
        await _read_ended(run, reading, order)
    for failure in reading.failures:
        run.log("warning", f"Orders could not be read, the next run asks again: {failure}")
        run.note_pause(failure)
    return most - reading.calls_left


def _load_signs(run: AccountRun) -> _Signs:
    return _Signs(
        locked=load_locked(run.db, run.account_id, run.hour),
        positioned=load_positioned(run.db, run.account_id, run.hour),
    )


def _find_where(
    run: AccountRun, market: OrderMarket, waiting: Sequence[OrderRecord], signs: _Signs
) -> Sequence[Pair | None]:
    """What is to be asked for orders that wait: None, the market; or its pairs; nothing where none can wait."""
    locked = {asset for wallet, asset in signs.locked if wallet in market.wallets}
    may_wait = signs.positioned.intersection(market.wallets) if market.is_of_contracts else locked
    if not market.is_by_pair:
        return [None] if may_wait or waiting else []
    known = [source.pair for source in load_order_sources(run.db, run.account_id, [market.name])]
    likely = likely_pairs(locked, run.ticker.prices if run.ticker else (), run.connect().quotes, is_scan=False)
    found = {
        order.symbol: Pair(symbol=order.symbol, base=order.base_asset, quote=order.quote_asset) for order in waiting
    }
    for pair in (*known, *likely):
        if locked & {pair.base, pair.quote}:
            found.setdefault(pair.symbol, pair)
    return list(found.values())


async def _read_open(
    run: AccountRun, reading: _Reading, market: OrderMarket, pair: Pair | None, waiting: Sequence[OrderRecord]
) -> None:
    """What waits. Without an answer no order of before is asked for: it may wait still."""
    asked = [order for order in waiting if pair is None or order.symbol == pair.symbol]
    if not reading.may_ask:
        reading.seen |= {_key(order) for order in asked}
        return
    reading.calls_left -= 1
    try:
        orders = await run.connect().fetch_open_orders(market.name, pair)
    except ExchangeError as failure:
        reading.failures.append(failure)
        reading.seen |= {_key(order) for order in asked}
        return
    _record(run, reading, orders)


async def _read_source(run: AccountRun, reading: _Reading, source: OrderSource) -> None:
    is_last = False
    while reading.may_ask and not is_last:
        reading.calls_left -= 1
        try:
            source, page = await read_page(run, source)
        except ExchangeError as failure:
            reading.failures.append(failure)
            return
        reading.seen |= {_key(order) for order in page.orders}
        is_last = page.is_last


async def _read_ended(run: AccountRun, reading: _Reading, order: OrderRecord) -> None:
    """What has become of an order that waited, unless an answer said it already.

    One that is in no list is looked for twice: a history may lag behind a moment.
    """
    if not reading.may_ask or _key(order) in reading.seen:
        return
    try:
        found = await _fetch_ended(run, reading, order)
        if _key(order) not in map(_key, found):
            await asyncio.sleep(run.client.second_look_seconds)
            found = await _fetch_ended(run, reading, order)
    except ExchangeError as failure:
        reading.failures.append(failure)
        return
    if _key(order) not in map(_key, found):
        found = (*found, replace(order, state=OrderState.GONE))
    _record(run, reading, found)


async def _fetch_ended(run: AccountRun, reading: _Reading, order: OrderRecord) -> tuple[OrderRecord, ...]:
    reading.calls_left -= 1
    return await run.connect().fetch_ended(order)


def _record(run: AccountRun, reading: _Reading, orders: Collection[OrderRecord]) -> None:
    reading.seen |= {_key(order) for order in orders}
    with run.db.transaction():
        _write(run, orders)


def _write(run: AccountRun, orders: Collection[OrderRecord]) -> None:
    """Record orders, and have the trades of their time grouped anew."""
    if record_orders(run.db, run.account_id, orders, seen_at=run.now, run_id=run.run_id):
        mark_orders(run.db, run.account_id, orders)
        if forced := [order.exchange_id for order in orders if order.type in FORCED]:
            _mark_forced(run, forced)


def _mark_forced(run: AccountRun, orders: Sequence[str]) -> None:
    """What the exchange closed by orders of its own is marked, for its trade to be derived again: not every exchange says it of fills."""
    if first := find_forced_fill(run.db, run.account_id, orders):
        mark_recomputation(run.db, run.account_id, first - LATE)


async def read_page(run: AccountRun, source: OrderSource) -> tuple[OrderSource, OrderPage]:
    """Read and record the next orders of a pair; returns how far it is read now, and the page.

    Raises ExchangeError.
    """
    query = OrderQuery(
        market=source.market, pair=source.pair, after_id=source.last_id, since=source.read_at or EPOCH, until=run.now
    )
    page = await run.connect().fetch_orders(query)
    read = replace(
        source,
        last_id=page.orders[-1].exchange_id if page.orders else source.last_id,
        read_at=run.now if page.is_last else source.read_at,
    )
    with run.db.transaction():
        _write(run, page.orders)
        record_order_source(run.db, run.account_id, read, is_due=not page.is_last)
    return read, page


def _key(order: OrderRecord) -> Key:
    return order.market, order.symbol, order.exchange_id
