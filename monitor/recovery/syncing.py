"""Reading all orders and trades of an account that its exchange still has: pair by pair, each on from where it was read to.

A page is read and recorded at a time, with a pause after it: who runs the hour shares the limits of requests, and waits for
no more than a page.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from finance.attribution.hour import LATE
from finance.records import ContractQuery, FillRecord
from monitor.accounts.client import AccountRun
from monitor.database.runs import hold_run_lock, release_run_lock
from monitor.exchanges.contract import FillQuery
from monitor.ledger.store.contracts_due import DueContract, load_contracts, load_due_contracts
from monitor.ledger.store.fills_and_income import record_fills
from monitor.market.known_prices import Fetched
from monitor.market.missing_prices import with_prices
from monitor.performance.derivation import derive_history
from monitor.recovery.contract_fills import read_closed, read_contract
from monitor.recovery.fills import OVERLAP
from monitor.recovery.orders import read_page
from monitor.recovery.store.fill_sources import FillSource, load_sources, record_sources
from monitor.recovery.store.order_sources import OrderSource, load_order_sources
from sql.rows import Db

PATIENCE_SECONDS = 300.0  # with an hour's run
PAUSE_SECONDS = 0.4  # after a call, of 20 at Binance: half of what a minute allows
Say = Callable[[str], None]


async def sync_fills(run: AccountRun, say: Say) -> None:
    """Read on the fills of every pair that is known to have some. Raises ExchangeError; what was recorded stays."""
    sources = [source for source in load_sources(run.db, run.account_id).values() if source.pair and source.has_fills]
    for number, source in enumerate(sources, 1):
        await _sync_fills(run, source, partial(_say_pair, say, "trades", f"{number} of {len(sources)}"))


async def _sync_fills(run: AccountRun, source: FillSource, say: Callable[[str, int], None]) -> None:
    pair = source.pair
    assert pair
    since, read, is_last = (source.read_at or run.now) - OVERLAP, 0, False
    while not is_last:
        query = FillQuery(market=source.market, pair=pair, after_id=source.last_id, since=since, until=run.now)
        with _holding(run.db):
            page = await run.connect().fetch_fills(query)
            is_last = page.is_last
            source = replace(
                source,
                last_id=page.fills[-1].exchange_id if page.fills else source.last_id,
                read_at=run.now if is_last else source.read_at,
            )
            read += await _record(run, page.fills, source)
        say(pair.symbol, read)
        await asyncio.sleep(PAUSE_SECONDS)


async def _record(run: AccountRun, fills: Sequence[FillRecord], source: FillSource) -> int:
    """Store a page and what it changes of the hours; returns how many fills it had."""

    def write(fetched: Fetched) -> None:
        earliest = record_fills(run.db, run.account_id, fills, seen_at=run.now, run_id=None)
        record_sources(run.db, run.account_id, [source])
        if earliest:
            derive_history(run.db, run.account_id, fetched, since=earliest - LATE)

    await with_prices(run.db, run.client, run.ticker, write)
    return len(fills)


async def sync_orders(run: AccountRun, say: Say) -> None:
    """Read on the orders of every pair that is known. Raises ExchangeError; what was recorded stays."""
    markets = run.connect().order_markets
    sources = load_order_sources(run.db, run.account_id, [market.name for market in markets])
    for number, source in enumerate(sources, 1):
        await _sync_orders(run, source, partial(_say_pair, say, "orders", f"{number} of {len(sources)}"))


async def _sync_orders(run: AccountRun, source: OrderSource, say: Callable[[str, int], None]) -> None:
    read, is_last = 0, False
    while not is_last:
        with _holding(run.db):
            source, page = await read_page(run, source)
        read, is_last = read + len(page.orders), page.is_last
        say(source.pair.symbol, read)
        await asyncio.sleep(PAUSE_SECONDS)


async def sync_contracts(run: AccountRun, say: Say) -> None:
    """Read the fills of contracts that income names, and what the exchange says of the positions that were closed.

    Raises ExchangeError; what was recorded stays."""
    contracts = load_due_contracts(run.db, run.account_id) if run.connect().contract_wallets else ()
    for number, due in enumerate(contracts, 1):
        left: DueContract | None = due
        while left:
            with _holding(run.db):
                await read_contract(run, left, 1)
            say(f"trades, contract {number} of {len(contracts)}: {due.symbol}")
            await asyncio.sleep(PAUSE_SECONDS)
            still = [one for one in load_due_contracts(run.db, run.account_id) if one.key == due.key]
            left = still[0] if still and still[0].since > left.since else None

    await _sync_positions(run, say)


async def _sync_positions(run: AccountRun, say: Say) -> None:
    contracts = load_contracts(run.db, run.account_id) if run.connect().has_closed_positions else ()
    for number, due in enumerate(contracts, 1):
        query = ContractQuery(wallet=due.wallet, symbol=due.symbol, since=due.since, until=run.now + LATE)
        with _holding(run.db):
            await read_closed(run, query)
        say(f"closed positions, contract {number} of {len(contracts)}: {due.symbol}")
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
