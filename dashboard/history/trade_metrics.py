"""Closed trades as metrics take them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from dashboard.history.trade_rows import WITH_WORDS, WORDS
from dashboard.history.trades import Wanted
from finance.trade_metrics import ClosedTrade, spread_invested
from finance.trade_notes import TradeNote
from finance.trades import MoveKind, OpenedBy, Trade
from sql.rows import Db, load_rows


class Found(NamedTuple):
    """A closed trade, and whether it is a decision from beginning to end."""

    is_counted: bool
    trade: ClosedTrade


def load_for_metrics(db: Db, wanted: Wanted, *, deposits: bool = False) -> tuple[Found, ...]:
    """Every closed trade that is wanted, in the order in which they were closed; with `deposits`, those that a deposit opened
    and fills closed are counted, too.

    What was in a trade is weighted by time: each move changes it until the end, an exit by what its units had cost.
    """
    return load_rows(
        db,
        partial(_read, deposits),
        f"""
        with {WORDS}, chosen as materialized (
          select a.label as account, a.exchange, w.tags, coalesce(w.stop, t.known_stop) as stop, t.*
          from trades t
          join accounts a using (account_id)
          {WITH_WORDS}
          where {wanted.condition}
        ), invested as (
          select c.account_id, c.id, sum(
              case when m.effect = 'entry' then m.value when (c.side = 'LONG') <> coalesce(c.is_inverse, false) then m.gain - m.value else -m.gain - m.value end
              * extract(epoch from c.closed_at - m.at)::numeric
            ) as weighted
          from chosen c
          join trade_moves m on m.account_id = c.account_id and m.trade_id = c.id
          group by c.account_id, c.id
        )
        select c.account, c.exchange, c.id, c.asset, c.symbol, c.market, c.side, c.opened_by, c.opened_at, c.closed_at,
          case when c.is_inverse then c.settled_entry else c.entered end as entered, -- what gains or loses with the price
          c.entry_value, c.exited, c.exit_value, c.transferred_units, c.gross, c.fees, c.interest, c.funding, c.ended_by, c.is_counted, c.tags, c.stop, i.weighted
        from chosen c
        left join invested i using (account_id, id)
        order by c.closed_at, c.account_id, c.id
        """,
        wanted.parameters,
    )


def _read(
    deposits: bool,
    *,
    account: str,
    exchange: str,
    symbol: str,
    market: str,
    side: str,
    opened_by: str,
    opened_at: datetime,
    closed_at: datetime,
    ended_by: str | None,
    is_counted: bool,
    tags: Sequence[str] | None,
    stop: Decimal | None,
    weighted: Decimal | None,
    **columns: Any,
) -> Found:
    trade = Trade(
        is_short=side == "SHORT",
        opened_by=OpenedBy(opened_by),
        opened_at=opened_at,
        closed_at=closed_at,
        ended_by=MoveKind(ended_by) if ended_by else None,
        **columns,
    )
    note = TradeNote(tags=tuple(tags or ()))
    invested = None if weighted is None else spread_invested(trade, weighted)
    place = {"account": account, "exchange": exchange, "symbol": symbol, "market": market}
    is_counted = is_counted or (deposits and trade.counts(deposits=True))
    return Found(is_counted, ClosedTrade.of(trade, note, invested, stop=stop, **place))
