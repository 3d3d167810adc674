"""Withdrawals whose fee was assumed to be inside their amount, or on top of it."""

from finance.ledger_entries import LedgerEntry
from finance.records import FeePlace
from monitor.ledger.store.entries import NEWEST, read_entry
from sql.rows import Db, load_rows


def load_assumed(db: Db, account_id: int, place: FeePlace) -> tuple[LedgerEntry, ...]:
    """The account's withdrawals whose fee was assumed at `place`, newest revisions only."""
    return load_rows(
        db,
        read_entry,
        f"""
        select *
        from processed_transactions t
        where account_id = %(account)s
          and assumed_fee = %(place)s
          and {NEWEST}
        order by id
        """,
        {"account": account_id, "place": place},
    )
