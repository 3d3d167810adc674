"""Why rows that were already shown have changed, what of the ledger may still change them, and what is out of date.

What has to be computed again is marked in the transaction that makes figures out of date; the mark goes with the new ones.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from finance.hour_status import VALUED
from finance.ledger_entries import LedgerEntry
from monitor.accounts.store.portfolios import load_portfolios_of
from monitor.ledger.store.entries import load_revisions
from monitor.ledger.store.marks import mark_recomputation
from sql.rows import Db, load_row, load_value, load_values


def record_history_change(
    db: Db,
    account_id: int,
    *,
    since: datetime,
    reason: str,
    at: datetime,
    before: datetime | None = None,
    run_id: int | None = None,
) -> int:
    """Add why the valued hours from the moment `since` on (and earlier than the hour `before`) have changed.

    Returns how many they are; nothing is added when there are none, or when `since` is before the first of them, which
    no flow can change.
    """
    hours: int | None = load_value(
        db,
        """
        insert into history_changes (account_id, changed_at, run_id, since_hour, hours, reason)
        select %(account)s, %(at)s, %(run)s, min(hour), count(*), %(reason)s
        from nav_history
        where account_id = %(account)s
          and status = any(%(valued)s)
          and taken_at > %(since)s
          and hour > %(since)s::timestamptz - interval '2 hours'
          and hour < coalesce(%(before)s, 'infinity'::timestamptz)
          and exists (
            select from nav_history
            where account_id = %(account)s and status = any(%(valued)s) and taken_at <= %(since)s
          )
        having count(*) > 0
        returning hours
        """,
        {
            "account": account_id,
            "at": at,
            "run": run_id,
            "reason": reason,
            "since": since,
            "before": before,
            "valued": VALUED,
        },
    )
    return hours or 0


def record_changed_hours(
    db: Db, account_id: int, hours: Collection[datetime], *, reason: str, at: datetime, run_id: int | None = None
) -> None:
    """Add why exactly these `hours` have changed; nothing if there are none, or if it was recorded `at` this time already."""
    if hours:
        db.execute(
            """
            insert into history_changes (account_id, changed_at, run_id, since_hour, hours, reason)
            select %(account)s, %(at)s, %(run)s, %(since)s, %(hours)s, %(reason)s
            where not exists (
              select from history_changes
              where account_id = %(account)s and changed_at = %(at)s and reason = %(reason)s
            )
            """,
            {
                "account": account_id,
                "at": at,
                "run": run_id,
                "since": min(hours),
                "hours": len(hours),
                "reason": reason,
            },
        )


def load_reasons(db: Db, portfolio_id: int, changes_before: int) -> list[str]:
    """Why the histories of a portfolio's accounts have changed since the change with this number, each reason once, after
    the labels of all accounts of which it is so."""
    return load_values(
        db,
        """
        select string_agg(distinct a.label, ', ' order by a.label) || ': ' || h.reason as reason
        from history_changes h
        join accounts a on a.id = h.account_id
        where h.id > %(before)s
          and h.account_id in (select account_id from memberships where portfolio_id = %(portfolio)s)
        group by h.reason
        order by min(h.since_hour), 1
        """,
        {"portfolio": portfolio_id, "before": changes_before},
    )


def load_unpriced(db: Db, account_id: int) -> tuple[LedgerEntry, ...]:
    """Flows of valued hours whose price was not known when they were valued."""
    ids = load_values(
        db,
        """
        select v.transaction_id
        from flow_valuations v
        where v.account_id = %(account)s
          and v.value is null
          and exists (
            select from nav_history n
            where n.account_id = %(account)s and n.status = any(%(valued)s) and n.taken_at > v.occurred_at
          )
        """,
        {"account": account_id, "valued": VALUED},
    )
    return load_revisions(db, ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputation:
    """From a moment on, figures are not what the ledger and the hours give."""

    since: datetime  # what was read later is out of date
    reason: str  # empty: the newest of history_changes say why
    changes_before: int  # the last of history_changes that were shown before


def mark_portfolios(db: Db, account_id: int, since: datetime) -> None:
    """Say the same of every portfolio that the account is or was part of."""
    for portfolio_id in load_portfolios_of(db, account_id):
        mark_recomputation(db, portfolio_id, since)


def load_recomputation(db: Db, account_id: int) -> Recomputation | None:
    """What of an account's history is marked."""
    statement = "select since, reason, changes_before from recomputations where account_id = %(id)s"
    return load_row(db, Recomputation, statement, {"id": account_id})


def load_marked_accounts(db: Db) -> list[int]:
    """The accounts and portfolios with a mark."""
    return load_values(db, "select account_id from recomputations order by account_id")


def is_anything_marked(db: Db, hour: datetime) -> bool:
    """Whether a run of `hour` has something to compute again: not a portfolio whose row of it says why it could not."""
    is_marked: bool = load_value(
        db,
        """
        select exists (
          select from recomputations r
          where r.account_id > 0
            or not exists (
              select from nav_history n
              where n.account_id = r.account_id and n.hour = %(hour)s and n.nav is null
            )
        )
        """,
        {"hour": hour},
    )
    return is_marked


def forget_recomputation(db: Db, account_id: int) -> None:
    """It was computed again."""
    db.execute("delete from recomputations where account_id = %(id)s", {"id": account_id})
