"""What a run still does once every account's hour is recorded: fills for what is unexplained, hours that were missed.

Never in the way of the hours. The accounts share the calls of a run; who comes first changes with the hour, so that one
account whose changes nobody explains does not keep the others waiting for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.explained.missing_fills import RunContext, complete_hours
from monitor.rebuilt.filling import Rebuilder
from monitor.rebuilt.outages import fill_outages

HOUR = timedelta(hours=1)
EPOCH = datetime.fromisoformat("1970-01-01T00:00Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An account whose hour is recorded."""

    work: Rebuilder
    run: RunContext


async def complete_accounts(recorded: Sequence[Recorded], hour: datetime) -> None:
    """Look for missing fills and rebuild recent gaps, account by account. Raises no ExchangeError."""
    calls_left = max((each.work.edge.most_fill_calls for each in recorded), default=0)
    for each in take_turns(recorded, hour):
        work = each.work
        calls_left -= await complete_hours(work.db, work.edge, work.ticker, work.account, each.run, calls_left)
        await fill_outages(work, each.run)


def take_turns(recorded: Sequence[Recorded], hour: datetime) -> Sequence[Recorded]:
    """The same, beginning with another one each hour."""
    first = (hour - EPOCH) // HOUR % len(recorded) if recorded else 0
    return (*recorded[first:], *recorded[:first])
