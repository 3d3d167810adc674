"""Reading all orders and trades of an account that its exchange still has: pair by pair, each on from where it was read to.

A page is read and recorded at a time, with a pause after it: who runs the hour shares the limits of requests, and waits for
no more than a page.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from finance.attribution.hour import LATE
from finance.moments import EPOCH
from finance.records import ContractQuery, FillRecord
from monitor.accounts.client import AccountRun
from monitor.accounts.store.keys import load_system
from monitor.database.runs import hold_run_lock, release_run_lock
from monitor.errors import ExchangeError, ExchangePaused, ExchangeUnavailable, KeyRejected
from monitor.exchanges.contract import FillQuery
from monitor.ledger.store.contracts_due import DueContract, load_contracts, load_due_contracts
from monitor.ledger.store.fills_and_income import record_fills
from monitor.market.known_prices import Fetched
from monitor.market.missing_prices import with_prices
from monitor.performance.derivation import derive_history
from monitor.recovery.contract_fills import read_closed, read_contract
from monitor.recovery.orders import read_page
from monitor.recovery.store.fill_sources import FillSource, load_sources, record_sources
from monitor.recovery.store.order_sources import OrderSource, load_order_sources
from sql.rows import Db

PATIENCE_SECONDS = 300.0  # with an hour's run
PAUSE_SECONDS = 0.4  # after a call, of 20 at Binance: half of what a minute allows
MOST_FAILURES = 3  # one after the other: then nothing of the account can be read now
Say = Callable[[str], None]


class Syncing:
    """The reading of one account: what fails of one pair or contract leaves the others as they are."""

    def __init__(self, run: AccountRun, say: Say) -> None:
        self.run, self.say = run, say
        self.failures: list[ExchangeError] = []
        self._in_a_row = 0

    async def read_all(self) -> None:
        """Read on the trades, the contracts and the orders of everything that is known; what failed is in `failures`.

        Raises ExchangePaused, KeyRejected, and the third of three failures in a row; what was recorded stays.
        """
        await sync_fills(self)
        await sync_contracts(self)
        await sync_orders(self)

    async def attempt(self, reading: Awaitable[None]) -> None:
        """Read one pair or contract. Raises ExchangeError where the next would fail, too."""
        try:
            await reading
        except ExchangeError as failure:
            self._in_a_row += 1
            if isinstance(failure, (ExchangePaused, KeyRejected)) or self._in_a_row == MOST_FAILURES:
                raise
            self.failures.append(failure)
        else:
            self._in_a_row = 0


async def sync_fills(syncing: Syncing) -> None:
    """Read on the fills of every pair that is known to have some."""
    run = syncing.run
    sources = [source for source in load_sources(run.db, run.account_id).values() if source.pair and source.has_fills]
    is_limited = run.connect().capabilities_of(load_system(run.db, run.account_id).name).fills.back is not None
    for number, source in enumerate(sources, 1):
        say = partial(_say_pair, syncing.say, "trades", f"{number} of {len(sources)}")
        await syncing.attempt(_sync_fills(run, source, say, is_limited=is_limited))


async def _sync_fills(
    run: AccountRun, source: FillSource, say: Callable[[str, int], None], *, is_limited: bool
) -> None:
    """Read on from the last one that is known; where an exchange shows but the last weeks, all of these: older ones may be missing."""
    pair, read, is_last, after_id = source.pair, 0, False, "" if is_limited else source.last_id
    assert pair
    pages = _Pages(after_id)
    while not is_last:
        query = FillQuery(market=source.market, pair=pair, after_id=after_id, since=EPOCH, until=run.now)
        with _holding(run.db):
            page = await run.connect().fetch_fills(query)
            is_last = page.is_last
            after_id = page.fills[-1].exchange_id if page.fills else after_id
            pages.refuse_repeated(pair.symbol, after_id, is_last=is_last)
            last_id = after_id or source.last_id
            source = replace(source, last_id=last_id, read_at=run.now if is_last else source.read_at)
            read += await _record(run, page.fills, source)
        say(pair.symbol, read)
        await asyncio.sleep(PAUSE_SECONDS)


class _Pages:
    """Pages that are asked for by the last number of the one before, none of which may come twice."""

    def __init__(self, first: str = "") -> None:
        self._seen = {first}

    def refuse_repeated(self, symbol: str, last_id: str, *, is_last: bool) -> None:
        """Raise ExchangeUnavailable where a page that is not the last ends as another one did."""
        if last_id in self._seen and not is_last:
            raise ExchangeUnavailable(
                f"Reading {symbol}: the exchange answers the same page again instead of the next."
            )
        self._seen.add(last_id)


async def _record(run: AccountRun, fills: Sequence[FillRecord], source: FillSource) -> int:
    """Store a page and what it changes of the hours; returns how many fills it had."""

    def write(fetched: Fetched) -> None:
        earliest = record_fills(run.db, run.account_id, fills, seen_at=run.now, run_id=None)
        record_sources(run.db, run.account_id, [source])
        if earliest:
            derive_history(run.db, run.account_id, fetched, since=earliest - LATE)

    await with_prices(run.db, run.client, run.ticker, write)
    return len(fills)


async def sync_orders(syncing: Syncing) -> None:
    """Read on the orders of every pair that is known."""
    run = syncing.run
    markets = run.connect().order_markets
    sources = load_order_sources(run.db, run.account_id, [market.name for market in markets])
    for number, source in enumerate(sources, 1):
        say = partial(_say_pair, syncing.say, "orders", f"{number} of {len(sources)}")
        await syncing.attempt(_sync_orders(run, source, say))


async def _sync_orders(run: AccountRun, source: OrderSource, say: Callable[[str, int], None]) -> None:
    read, is_last, pages = 0, False, _Pages(source.last_id)
    while not is_last:
        with _holding(run.db):
            source, page = await read_page(run, source)
        read, is_last = read + len(page.orders), page.is_last
        say(source.pair.symbol, read)
        pages.refuse_repeated(source.pair.symbol, source.last_id, is_last=is_last)
        await asyncio.sleep(PAUSE_SECONDS)


async def sync_contracts(syncing: Syncing) -> None:
    """Read the fills of contracts that income names, and what the exchange says of the positions that were closed."""
    run = syncing.run
    contracts = load_due_contracts(run.db, run.account_id) if run.connect().contract_wallets else ()
    for number, due in enumerate(contracts, 1):
        say = partial(syncing.say, f"trades, contract {number} of {len(contracts)}: {due.symbol}")
        await syncing.attempt(_sync_contract(run, due, say))
    known = load_contracts(run.db, run.account_id) if run.connect().has_closed_positions else ()
    for number, due in enumerate(known, 1):
        say = partial(syncing.say, f"closed positions, contract {number} of {len(known)}: {due.symbol}")
        await syncing.attempt(_sync_positions(run, due, say))


async def _sync_contract(run: AccountRun, due: DueContract, say: Callable[[], None]) -> None:
    left: DueContract | None = due
    while left:
        with _holding(run.db):
            await read_contract(run, left, 1)
        say()
        await asyncio.sleep(PAUSE_SECONDS)
        still = [one for one in load_due_contracts(run.db, run.account_id) if one.key == due.key]
        left = still[0] if still and still[0].since > left.since else None


async def _sync_positions(run: AccountRun, due: DueContract, say: Callable[[], None]) -> None:
    query = ContractQuery(wallet=due.wallet, symbol=due.symbol, since=due.since, until=run.now + LATE)
    with _holding(run.db):
        await read_closed(run, query)
    say()
    await asyncio.sleep(PAUSE_SECONDS)


def _say_pair(say: Say, what: str, which: str, symbol: str, read: int) -> None:
    say(f"{what}, pair {which}: {symbol}, {read:,} read")


@contextmanager
def _holding(db: Db) -> Iterator[None]:
    hold_run_lock(db, PATIENCE_SECONDS)
    try:
        yield
    finally:
        release_run_lock(db)
