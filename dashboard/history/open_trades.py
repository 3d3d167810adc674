"""What is open in coins: trades with what the last reading found of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, LiteralString

from dashboard.history.members import own, present
from dashboard.history.trade_rows import (
    COLUMNS,
    PERCENT,
    WITH_EXCURSIONS,
    WITH_WORDS,
    WORDS,
    TradeRow,
    divide,
)
from finance.decimals import CONTEXT
from sql.rows import Db, load_rows

# The last reading of each account of what is shown; whose trades are looked at with it; and what was found of each asset.
NEWEST: LiteralString = f"""
    newest as materialized (
      select a.account_id, case when %(together)s then b.account_id else a.account_id end as owner, a.label, a.exchange,
        s.snapshot_id, s.taken_at, s.hour
      from accounts a
      join books b on b.id = %(id)s
      cross join lateral (
        select snapshot_id, hour, taken_at
        from snapshots s
        where s.account_id = a.account_id
        order by s.hour desc, s.snapshot_id desc
        limit 1
      ) s
      where {present("a")} and a.enabled and (%(exchange)s = '' or a.exchange = %(exchange)s)
    ), held as (
      select n.owner as account_id, h.asset, sum(h.quantity) as quantity, max(h.price) as price,
        case when bool_or(h.value is null) then null else sum(h.value) end as value
      from newest n
      join holdings h using (snapshot_id)
      group by n.owner, h.asset
    ), reads as (
      select owner as account_id, max(taken_at) as taken_at, max(hour) as hour from newest group by owner
    )
    """
# What the units that were found have cost: of a portfolio what is on its way between accounts has a part of it.
COST: LiteralString = """
    (e.costs ->> t.asset)::numeric * case
      when (e.assets -> t.asset ->> 'after')::numeric not in (0, h.quantity)
      then h.quantity / (e.assets -> t.asset ->> 'after')::numeric else 1 end
    """


# What waits to close an open trade `t`, by what it was given for; a price that was given with its entry waits as long as it.
WAITING: LiteralString = """
    (
      select jsonb_agg(jsonb_build_object('kind', g.kind, 'price', g.price::text))
      from trade_orders g
      where g.account_id = t.account_id and g.trade_id = t.id and g.kind in ('tp', 'sl') and g.price is not null
        and (g.is_preset or exists (
          select from open_orders o
          where o.account_id = g.placed_by and o.market = g.market and o.symbol = g.symbol and o.exchange_id = g.order_id))
    )
    """


def find_stop(exits: Sequence[Mapping[str, str]], side: str) -> Decimal | None:
    """The price of the stop that is reached first."""
    return next(iter(_list_waiting(exits, "sl", is_falling=side == "LONG")), None)


def find_targets(exits: Sequence[Mapping[str, str]], side: str) -> Sequence[Decimal]:
    """The prices at which orders take a profit, the nearest first."""
    return _list_waiting(exits, "tp", is_falling=side == "SHORT")


def _list_waiting(exits: Sequence[Mapping[str, str]], kind: str, *, is_falling: bool) -> list[Decimal]:
    return sorted((Decimal(one["price"]) for one in exits if one["kind"] == kind), reverse=is_falling)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTrade:
    """A trade that is open, and what the last reading found of its coin: one is open at most of each coin."""

    trade: TradeRow
    read_at: datetime | None  # None: the account was not read yet
    quantity: Decimal | None  # signed; None: the reading found none of the coin
    price: Decimal | None
    value: Decimal | None
    cost: Decimal | None  # by average, of all that is held; None of an hour without a NAV
    exits: Sequence[Mapping[str, str]]  # what waits to close it: kind (tp or sl) and price

    @property
    def stop(self) -> Decimal | None:
        """The price of the stop that is reached first."""
        return find_stop(self.exits, self.trade.side)

    @property
    def targets(self) -> Sequence[Decimal]:
        """The prices at which orders take its profit, the nearest first."""
        return find_targets(self.exits, self.trade.side)

    @property
    def average_cost(self) -> Decimal | None:
        """Of a unit."""
        return divide(self.cost, self.quantity) if self.cost is not None and self.quantity else None

    @property
    def gain(self) -> Decimal | None:
        """What is unrealised: value less cost."""
        return None if self.value is None or self.cost is None else CONTEXT.subtract(self.value, self.cost)

    @property
    def gain_percent(self) -> Decimal | None:
        """The same as per cent of the cost."""
        return divide(PERCENT * self.gain, abs(self.cost)) if self.gain is not None and self.cost else None


def load_open(db: Db, account_id: int, exchange: str = "") -> tuple[OpenTrade, ...]:
    """The open trades of what is shown, with what Holdings has of their coins; the most valuable first.

    Of a portfolio and an exchange those that each account there has for itself.
    """

    def read(
        *,
        read_at: datetime | None,
        quantity: Decimal | None,
        price: Decimal | None,
        value: Decimal | None,
        cost: Decimal | None,
        exits: Sequence[Mapping[str, str]] | None,
        **columns: Any,
    ) -> OpenTrade:
        trade = TradeRow(**columns)
        known = exits or ()
        return OpenTrade(
            trade=trade, read_at=read_at, quantity=quantity, price=price, value=value, cost=cost, exits=known
        )

    return load_rows(
        db,
        read,
        f"""
        with {NEWEST}, {WORDS}
        select {COLUMNS}, n.taken_at as read_at, h.quantity, h.price, h.value, {COST} as cost, {WAITING} as exits
        from trades t
        join accounts a using (account_id)
        left join reads n using (account_id)
        left join explanations e on e.account_id = n.account_id and e.hour = n.hour
        left join held h on h.account_id = t.account_id and h.asset = t.asset
        {WITH_WORDS}
        {WITH_EXCURSIONS}
        where {present("t") if exchange else own("t")} and a.enabled and t.closed_at is null and t.settle is null
          and (%(exchange)s = '' or a.exchange = %(exchange)s)
        order by abs(h.value) desc nulls last, t.account_id, t.asset
        """,
        {"id": account_id, "exchange": exchange, "together": not exchange},
    )
