"""`python -m monitor backfill`: history before the first reading, and gaps, rebuilt from the exchange's records."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from finance.moments import ceil_hour, hour_of
from monitor.accounts.client import AccountRun, TrackedAccount
from monitor.accounts.opening import using_client
from monitor.accounts.registry import load_accounts
from monitor.accounts.store.portfolios import load_portfolios
from monitor.commands.arguments import read_time
from monitor.commands.backfill_all import backfill_all
from monitor.database.runs import hold_run_lock
from monitor.errors import AccountError, ExchangeError, MonitorError, UsageError
from monitor.market.rates import fill_rates
from monitor.market.ticker import fetch_tickers
from monitor.recovery.backfill import combine_history, confirm_gap, fill_before_first_reading, fill_gap
from monitor.recovery.daily_records import compare_days
from monitor.recovery.depths import Say
from monitor.recovery.store.gaps import load_first_hour, load_gaps
from monitor.recovery.store.rebuildings import forget_rebuildings
from monitor.settings import Settings
from sql.rows import Db

COMPLETE, INCOMPLETE = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `backfill`."""
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--from", dest="since", type=read_time, help="the first hour wanted, like 2026-01-01")
    asked.add_argument("--all", action="store_true", help="of every account, as far back as the exchange's records go")
    parser.add_argument("--until", type=read_time, help="the last one; everything up to now by default")
    parser.add_argument("--account", help="of this label alone")
    parser.add_argument("--for", dest="seconds", type=float, metavar="SECONDS",
                        help="with --all: end after this time, and before the hour is over; a later call goes on")  # fmt: skip
    parser.add_argument("--again", action="store_true", help="read also the histories that an earlier call has read")
    parser.set_defaults(run=run_backfill)


def run_backfill(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Rebuild, saying how far it is; returns 0 if all hours asked for are there, 1 if some are not."""
    if arguments.all:
        if arguments.until or arguments.account:
            raise UsageError("--all is of every account, up to now: give it without --until and --account.")
        if arguments.again:
            forget_rebuildings(db)
        return backfill_all(db, settings, now, arguments.seconds)
    hold_run_lock(db)
    since = ceil_hour(arguments.since)
    until = arguments.until or now
    accounts = _choose(load_accounts(db, settings), arguments.account)
    return asyncio.run(_backfill(db, settings, accounts, (since, until), now, is_again=arguments.again))


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
    db: Db,
    settings: Settings,
    accounts: Sequence[TrackedAccount],
    span: tuple[datetime, datetime],
    asked_at: datetime,
    *,
    is_again: bool,
) -> int:
    exchanges = list(dict.fromkeys(account.exchange for account in accounts))
    async with using_client(settings, exchanges[0]) as client:
        tickers = await fetch_tickers(db, client, exchanges, asked_at)
        now = await client.at(next(iter(tickers))).market.fetch_server_time()
        runs = [
            AccountRun(
                db=db,
                client=client.at(account.exchange),
                account=account,
                now=now,
                hour=hour_of(now),
                ticker=tickers[account.exchange],
            )
            for account in accounts
            if account.exchange in tickers
        ]
        codes = [await _backfill_account(run, *span, is_again=is_again) for run in runs]
        codes.append(await _combine(runs[0], *span))
        codes.append(COMPLETE if len(runs) == len(accounts) else INCOMPLETE)
        return max(*codes, await _fill_rates(runs[0]))


async def _fill_rates(run: AccountRun) -> int:
    try:
        await fill_rates(run.db, run.client, run.now)
    except ExchangeError as failure:
        print(f"Rates of other currencies: {failure} Call it again to go on.", file=sys.stderr)
        return INCOMPLETE
    return COMPLETE


def _say(label: str, words: str, share: float | None = None) -> None:
    if words:
        print(f"{label}: {words}", flush=True)


async def _backfill_account(run: AccountRun, since: datetime, until: datetime, *, is_again: bool) -> int:
    try:
        return await _fill_account(run, since, until, partial(_say, run.account.label), is_again=is_again)
    except MonitorError as failure:
        print(f"{run.account.label}: {failure} What was rebuilt stays; call it again to go on.", file=sys.stderr)
        return INCOMPLETE


async def _fill_account(run: AccountRun, since: datetime, until: datetime, say: Say, *, is_again: bool) -> int:
    account_id, first = run.account_id, load_first_hour(run.db, run.account_id)
    if first is None:
        raise MonitorError("Nothing can be rebuilt before the first complete reading: python -m monitor run.")
    filled = [await confirm_gap(run, gap) for gap in load_gaps(run.db, account_id, since, until)]
    filled += [await fill_gap(run, gap, say) for gap in load_gaps(run.db, account_id, since, until)]
    if since < first:
        filled.append(await fill_before_first_reading(run, first, since, say, is_again=is_again))
    hours = [hour for one in filled for hour in one.hours]
    if hours:
        await _compare(run, since, say)
    left_open = {hour: reason for one in filled for hour, reason in one.left_open.items()}
    for reason in dict.fromkeys(left_open.values()):
        say(f"{_count(left_open, reason)} stay open: {reason}")
    reasons = [one.reason for one in filled if one.reason]
    say("; ".join([f"{len(hours):,} hours rebuilt", *reasons]))
    return INCOMPLETE if left_open or reasons else COMPLETE


async def _combine(run: AccountRun, since: datetime, until: datetime) -> int:
    codes = [COMPLETE]
    for portfolio in load_portfolios(run.db):
        try:
            await combine_history(run, portfolio.id, since, until)
        except MonitorError as failure:
            print(f"{portfolio.label}: {failure} The next run computes it again.", file=sys.stderr)
            codes.append(INCOMPLETE)
    return max(codes)


async def _compare(run: AccountRun, since: datetime, say: Say) -> None:
    try:
        say(str(await compare_days(run, since)))
    except ExchangeError as failure:
        say(f"not compared with the exchange's own daily records: {failure}")


def _count(left_open: dict[datetime, str], reason: str) -> str:
    hours = [hour for hour, why in left_open.items() if why == reason]
    return f"{len(hours):,} hours from {min(hours):%Y-%m-%d %H:%M} to {max(hours):%Y-%m-%d %H:%M} UTC"
