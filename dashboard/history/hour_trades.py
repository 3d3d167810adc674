"""What an hour realised and paid in trades, as its explanation has it."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from dashboard.history.members import ID, member, own
from finance.trades import UNSOLD
from sql.rows import Db, load_rows, load_value


class TradeInHour(NamedTuple):
    """What an hour realised in a trade and what was paid for it, in the valuation asset; funding is no part of what was paid."""

    account_id: int
    trade_id: str
    symbol: str
    is_contract: bool
    gain: Decimal
    paid: Decimal
    funding: Decimal  # got; paid: negative


def load_hour_trades(db: Db, account_id: int, hour: datetime) -> tuple[TradeInHour, ...]:
    """The trades of what is shown that the hour moved, coins before contracts; those in contracts are each account's own."""
    return load_rows(
        db,
        TradeInHour,
        f"""
        with shown as (
          select b.account_id from books b where b.id = {ID} union select m.account_id from members m where m.id = {ID}
        ), moved as (
          select account_id, hour, trade_id, gain, 0 as paid, 0 as funding
          from trade_moves
          where account_id in (table shown) and hour = %(hour)s and effect = 'exit' and kind <> all(%(unsold)s)
          union all
          select account_id, hour, trade_id, 0, case when type = 'FUNDING' then 0 else value end,
            case when type = 'FUNDING' then -value else 0 end
          from fees
          where account_id in (table shown) and hour = %(hour)s and trade_id is not null
        )
        select v.account_id, v.trade_id, t.symbol, t.settle is not null as is_contract, sum(v.gain) as gain,
          sum(v.paid) as paid, sum(v.funding) as funding
        from moved v
        join trades t on t.account_id = v.account_id and t.id = v.trade_id
        where case when t.settle is null then {own("v")} else {member("v", "v.hour")} end
        group by v.account_id, v.trade_id, t.symbol, t.settle is not null
        order by is_contract, t.symbol, v.account_id, v.trade_id
        """,
        {"id": account_id, "hour": hour, "unsold": list(UNSOLD)},
    )


def load_open_contracts_change(db: Db, account_id: int, hour: datetime) -> Decimal:
    """What changed in the hour of what is open in contracts."""
    found: Decimal | None = load_value(
        db,
        f"""
        select sum(c.unrealised_change)
        from contract_hours c
        where c.hour = %(hour)s and {member("c", "c.hour")}
        """,
        {"id": account_id, "hour": hour},
    )
    return found or Decimal(0)
