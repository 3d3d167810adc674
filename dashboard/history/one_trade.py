"""One trade: its row, what moved in it, what was paid for it, and what its coin cost meanwhile."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString, NamedTuple

from dashboard.history.members import own
from dashboard.history.trade_rows import COLUMNS, WITH_EXCURSIONS, WITH_WORDS, WORDS, TradeRow, divide
from finance.decimals import CONTEXT, total
from finance.trades import UNSOLD, Effect, Exit, MoveKind, TradeMove
from sql.rows import Db, load_rows

HOUR = timedelta(hours=1)
MOST_PRICES = 400  # of a chart: a long trade has the price of every n-th hour
OF_EACH: LiteralString = "exists (select from members m where m.id = %(id)s and m.account_id = t.account_id)"


class HourOfMove(NamedTuple):
    """A move, the hour in whose explanation it is, and the price of a unit."""

    move: TradeMove
    hour: datetime
    price: Decimal | None


class FeeSum(NamedTuple):
    """What was paid for a trade, of one type in one coin."""

    type: str
    asset: str
    quantity: Decimal
    value: Decimal


class HourOfTrade(NamedTuple):
    """What an hour's explanation has of a trade, in the valuation asset: gained by selling, and paid."""

    hour: datetime
    gain: Decimal
    paid: Decimal


class StoredPrice(NamedTuple):
    """What a unit cost when an hour was read."""

    hour: datetime
    price: Decimal


def load_trades_named(db: Db, account_id: int, name: str) -> tuple[TradeRow, ...]:
    """The trades of what is shown that have an id; with no name the one that was closed or opened last.

    Of a portfolio its own, or else those of its accounts: several where these had a coin at their beginning.
    """
    return _load_named(db, account_id, name, own("t")) or (_load_named(db, account_id, name, OF_EACH) if name else ())


def _load_named(db: Db, account_id: int, name: str, whose: LiteralString) -> tuple[TradeRow, ...]:
    return load_rows(
        db,
        TradeRow,
        f"""
        with {WORDS}
        select {COLUMNS}
        from trades t
        join accounts a using (account_id)
        {WITH_WORDS}
        {WITH_EXCURSIONS}
        where {whose} and (%(name)s = '' or t.id = %(name)s)
        order by coalesce(t.closed_at, t.opened_at) desc, t.account_id
        limit case when %(name)s = '' then 1 end
        """,
        {"id": account_id, "name": name},
    )


def load_moves(db: Db, account_id: int, name: str) -> tuple[HourOfMove, ...]:
    """What moved in a trade of an account, in order."""

    def read(
        *, hour: datetime, effect: str, kind: str, settled: Decimal | None, is_inverse: bool, **columns: Any
    ) -> HourOfMove:
        move = TradeMove(effect=Effect(effect), kind=MoveKind(kind), **columns)
        of, by = (move.value if settled is None else settled), move.quantity
        return HourOfMove(move, hour, divide(by, of) if is_inverse else divide(of, by))

    return load_rows(
        db,
        read,
        """
        select hour, trade_id as trade, at, effect, kind, row, order_id as "order", quantity, value, gain, worth,
          m.settled_value as settled, coalesce(t.is_inverse, false) as is_inverse, coalesce((
            select concat_ws(' ', f.account_id, f.market, f.symbol)
            from fills f
            where f.id = case
                when m.effect = 'exit' and m.order_id <> '' and m.row ~ '^f[0-9]+$' then substr(m.row, 2)::bigint
              end
          ), '') as place
        from trade_moves m
        join trades t on t.account_id = m.account_id and t.id = m.trade_id
        where m.account_id = %(account)s and m.trade_id = %(name)s
        order by hour, number
        """,
        {"account": account_id, "name": name},
    )


def find_exit_price(gone: Exit, trade: TradeRow, moves: Iterable[HourOfMove]) -> Decimal | None:
    """The average price of what an exit took out: of an inverse contract the harmonic one of its fills."""
    if trade.settle is None:
        return divide(gone.value, gone.quantity)
    known = [(one.move.quantity, one.price) for one in moves if one.price and _is_of(one.move, gone)]
    if trade.is_inverse:
        return divide(gone.quantity, total(CONTEXT.divide(quantity, price) for quantity, price in known))
    return divide(total(CONTEXT.multiply(quantity, price) for quantity, price in known), gone.quantity)


def _is_of(move: TradeMove, gone: Exit) -> bool:
    is_same = (
        (move.order, move.place) == (gone.order, gone.place)
        if gone.order
        else (move.at, move.kind) == (gone.at, gone.kind)
    )
    return move.effect is Effect.EXIT and is_same


def load_trade_fees(db: Db, account_id: int, name: str) -> tuple[FeeSum, ...]:
    """What was paid for it, the largest first."""
    return load_rows(
        db,
        FeeSum,
        """
        select type, asset, sum(quantity) as quantity, sum(value) as value
        from fees
        where account_id = %(account)s and trade_id = %(name)s
        group by type, asset
        order by abs(sum(value)) desc, type, asset
        """,
        {"account": account_id, "name": name},
    )


def load_trade_hours(db: Db, account_id: int, name: str) -> tuple[HourOfTrade, ...]:
    """The hours in which it gained or paid, in order: they add up to its net."""
    return load_rows(
        db,
        HourOfTrade,
        """
        select hour, sum(gain) as gain, sum(paid) as paid
        from (
          select hour, gain, 0 as paid
          from trade_moves
          where account_id = %(account)s and trade_id = %(name)s and effect = 'exit' and kind <> all(%(unsold)s)
          union all
          select hour, 0, value
          from fees
          where account_id = %(account)s and trade_id = %(name)s
        ) as parts (hour, gain, paid)
        group by hour
        order by hour
        """,
        {"account": account_id, "name": name, "unsold": list(UNSOLD)},
    )


def load_prices(db: Db, trade: TradeRow, since: datetime, until: datetime) -> Sequence[StoredPrice]:
    """What its coin cost at the account's readings in a stretch of time; of a long one, of every n-th hour.

    While a coin is held the reading has its price; before and after it is the exchange's where it was stored, or that of
    another account which held the coin then.
    """
    return load_rows(
        db,
        StoredPrice,
        """
        select hours.hour, coalesce(h.price, p.price, o.price) as price
        from generate_series(%(since)s::timestamptz, %(until)s::timestamptz, %(step)s::interval) as hours (hour)
        left join nav n on n.account_id = %(account)s and n.hour = hours.hour
        left join lateral (
          select max(h.price) as price from holdings h where h.snapshot_id = n.snapshot_id and h.asset = %(asset)s
        ) h on true
        left join lateral (
          select p.price
          from prices p
          where h.price is null and p.exchange = %(exchange)s and p.at = n.prices_at and p.asset = %(asset)s
          limit 1
        ) p on true
        left join lateral (
          select other.price
          from accounts a
          join nav m on m.account_id = a.account_id and m.hour = hours.hour
          join holdings other on other.snapshot_id = m.snapshot_id and other.asset = %(asset)s and other.price > 0
          where h.price is null and p.price is null
          order by a.account_id
          limit 1
        ) o on true
        where coalesce(h.price, p.price, o.price) > 0
        order by hours.hour
        """,
        {
            "account": trade.account_id,
            "exchange": trade.exchange,
            "asset": trade.asset,
            "since": since,
            "until": until,
            "step": HOUR * max(1, -(-((until - since) // HOUR) // MOST_PRICES)),
        },
    )
