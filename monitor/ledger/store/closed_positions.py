"""Positions of contracts that were closed, by the exchange's own account: only ever added to."""

from collections.abc import Iterable
from datetime import datetime

from psycopg.types.json import Jsonb

from finance.closed_positions import ClosedPosition
from sql.rows import Db, execute_each, load_rows, load_value


def record_closed_positions(db: Db, account_id: int, positions: Iterable[ClosedPosition]) -> None:
    """Add the `positions` that are not there yet."""
    execute_each(
        db,
        """
        insert into closed_positions (
          account_id, wallet, symbol, exchange_id, is_short, opened_at, closed_at, settle, profit, fees, funding, net, raw
        )
        values (
          %(account)s, %(wallet)s, %(symbol)s, %(exchange_id)s, %(is_short)s, %(opened_at)s, %(closed_at)s, %(settle)s,
          %(profit)s, %(fees)s, %(funding)s, %(net)s, %(raw)s
        )
        on conflict (account_id, symbol, exchange_id) do nothing
        """,
        [
            {
                "account": account_id,
                "wallet": one.wallet,
                "symbol": one.symbol,
                "exchange_id": one.exchange_id,
                "is_short": one.is_short,
                "opened_at": one.opened_at,
                "closed_at": one.closed_at,
                "settle": one.settle,
                "profit": one.profit,
                "fees": one.fees,
                "funding": one.funding,
                "net": one.net,
                "raw": Jsonb(one.raw),
            }
            for one in positions
        ],
    )


def find_last_closed(db: Db, account_id: int, symbol: str) -> datetime | None:
    """When the last position in a contract was closed that is known; None without one."""
    found: datetime | None = load_value(
        db,
        "select max(closed_at) from closed_positions where account_id = %(account)s and symbol = %(symbol)s",
        {"account": account_id, "symbol": symbol},
    )
    return found


def load_closed_positions(db: Db, account_id: int, until: datetime) -> tuple[ClosedPosition, ...]:
    """Those that were closed up to `until`, in time order."""
    return load_rows(
        db,
        ClosedPosition,
        """
        select wallet, symbol, exchange_id, is_short, opened_at, closed_at, settle, profit, fees, funding, net
        from closed_positions
        where account_id = %(account)s and closed_at <= %(until)s
        order by closed_at, exchange_id
        """,
        {"account": account_id, "until": until},
    )
