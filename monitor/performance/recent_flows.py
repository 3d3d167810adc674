"""The flows since the last valued hour, valued; and those of coins that nothing prices, which wait for a price.

A coin that nobody can price counts as nothing, and so does a flow of it: no hour waits for it. The flow counts from the
moment on at which the coin first has a price: at its first trade, or just before the first reading that has another
price for it. So neither the coin's coming nor its first price is a gain, and no hour that was shown has to change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from finance.flow_values import KnownPrice, ValuedFlow, minute_of, needed_prices, value_interval, without_uncounted
from finance.ledger_entries import LedgerEntry, name_entry
from finance.prices import AssetPrice
from monitor.database import Db
from monitor.ledger.store.deferred import (
    FirstPrice,
    load_counted_flows,
    load_first_price,
    load_uncounted,
    record_deferral,
)
from monitor.market.first_trades import FirstTradeKey
from monitor.market.scope import PriceKey, PricesNeeded, Scope, find_fills, find_prices, with_fills
from monitor.market.store.minute_prices import record_minute_prices
from monitor.performance.booking import Change
from monitor.performance.readings import Found, load_found, load_since
from monitor.performance.store.changes import load_unpriced
from monitor.performance.store.history import load_last_valued
from monitor.performance.store.members import load_members

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """The reading that is being recorded, and its prices by asset."""

    taken_at: datetime
    prices: Mapping[str, AssetPrice]


def settle_flows(
    db: Db, scope: Scope, found: Found, prices: Mapping[str, AssetPrice]
) -> tuple[tuple[ValuedFlow, ...], tuple[Change, ...]]:
    """The flows since the last valued hour, valued, and what changes because flows without a price got one.

    `prices` are those of the reading, by asset. Raises PricesNeeded.
    """
    flows = _value_pending(db, scope, found)
    unpriced = {entry.key: entry for entry in load_unpriced(db, scope.account_id)}
    unpriced |= {flow.entry.key: flow.entry for flow in flows if flow.value is None}
    settled = settle_unpriced(db, scope, Priced(taken_at=found.taken_at, prices=prices), unpriced.values())
    return _value_pending(db, scope, found) if settled else flows, settled


def _value_pending(db: Db, scope: Scope, found: Found) -> tuple[ValuedFlow, ...]:
    """The flows since the last valued hour, valued. Raises PricesNeeded."""
    last = load_last_valued(db, scope.account_id, taken_until=found.taken_at)
    entries = load_counted_flows(db, [scope.account_id], last.taken_at, found.taken_at) if last else ()
    if last is None or not entries:
        return ()
    (member,) = load_members(db, scope.account_id, last.hour, last.hour)[last.hour]
    earlier = load_found(db, member.snapshot_id, last.taken_at)
    since = load_since(db, scope.account_id, earlier, found)
    held = without_uncounted(since.held, load_uncounted(db, scope.account_id, last.taken_at))
    held = with_fills(held, find_fills(db, scope, [(held, entries)]))
    prices = find_prices(db, scope, needed_prices(held, entries))
    return value_interval(held, found.basis, entries, prices)


def settle_unpriced(db: Db, scope: Scope, reading: Priced, entries: Iterable[LedgerEntry]) -> tuple[Change, ...]:
    """Value what can be valued by now of `entries`, flows of the account without a price; returns what that changes.

    A price of the flow's own minute that is known after all is used, unless readings counted the coin as nothing since.
    Raises PricesNeeded.
    """
    priced = [(entry, load_first_price(db, entry)) for entry in entries if entry.asset in reading.prices]
    minutes = {_minute(entry) for entry, first in priced if not first.was_nothing}
    found = find_prices(db, scope, minutes).keys() & minutes
    learnt = [entry for entry, _ in priced if _minute(entry) in found]
    deferred = [(entry, first) for entry, first in priced if _minute(entry) not in found]
    return (
        *(Change(at=e.second, reason=f"the price of the {name_entry(e)} was learnt") for e in learnt),
        *_defer(db, scope, reading, deferred),
    )


def _minute(entry: LedgerEntry) -> PriceKey:
    return (entry.asset, minute_of(entry.second))


def _defer(
    db: Db, scope: Scope, reading: Priced, entries: Sequence[tuple[LedgerEntry, FirstPrice]]
) -> Iterator[Change]:
    unasked = {_within(entry, first, reading) for entry, first in entries} - scope.first_trades.keys()
    if unasked:
        raise PricesNeeded(set(), first_trades=frozenset(unasked))
    for entry, first in entries:
        span = _within(entry, first, reading)
        traded_at = scope.first_trades[span]
        counts_at = traded_at or span[2] - SECOND
        if traded_at is None:
            _record_price(db, scope, reading, entry, first, counts_at)
        record_deferral(db, entry, counts_at)
        reason = f"the {name_entry(entry)} counts from {counts_at:%Y-%m-%d %H:%M} UTC on, when it first had a price"
        yield Change(at=counts_at, reason=reason)


def _within(entry: LedgerEntry, first: FirstPrice, reading: Priced) -> FirstTradeKey:
    return (entry.asset, first.since, first.until or reading.taken_at)


def _record_price(
    db: Db, scope: Scope, reading: Priced, entry: LedgerEntry, first: FirstPrice, counts_at: datetime
) -> None:
    """What the first reading that priced the coin had for it."""
    now = reading.prices[entry.asset]
    then = (
        KnownPrice(value=now.value, route=now.route_name)
        if first.value is None
        else KnownPrice(value=first.value, route="as at the next reading")
    )
    record_minute_prices(db, scope.exchange, {(entry.asset, minute_of(counts_at)): then})
