"""Trades, what moved in them, and fees."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from finance.moments import EPOCH
from finance.trades import INTEREST, UNSOLD, Effect, Fee, MoveKind, OpenedBy, Trade, TradeMove
from sql.rows import Db, execute_each, load_rows, load_value


class HourOfTrades(NamedTuple):
    """What an hour did to trades, and the trades that it changed, as they are at its end."""

    hour: datetime
    moves: Sequence[TradeMove]
    fees: Sequence[Fee]
    trades: Sequence[Trade]


HAS_LATER = """
    select exists (select from fees where account_id = %(account)s and hour > %(hour)s)
      or exists (select from trades where account_id = %(account)s and changed_hour > %(hour)s) as has_later
    """


def take_back_trades(db: Db, account_id: int, hour: datetime) -> None:
    """Let trades be what they were at `hour`: what later hours did to them is forgotten."""
    asked = {"account": account_id, "hour": hour, "interest": list(INTEREST), "unsold": list(UNSOLD)}
    if not load_value(db, HAS_LATER, asked):
        return
    db.execute("delete from trade_moves where account_id = %(account)s and hour > %(hour)s", asked)
    db.execute("delete from fees where account_id = %(account)s and hour > %(hour)s", asked)
    db.execute(
        "delete from trades where account_id = %(account)s and changed_hour > %(hour)s and opened_hour > %(hour)s",
        asked,
    )
    db.execute(
        """
        with changed as (
          select id from trades where account_id = %(account)s and changed_hour > %(hour)s
        ), moved as (
          select trade_id, max(hour) as hour,
            coalesce(sum(quantity) filter (where effect = 'entry'), 0) as entered,
            coalesce(sum(value) filter (where effect = 'entry'), 0) as entry_value,
            coalesce(sum(quantity) filter (where effect = 'exit'), 0) as exited,
            coalesce(sum(value) filter (where effect = 'exit'), 0) as exit_value,
            coalesce(sum(gain) filter (where effect = 'exit' and kind <> all(%(unsold)s)), 0) as gross,
            coalesce(sum(gain) filter (where effect = 'exit' and kind = any(%(unsold)s)), 0) as transferred,
            coalesce(sum(quantity) filter (where effect = 'exit' and kind = any(%(unsold)s)), 0)
              as transferred_units,
            max(worth) as greatest_value,
            count(*) filter (where row like 'f%%') as fills,
            (array_agg(kind order by hour desc, number desc) filter (where effect = 'exit'))[1] as ended_by
          from trade_moves
          where account_id = %(account)s and trade_id in (select id from changed)
          group by trade_id
        ), paid as (
          select trade_id, max(hour) as hour,
            coalesce(sum(value) filter (where kind <> all(%(interest)s)), 0) as fees,
            coalesce(sum(value) filter (where kind = any(%(interest)s)), 0) as interest
          from fees
          where account_id = %(account)s and trade_id in (select id from changed)
          group by trade_id
        )
        update trades t
        set closed_at = null, closed_hour = null, is_looked_at = false, changed_hour = greatest(m.hour, p.hour),
          entered = m.entered, entry_value = m.entry_value, exited = m.exited, exit_value = m.exit_value,
          gross = m.gross, transferred = m.transferred, transferred_units = m.transferred_units,
          greatest_value = m.greatest_value, fees = coalesce(p.fees, 0), interest = coalesce(p.interest, 0),
          fills = m.fills, ended_by = m.ended_by
        from moved m
        left join paid p using (trade_id)
        where t.account_id = %(account)s and t.id = m.trade_id
        """,
        asked,
    )


TRADE_COLUMNS = """
    id, asset, side, opened_by, opened_at, closed_at, entered, entry_value, exited, exit_value, gross, transferred,
    transferred_units, greatest_value, fees, interest, fills, ended_by
    """


def load_open_trades(db: Db, account_id: int) -> tuple[Trade, ...]:
    """The account's open trades, in the order in which they were opened."""
    return load_rows(
        db,
        read_trade,
        f"""
        select {TRADE_COLUMNS}
        from trades
        where account_id = %(account)s and closed_at is null
        order by opened_at, id collate "C"
        """,
        {"account": account_id},
    )


