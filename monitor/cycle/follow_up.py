"""What a run still does once every account's hour is recorded: fills for what is unexplained, hours that were missed.

Never in the way of the hours. The accounts share the calls of a run; who comes first changes with the hour, so that one
account whose changes nobody explains does not keep the others waiting for ever.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.accounts.account_run import AccountRun
from monitor.database.containment import gathered
from monitor.performance.recording import Outcome
from monitor.recovery.daily_records import check_days
from monitor.recovery.missing_fills import find_missing_fills
from monitor.recovery.outages import combine_outages, fill_outages

HOUR = timedelta(hours=1)
EPOCH = datetime.fromisoformat("1970-01-01T00:00Z")
T = TypeVar("T")


async def look_after_accounts(recorded: Sequence[tuple[AccountRun, Outcome]], hour: datetime) -> tuple[str, ...]:
    """Look for missing fills and rebuild recent gaps, account by account. Returns what broke, in words."""
    broken: list[str] = []
    calls_left = max((run.client.most_fill_calls for run, _ in recorded), default=0)
    for run, outcome in take_turns(recorded, hour):
        with gathered(f"Completing the hours of the account {run.account.label}", broken):
            calls_left -= await find_missing_fills(run, calls_left, warns=outcome.is_new)
            await fill_outages(run)
    return tuple(broken)


async def look_after_all(runs: Sequence[AccountRun], now: datetime) -> tuple[str, ...]:
    """Rebuild recent hours of portfolios, and compare days with the exchange's records. Returns what broke, in words."""
    broken: list[str] = []
    if not runs:
        return ()
    with gathered("Completing the hours of all accounts", broken):
        await combine_outages(runs[-1])
    with gathered("Comparing days with the exchange's records", broken):
        await check_days(runs, now)
    return tuple(broken)


def take_turns(recorded: Sequence[T], hour: datetime) -> Sequence[T]:
    """The same, beginning with another one each hour."""
    first = (hour - EPOCH) // HOUR % len(recorded) if recorded else 0
    return (*recorded[first:], *recorded[:first])
