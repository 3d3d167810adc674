"""Round trips of an account or a portfolio, made of its stored trades when they are asked for."""

from datetime import datetime

from finance.contract_trades import ContractTrade
from finance.moments import EPOCH
from finance.round_trips import RoundTrip, pair_moves
from monitor.performance.store.trades import load_closed_trades, load_fees, load_moves_by_trade, load_open_trades
from sql.rows import Db


def load_round_trips(db: Db, account_id: int, until: datetime) -> list[RoundTrip]:
    """Those that ended in the hours up to `until`, in the order in which they ended."""
    moves, fees = load_moves_by_trade(db, account_id, until), load_fees(db, account_id, EPOCH, until)
    trades = [*load_closed_trades(db, account_id, EPOCH, until), *load_open_trades(db, account_id)]
    found = [
        pair
        for one in trades
        if not isinstance(one, ContractTrade)
        for pair in pair_moves(one, moves[one.id], [fee for fee in fees if fee.asset == one.asset])
    ]
    return sorted(found, key=lambda one: one.left_at)
