"""An account's trades as they are stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from finance.contract_trades import ContractTrade
from finance.decimals import total
from finance.excursions import Excursion
from finance.moments import EPOCH
from finance.trades import Exit, Trade, list_exits
from monitor.performance.store.explanations import load_realised
from monitor.performance.store.trades import load_closed_trades, load_moves_by_trade, load_open_trades
from monitor.trading.store.excursions import load_excursions
from monitor.trading.store.grouped import Ending, load_all_roles, load_endings
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
        """What was realised outside of trades: on cash, rewards and dust. What contracts made is no part of that."""
        return total([self.realised, *(-one.gross for one in self.coins)])

    @property
    def coins(self) -> Sequence[Trade]:
        """Those in coins."""
        return [one for one in self.trades if not isinstance(one, ContractTrade)]


def end_trade(trade: Trade, ending: Ending | None) -> Trade:
    """A trade that ended as what its last order was given for."""
    return replace(trade, ended_by=ending.kind) if ending and ending.kind else trade


def load_account_trades(db: Db, account_id: int, until: datetime) -> AccountTrades:
    """Those of the account's hours up to `until`."""
    moves, roles = load_moves_by_trade(db, account_id, until), load_all_roles(db, account_id)
    endings = load_endings(db, account_id)
    stored = [*load_closed_trades(db, account_id, EPOCH, until), *load_open_trades(db, account_id)]
    trades = [end_trade(one, endings.get(one.id)) for one in stored]
    return AccountTrades(
        trades=sorted(trades, key=lambda one: one.opened_at),
        exits={one.id: list_exits(moves[one.id], roles.get(one.id)) for one in trades},
        excursions=load_excursions(db, account_id),
        realised=load_realised(db, account_id),
    )
