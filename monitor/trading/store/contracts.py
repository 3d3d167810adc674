"""What an account's positions made."""

from datetime import datetime
from decimal import Decimal

from sql.rows import Db, load_value


def load_made(db: Db, account_id: int, until: datetime) -> Decimal:
    """What positions made in the account's hours up to `until`, as these are explained."""
    found: Decimal = load_value(
        db,
        """
        select coalesce(sum(positions), 0) as made
        from explanations
        where account_id = %(account)s and hour <= %(until)s
        """,
        {"account": account_id, "until": until},
    )
    return found
