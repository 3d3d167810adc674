"""Flows of coins that nothing prices: they wait without keeping the hours waiting.

A coin that nobody can price counts as nothing, and so does a flow of it. The flow counts from the moment on at which the
coin first has a price: at its first trade, or just before the first reading that has another price for it. So neither
the coin's coming nor its first price is a gain, and no hour that was shown has to change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from finance.flow_values import KnownPrice, minute_of
from finance.ledger_entries import LedgerEntry, name_entry
from finance.prices import AssetPrice
from monitor.database import Db
from monitor.ledger.store.deferred import FirstPrice, load_first_price, record_deferral
from monitor.market.first_trades import FirstTradeKey
from monitor.market.scope import PriceKey, PricesNeeded, Scope, find_prices
from monitor.market.store.minute_prices import record_minute_prices
from monitor.performance.booking import Change

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """The reading that is being recorded, and its prices by asset."""

    taken_at: datetime
    prices: Mapping[str, AssetPrice]


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
