"""What an account's positions made."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sql.rows import Db, load_row, load_value


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


class ContractHours(NamedTuple):
    """What trades in contracts made in all hours together, and how many fills are of none."""

    realised: Decimal
    unrealised: Decimal
    unmatched: int


def add_contract_hours(db: Db, account_id: int, until: datetime) -> ContractHours:
    """The account's hours up to `until`."""
    found = load_row(
        db,
        ContractHours,
        """
        select coalesce(sum(realised), 0) as realised, coalesce(sum(unrealised_change), 0) as unrealised,
          coalesce(sum(unmatched), 0)::integer as unmatched
        from contract_hours
        where account_id = %(account)s and hour <= %(until)s
        """,
        {"account": account_id, "until": until},
    )
    assert found
    return found
