"""Trades, what moved in them, and fees."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from finance.moments import EPOCH
from finance.trades import INTEREST, UNSOLD, Effect, Fee, MoveKind, OpenedBy, Trade, TradeMove
from sql.rows import Db, copy_rows, load_dict, load_rows, load_value


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
        set closed_at = null, closed_hour = null, is_looked_at = false, grouped_by = null, changed_hour = greatest(m.hour, p.hour),
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
    """Write what `hours`, in order, did to trades. Long histories have many rows: they are copied in, not inserted."""
    moves, fees = [], []
    trades: dict[str, tuple[datetime, datetime, Trade]] = {}  # the first and the last hour that changed each
    for one in hours:
        moves += [_move_row(account_id, one.hour, number, move) for number, move in enumerate(one.moves)]
        fees += [_fee_row(account_id, one.hour, number, fee) for number, fee in enumerate(one.fees)]
        for trade in one.trades:
            first_hour = trades[trade.id][0] if trade.id in trades else one.hour
            trades[trade.id] = first_hour, one.hour, trade
    asked = {"account": account_id, "ids": list(trades)}
    opened = load_dict(db, TAKE_OUT, asked) if trades else {}
    copy_rows(
        db,
        COPY_TRADES,
        [
            _trade_row(account_id, opened.get(trade.id, first_hour), last_hour, trade)
            for first_hour, last_hour, trade in trades.values()
        ],
    )
    if any(trade.closed_at for *_, trade in trades.values()):
        db.execute(KNOW_EXCURSIONS, asked)
    copy_rows(db, COPY_MOVES, moves)
    copy_rows(db, COPY_FEES, fees)


TAKE_OUT = "delete from trades where account_id = %(account)s and id = any(%(ids)s) returning id, opened_hour"
COPY_TRADES = """
    copy trades (
      account_id, id, asset, side, opened_by, opened_at, opened_hour, closed_at, closed_hour, changed_hour, entered,
      entry_value, exited, exit_value, gross, transferred, transferred_units, greatest_value, fees, interest, fills, ended_by
    ) from stdin
    """
# What was closed like this before, until history was derived again, has been looked at.
KNOW_EXCURSIONS = """
    update trades t
    set is_looked_at = true
    from trade_excursions x
    where t.account_id = %(account)s
      and t.id = any(%(ids)s)
      and (x.account_id, x.trade_id, x.closed_at, x.entered, x.net) = (t.account_id, t.id, t.closed_at, t.entered, t.net)
    """
COPY_MOVES = """
    copy trade_moves (
      account_id, hour, number, trade_id, at, effect, kind, row, order_id, quantity, value, gain, worth
    ) from stdin
    """
COPY_FEES = "copy fees (account_id, hour, number, at, row, kind, asset, quantity, value, trade_id) from stdin"


def _trade_row(account_id: int, opened_hour: datetime, hour: datetime, trade: Trade) -> tuple[object, ...]:
    what = (trade.id, trade.asset, trade.side, str(trade.opened_by))
    hours = (opened_hour, trade.closed_at, hour if trade.closed_at else None, hour)
    entries = (trade.entered, trade.entry_value)
    exits = (trade.exited, trade.exit_value, trade.gross, trade.transferred, trade.transferred_units)
    paid = (trade.greatest_value, trade.fees, trade.interest, trade.fills)
    ended_by = str(trade.ended_by) if trade.ended_by else None
    return account_id, *what, trade.opened_at, *hours, *entries, *exits, *paid, ended_by


def _move_row(account_id: int, hour: datetime, number: int, move: TradeMove) -> tuple[object, ...]:
    what = (str(move.effect), str(move.kind), move.row, move.order)
    return account_id, hour, number, move.trade, move.at, *what, move.quantity, move.value, move.gain, move.worth


def _fee_row(account_id: int, hour: datetime, number: int, fee: Fee) -> tuple[object, ...]:
    what = (fee.row, fee.kind, fee.asset, fee.quantity, fee.value)
    return account_id, hour, number, fee.at, *what, fee.trade or None
