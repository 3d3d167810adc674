"""The end of each day: what everybody had in spot then."""

from datetime import datetime, timedelta
from decimal import Decimal

from paper.engine.changes import Changes, DayEnded
from paper.engine.venue import Venue
from paper.ledger.balances import Ledger

PLACES = ("spot", "locked", "withdrawing")
ZERO = Decimal(0)
MOST_DAYS = 30  # that are told


def next_end(at: datetime) -> datetime:
    """The last second of the day after a moment."""
    end = at.replace(hour=23, minute=59, second=59, microsecond=0)
    return end if end > at else end + timedelta(days=1)


def list_balances(ledger: Ledger, owner: str) -> dict[str, tuple[Decimal, Decimal]]:
    """What an owner has in spot, by asset: free and locked."""
    free, *locked = (dict(ledger.holdings(owner, place)) for place in PLACES)
    assets = {*free, *(asset for held in locked for asset in held)}
    return {a: (free.get(a, ZERO), sum((held.get(a, ZERO) for held in locked), ZERO)) for a in assets}


def end_days(venue: Venue, last: datetime, now: datetime) -> datetime:
    """Note the days that have ended since `last`, which was the end of one or a beginning; returns the last end up to now.

    Nothing moves between the end of a day and the first look after it that this does not see: a venue that slept had no trades.
    """
    last = max(last, now - timedelta(days=MOST_DAYS))
    while (end := next_end(last)) <= now:
        records = [
            DayEnded(owner=name, at=end, balances=list_balances(venue.ledger, name))
            for name, account in venue.accounts.items()
            if account.created_at <= end
        ]
        if records:
            venue.write(Changes(records=records))
        last = end
    return last
