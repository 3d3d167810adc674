"""What a run still does once every account's hour is recorded: fills for what is unexplained, hours that were missed.

Never in the way of the hours. The accounts share the calls of a run; who comes first changes with the hour, so that one
account whose changes nobody explains does not keep the others waiting for ever.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.database.containment import contained
from monitor.database.runs import record_log
from monitor.errors import Crashed
from monitor.recovery.daily_checks import check_days
from monitor.recovery.filling import Rebuilder
from monitor.recovery.missing_fills import RunContext, complete_hours
from monitor.recovery.outages import combine_outages, fill_outages

HOUR = timedelta(hours=1)
EPOCH = datetime.fromisoformat("1970-01-01T00:00Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An account whose hour is recorded."""

    work: Rebuilder
    run: RunContext


async def complete_accounts(recorded: Sequence[Recorded], hour: datetime) -> None:
    """Look for missing fills and rebuild recent gaps, account by account. What breaks is logged."""
    calls_left = max((each.work.client.most_fill_calls for each in recorded), default=0)
    for each in take_turns(recorded, hour):
        work = each.work
        with _logged(each, f"Completing the hours of the account {work.account.label}"):
            calls_left -= await complete_hours(work.db, work.client, work.ticker, work.account, each.run, calls_left)
            await fill_outages(work, each.run)


async def complete_whole(recorded: Sequence[Recorded], now: datetime) -> None:
    """Rebuild recent combined hours, and compare days with the exchange's records. What breaks is logged."""
    if not recorded:
        return
    work, run = recorded[-1].work, recorded[-1].run
    with _logged(recorded[-1], "Completing the hours of all accounts"):
        await combine_outages(work, run)
    with _logged(recorded[-1], "Comparing days with the exchange's records"):
        await check_days(work.db, work.client, [each.work.account for each in recorded], run.run_id, now)


@contextmanager
def _logged(recorded: Recorded, doing: str) -> Iterator[None]:
    try:
        with contained(doing):
            yield
    except Crashed as failure:
        db, run = recorded.work.db, recorded.run
        record_log(db, at=run.at, level="error", message=str(failure), run_id=run.run_id)


def take_turns(recorded: Sequence[Recorded], hour: datetime) -> Sequence[Recorded]:
    """The same, beginning with another one each hour."""
    first = (hour - EPOCH) // HOUR % len(recorded) if recorded else 0
    return (*recorded[first:], *recorded[:first])