def load_closed_trades(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[Trade, ...]:
    """Those that were closed in the hours [since, until], in the order in which they were closed."""
    return load_rows(
        db,
        read_trade,
        f"""
        select {TRADE_COLUMNS}
        from trades
        where account_id = %(account)s and closed_hour between %(since)s and %(until)s
        order by closed_at, id collate "C"
        """,
        {"account": account_id, "since": since, "until": until},
    )


def read_trade(*, side: str, opened_by: str, ended_by: str | None, **columns: Any) -> Trade:
    """A row of `TRADE_COLUMNS`."""
    return Trade(
        is_short=side == "SHORT",
        opened_by=OpenedBy(opened_by),
        ended_by=MoveKind(ended_by) if ended_by else None,
        **columns,
    )


MOVE_COLUMNS = 'trade_id as trade, at, effect, kind, row, order_id as "order", quantity, value, gain, worth'


def load_moves(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[TradeMove, ...]:
    """What moved in trades in the hours [since, until], in order."""
    return load_rows(
        db,
        read_move,
        f"""
        select {MOVE_COLUMNS}
        from trade_moves
        where account_id = %(account)s and hour between %(since)s and %(until)s
        order by hour, number
        """,
        {"account": account_id, "since": since, "until": until},
    )


def load_moves_by_trade(db: Db, account_id: int, until: datetime) -> Mapping[str, Sequence[TradeMove]]:
    """What moved in the hours up to `until`, in order, by the trade's id; of one without a move nothing."""
    moves: defaultdict[str, list[TradeMove]] = defaultdict(list)
    for move in load_moves(db, account_id, EPOCH, until):
        moves[move.trade].append(move)
    return moves


def read_move(*, effect: str, kind: str, **columns: Any) -> TradeMove:
    """A row of `MOVE_COLUMNS`."""
    return TradeMove(effect=Effect(effect), kind=MoveKind(kind), **columns)


FEE_COLUMNS = "at, row, kind, asset, quantity, value, coalesce(trade_id, '') as trade"


def load_fees(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[Fee, ...]:
    """The fees of the hours [since, until], in order."""
    return load_rows(
        db,
        Fee,
        f"""
        select {FEE_COLUMNS}
        from fees
        where account_id = %(account)s and hour between %(since)s and %(until)s
        order by hour, number
        """,
        {"account": account_id, "since": since, "until": until},
    )


def record_trades(db: Db, account_id: int, hours: Iterable[HourOfTrades]) -> None:
    """Write what `hours`, in order, did to trades. Long histories have many moves: they are copied in, not inserted."""
    moves, fees = [], []
    trades: dict[str, dict[str, Any]] = {}
    for one in hours:
        moves += [_move_row(account_id, one.hour, number, move) for number, move in enumerate(one.moves)]
        fees += [_fee_row(account_id, one.hour, number, fee) for number, fee in enumerate(one.fees)]
        for trade in one.trades:
            opened_hour = trades.get(trade.id, {}).get("opened_hour", one.hour)
            trades[trade.id] = _trade_row(account_id, one.hour, trade) | {"opened_hour": opened_hour}
    execute_each(db, SAVE_TRADE, trades.values())
    if moves:
        with db.cursor().copy(COPY_MOVES) as copy:
            for row in moves:
                copy.write_row(row)
    if fees:
        with db.cursor().copy(COPY_FEES) as copy:
            for row in fees:
                copy.write_row(row)


SAVE_TRADE = """
    insert into trades (
      account_id, id, asset, side, opened_by, opened_at, opened_hour, closed_at, closed_hour, changed_hour, entered,
      entry_value, exited, exit_value, gross, transferred, transferred_units, greatest_value, fees, interest, fills, ended_by,
      is_looked_at
    )
    values (
      %(account)s, %(id)s, %(asset)s, %(side)s, %(opened_by)s, %(opened_at)s, %(opened_hour)s, %(closed_at)s,
      %(closed_hour)s, %(changed_hour)s, %(entered)s, %(entry_value)s, %(exited)s, %(exit_value)s, %(gross)s,
      %(transferred)s, %(transferred_units)s, %(greatest_value)s, %(fees)s, %(interest)s, %(fills)s, %(ended_by)s,
      exists (
        select from trade_excursions
        where account_id = %(account)s and trade_id = %(id)s and closed_at = %(closed_at)s and entered = %(entered)s
          and net = %(net)s
      )
    )
    on conflict (account_id, id) do update
    set closed_at = excluded.closed_at, closed_hour = excluded.closed_hour, changed_hour = excluded.changed_hour,
      entered = excluded.entered, entry_value = excluded.entry_value, exited = excluded.exited,
      exit_value = excluded.exit_value, gross = excluded.gross, transferred = excluded.transferred,
      transferred_units = excluded.transferred_units, greatest_value = excluded.greatest_value, fees = excluded.fees,
      interest = excluded.interest, fills = excluded.fills, ended_by = excluded.ended_by,
      is_looked_at = excluded.is_looked_at
    """
COPY_MOVES = """
    copy trade_moves (
      account_id, hour, number, trade_id, at, effect, kind, row, order_id, quantity, value, gain, worth
    ) from stdin
    """
COPY_FEES = "copy fees (account_id, hour, number, at, row, kind, asset, quantity, value, trade_id) from stdin"


def _trade_row(account_id: int, hour: datetime, trade: Trade) -> dict[str, Any]:
    return {
        "account": account_id,
        "id": trade.id,
        "asset": trade.asset,
        "side": trade.side,
        "opened_by": str(trade.opened_by),
        "opened_at": trade.opened_at,
        "closed_at": trade.closed_at,
        "closed_hour": hour if trade.closed_at else None,
        "changed_hour": hour,
        "entered": trade.entered,
        "entry_value": trade.entry_value,
        "exited": trade.exited,
        "exit_value": trade.exit_value,
        "gross": trade.gross,
        "transferred": trade.transferred,
        "transferred_units": trade.transferred_units,
        "greatest_value": trade.greatest_value,
        "fees": trade.fees,
        "interest": trade.interest,
        "net": trade.net,
        "fills": trade.fills,
        "ended_by": str(trade.ended_by) if trade.ended_by else None,
    }


def _move_row(account_id: int, hour: datetime, number: int, move: TradeMove) -> tuple[object, ...]:
    what = (str(move.effect), str(move.kind), move.row, move.order)
    return account_id, hour, number, move.trade, move.at, *what, move.quantity, move.value, move.gain, move.worth


def _fee_row(account_id: int, hour: datetime, number: int, fee: Fee) -> tuple[object, ...]:
    what = (fee.row, fee.kind, fee.asset, fee.quantity, fee.value)
    return account_id, hour, number, fee.at, *what, fee.trade or None
