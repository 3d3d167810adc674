"""One trade: its totals, what moved in it, and what was paid for it."""

from finance.trades import Fee, Trade, TradeMove
from monitor.performance.store.trades import FEE_COLUMNS, PLACED_COLUMNS, TRADE_COLUMNS, read_move, read_trade
from sql.rows import Db, load_rows


def load_trade(db: Db, account_id: int, trade_id: str) -> Trade:
    """A trade that is there."""
    [found] = load_rows(
        db,
        read_trade,
        f"select {TRADE_COLUMNS} from trades where account_id = %(account)s and id = %(trade)s",
        {"account": account_id, "trade": trade_id},
    )
    return found


def load_moves_of(db: Db, account_id: int, trade_id: str) -> tuple[TradeMove, ...]:
    """What moved in one trade, in order."""
    return load_rows(
        db,
        read_move,
        f"""
        select {PLACED_COLUMNS}
        from trade_moves
        where account_id = %(account)s and trade_id = %(trade)s
        order by hour, number
        """,
        {"account": account_id, "trade": trade_id},
    )


def load_fees_of(db: Db, account_id: int, trade_id: str) -> tuple[Fee, ...]:
    """What was paid for one trade, in order."""
    return load_rows(
        db,
        Fee,
        f"""
        select {FEE_COLUMNS}
        from fees
        where account_id = %(account)s and trade_id = %(trade)s
        order by hour, number
        """,
        {"account": account_id, "trade": trade_id},
    )
