"""After an outage the next run rebuilds the hours that were missed, when they are few and exact.

Never in the way of the hour itself: it is recorded before. What fails is tried again by the runs of the next day.
"""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

from monitor.errors import ExchangePaused, MonitorError
from monitor.explained.missing_fills import RunContext
from monitor.rebuilt.backfill import combine_history, fill_gap
from monitor.rebuilt.filling import Rebuilder
from monitor.store.rebuilt import load_combinable, load_gaps
from monitor.store.runs import record_log, record_pause

LONGEST = timedelta(hours=72)
TRIED_FOR = timedelta(hours=24)
HOUR = timedelta(hours=1)


async def fill_outages(work: Rebuilder, run: RunContext) -> None:
    """Rebuild the account's recent gaps. Raises nothing for a failure: it is logged."""
    gaps = load_gaps(work.db, work.account.id, run.hour - LONGEST - TRIED_FOR, run.hour)
    for gap in gaps:
        if gap.after - gap.before <= LONGEST + HOUR and run.hour - gap.after < TRIED_FOR:
            await _try(work, run, work.account.id, fill_gap(work, gap))


async def combine_outages(work: Rebuilder, run: RunContext) -> None:
    """Rebuild the recent combined rows of hours that every account has by now. Raises nothing for a failure."""
    since, until = run.hour - LONGEST - TRIED_FOR, run.hour - HOUR
    if load_combinable(work.db, since, until):
        await _try(work, run, None, combine_history(work, since, until, run.run_id))


async def _try(work: Rebuilder, run: RunContext, account_id: int | None, filling: Awaitable[object]) -> bool:
    """Whether `filling` was done; a failure is logged."""
    failure: Exception
    try:
        async with asyncio.timeout(work.edge.deadline_seconds):
            await filling
            return True
    except MonitorError as error:
        failure = error
    except TimeoutError:
        failure = MonitorError(f"it took longer than {work.edge.deadline_seconds} s")
    message = f"Hours without a reading could not be rebuilt yet: {failure}"
    record_log(work.db, at=run.at, level="warning", message=message, run_id=run.run_id, account_id=account_id)
    if isinstance(failure, ExchangePaused):
        record_pause(work.db, work.edge.exchange, failure)
    return False
