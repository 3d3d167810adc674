"""Writing trades, what moved in them, and fees: what each hour did."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from finance.attribution.booked import TRADING_FEE
from finance.attribution.explanation import Explanation
from finance.contract_hours import ContractSums
from finance.contract_trades import ContractMove, ContractTrade
from finance.trades import Fee, Trade, TradeMove
from sql.rows import Db, copy_rows, load_dict, load_rows


class BookedHour(NamedTuple):
    """An explained hour with its gains, what it did to trades, and the trades that it changed, as they are at its end."""

    explained: Explanation
    moves: Sequence[TradeMove] = ()
    fees: Sequence[Fee] = ()
    trades: Sequence[Trade] = ()
    contracts: ContractSums = ContractSums()


class Ending(NamedTuple):
    """How a trade ended."""

    trade_id: str
    closed_at: datetime
    entered: Decimal
    net: Decimal


def record_trades(db: Db, account_id: int, open_trades: Collection[str], hours: Iterable[BookedHour]) -> None:
    """Write what `hours`, in order, did to trades, of which `open_trades` (ids) were open before them: no others have rows yet.

    Long histories have many rows: they are copied in, not inserted.
    """
    fees: list[Sequence[object]] = []
    sums: list[Sequence[object]] = []
    trades: dict[str, tuple[str, str, Trade]] = {}  # the first and the last hour that changed each

    def list_moves() -> Iterator[tuple[object, ...]]:
        """Row by row, so that the server writes them while hours are still booked."""
        for one in hours:
            hour = str(one.explained.hour)  # once, and not anew for every row
            charged, others = _share_fees(one)
            fees.extend(_fee_row(account_id, hour, number, fee) for number, fee in others)
            sums.extend([_sums_row(account_id, hour, one.contracts)] if not one.contracts.is_empty else [])
            for trade in one.trades:
                first_hour = trades[trade.id][0] if trade.id in trades else hour
                trades[trade.id] = first_hour, hour, trade
            for number, move in enumerate(one.moves):
                yield (account_id, hour, number, *charged.get(number, NO_FEE), *_move_row(move))

    copy_rows(db, COPY_MOVES, list_moves())
    opened = _take_out(db, account_id, trades.keys() & open_trades)
    looked_at = _load_looked_at(db, account_id, [name for name, (*_, trade) in trades.items() if trade.closed_at])
    rows = (
        _trade_row(account_id, opened.get(name, first_hour), last_hour, trade, looked_at)
        for name, (first_hour, last_hour, trade) in trades.items()
    )
    copy_rows(db, COPY_TRADES, rows)
    copy_rows(db, COPY_FEES, fees)
    copy_rows(db, COPY_SUMS, sums)


def _share_fees(hour: BookedHour) -> tuple[dict[int, tuple[object, ...]], list[tuple[int, Fee]]]:
    """What fills were charged, by the numbers of the moves that they made, and all other fees; each with its own number."""
    moves = {(move.row, move.trade): number for number, move in enumerate(hour.moves)}
    charged: dict[int, tuple[object, ...]] = {}
    others = []
    for number, fee in enumerate(hour.fees):
        of_move = moves.get((fee.row, fee.trade)) if fee.kind == TRADING_FEE else None
        if of_move is None or of_move in charged:
            others.append((number, fee))
        else:
            charged[of_move] = number, fee.asset, fee.quantity, fee.value
    return charged, others


def _take_out(db: Db, account_id: int, names: Collection[str]) -> dict[str, datetime]:
    """Let trades of these ids make room; returns in which hour each was opened."""
    if not names:
        return {}
    statement = "delete from trades where account_id = %(account)s and id = any(%(ids)s) returning id, opened_hour"
    return load_dict(db, statement, {"account": account_id, "ids": list(names)})


def _load_looked_at(db: Db, account_id: int, names: Collection[str]) -> set[Ending]:
    """How trades of these ids had ended, before history was derived again, when it was looked at how far they went."""
    if not names:
        return set()
    statement = """
        select trade_id, closed_at, entered, net
        from trade_excursions
        where account_id = %(account)s and trade_id = any(%(ids)s)
        """
    return set(load_rows(db, Ending, statement, {"account": account_id, "ids": list(names)}))


NO_FEE = (None,) * 4
COPY_TRADES = """
    copy trades (
      account_id, id, asset, side, opened_by, opened_at, opened_hour, closed_at, closed_hour, entered,
      entry_value, exited, exit_value, gross, transferred, transferred_units, greatest_value, fees, interest, fills, ended_by, funding,
      is_looked_at, market, position_side, settle, contract_size, settled_entry, settled_exit, settled_gross, stated
    ) from stdin
    """
COPY_MOVES = """
    copy trade_moves (
      account_id, hour, number, fee_number, fee_asset, fee_quantity, fee_value, trade_id, at, effect, kind, row, order_id, quantity,
      value, gain, worth, settled_value, settled_gain, stated
    ) from stdin
    """
COPY_SUMS = "copy contract_hours (account_id, hour, realised, unrealised_change, rest, unmatched) from stdin"
COPY_FEES = (
    "copy other_fees (account_id, hour, number, at, row, kind, asset, quantity, value, trade_id, order_id) from stdin"
)


def _trade_row(
    account_id: int, opened_hour: datetime | str, hour: str, trade: Trade, looked_at: Collection[Ending]
) -> tuple[object, ...]:
    is_looked_at = (trade.id, trade.closed_at, trade.entered, trade.net) in looked_at
    what = (trade.id, trade.asset, trade.side, str(trade.opened_by))
    hours = (opened_hour, trade.closed_at, hour if trade.closed_at else None)
    entries = (trade.entered, trade.entry_value)
    exits = (trade.exited, trade.exit_value, trade.gross, trade.transferred, trade.transferred_units)
    paid = (trade.greatest_value, trade.fees, trade.interest, trade.fills)
    end = (str(trade.ended_by) if trade.ended_by else None, trade.funding, is_looked_at)
    shared = (account_id, *what, trade.opened_at, *hours, *entries, *exits, *paid, *end)
    if not isinstance(trade, ContractTrade):
        return (*shared, *[None] * 8)
    contract, settled = trade.contract, (trade.settled_entry, trade.settled_exit, trade.settled_gross, trade.stated)
    return (*shared, trade.market, contract.side, contract.settle, contract.size, *settled)


def _move_row(move: TradeMove) -> tuple[object, ...]:
    what = (str(move.effect), str(move.kind), move.row, move.order)
    settled = (move.settled_value, move.settled_gain, move.stated) if isinstance(move, ContractMove) else (None,) * 3
    return move.trade, move.at, *what, move.quantity, move.value, move.gain, move.worth, *settled


def _fee_row(account_id: int, hour: str, number: int, fee: Fee) -> tuple[object, ...]:
    what = (fee.row, fee.kind, fee.asset, fee.quantity, fee.value)
    return account_id, hour, number, fee.at, *what, fee.trade or None, fee.order or None


def _sums_row(account_id: int, hour: str, sums: ContractSums) -> tuple[object, ...]:
    return account_id, hour, sums.realised, sums.unrealised_change, sums.rest, sums.unmatched
