"""What a run still does once every account's hour is recorded: fills for what is unexplained, hours that were missed.

Never in the way of the hours. The accounts share the calls of a run; who comes first changes with the hour, so that one
account whose changes nobody explains does not keep the others waiting for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.database.containment import gathered
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


async def complete_accounts(recorded: Sequence[Recorded], hour: datetime) -> tuple[str, ...]:
    """Look for missing fills and rebuild recent gaps, account by account. Returns what broke, in words."""
    broken: list[str] = []
    calls_left = max((each.work.client.most_fill_calls for each in recorded), default=0)
    for each in take_turns(recorded, hour):
        work = each.work
        with gathered(f"Completing the hours of the account {work.account.label}", broken):
            calls_left -= await complete_hours(work.db, work.client, work.ticker, work.account, each.run, calls_left)
            await fill_outages(work, each.run)
    return tuple(broken)


async def complete_whole(recorded: Sequence[Recorded], now: datetime) -> tuple[str, ...]:
    """Rebuild recent combined hours, and compare days with the exchange's records. Returns what broke, in words."""
    broken: list[str] = []
    if not recorded:
        return ()
    work, run = recorded[-1].work, recorded[-1].run
    with gathered("Completing the hours of all accounts", broken):
        await combine_outages(work, run)
    with gathered("Comparing days with the exchange's records", broken):
        await check_days(work.db, work.client, [each.work.account for each in recorded], run.run_id, now)
    return tuple(broken)


def take_turns(recorded: Sequence[Recorded], hour: datetime) -> Sequence[Recorded]:
    """The same, beginning with another one each hour."""
    first = (hour - EPOCH) // HOUR % len(recorded) if recorded else 0
    return (*recorded[first:], *recorded[:first])
