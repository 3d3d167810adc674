"""Reading the fills of contracts: those that the income of a wallet is of and that are not known, a week in a call.

Income says of which contract a commission or a profit is, and of which fill: by its id, by that of its order (whose fills may
be of any time since it was given), or by its moment and side (`contract_bookings`). So nothing is asked while nothing new was
booked, and weeks in which nothing was traded are passed over. A fill that its exchange does not list though income is of it is
asked for again until it is a day old. Never in the way of the hour: it is recorded before, and what fails is asked again by the next run.
Trades are made of what is found once the account's hours are computed again, at the end of the run.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from finance.attribution.hour import LATE
from finance.moments import SECOND
from finance.records import ContractFill, ContractQuery, FillMarket
from monitor.accounts.client import AccountRun
from monitor.errors import ExchangeError, ExchangePaused
from monitor.ledger.store.closed_positions import find_last_closed, record_closed_positions
from monitor.ledger.store.contracts_due import DueContract, find_unlisted, find_unread, load_due_contracts, read_on
from monitor.ledger.store.fills_and_income import record_contract_fills
from monitor.ledger.store.marks import explain_mark
from monitor.snapshots.store.wallets import load_enabled_wallets

MOST_CALLS = 20  # a run's, for the contracts of one account: a long history is read in the course of hours
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PATIENCE = timedelta(days=1)
REACH = timedelta(days=80)  # of the three months that exchanges show of closed positions
UNLISTED = "The trade of {symbol} at {at:%Y-%m-%d %H:%M:%S} UTC is in no list of its fills though income names it"
PORTFOLIO = str(FillMarket.PORTFOLIO_MARGIN)
WEEK = timedelta(days=7) - SECOND  # with the second that an end may be cut by, what one call may cover


async def read_contract_fills(run: AccountRun, most_calls: int) -> int:
    """Read the fills that are due, the oldest first; returns the calls used. Raises no ExchangeError."""
    account, most = run.connect(), min(most_calls, MOST_CALLS)
    used = 0
    for due in load_due_contracts(run.db, run.account_id) if account.contract_wallets else ():
        try:
            used += await read_contract(run, due, most - used)
        except ExchangeError as failure:
            used += 1
            run.log("warning", f"Fills of {due.symbol} could not be read, the next run asks again: {failure}")
            run.note_pause(failure)
            if isinstance(failure, ExchangePaused):
                break
    return used


async def read_contract(run: AccountRun, due: DueContract, most_calls: int) -> int:
    """Read a contract's fills on, as far as the calls reach; returns those used. Raises ExchangeError."""
    used = 0
    since = find_unread(run.db, run.account_id, due)
    while since and used < most_calls:
        used += 1
        due = replace(due, since=since.replace(microsecond=0))
        until = min(due.since + WEEK, max(run.now, due.since) + LATE)
        query = ContractQuery(wallet=_find_wallet(run, due), symbol=due.symbol, since=due.since, until=until)
        found = await run.connect().fetch_contract_fills(query)
        used += await _try_closed(run, query) if found else 0
        since, unlisted = _record(run, due, until, found)
        if unlisted:
            run.log("warning", f"{UNLISTED.format(symbol=due.symbol, at=unlisted)}, the next run asks again.")
            return used
    if since is None:  # what was due is known by now
        read_on(run.db, run.account_id, due, None)
    return used


async def read_closed(run: AccountRun, query: ContractQuery) -> int:
    """Read what the exchange says of the positions of a contract that were closed, from the last one on that is known, up to the
    end of `query`; returns the calls used. Raises ExchangeError."""
    last = find_last_closed(run.db, run.account_id, query.symbol)
    since = max(min(last or query.since - REACH, query.since), run.now - REACH)
    if not run.connect().has_closed_positions or since >= query.until:
        return 0
    found = await run.connect().fetch_closed_positions(replace(query, since=since))
    record_closed_positions(run.db, run.account_id, found)
    return 1


async def _try_closed(run: AccountRun, query: ContractQuery) -> int:
    """The same; what fails keeps no fill from being stored, and is read when the contract is traded again. Raises ExchangePaused."""
    try:
        return await read_closed(run, query)
    except ExchangePaused:
        raise
    except ExchangeError as failure:
        run.log("warning", f"The exchange's account of closed positions in {query.symbol} could not be read: {failure}")
        return 1


def _describe_late(symbol: str, count: int, late: timedelta) -> str:
    when = f"{late // HOUR} h" if late >= HOUR else f"{late // MINUTE} min"
    executions = "an execution" if count == 1 else f"{count} executions"
    return f"{executions} of {symbol} became visible {when} late: trades in that contract and their fees are others"


def _find_wallet(run: AccountRun, due: DueContract) -> str:
    """Where the contract is traded now: portfolio margin, once the account has it, has the fills of before as well."""
    is_unified = PORTFOLIO in load_enabled_wallets(run.db, run.account_id)
    return PORTFOLIO if is_unified else due.wallet


def _record(
    run: AccountRun, due: DueContract, until: datetime, fills: tuple[ContractFill, ...]
) -> tuple[datetime | None, datetime | None]:
    """Store what was read up to `until`; returns from when on to read, and what is young, was booked and is in no list."""
    with run.db.transaction():
        new = record_contract_fills(run.db, run.account_id, fills)
        first = min((fill.occurred_at for fill in new), default=run.now)
        if first < run.hour - HOUR:
            explain_mark(run.db, run.account_id, first, _describe_late(due.symbol, len(new), run.now - first), run.now)
        unlisted = find_unlisted(run.db, run.account_id, due, until)
        if unlisted and unlisted >= run.now - PATIENCE:
            read_on(run.db, run.account_id, due, find_unread(run.db, run.account_id, due))
            return None, unlisted
        since = find_unread(run.db, run.account_id, replace(due, since=until))
        read_on(run.db, run.account_id, due, since)
        return since, None
