"""An account's trades as they are stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from finance.decimals import total
from finance.excursions import Excursion
from finance.moments import EPOCH
from finance.trades import Exit, Trade, list_exits
from monitor.performance.store.explanations import load_realised
from monitor.performance.store.trades import load_closed_trades, load_moves_by_trade, load_open_trades
from monitor.trading.store.excursions import load_excursions
from sql.rows import Db


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTrades:
    """Trades in the order in which they were opened, their exits by id, and everything the account has realised."""

    trades: Sequence[Trade]
    exits: Mapping[str, Sequence[Exit]]
    excursions: Mapping[str, Excursion]  # of those whose klines were read
    realised: Decimal

    @property
    def rest(self) -> Decimal:
        """What was realised outside of trades: on cash, rewards and dust."""
        return total([self.realised, *(-one.gross for one in self.trades)])


def load_account_trades(db: Db, account_id: int, until: datetime) -> AccountTrades:
    """Those of the account's hours up to `until`."""
    moves = load_moves_by_trade(db, account_id, until)
    trades = [*load_closed_trades(db, account_id, EPOCH, until), *load_open_trades(db, account_id)]
    return AccountTrades(
        trades=sorted(trades, key=lambda one: one.opened_at),
        exits={one.id: list_exits(moves[one.id]) for one in trades},
        excursions=load_excursions(db, account_id),
        realised=load_realised(db, account_id),
    )
