"""`python -m monitor trades sync --all`: every order and trade that the exchanges still have of the pairs that are known."""

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO

from finance.exchanges import NAMES
from finance.moments import hour_of
from monitor.accounts.client import AccountRun, ExchangeClient, TrackedAccount
from monitor.accounts.opening import using_client
from monitor.accounts.registry import load_accounts
from monitor.accounts.store.keys import load_system
from monitor.database.runs import note_pause
from monitor.errors import AccountError, AlreadyRunning, MonitorError
from monitor.exchanges.capabilities import Capabilities
from monitor.recovery.out_of_reach import list_unreached
from monitor.recovery.store.fill_sources import load_gaps, load_sources
from monitor.recovery.store.order_sources import StoredPair, load_stored_pairs
from monitor.recovery.syncing import Syncing
from monitor.settings import Settings
from sql.locks import try_backfill_lock
from sql.rows import Db

COMPLETE, INCOMPLETE = 0, 1
BEFORE = "Pairs, converts and small balances of before the first reading are looked for by: python -m monitor backfill"
OF_SUB_ACCOUNT = "A master's key does not show a sub-account's trades; add it with a key of its own."
BUSY = "History is being rebuilt right now, or orders and trades are read already. Call it again when that has ended."


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What was read of an account, and what was not."""

    label: str
    stored: Sequence[StoredPair] = ()
    failures: Sequence[MonitorError] = ()
    out_of_reach: Sequence[str] = ()


def sync_all(db: Db, settings: Settings, label: str | None, now: datetime, *, as_json: bool = False) -> int:
    """Read on from where an earlier call stopped; returns 0 if all was read, 1 if something could not be."""
    accounts = [one for one in load_accounts(db, settings) if label in (None, one.label)]
    if not accounts:
        raise AccountError("There is no such account that is tracked. See: python -m monitor account list")
    if not try_backfill_lock(db):
        raise AlreadyRunning(BUSY)
    return asyncio.run(_sync_each(db, settings, accounts, now, as_json=as_json))


async def _sync_each(
    db: Db, settings: Settings, accounts: list[TrackedAccount], now: datetime, *, as_json: bool
) -> int:
    progress = sys.stderr if as_json else sys.stdout
    done = []
    async with using_client(settings, accounts[0].exchange) as client:
        for account in accounts:
            done.append(await _sync(db, client.at(account.exchange), account, now, progress))
            for failure in done[-1].failures:
                print(f"{account.label}: {failure} What was read stays; call it again to go on.", file=sys.stderr)
            if not as_json:
                print("\n".join(_describe(done[-1])), flush=True)
    if as_json:
        print(json.dumps([_as_json(one) for one in done], indent=2))
    return INCOMPLETE if any(one.failures for one in done) else COMPLETE


async def _sync(db: Db, client: ExchangeClient, account: TrackedAccount, now: datetime, progress: TextIO) -> Synced:
    if account.sub_email:
        return Synced(label=account.label, out_of_reach=[OF_SUB_ACCOUNT])
    failures: Sequence[MonitorError] = ()
    before = load_sources(db, account.id).values()
    try:
        now = await client.market.fetch_server_time()
        run = AccountRun(db=db, client=client, account=account, now=now, hour=hour_of(now))
        syncing = Syncing(run, lambda words: print(f"{account.label}: {words}", file=progress, flush=True))
        failures = syncing.failures
        await syncing.read_all()
    except AlreadyRunning:
        raise
    except MonitorError as failure:
        note_pause(db, client.exchange, failure)
        failures = [*failures, failure]
    shown = client.open_account(account).capabilities_of(load_system(db, account.id).name)
    of_trades = Capabilities(fills=shown.fills, orders=shown.orders, open_orders=shown.open_orders)
    return Synced(
        label=account.label,
        stored=load_stored_pairs(db, account.id),
        failures=failures,
        out_of_reach=[
            *of_trades.describe(NAMES[client.exchange], ()),
            *list_unreached(shown.fills, before, load_gaps(db, account.id), now),
            BEFORE,
        ],
    )


def _describe(done: Synced) -> Iterator[str]:
    """What is stored now, pair by pair, and what is out of reach."""
    for one in done.stored:
        yield f"{done.label}: {one.symbol}: {one.rows:,} {one.what}, the oldest of {one.oldest:%Y-%m-%d %H:%M} UTC"
    if not done.stored:
        yield f"{done.label}: no pair is known to have been traded yet"
    yield from (f"{done.label}: out of reach: {sentence}" for sentence in done.out_of_reach)


def _as_json(done: Synced) -> dict[str, Any]:
    return {
        "account": done.label,
        "stored": [
            {"what": one.what, "symbol": one.symbol, "rows": one.rows, "oldest": f"{one.oldest:%Y-%m-%dT%H:%M:%SZ}"}
            for one in done.stored
        ],
        "failures": [str(one) for one in done.failures],
        "out_of_reach": list(done.out_of_reach),
    }
