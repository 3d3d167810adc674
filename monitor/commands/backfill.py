"""`python -m monitor backfill`: history before the first reading, and gaps, rebuilt from the exchange's records."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from monitor.accounts.client import ExchangeClient
from monitor.accounts.registry import TrackedAccount, load_accounts
from monitor.accounts.store.portfolios import load_portfolios
from monitor.database import Db
from monitor.database.runs import hold_run_lock
from monitor.errors import AccountError, ExchangeError, MonitorError, SettingsError
from monitor.recovery.backfill import ceil_hour, combine_history, confirm_gap, fill_gap, fill_past
from monitor.recovery.daily_records import compare_days
from monitor.recovery.filling import Rebuilder
from monitor.recovery.store.rebuilt import load_first_hour, load_gaps
from monitor.settings import Settings

COMPLETE, INCOMPLETE = 0, 1


def add_backfill_command(parser: argparse.ArgumentParser) -> None:
    """The arguments of `backfill`."""
    parser.add_argument("--from", dest="since", required=True, help="the first hour wanted, like 2026-01-01")
    parser.add_argument("--until", help="the last one; everything up to now unless told")
    parser.add_argument("--account", help="of this label alone")
    parser.add_argument("--again", action="store_true", help="read also the histories that an earlier call has read")
    parser.set_defaults(run=run_backfill)


def run_backfill(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Rebuild, saying how far it is; returns 0 if all hours asked for are there, 1 if some are not."""
    hold_run_lock(db)
    since = ceil_hour(_read_time("--from", arguments.since))
    until = _read_time("--until", arguments.until) if arguments.until else now
    accounts = _choose(load_accounts(db, settings), arguments.account)
    return asyncio.run(_backfill(db, settings, accounts, (since, until), is_again=arguments.again))


def _read_time(name: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{name} {text}: give a UTC time like 2026-01-31 or 2026-01-31T08:00Z") from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _choose(accounts: Sequence[TrackedAccount], label: str | None) -> Sequence[TrackedAccount]:
    chosen = [account for account in accounts if label in (None, account.label)]
    if not chosen:
        raise AccountError(
            f"There is no account '{label}' that is tracked. See: python -m monitor account list"
            if label
            else "There are no accounts yet. Add one: python -m monitor account add LABEL"
        )
    return chosen


async def _backfill(
    db: Db, settings: Settings, accounts: Sequence[TrackedAccount], span: tuple[datetime, datetime], *, is_again: bool
) -> int:
    client = ExchangeClient(settings)
    try:
        now = await client.market.fetch_server_time()
        ticker = await client.market.fetch_ticker()
        works = []
        for account in accounts:
            tell = partial(_tell, account.label)
            works.append(
                Rebuilder(db=db, client=client, ticker=ticker, account=account, now=now, is_again=is_again, tell=tell)
            )
        codes = [await _backfill_account(work, *span) for work in works]
        return max(*codes, await _combine(works[0], *span))
    finally:
        await client.close()


def _tell(label: str, said: str) -> None:
    print(f"{label}: {said}", flush=True)


async def _backfill_account(work: Rebuilder, since: datetime, until: datetime) -> int:
    try:
        return await _fill_account(work, since, until)
    except MonitorError as failure:
        print(f"{work.account.label}: {failure} What was rebuilt stays; call it again to go on.", file=sys.stderr)
        return INCOMPLETE


async def _fill_account(work: Rebuilder, since: datetime, until: datetime) -> int:
    account_id, first = work.account.id, load_first_hour(work.db, work.account.id)
    if first is None:
        raise MonitorError("Nothing can be rebuilt before the first complete reading: python -m monitor run.")
    filled = [await confirm_gap(work, gap) for gap in load_gaps(work.db, account_id, since, until)]
    filled += [await fill_gap(work, gap) for gap in load_gaps(work.db, account_id, since, until)]
    if since < first:
        filled.append(await fill_past(work, first, since))
    hours = [hour for one in filled for hour in one.hours]
    if hours:
        await _compare(work, since)
    left_open = {hour: reason for one in filled for hour, reason in one.left_open.items()}
    for reason in dict.fromkeys(left_open.values()):
        work.tell(f"{_count(left_open, reason)} stay open: {reason}")
    reasons = [one.reason for one in filled if one.reason]
    work.tell("; ".join([f"{len(hours):,} hours rebuilt", *reasons]))
    return INCOMPLETE if left_open or reasons else COMPLETE


async def _combine(work: Rebuilder, since: datetime, until: datetime) -> int:
    codes = [COMPLETE]
    for portfolio in load_portfolios(work.db):
        try:
            await combine_history(work, portfolio.id, since, until)
        except MonitorError as failure:
            print(f"{portfolio.label}: {failure} The next run computes it again.", file=sys.stderr)
            codes.append(INCOMPLETE)
    return max(codes)


async def _compare(work: Rebuilder, since: datetime) -> None:
    try:
        work.tell(str(await compare_days(work, since)))
    except ExchangeError as failure:
        work.tell(f"not compared with the exchange's own daily records: {failure}")


def _count(left_open: dict[datetime, str], reason: str) -> str:
    hours = [hour for hour, why in left_open.items() if why == reason]
    return f"{len(hours):,} hours from {min(hours):%Y-%m-%d %H:%M} to {max(hours):%Y-%m-%d %H:%M} UTC"
