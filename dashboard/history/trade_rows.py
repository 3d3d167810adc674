"""A trade as it is stored, with the owner's words about it and how far it went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import LiteralString

from dashboard.history.trade_margins import OF_MARGIN
from finance.decimals import CONTEXT, stored
from finance.trade_notes import compute_risk
from finance.trades import MoveKind, OpenedBy, Trade

PERCENT = Decimal(100)
BASES = {"fill": "fills", "flow": "deposit", "opening": "first_hour", "unexplained": "unexplained"}
# The owner's words about trades: few, and found once for a statement.
WORDS: LiteralString = "words as materialized (select account_id, trade_id, tags, note, rating, stop from trade_notes)"
WITH_WORDS: LiteralString = "left join words w on w.account_id = t.account_id and w.trade_id = t.id"
WITH_EXCURSIONS: LiteralString = "left join trade_excursions x on x.account_id = t.account_id and x.trade_id = t.id"
COLUMNS: LiteralString = f"""
    t.account_id, a.label, nullif(a.exchange, 'combined') as exchange, t.id, t.asset, t.symbol, t.market, t.side, t.opened_by, t.opened_at, t.closed_at,
    t.closed_hour, t.entered, t.entry_value, t.exited, t.exit_value, t.gross, t.transferred, t.transferred_units, t.greatest_value, t.fees,
    t.interest, t.fees + t.interest as paid, t.net, t.fills, t.is_counted, t.ended_by, coalesce(w.tags, '{{}}') as tags,
    coalesce(w.note, '') as note, w.rating,
    coalesce(w.stop, t.known_stop) as stop, case when w.stop is null then t.stop_source else 'note' end as stop_source, x.grid, x.worst, x.best, x.drawdown,
    case when t.opened_by = 'opening' then (
      select min(b.source)
      from basis_words b
      join members m using (account_id)
      where m.id = t.account_id and b.asset = t.asset and b.price is not null
    ) end as stated_by,
    t.funding, t.position_side, t.settle, coalesce(t.is_inverse, false) as is_inverse, t.settled_entry, t.settled_exit,
    t.settled_gross, t.stated, {OF_MARGIN}
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRow:
    """A trade as it is stored, whose it is and where; amounts are in the valuation asset."""

    account_id: int
    label: str
    exchange: str | None  # None: a portfolio's, which may have been made at several
    id: str
    asset: str
    symbol: str
    market: str
    side: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    closed_hour: datetime | None
    entered: Decimal
    entry_value: Decimal
    exited: Decimal
    exit_value: Decimal
    gross: Decimal
    transferred: Decimal
    transferred_units: Decimal
    greatest_value: Decimal
    fees: Decimal
    interest: Decimal
    paid: Decimal  # fees and interest
    net: Decimal
    fills: int
    is_counted: bool  # opened and closed by fills: it was won or lost
    ended_by: str | None  # None: what was left went as a fee
    tags: Sequence[str]
    note: str  # the owner's words
    rating: int | None
    stop: Decimal | None  # that was known when it was opened
    stop_source: str | None  # the owner's word, or what of its orders and plans showed it
    grid: str | None  # of the prices from which the next three are known; `none`: there are none; None: not read yet
    worst: Decimal | None
    best: Decimal | None
    drawdown: Decimal | None
    stated_by: str | None  # who says what coins had cost that were there when it began: their owner, or records
    funding: Decimal  # got; paid: negative
    position_side: str | None  # of a contract: both (one-way), long or short; None of coins
    settle: str | None  # of a contract: what it is settled in, like the next four
    is_inverse: bool  # its units are dollars
    settled_entry: Decimal | None
    settled_exit: Decimal | None
    settled_gross: Decimal | None
    stated: Decimal | None  # the profit by the exchange's own account
    contract_size: Decimal | None  # in dollars of an inverse one
    greatest_cost: Decimal | None  # the greatest that was open of it, at its entries; what was settled
    leverage: Decimal | None  # that its entering orders and the first reading of it say; None: none, or several
    margin_mode: str | None
    margin_read: Sequence[Decimal | None] | None  # by the first reading of it: initial margin, quantity, mark price
    exchange_entry: (
        Decimal | None
    )  # of one that was open when the history began: by that reading, from which the exchange counts
    place: str = ""  # in the order of the list

    @property
    def entry_price(self) -> Decimal | None:
        """The average of all entries, to 18 decimals; of an inverse contract the harmonic one."""
        return self._average(self.entered, self.settled_entry, self.entry_value)

    @property
    def exit_price(self) -> Decimal | None:
        """The average of all exits, sold or not; None before the first."""
        return self._average(self.exited, self.settled_exit, self.exit_value)

    def _average(self, units: Decimal, settled: Decimal | None, value: Decimal) -> Decimal | None:
        if settled is None:
            return divide(value, units)
        return divide(units, settled) if self.is_inverse else divide(settled, units)

    @property
    def difference(self) -> Decimal | None:
        """Of a contract: by how much our gross is above the exchange's account, in what it is settled in."""
        return None if self.settled_gross is None or self.stated is None else self.settled_gross - self.stated

    @property
    def state(self) -> str:
        """OPEN, CLOSED, or LIQUIDATED: closed by the exchange for want of margin."""
        if not self.closed_at:
            return "OPEN"
        return "LIQUIDATED" if self.ended_by == MoveKind.LIQUIDATION else "CLOSED"

    @property
    def net_percent(self) -> Decimal | None:
        """Net as per cent of the greatest value held."""
        return divide(PERCENT * self.net, self.greatest_value)

    @property
    def initial_margin(self) -> Decimal | None:
        """What the greatest part of a contract took as margin at its entry, in the valuation asset; None where nothing says it."""
        rate = self._margin_rate
        if rate is None or self.greatest_cost is None or not self.settled_entry:
            return None
        price = CONTEXT.divide(self.entry_value, self.settled_entry)
        return stored(CONTEXT.multiply(CONTEXT.multiply(self.greatest_cost, rate), price)) or None

    @property
    def _margin_rate(self) -> Decimal | None:
        """The part of its value that is margin."""
        if self.leverage:
            return CONTEXT.divide(Decimal(1), self.leverage)
        margin, quantity, mark = self.margin_read or (None, None, None)
        if not margin or not quantity or not mark or not self.contract_size:
            return None
        dollars = CONTEXT.multiply(quantity, self.contract_size)
        worth = CONTEXT.divide(dollars, mark) if self.is_inverse else CONTEXT.multiply(quantity, mark)
        return CONTEXT.divide(margin, worth)

    @property
    def roe_percent(self) -> Decimal | None:
        """Net of a closed trade as per cent of its initial margin."""
        return divide(PERCENT * self.net, self.initial_margin) if self.closed_at and self.initial_margin else None

    @property
    def is_begun(self) -> bool:
        """Whether it was there when the history began: what entering it cost is not known."""
        return self.opened_by == OpenedBy.OPENING

    @property
    def basis(self) -> str:
        """From what its cost is known at its beginning."""
        return self.stated_by or BASES[self.opened_by]

    @property
    def risk(self) -> Decimal | None:
        """What it would have lost at the stop; None without one, and where it would have lost nothing."""
        known = Trade(
            id=self.id,
            asset=self.asset,
            is_short=self.side == "SHORT",
            opened_by=OpenedBy(self.opened_by),
            opened_at=self.opened_at,
            entered=self.settled_entry if self.is_inverse and self.settled_entry else self.entered,
            entry_value=self.entry_value,
        )
        return compute_risk(known, self.stop)

    @property
    def r_multiple(self) -> Decimal | None:
        """Net in units of the risk."""
        return divide(self.net, self.risk) if self.risk else None

    @property
    def held_for(self) -> timedelta:
        """From opening to closing, of a closed trade."""
        assert self.closed_at
        return self.closed_at - self.opened_at


def divide(amount: Decimal, by: Decimal) -> Decimal | None:
    """A quotient to 18 decimals; None where there is nothing to divide by."""
    return stored(CONTEXT.divide(amount, by)) if by else None
