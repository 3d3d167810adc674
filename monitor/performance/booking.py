"""Books what an account's histories record: revisions of the ledger, income, and how far each history is known; and what
flows since the last valued hour were worth.

A coin that nobody can price counts as nothing, and so does a flow of it: no hour waits for it. The flow counts from the
moment on at which the coin first has a price: at its first trade, or just before the first reading that has another
price for it. So neither the coin's coming nor its first price is a gain, and no hour that was shown has to change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from finance.attribution.hour import LATE
from finance.flow_values import Basis, ValuationPrice, ValuedFlow, needed_prices, value_interval, without_uncounted
from finance.ledger_entries import TAKEN_BACK, LedgerEntry, list_keys, name_entry, revise_ledger
from finance.moments import SECOND, minute_of
from finance.prices import AssetPrice
from finance.withdrawal_fees import place_fees
from monitor.accounts.client import AccountRun
from monitor.exchanges.contract import SourceState
from monitor.ledger.store.entries import load_entries, record_entries
from monitor.ledger.store.events import load_earliest_move
from monitor.ledger.store.fills_and_income import record_fills, record_income
from monitor.ledger.store.sources import load_source_marks, record_source_marks
from monitor.ledger.store.twins import load_twins
from monitor.ledger.store.unsettled import (
    FirstPrice,
    load_counted_flows,
    load_first_price,
    load_uncounted,
    record_counting_time,
)
from monitor.market.known_prices import (
    Fetched,
    FirstTradeKey,
    PriceKey,
    PricesNeeded,
    ValuationPrices,
    find_fills,
    find_prices,
    with_fills,
)
from monitor.market.store.prices import record_minute_prices
from monitor.performance.changes import Change, supersede, take_recomputation
from monitor.performance.intervals import AccountState, load_between, load_state_at
from monitor.performance.proven_amounts import keep_proven_amounts
from monitor.performance.sales import settle_sales
from monitor.performance.store.changes import load_unpriced
from monitor.performance.store.valued_hours import load_last_valued
from monitor.performance.withdrawal_fees import turn_fees
from monitor.snapshots.snapshot import Snapshot

UNKNOWN = "(unknown)"


def book_histories(run: AccountRun, fetched: Fetched, snapshot: Snapshot) -> tuple[Change, ...]:
    """Record what the histories of `snapshot` hold and return what that changes.

    Raises PricesNeeded while the prices of sales have not been asked for.
    """
    db, account_id, taken_at, run_id = run.db, run.account_id, snapshot.taken_at, run.run_id
    marks = load_source_marks(db, account_id)
    read_before = [history for history in snapshot.histories if history.source in marks.cursors]
    looks = {flow.kind: marks.cursors[history.source] for history in read_before for flow in history.flows}
    turned = turn_fees(run)
    known = load_entries(db, account_id, list_keys(snapshot.flows))
    others = place_fees([flow for flow in snapshot.flows if not flow.sale], known, run.account.withdrawal_fee)
    entries = revise_ledger(account_id, known, others, taken_at, looks)
    revisions = record_entries(db, keep_proven_amounts(db, account_id, known, entries, taken_at), run_id)
    for reading in (*snapshot.histories, *snapshot.income):
        record_income(db, account_id, reading.income, taken_at, run_id)
        record_fills(db, account_id, reading.fills, seen_at=taken_at, run_id=run_id)
    sales = settle_sales(run, fetched, [flow for flow in snapshot.flows if flow.sale], known, snapshot)
    revisions += record_entries(db, revise_ledger(account_id, known, sales.flows, taken_at, looks), run_id)
    record_fills(db, account_id, sales.fills, seen_at=taken_at, run_id=run_id)
    record_source_marks(db, account_id, (*snapshot.histories, *snapshot.income), taken_at)
    _warn(run, revisions)
    _warn_of_income(run, snapshot)
    return (*turned, *supersede(db, known, revisions), *_find_new_moves(run), *take_recomputation(db, account_id))


def _find_new_moves(run: AccountRun) -> tuple[Change, ...]:
    """Fills and income that are new: they explain hours, and what was held just before flows."""
    moved_at = load_earliest_move(run.db, run.account_id, run.run_id)
    return (Change(at=moved_at - LATE, reason=""),) if moved_at else ()


def _warn_of_income(run: AccountRun, snapshot: Snapshot) -> None:
    for reading in snapshot.income:
        if reading.state in (SourceState.FAILED, SourceState.BEHIND):
            message = f"What is in {reading.source} shows as unexplained until they are read: {reading.problem}"
            run.log("warning", message)


def _warn(run: AccountRun, revisions: Iterable[LedgerEntry]) -> None:
    for entry in revisions:
        if entry.exchange_status.endswith(UNKNOWN):
            message = f"The {name_entry(entry)} has a status nobody knows, {entry.exchange_status}: not counted."
            run.log("warning", message)
        if entry.exchange_id.endswith(TAKEN_BACK):
            message = (
                f"{entry.exchange_id} by the exchange, whose word for it is now {entry.exchange_status}: the "
                f"{name_entry(entry)} is {entry.state}. Compare it with the exchange's page."
            )
            run.log("warning", message)
    for one, other in load_twins(run.db, [entry.id for entry in revisions if entry.id]):
        message = (
            f"The {name_entry(one)} and the {name_entry(other)} may be one movement recorded twice. Both are counted; if it "
            f'is one: python -m monitor flow void {other.id} --note "recorded twice"'
        )
        run.log("warning", message)


def settle_flows(
    run: AccountRun, fetched: Fetched, state: AccountState, prices: Mapping[str, AssetPrice]
) -> tuple[tuple[ValuedFlow, ...], tuple[Change, ...]]:
    """The flows since the last valued hour, valued, and what changes because flows without a price got one.

    `state` is what this reading found, `prices` are its own, by asset. Raises PricesNeeded.
    """
    lately = _load_lately(run, fetched, state)
    unpriced = {entry.key: entry for entry in load_unpriced(run.db, run.account_id)}
    if lately:
        unpriced |= {entry.key: entry for entry in lately.entries if _minute(entry) not in lately.prices}
    settled = _settle_unpriced(run, fetched, unpriced.values(), prices)
    if settled:  # what got a price may count now, or at another moment
        lately = _load_lately(run, fetched, state)
    # The derivation values them once more, with this hour's row: whether the hour stands depends on its flows, so they
    # are valued before that row is there, and a figure that is stored must follow from stored rows alone.
    flows = value_interval(lately.held, state.basis, lately.entries, lately.prices) if lately else ()
    return flows, settled


class _Lately(NamedTuple):
    """The flows since the last valued hour, with what their values follow from."""

    entries: tuple[LedgerEntry, ...]
    held: Basis
    prices: ValuationPrices


def _load_lately(run: AccountRun, fetched: Fetched, state: AccountState) -> _Lately | None:
    db, account_id = run.db, run.account_id
    last = load_last_valued(db, account_id, taken_until=state.taken_at)
    entries = load_counted_flows(db, [account_id], last.taken_at, state.taken_at) if last else ()
    if last is None or not entries:
        return None
    held, _ = load_between(db, account_id, load_state_at(db, account_id, last), state)
    held = without_uncounted(held, load_uncounted(db, account_id, last.taken_at))
    held = with_fills(held, find_fills(db, fetched, [(held, entries)]))
    return _Lately(entries, held, find_prices(db, fetched, needed_prices(held, entries)))


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
