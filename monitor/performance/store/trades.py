"""Trades, what moved in them, and fees."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, LiteralString

from finance.contract_hours import ContractSums
from finance.contract_trades import Contract, ContractMove, ContractTrade
from finance.records import IncomeKind
from finance.trades import INTEREST, UNSOLD, Effect, Fee, MoveKind, OpenedBy, Trade, TradeMove
from sql.rows import Db, load_rows, load_value

HAS_LATER = """
    select exists (select from other_fees where account_id = %(account)s and hour > %(hour)s)
      or exists (select from trade_moves where account_id = %(account)s and hour > %(hour)s)
      or exists (select from contract_hours where account_id = %(account)s and hour > %(hour)s) as has_later
    """
# Trades that later hours changed: each has a move or a fee in them.
CHANGED = """
    select trade_id as id from trade_moves where account_id = %(account)s and hour > %(hour)s
    union
    select trade_id from other_fees where account_id = %(account)s and hour > %(hour)s and trade_id is not null
    """

TAKE_BACK_CHANGED = f"""
    with changed as (
      {CHANGED}
    ), moved as (
      select trade_id,
        coalesce(sum(quantity) filter (where effect = 'entry'), 0) as entered,
        coalesce(sum(value) filter (where effect = 'entry'), 0) as entry_value,
        coalesce(sum(quantity) filter (where effect = 'exit'), 0) as exited,
        coalesce(sum(value) filter (where effect = 'exit'), 0) as exit_value,
        coalesce(sum(gain) filter (where effect = 'exit' and kind <> all(%(unsold)s)), 0) as gross,
        coalesce(sum(gain) filter (where effect = 'exit' and kind = any(%(unsold)s)), 0) as transferred,
        coalesce(sum(quantity) filter (where effect = 'exit' and kind = any(%(unsold)s)), 0)
          as transferred_units,
        max(worth) as greatest_value,
        count(*) filter (where row ~ '^[fc]') as fills,
        (array_agg(kind order by hour desc, number desc) filter (where effect = 'exit'))[1] as ended_by,
        coalesce(sum(settled_value) filter (where effect = 'entry'), 0) as settled_entry,
        coalesce(sum(settled_value) filter (where effect = 'exit'), 0) as settled_exit,
        sum(settled_gain) as settled_gross, sum(stated) as stated
      from trade_moves
      where account_id = %(account)s and hour <= %(hour)s and trade_id in (select id from changed)
      group by trade_id
    ), paid as (
      select c.id as trade_id, f.fees, f.interest, f.funding
      from changed c
      cross join lateral ( -- trade by trade, for a join would look through the fees of all
        select coalesce(sum(value) filter (where kind <> all(%(interest)s) and kind <> %(funding)s), 0) as fees,
          coalesce(sum(value) filter (where kind = any(%(interest)s)), 0) as interest,
          coalesce(-sum(value) filter (where kind = %(funding)s), 0) as funding
        from fees
        where account_id = %(account)s and hour <= %(hour)s and trade_id = c.id
      ) f
    )
    update trades t
    set closed_at = null, closed_hour = null, is_looked_at = false, grouped_by = null,
      entered = m.entered, entry_value = m.entry_value, exited = m.exited, exit_value = m.exit_value,
      gross = m.gross, transferred = m.transferred, transferred_units = m.transferred_units,
      greatest_value = m.greatest_value, fees = p.fees, interest = p.interest, funding = p.funding, fills = m.fills,
      ended_by = m.ended_by,
      settled_entry = case when t.settle is not null then m.settled_entry end,
      settled_exit = case when t.settle is not null then m.settled_exit end,
      settled_gross = m.settled_gross, stated = m.stated
    from moved m
    join paid p using (trade_id)
    where t.account_id = %(account)s and t.id = m.trade_id
    """


def take_back_trades(db: Db, account_id: int, hour: datetime) -> None:
    """Let trades be what they were at `hour`: what later hours did to them is forgotten."""
    asked = {"account": account_id, "hour": hour}
    if not load_value(db, HAS_LATER, asked):
        return
    db.execute(
        f"delete from trades where account_id = %(account)s and opened_hour > %(hour)s and id in ({CHANGED})", asked
    )
    kinds = {"interest": list(INTEREST), "unsold": list(UNSOLD), "funding": str(IncomeKind.FUNDING_FEE)}
    db.execute(TAKE_BACK_CHANGED, asked | kinds)
    db.execute("delete from trade_moves where account_id = %(account)s and hour > %(hour)s", asked)
    db.execute("delete from other_fees where account_id = %(account)s and hour > %(hour)s", asked)
    db.execute("delete from contract_hours where account_id = %(account)s and hour > %(hour)s", asked)


TRADE_COLUMNS = """
    id, asset, side, opened_by, opened_at, closed_at, entered, entry_value, exited, exit_value, gross, transferred,
    transferred_units, greatest_value, fees, interest, funding, fills, ended_by, settle, position_side, contract_size, market,
    settled_entry, settled_exit, settled_gross, stated
    """
OF_CONTRACTS = ("market", "settled_entry", "settled_exit", "settled_gross", "stated")


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


def read_trade(
    *,
    side: str,
    opened_by: str,
    ended_by: str | None,
    settle: str | None,
    position_side: str,
    contract_size: Decimal,
    **columns: Any,
) -> Trade:
    """A row of `TRADE_COLUMNS`."""
    found: dict[str, Any] = {
        "is_short": side == "SHORT",
        "opened_by": OpenedBy(opened_by),
        "ended_by": MoveKind(ended_by) if ended_by else None,
    }
    if settle is None:
        return Trade(**found, **{name: value for name, value in columns.items() if name not in OF_CONTRACTS})
    contract = Contract(symbol=columns["asset"], side=position_side, settle=settle, size=contract_size)
    return ContractTrade(contract=contract, **found, **columns)


MOVE_COLUMNS = """
    trade_id as trade, at, effect, kind, row, order_id as "order", quantity, value, gain, worth, settled_value, settled_gain,
    stated
    """


# With where the order of an exit is: others may have its number, at other accounts of a portfolio or in other pairs.
PLACED_COLUMNS: LiteralString = f"""
    {MOVE_COLUMNS}, coalesce((
      select concat_ws(' ', f.account_id, f.market, f.symbol)
      from fills f
      where f.id = case
          when trade_moves.effect = 'exit' and trade_moves.order_id <> '' and trade_moves.row ~ '^f[0-9]+$'
            then substr(trade_moves.row, 2)::bigint
        end
    ), '') as place
    """


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
    for move in load_rows(
        db,
        read_move,
        f"""
        select {PLACED_COLUMNS}
        from trade_moves
        where account_id = %(account)s and hour <= %(until)s
        order by hour, number
        """,
        {"account": account_id, "until": until},
    ):
        moves[move.trade].append(move)
    return moves


def read_move(
    *, effect: str, kind: str, settled_value: Decimal | None, settled_gain: Decimal, stated: Decimal, **columns: Any
) -> TradeMove:
    """A row of `MOVE_COLUMNS`."""
    found: dict[str, Any] = {"effect": Effect(effect), "kind": MoveKind(kind), **columns}
    if settled_value is None:
        return TradeMove(**found)
    return ContractMove(settled_value=settled_value, settled_gain=settled_gain, stated=stated, **found)


FEE_COLUMNS = (
    "at, row, kind, asset, quantity, value, coalesce(trade_id, '') as trade, coalesce(order_id, '') as \"order\""
)


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


def load_contract_hours(db: Db, account_id: int, since: datetime, until: datetime) -> dict[datetime, ContractSums]:
    """What positions made in the hours [since, until] in which there is something to say of it, in order."""
    found = load_rows(
        db,
        lambda hour, **sums: (hour, ContractSums(**sums)),
        """
        select hour, realised, unrealised_change, rest, unmatched
        from contract_hours
        where account_id = %(account)s and hour between %(since)s and %(until)s
        order by hour
        """,
        {"account": account_id, "since": since, "until": until},
    )
    return dict(found)
