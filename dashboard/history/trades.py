"""Trades from flat to flat that were closed in the hours of a period."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, LiteralString, NamedTuple

from dashboard.history.members import member, own_trade
from dashboard.history.trade_rows import COLUMNS, WITH_EXCURSIONS, WITH_WORDS, WORDS, TradeRow
from sql.rows import Db, load_row, load_rows

# By what closed trades are sorted: an expression, and the type in which a page of them goes on.
SORTS: Mapping[str, tuple[LiteralString, LiteralString]] = {
    "exit_time": ("t.closed_at", "timestamptz"),
    "entry_time": ("t.opened_at", "timestamptz"),
    "symbol": ('t.symbol collate "C"', "text"),
    "side": ('t.side collate "C"', "text"),
    "exit_type": ("coalesce(t.ended_by, '') collate \"C\"", "text"),
    "quantity": ("t.entered", "numeric"),
    "gross_pnl": ("t.gross", "numeric"),
    "fees": ("(t.fees + t.interest)", "numeric"),
    "net_pnl": ("t.net", "numeric"),
    "pnl_percentage": ("coalesce(t.net / nullif(t.greatest_value, 0), 0)", "numeric"),  # none of what had no value
    "hold_seconds": ("extract(epoch from t.closed_at - t.opened_at)", "numeric"),
}
# A text within what the reader sees of a trade.
FOUND: LiteralString = """
    strpos(
      lower(concat_ws(' ', t.symbol, t.asset, t.id, t.side, t.ended_by, a.label, a.exchange,
        to_char(t.opened_at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI'),
        to_char(t.closed_at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI'), array_to_string(w.tags, ' '), w.note)),
      lower(%(find)s)
    ) > 0
    """
# Closed in the hours of a period. A trade closes after the beginning of the hour before: that is found by index.
PERIOD: LiteralString = "t.closed_at >= %(since)s and t.closed_hour > %(since)s and t.closed_hour <= %(until)s"
CLOSED: LiteralString = f"{own_trade('t', 't.closed_hour')} and {PERIOD}"
CLOSED_BY_EACH: LiteralString = f"{member('t', 't.closed_hour')} and {PERIOD}"  # account of a portfolio, for itself
FILTERS: LiteralString = f"""
    and (%(symbol)s = '' or upper(%(symbol)s) in (upper(t.symbol), upper(t.asset)))
    and (%(side)s = '' or t.side = %(side)s)
    and (%(exit_type)s = '' or t.ended_by = lower(%(exit_type)s))
    and (%(exchange)s = '' or a.exchange = %(exchange)s)
    and (%(tag)s = '' or lower(%(tag)s) = any(w.tags))
    and (%(find)s = '' or {FOUND})
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which closed trades are looked for: of what is shown, in the hours after `since` up to `until`; empty: of any kind."""

    account_id: int
    since: datetime
    until: datetime
    symbol: str = ""  # or the coin
    side: str = ""
    exit_type: str = ""
    exchange: str = ""
    tag: str = ""
    find: str = ""
    zone: str = "UTC"
    by_account: bool = False  # of a portfolio those that each of its accounts has for itself, as always of an exchange

    @property
    def condition(self) -> LiteralString:
        """That a trade is one of them."""
        return f"{CLOSED_BY_EACH if self.by_account or self.exchange else CLOSED} {FILTERS}"

    @property
    def parameters(self) -> dict[str, Any]:
        """For a statement."""
        names = ("since", "until", "symbol", "side", "exit_type", "exchange", "tag", "find", "zone")
        return {"id": self.account_id} | {name: getattr(self, name) for name in names}


class Place(NamedTuple):
    """Where a list of trades goes on: after the trade of an account that has `value` in the list's order."""

    value: str
    account_id: int
    id: str


class TradeSums(NamedTuple):
    """What closed trades come to."""

    trades: int
    counted: int
    won: int
    lost: int
    net: Decimal
    gross: Decimal
    paid: Decimal  # fees and interest


def load_closed(
    db: Db, wanted: Wanted, *, sort: str = "-exit_time", after: Place | None = None, limit: int | None, skip: int = 0
) -> tuple[TradeRow, ...]:
    """Closed trades in the order of a column of SORTS, with a minus from the largest; the next ones `after` a place.

    Between equals the number of the account and the id decide, so that a trade that is closed meanwhile moves none from
    one page to another.
    """
    expression, kind = SORTS[sort.removeprefix("-")]
    way: LiteralString = "desc" if sort.startswith("-") else "asc"
    beyond: LiteralString = "<" if sort.startswith("-") else ">"
    goes_on: LiteralString = (
        f"and ({expression}, t.account_id, t.id) {beyond} (%(value)s::{kind}, %(account)s::bigint, %(number)s::text)"
        if after
        else ""
    )
    place = {"value": after.value, "account": after.account_id, "number": after.id} if after else {}
    return load_rows(
        db,
        TradeRow,
        f"""
        with {WORDS}, page as (
          select t.*, {expression} as place
          from trades t
          join accounts a using (account_id)
          {WITH_WORDS}
          where {wanted.condition} {goes_on}
          order by {expression} {way}, t.account_id {way}, t.id {way}
          limit %(limit)s offset %(skip)s
        )
        select {COLUMNS}, t.place::text as place
        from page t
        join accounts a using (account_id)
        {WITH_WORDS}
        {WITH_EXCURSIONS}
        order by t.place {way}, t.account_id {way}, t.id {way}
        """,
        wanted.parameters | place | {"limit": limit, "skip": skip},
    )


def load_closed_sums(db: Db, wanted: Wanted) -> TradeSums:
    """What all of them come to."""
    found = load_row(
        db,
        TradeSums,
        f"""
        with {WORDS}
        select count(*) as trades, count(*) filter (where t.is_counted) as counted,
          count(*) filter (where t.is_counted and t.net > 0) as won,
          count(*) filter (where t.is_counted and t.net < 0) as lost, coalesce(sum(t.net), 0) as net,
          coalesce(sum(t.gross), 0) as gross, coalesce(sum(t.fees + t.interest), 0) as paid
        from trades t
        join accounts a using (account_id)
        {WITH_WORDS}
        where {wanted.condition}
        """,
        wanted.parameters,
    )
    assert found
    return found
