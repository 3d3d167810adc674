"""What was paid for each exit of a trade: the fees of the fills of its order."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import LiteralString, NamedTuple

from finance.decimals import ZERO, total
from finance.trades import UNSOLD, Exit
from sql.rows import Db, load_rows

Paid = Mapping[str, Decimal]  # by the order's number; with an empty one what is of orders that nobody names


class _FeesOfOrder(NamedTuple):
    order_id: str
    value: Decimal


# A clearance fee names no order: it is of the liquidation of its second, by which the exit is called one.
LIQUIDATED: LiteralString = """
    (
      select m.order_id
      from trade_moves m
      where m.account_id = f.account_id and m.trade_id = f.trade_id and m.effect = 'exit' and m.kind = 'liquidation'
        and date_trunc('second', m.at) = date_trunc('second', f.at)
      limit 1
    )
    """


def load_exit_fees(db: Db, account_id: int, name: str) -> Paid:
    """What was paid for the fills of each order of a trade."""
    found = load_rows(
        db,
        _FeesOfOrder,
        f"""
        select order_id, sum(value) as value
        from (
          select case when type = 'LIQUIDATION' and order_id = '' then {LIQUIDATED} else order_id end as order_id, value
          from fees f
          where account_id = %(account)s and trade_id = %(name)s
            and type in ('MAKER', 'TAKER', 'TRADING', 'CONVERSION', 'LIQUIDATION')
        ) paid
        where order_id is not null
        group by order_id
        """,
        {"account": account_id, "name": name},
    )
    return dict(found)


def find_exit_fees(gone: Exit, paid: Paid) -> Decimal | None:
    """What was paid for an exit; None where fees are known whose order no record names."""
    if gone.kind in UNSOLD:
        return ZERO
    known = paid.get(gone.order) if gone.order else None
    return (None if "" in paid else ZERO) if known is None else known


def find_entry_fees(exits: Iterable[Exit], paid: Paid) -> Decimal | None:
    """What was paid for the fills of orders that entered a trade; None where fees are known whose order no record names."""
    out = {one.order for one in exits}
    return None if "" in paid else total(value for order, value in paid.items() if order not in out)
