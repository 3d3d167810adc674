"""Which closed trades were not looked at yet, and what was found of those that were."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from finance.excursions import Excursion
from finance.trades import Trade
from monitor.performance.store.trades import TRADE_COLUMNS, read_trade
from sql.rows import Db, load_rows


class Grid(StrEnum):
    """How closely prices were looked at in the hours in which the trade had a fill."""

    MINUTES = "minutes"
    HOURS = "hours"  # only the fills' own prices and the hour's close
    NONE = "none"  # no klines of it or of that time, or when much of it went is not known


def load_unread_trades(db: Db, account_id: int, before: datetime, most: int) -> tuple[Trade, ...]:
    """The newest trades closed `before` a moment, that were not looked at, or have changed since, at most so many.

    What a portfolio's trade has in common with that of one of its accounts is looked at there.
    """
    return load_rows(
        db,
        read_trade,
        f"""
        with shared as (
          update trades t
          set is_looked_at = true
          where t.account_id = %(account)s and t.account_id <= 0 and t.closed_at < %(before)s
            and t.opened_by <> 'opening' and not t.is_looked_at and t.id ~ '^[df][0-9]'
            and exists (
              select from memberships p
              join trades m using (account_id)
              where p.portfolio_id = t.account_id
                and (m.id, m.closed_at, m.entered, m.net) = (t.id, t.closed_at, t.entered, t.net)
            )
          returning t.id
        )
        select {TRADE_COLUMNS}
        from trades
        where account_id = %(account)s and closed_at < %(before)s and opened_by <> 'opening' and not is_looked_at
          and id not in (select id from shared)
        order by closed_at desc
        limit %(most)s
        """,
        {"account": account_id, "before": before, "most": most},
    )


def load_excursions(db: Db, account_id: int) -> dict[str, Excursion]:
    """What was found of the account's trades as they are now, by id."""
    found = load_rows(
        db,
        _read_excursion,
        """
        select trade_id, worst, best, drawdown
        from trade_excursions e
        join trades t on t.id = e.trade_id and t.closed_at = e.closed_at and t.entered = e.entered and t.net = e.net
        where t.account_id = %(account)s
          and (e.account_id = t.account_id or t.account_id <= 0 and t.id ~ '^[df][0-9]')
          and e.worst is not null
        """,
        {"account": account_id},
    )
    return dict(found)


def _read_excursion(*, trade_id: str, **amounts: Decimal) -> tuple[str, Excursion]:
    return trade_id, Excursion(**amounts)


def record_excursion(
    db: Db, account_id: int, trade: Trade, grid: Grid, excursion: Excursion | None, at: datetime
) -> None:
    """What was found of a closed trade, as it is now."""
    db.execute(
        """
        with looked_at as (
          update trades
          set is_looked_at = true
          where account_id = %(account)s and id = %(trade)s
        )
        insert into trade_excursions (account_id, trade_id, closed_at, entered, net, grid, worst, best, drawdown, read_at)
        values (
          %(account)s, %(trade)s, %(closed_at)s, %(entered)s, %(net)s, %(grid)s, %(worst)s, %(best)s, %(drawdown)s, %(at)s
        )
        """,
        {
            "account": account_id,
            "trade": trade.id,
            "closed_at": trade.closed_at,
            "entered": trade.entered,
            "net": trade.net,
            "grid": str(grid),
            "worst": excursion.worst if excursion else None,
            "best": excursion.best if excursion else None,
            "drawdown": excursion.drawdown if excursion else None,
            "at": at,
        },
    )
