"""The hours before an account's first reading, which were rebuilt, and what follows from them."""

from datetime import datetime
from typing import NamedTuple

from finance.hour_status import HourStatus
from sql.rows import Db, load_row, load_values


class FirstReading(NamedTuple):
    """An account's first hour that was read."""

    hour: datetime
    taken_at: datetime


def load_first_reading(db: Db, account_id: int) -> FirstReading | None:
    """The account's first valued hour that was read and not rebuilt."""
    return load_row(
        db,
        FirstReading,
        """
        select hour, taken_at
        from nav_history
        where account_id = %(account)s and status = %(complete)s
        order by hour
        limit 1
        """,
        {"account": account_id, "complete": HourStatus.COMPLETE},
    )


def forget_hours_before(db: Db, account_id: int, first: FirstReading) -> tuple[datetime, ...]:
    """Take back the rows of hours before the `first` reading, and of what follows from them; returns the rebuilt ones."""
    asked = {"account": account_id, "hour": first.hour, "taken_at": first.taken_at}
    reconstructed = load_values(
        db,
        """
        select hour
        from nav_history
        where account_id = %(account)s and hour < %(hour)s and status = %(reconstructed)s
        order by hour
        """,
        asked | {"reconstructed": HourStatus.RECONSTRUCTED},
    )
    if not reconstructed:
        return ()
    db.execute("delete from explanations where account_id = %(account)s and hour <= %(hour)s", asked)
    db.execute(
        """
        delete from benchmark_history h
        using benchmark_configs c
        where c.id = h.benchmark_id and c.account_id = %(account)s and h.hour < %(hour)s
        """,
        asked,
    )
    db.execute("delete from flow_valuations where account_id = %(account)s and occurred_at < %(taken_at)s", asked)
    db.execute(
        """
        delete from benchmark_flows f
        using benchmark_configs c
        where c.id = f.benchmark_id and c.account_id = %(account)s and f.occurred_at < %(taken_at)s
        """,
        asked,
    )
    db.execute("delete from nav_history where account_id = %(account)s and hour < %(hour)s", asked)
    return tuple(reconstructed)


def begin_rebuilding_anew(db: Db, account_id: int) -> None:
    """Let the rebuilding of the account's past and of its gaps begin anew."""
    db.execute("delete from rebuildings where account_id = %(account)s", {"account": account_id})
