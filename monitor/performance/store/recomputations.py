"""What has to be computed again: marked in the transaction that makes figures out of date, gone with the new ones."""

from dataclasses import dataclass
from datetime import datetime

from monitor.accounts.store.portfolios import load_portfolios_of
from monitor.database import Db


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputation:
    """From a moment on, figures are not what the ledger and the hours give."""

    since: datetime  # what was read later is out of date
    reason: str  # empty: the newest of history_changes say why
    changes_before: int  # the last of history_changes that were told before


def mark_recomputation(db: Db, account_id: int, since: datetime) -> None:
    """Say that figures of what was read after `since` are out of date; an earlier mark stays."""
    db.execute(
        "insert into recomputations (account_id, since, reason, changes_before) values"
        " (%(account)s, %(since)s, '', (select coalesce(max(id), 0) from history_changes))"
        " on conflict (account_id) do update set since = excluded.since where excluded.since < recomputations.since",
        {"account": account_id, "since": since},
    )


def mark_portfolios(db: Db, account_id: int, since: datetime) -> None:
    """Say the same of every portfolio that the account is or was part of."""
    for portfolio_id in load_portfolios_of(db, account_id):
        mark_recomputation(db, portfolio_id, since)


def load_recomputation(db: Db, account_id: int) -> Recomputation | None:
    """What of an account's history is marked."""
    row = db.execute(
        "select since, reason, changes_before from recomputations where account_id = %(id)s", {"id": account_id}
    ).fetchone()
    return Recomputation(**row) if row else None


def load_marked_accounts(db: Db) -> list[int]:
    """The accounts and portfolios with a mark."""
    return [row["account_id"] for row in db.execute("select account_id from recomputations order by account_id")]


def forget_recomputation(db: Db, account_id: int) -> None:
    """It was computed again."""
    db.execute("delete from recomputations where account_id = %(id)s", {"id": account_id})
