"""After an outage the next run rebuilds the hours that were missed, when they are few and exact.

Hours whose readings were left open count as soon as these fit: a flow that is told late explains them.

Never in the way of the hour itself: it is recorded before. What fails is tried again by the runs of the next day.
"""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

from monitor.accounts.account_run import AccountRun
from monitor.accounts.store.portfolios import load_portfolios
from monitor.database.runs import record_log
from monitor.errors import MonitorError
from monitor.performance.store.members import load_combinable
from monitor.recovery.backfill import combine_history, confirm_gap, fill_gap
from monitor.recovery.store.rebuilt import load_ended_gaps

MOST_MISSED = 72  # hours
HOUR, TRIED_FOR = timedelta(hours=1), timedelta(hours=24)
RECENT = MOST_MISSED * HOUR + TRIED_FOR


async def fill_outages(run: AccountRun) -> None:
    """Rebuild the account's recent gaps, after readings in them that fit by now. Raises nothing for a failure.

    Failures are logged. Hours in which the monitor ran and failed are as many as there are.
    """
    since = run.hour - TRIED_FOR + HOUR
    for gap in load_ended_gaps(run.db, run.account_id, since, run.hour):
        await _try(run, run.account_id, confirm_gap(run, gap))
    for gap in load_ended_gaps(run.db, run.account_id, since, run.hour):
        if gap.missed <= MOST_MISSED:
            await _try(run, run.account_id, fill_gap(run, gap))


async def combine_outages(run: AccountRun) -> None:
    """Rebuild the portfolios' recent rows of hours that all their members have by now. Raises nothing for a failure."""
    for portfolio in load_portfolios(run.db):
        gaps = load_ended_gaps(run.db, portfolio.id, run.hour - TRIED_FOR + HOUR, run.hour)
        since, until = min([run.hour - RECENT, *(gap.before for gap in gaps)]), run.hour - HOUR
        if load_combinable(run.db, portfolio.id, since, until):
            await _try(run, None, combine_history(run, portfolio.id, since, until))


async def _try(run: AccountRun, account_id: int | None, filling: Awaitable[object]) -> bool:
    """Whether `filling` was done; a failure is logged."""
    failure: Exception
    try:
        async with asyncio.timeout(run.client.deadline_seconds):
            await filling
            return True
    except MonitorError as error:
        failure = error
    except TimeoutError:
        failure = MonitorError(f"it took longer than {run.client.deadline_seconds} s")
    message = f"Hours without a reading could not be rebuilt yet: {failure}"
    record_log(run.db, at=run.now, level="warning", message=message, run_id=run.run_id, account_id=account_id)
    run.note_pause(failure)
    return False
