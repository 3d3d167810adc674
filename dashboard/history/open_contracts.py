"""Positions in contracts as the last reading found them, each with its trade."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboard.history.open_trades import NEWEST, WAITING, find_stop, find_targets
from dashboard.history.trade_rows import PERCENT, divide
from finance.decimals import CONTEXT
from finance.trades import OpenedBy
from sql.rows import Db, load_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """An open position in a contract, and its trade; None of it where its first fills are not known."""

    account_id: int
    label: str
    exchange: str
    wallet: str
    symbol: str
    side: str  # LONG or SHORT
    quantity: Decimal  # in the contract's unit, without a sign
    entry_price: Decimal
    mark_price: Decimal
    margin_asset: str
    unrealised: Decimal  # in the margin asset
    margin_price: Decimal | None  # of a unit of that in the valuation asset
    trade_id: str | None
    opened_at: datetime | None
    opened_by: str | None
    own_entry: Decimal | None  # the average of all entries of its trade
    is_inverse: bool | None
    contract_size: Decimal | None
    fees: Decimal | None
    funding: Decimal | None  # got; paid: negative
    gross: Decimal | None  # of what was closed of it
    leverage: Decimal | None  # by the exchange's reading, or the order that opened it
    margin_mode: str | None
    liquidation_price: Decimal | None
    initial_margin: Decimal | None  # in the margin asset
    exits: Sequence[Mapping[str, str]]  # what waits to close it: kind (tp or sl) and price

    @property
    def gain(self) -> Decimal | None:
        """What is unrealised, in the valuation asset."""
        return None if self.margin_price is None else CONTEXT.multiply(self.unrealised, self.margin_price)

    @property
    def gain_percent(self) -> Decimal | None:
        """The same as per cent of what is open at its entry; None where a contract's size is not known."""
        if not self.entry_price or self.is_inverse is None or self.contract_size is None:
            return None
        price = divide(Decimal(1), self.entry_price) if self.is_inverse else self.entry_price
        worth = CONTEXT.multiply(CONTEXT.multiply(self.quantity, self.contract_size), price or Decimal(0))
        return divide(CONTEXT.multiply(PERCENT, self.unrealised), worth)

    @property
    def begun_at_mark(self) -> Decimal | None:
        """The average entry of a trade that was open when the history began, which the exchange counts from before."""
        return self.own_entry if self.opened_by == OpenedBy.OPENING else None

    @property
    def roe_percent(self) -> Decimal | None:
        """The same as per cent of the margin that it began with, where that is known."""
        return divide(CONTEXT.multiply(PERCENT, self.unrealised), self.initial_margin) if self.initial_margin else None

    @property
    def stop(self) -> Decimal | None:
        """The price of the stop that is reached first."""
        return find_stop(self.exits, self.side)

    @property
    def targets(self) -> Sequence[Decimal]:
        """The prices at which orders take its profit, the nearest first."""
        return find_targets(self.exits, self.side)


def load_contracts(db: Db, account_id: int, exchange: str = "") -> tuple[Contract, ...]:
    """The open positions in contracts of what is shown."""

    def read(*, exits: Sequence[Mapping[str, str]] | None, **columns: Any) -> Contract:
        return Contract(exits=exits or (), **columns)

    return load_rows(
        db,
        read,
        f"""
        with {NEWEST}, found as (
          select n.account_id, n.label, n.exchange, p.wallet, p.symbol, abs(p.quantity) as quantity, p.side as position_side,
            upper(case when p.side <> 'both' then p.side when p.quantity < 0 then 'short' else 'long' end) as side,
            p.entry_price, p.mark_price, p.margin_asset, p.unrealised, p.leverage, p.margin_mode, p.liquidation_price,
            p.initial_margin,
            case p.margin_asset when 'USDT' then 1 else h.price end as margin_price
          from newest n
          join positions p using (snapshot_id)
          left join held h on h.account_id = n.account_id and h.asset = p.margin_asset
        )
        select f.account_id, f.label, f.exchange, f.wallet, f.symbol, f.quantity, f.side, f.entry_price, f.mark_price,
          f.margin_asset, f.unrealised, f.margin_price, t.id as trade_id, t.opened_at, t.opened_by,
          case when t.is_inverse then t.entered / nullif(t.settled_entry, 0) else t.settled_entry / nullif(t.entered, 0) end as own_entry,
          t.is_inverse, t.contract_size, t.fees,
          t.funding, t.gross, coalesce(f.leverage, o.leverage) as leverage,
          coalesce(f.margin_mode, nullif(o.margin_mode, '')) as margin_mode, f.liquidation_price, f.initial_margin,
          {WAITING} as exits
        from found f
        left join trades t on t.account_id = f.account_id and t.closed_at is null and t.asset = f.symbol
          and t.position_side = f.position_side and t.side = f.side
        left join lateral (
          select o.leverage, o.margin_mode
          from trade_moves m
          join orders o on o.account_id = m.account_id and o.exchange_id = m.order_id and o.symbol = f.symbol
          where m.account_id = t.account_id and m.trade_id = t.id and m.effect = 'entry' and m.order_id <> ''
          order by m.hour, m.number
          limit 1
        ) o on true
        order by f.account_id, f.wallet, f.symbol, f.side
        """,
        {"id": account_id, "exchange": exchange, "together": False},
    )
