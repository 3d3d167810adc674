"""Closed trades as metrics take them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from finance.moments import EPOCH
from finance.trade_metrics import ClosedTrade, average_invested
from finance.trade_metrics.costs import Cost
from monitor.performance.store.trades import load_closed_trades, load_moves_by_trade
from monitor.trading.store.costs import load_costs
from monitor.trading.store.grouped import load_endings
from monitor.trading.store.notes import load_notes
from monitor.trading.store.symbols import load_symbols
from monitor.trading.trades import end_trade
from sql.rows import Db


class Countable(NamedTuple):
    """Trades that count, what each of them paid and traded, and how many others were closed."""

    trades: Sequence[ClosedTrade]
    costs: Sequence[Cost]
    others: int


def load_countable(
    db: Db,
    account_id: int,
    label: str,
    exchange: str,
    until: datetime,
    only: Collection[str] | None = None,
    *,
    deposits: bool = False,
) -> Countable:
    """Trades that fills opened and closed in the hours up to `until`; `only` of these ids.

    With `deposits` those that a deposit opened and fills closed count, too.
    """
    trades = [one for one in load_closed_trades(db, account_id, EPOCH, until) if only is None or one.id in only]
    moves = load_moves_by_trade(db, account_id, until)
    words, symbols = load_notes(db, account_id), load_symbols(db, account_id)
    endings = load_endings(db, account_id)
    countable = [
        ClosedTrade.of(
            end_trade(one, endings.get(one.id)),
            words[one.id].note if one.id in words else None,
            average_invested(one, moves[one.id]),
            stop=endings[one.id].stop if one.id in endings else None,
            account=label,
            exchange=exchange,
            symbol=symbols[one.id].symbol,
            market=symbols[one.id].market,
        )
        for one in trades
        if one.counts(deposits=deposits)
    ]
    costs = load_costs(db, account_id, label, [one.id for one in countable])
    return Countable(countable, costs, len(trades) - len(countable))
