"""A trade by another method of cost, made of its stored moves and fees when it is asked for."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from dashboard.history.one_trade import HourOfMove
from dashboard.history.trade_rows import TradeRow
from finance.decimals import total
from finance.inventory import Method
from finance.records import OrderRole
from finance.trade_methods import ByMethod, book_by
from finance.trades import UNSOLD, Effect, Fee, OpenedBy, Trade, list_exits
from sql.rows import Db, load_rows


class Shown(NamedTuple):
    """A trade by a method of cost; amounts in the valuation asset."""

    exit_gains: Sequence[Decimal]  # of its exits, in their order
    gross: Decimal
    net: Decimal
    spent: Decimal  # gained by units that went as fees
    cost_left: Decimal

    @property
    def whole(self) -> Decimal:
        """The same by every method: all that was gained, less what is left has cost."""
        return total([*self.exit_gains, self.spent, -self.cost_left])


class Methods(NamedTuple):
    """By a method, and by average cost, as all else is."""

    other: Shown
    average: Shown


def load_by_method(
    db: Db, row: TradeRow, moves: Sequence[HourOfMove], roles: Mapping[str, OrderRole], method: Method
) -> Methods | None:
    """A trade by that method; None for one in a contract, and where its moves and fees are not all that it is made of."""
    if row.settle:
        return None
    trade = Trade(
        id=row.id,
        asset=row.asset,
        is_short=row.side == "SHORT",
        opened_by=OpenedBy(row.opened_by),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )
    paid, its = _load_fees(db, row), [one.move for one in moves]
    average, other = book_by(trade, its, paid, Method.AVERAGE), book_by(trade, its, paid, method)
    return Methods(_show(row, other, roles), _show(row, average, roles)) if average and other else None


def _show(row: TradeRow, found: ByMethod, roles: Mapping[str, OrderRole]) -> Shown:
    gross = total(one.gain for one in found.moves if one.effect is Effect.EXIT and one.kind not in UNSOLD)
    gains = [one.gain for one in list_exits(found.moves, roles)]
    return Shown(gains, gross, total([row.net, -row.gross, gross]), found.spent, found.cost_left)


def _load_fees(db: Db, row: TradeRow) -> tuple[Fee, ...]:
    """What was paid in its coin since it was opened; a network fee is part of what was withdrawn."""
    return load_rows(
        db,
        Fee,
        """
        select at, row, type as kind, asset, quantity, value, coalesce(trade_id, '') as trade
        from fees
        where account_id = %(account)s and asset = %(asset)s and hour is not null and at >= %(since)s
        order by at, id
        """,
        {"account": row.account_id, "asset": row.asset, "since": row.opened_at},
    )
