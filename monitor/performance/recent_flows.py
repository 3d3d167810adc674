"""The flows since the last valued hour, valued; and those of coins that nothing prices, which wait for a price.

A coin that nobody can price counts as nothing, and so does a flow of it: no hour waits for it. The flow counts from the
moment on at which the coin first has a price: at its first trade, or just before the first reading that has another
price for it. So neither the coin's coming nor its first price is a gain, and no hour that was shown has to change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from finance.flow_values import ValuationPrice, ValuedFlow, needed_prices, value_interval, without_uncounted
from finance.ledger_entries import LedgerEntry, name_entry
from finance.moments import SECOND, minute_of
from finance.prices import AssetPrice
from monitor.accounts.client import AccountRun
from monitor.ledger.store.deferred import (
    FirstPrice,
    load_counted_flows,
    load_first_price,
    load_uncounted,
    record_counting_time,
)
from monitor.market.missing_prices import Fetched, PricesNeeded, find_fills, find_prices, with_fills
from monitor.market.past_prices import FirstTradeKey, PriceKey
from monitor.market.store.prices import record_minute_prices
from monitor.performance.changes import Change
from monitor.performance.intervals import AccountState, load_between, load_state_at
from monitor.performance.store.changes import load_unpriced
from monitor.performance.store.valued_hours import load_last_valued


def settle_flows(
    run: AccountRun, fetched: Fetched, state: AccountState, prices: Mapping[str, AssetPrice]
) -> tuple[tuple[ValuedFlow, ...], tuple[Change, ...]]:
    """The flows since the last valued hour, valued, and what changes because flows without a price got one.

    `state` is what this reading found, `prices` are its own, by asset. Raises PricesNeeded.
    """
    flows = _value_flows(run, fetched, state)
    unpriced = {entry.key: entry for entry in load_unpriced(run.db, run.account_id)}
    unpriced |= {flow.entry.key: flow.entry for flow in flows if flow.value is None}
    settled = _settle_unpriced(run, fetched, unpriced.values(), prices)
    return _value_flows(run, fetched, state) if settled else flows, settled


def _value_flows(run: AccountRun, fetched: Fetched, state: AccountState) -> tuple[ValuedFlow, ...]:
    """The flows since the last valued hour, valued.

    The derivation values them once more, from what is stored then: whether this hour stands depends on them, so they are
    needed before its row is there, and a figure that is stored must follow from stored rows alone.
    """
    db, account_id = run.db, run.account_id
    last = load_last_valued(db, account_id, taken_until=state.taken_at)
    entries = load_counted_flows(db, [account_id], last.taken_at, state.taken_at) if last else ()
    if last is None or not entries:
        return ()
    held, _ = load_between(db, account_id, load_state_at(db, account_id, last), state)
    held = without_uncounted(held, load_uncounted(db, account_id, last.taken_at))
    held = with_fills(held, find_fills(db, fetched, [(held, entries)]))
    prices = find_prices(db, fetched, needed_prices(held, entries))
    return value_interval(held, state.basis, entries, prices)


def _settle_unpriced(
    run: AccountRun, fetched: Fetched, entries: Iterable[LedgerEntry], now: Mapping[str, AssetPrice]
) -> tuple[Change, ...]:
    """Value what can be valued by `now` of flows without a price; returns what that changes.

    A price of the flow's own minute that is known after all is used, unless readings counted the coin as nothing since.
    """
    priced = [(entry, load_first_price(run.db, entry)) for entry in entries if entry.asset in now]
    minutes = {_minute(entry) for entry, first in priced if not first.was_nothing}
    found = find_prices(run.db, fetched, minutes).keys() & minutes
    late = [entry for entry, _ in priced if _minute(entry) in found]
    deferred = [(entry, first) for entry, first in priced if _minute(entry) not in found]
    return (
        *(Change(at=e.second, reason=f"the price of the {name_entry(e)} was learnt") for e in late),
        *_defer(run, fetched, deferred, now),
    )


def _minute(entry: LedgerEntry) -> PriceKey:
    return (entry.asset, minute_of(entry.second))


def _defer(
    run: AccountRun,
    fetched: Fetched,
    entries: Sequence[tuple[LedgerEntry, FirstPrice]],
    now: Mapping[str, AssetPrice],
) -> Iterator[Change]:
    spans: list[FirstTradeKey] = [(e.asset, first.since, first.until or run.now) for e, first in entries]
    if unasked := set(spans) - fetched.first_trades.keys():
        raise PricesNeeded(first_trades=unasked)
    for (entry, first), span in zip(entries, spans, strict=True):
        traded_at = fetched.first_trades[span]
        counts_at = traded_at or span[2] - SECOND
        if traded_at is None:
            price = _price_then(first, now[entry.asset])
            record_minute_prices(run.db, fetched.exchange, {(entry.asset, minute_of(counts_at)): price})
        record_counting_time(run.db, entry, counts_at)
        reason = f"the {name_entry(entry)} counts from {counts_at:%Y-%m-%d %H:%M} UTC on, when it first had a price"
        yield Change(at=counts_at, reason=reason)


def _price_then(first: FirstPrice, now: AssetPrice) -> ValuationPrice:
    """What the first reading that priced the coin had for it."""
    if first.value is None:
        return ValuationPrice(value=now.value, route=now.route_name)
    return ValuationPrice(value=first.value, route="as at the next reading")
