"""`python -m monitor trades sync --all`: every order and trade that the exchanges still have of the pairs that are known."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime

from finance.exchanges import NAMES
from finance.moments import hour_of
from monitor.accounts.client import AccountRun, ExchangeClient, TrackedAccount
from monitor.accounts.opening import using_client
from monitor.accounts.registry import load_accounts
from monitor.accounts.store.keys import load_system
from monitor.database.runs import note_pause
from monitor.errors import AccountError, AlreadyRunning, MonitorError
from monitor.exchanges.capabilities import Capabilities
from monitor.recovery.store.order_sources import StoredPair, load_stored_pairs
from monitor.recovery.syncing import Syncing
from monitor.settings import Settings
from sql.locks import try_backfill_lock
from sql.rows import Db

COMPLETE, INCOMPLETE = 0, 1
BEFORE = "pairs, converts and small balances of before the first reading are looked for by: python -m monitor backfill"
BUSY = "History is being rebuilt right now, or orders and trades are read already. Call it again when that has ended."


def sync_all(db: Db, settings: Settings, label: str | None, now: datetime) -> int:
    """Read on from where an earlier call stopped; returns 0 if all was read, 1 if something could not be."""
    accounts = [one for one in load_accounts(db, settings) if label in (None, one.label)]
    if not accounts:
        raise AccountError("There is no such account that is tracked. See: python -m monitor account list")
    if not try_backfill_lock(db):
        raise AlreadyRunning(BUSY)
    return asyncio.run(_sync_each(db, settings, accounts, now))


async def _sync_each(db: Db, settings: Settings, accounts: list[TrackedAccount], now: datetime) -> int:
    async with using_client(settings, accounts[0].exchange) as client:
        return max([await _sync(db, client.at(account.exchange), account, now) for account in accounts])


async def _sync(db: Db, client: ExchangeClient, account: TrackedAccount, now: datetime) -> int:
    if account.sub_email:
        print(f"{account.label}: a master's key does not show a sub-account's trades; add it with a key of its own")
        return COMPLETE
    failures: Sequence[MonitorError] = ()
    try:
        now = await client.market.fetch_server_time()
        run = AccountRun(db=db, client=client, account=account, now=now, hour=hour_of(now))
        syncing = Syncing(run, lambda words: _say(account, words))
        failures = syncing.failures
        await syncing.read_all()
    except AlreadyRunning:
        raise
    except MonitorError as failure:
        note_pause(db, client.exchange, failure)
        failures = [*failures, failure]
    for one in failures:
        print(f"{account.label}: {one} What was read stays; call it again to go on.", file=sys.stderr)
    shown = client.open_account(account).capabilities_of(load_system(db, account.id).name)
    for line in (*_report(db, account), *_list_out_of_reach(shown, client.exchange)):
        _say(account, line)
    return INCOMPLETE if failures else COMPLETE


def _report(db: Db, account: TrackedAccount) -> list[str]:
    """What is stored now, pair by pair."""
    return [_describe(one) for one in load_stored_pairs(db, account.id)] or ["no pair is known to have been traded yet"]


def _describe(stored: StoredPair) -> str:
    return f"{stored.symbol}: {stored.rows:,} {stored.what}, the oldest of {stored.oldest:%Y-%m-%d %H:%M} UTC"


def _list_out_of_reach(shown: Capabilities, exchange: str) -> Iterator[str]:
    of_trades = Capabilities(fills=shown.fills, orders=shown.orders, open_orders=shown.open_orders)
    yield from (f"out of reach: {sentence}" for sentence in of_trades.describe(NAMES[exchange], ()))
    yield BEFORE


def _say(account: TrackedAccount, words: str) -> None:
    print(f"{account.label}: {words}", flush=True)
