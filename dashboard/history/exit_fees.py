"""What was paid for each exit of a trade: the fees of the fills of its order."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from finance.decimals import ZERO
from finance.trades import Exit
from sql.rows import Db, load_rows

Paid = Mapping[str, Decimal]  # by the order's number; with an empty one what is of orders that nobody names


class _FeesOfOrder(NamedTuple):
    order_id: str
    value: Decimal


def load_exit_fees(db: Db, account_id: int, name: str) -> Paid:
    """What was paid for the fills of each order of a trade."""
    found = load_rows(
        db,
        _FeesOfOrder,
        """
        select order_id, sum(value) as value
        from fees
        where account_id = %(account)s and trade_id = %(name)s and type in ('MAKER', 'TAKER', 'TRADING', 'CONVERSION')
        group by order_id
        """,
        {"account": account_id, "name": name},
    )
    return dict(found)


def find_exit_fees(gone: Exit, paid: Paid) -> Decimal | None:
    """What was paid for an exit; None where fees are known whose order no record names."""
    if not gone.order:
        return ZERO
    return paid.get(gone.order, None if "" in paid else ZERO)
