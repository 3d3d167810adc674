"""How far the rebuilding of each account's history is."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.history.members import present
from sql.rows import Db, load_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilding:
    """The rebuilding of one account's history, month by month, the newest first."""

    account_id: int
    label: str
    month: datetime  # when the month begins that is worked on, or comes next
    percent: int  # of that month
    seconds_left: int | None  # that the month still takes
    is_finished: bool
    reason: str  # why it ends there, or what went wrong last
    changed_at: datetime
    first: datetime | None  # the first valued hour so far


def load_rebuildings(db: Db, account_id: int, *, with_finished: bool) -> tuple[Rebuilding, ...]:
    """Those of an account or of a portfolio's accounts, the one that was worked on last before the others."""
    return load_rows(
        db,
        Rebuilding,
        f"""
        select a.account_id, a.label, r.month::timestamptz, r.percent, r.seconds_left, r.is_finished, r.reason,
          r.changed_at,
          (
            select n.hour::timestamptz
            from nav n
            where n.account_id = a.account_id and n.unit_price is not null
            order by n.hour
            limit 1
          ) as first
        from rebuildings r
        join accounts a using (account_id)
        where {present("a")} and (%(with_finished)s or not r.is_finished)
        order by r.changed_at desc, a.account_id
        """,
        {"id": account_id, "with_finished": with_finished},
        prepare=True,  # every page asks it, also one that is cached
    )
