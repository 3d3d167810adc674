"""What is known of old orders without the old system: what the exchange showed of them, and what hours lack."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from finance.hour_status import VALUED
from finance.records import FillMarket, FillRecord
from monitor.legacy.orders import OrderKey, name_symbol
from monitor.performance.store.explanations import read_asset
from sql.rows import Db, load_row, load_rows


class Pair(NamedTuple):
    """A symbol of a market and its two assets."""

    symbol: str
    market: str
    base: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledOrder:
    """What the exchange executed of an order, all of its fills together."""

    order_id: str
    symbol: str
    market: str
    bought: Decimal  # of the base; sold: negative
    given: Decimal  # of the quote; paid: negative
    fills: int


def load_filled(db: Db, account_id: int) -> dict[OrderKey, FilledOrder]:
    """The account's orders of which the exchange's own fills are known."""
    rows = load_rows(
        db,
        FilledOrder,
        """
        select order_id, symbol, min(market) as market, sum(base_quantity) as bought, sum(quote_quantity) as given,
          count(*) as fills
        from fills
        where account_id = %(account)s and order_id <> '' and legacy is null
        group by order_id, symbol
        union all
        select order_id, symbol, min(wallet), sum(quantity), -sum(quantity * price), count(*)
        from contract_fills
        where account_id = %(account)s and order_id <> ''
        group by order_id, symbol
        """,
        {"account": account_id},
    )
    return {OrderKey(name_symbol(row.symbol), row.order_id): row for row in rows}


def load_pairs(db: Db, account_id: int) -> dict[str, Pair]:
    """The pairs that the account is known to have traded or ordered, by symbol."""
    rows = load_rows(
        db,
        Pair,
        """
        select distinct on (symbol) symbol, market, base_asset as base, quote_asset as quote
        from (
          select symbol, market, base_asset, quote_asset, 1 as rank
          from fills
          where account_id = %(account)s and market in ('spot', 'cross_margin', 'isolated_margin')
          union all
          select symbol, market, base_asset, quote_asset, 2
          from order_revisions
          where account_id = %(account)s and base_asset <> ''
        ) known
        order by symbol, rank, market desc
        """,
        {"account": account_id},
    )
    return {row.symbol: row for row in rows}


class ShownOrder(NamedTuple):
    """An order as the exchange showed it last."""

    symbol: str
    order_id: str
    market: str
    executed: Decimal
    given: Decimal | None  # what that came to in the quote; None: not said


def load_shown(db: Db, account_id: int) -> dict[OrderKey, ShownOrder]:
    """The orders of the account that the exchange showed."""
    rows = load_rows(
        db,
        ShownOrder,
        """
        select distinct on (symbol, exchange_id) symbol, exchange_id as order_id, market, executed_quantity as executed, executed_quote as given
        from order_revisions
        where account_id = %(account)s and source = 'exchange'
        order by symbol, exchange_id, id desc
        """,
        {"account": account_id},
    )
    return {OrderKey(name_symbol(row.symbol), row.order_id): row for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class HourOfOrder:
    """The valued hour in which something happened, and what it lacks."""

    hour: datetime
    since: datetime
    until: datetime
    residual: dict[str, Decimal]  # units by asset that no record explains


def find_hour(db: Db, account_id: int, at: datetime) -> HourOfOrder | None:
    """The valued hour that what happened `at` is explained in; None where that is not known for certain."""
    found = load_row(
        db,
        _read_hour,
        """
        select n.hour, n.taken_at as until, e.assets, coalesce(p.through, f.taken_at) as since
        from nav_history n
        join explanations e using (account_id, hour)
        join nav_history f on f.account_id = e.account_id and f.hour = e.from_hour
        left join explanations p on p.account_id = e.account_id and p.hour = e.from_hour
        where n.account_id = %(account)s
          and n.status = any(%(valued)s)
          and n.taken_at > %(at)s
        order by n.hour
        limit 1
        """,
        {"account": account_id, "at": at, "valued": VALUED},
    )
    return found if found and found.since <= at else None


def _read_hour(*, assets: dict[str, Any], **columns: Any) -> HourOfOrder:
    explained = [read_asset(name, one) for name, one in assets.items()]
    return HourOfOrder(residual={one.asset: one.residual for one in explained if one.residual}, **columns)


class Span(NamedTuple):
    """When the first and the last valued reading of an account were taken; None without any."""

    first: datetime | None
    last: datetime | None


def load_span(db: Db, account_id: int) -> Span:
    """That of the account."""
    found = load_row(
        db,
        Span,
        """
        select min(taken_at) as first, max(taken_at) as last
        from nav_history
        where account_id = %(account)s and status = any(%(valued)s)
        """,
        {"account": account_id, "valued": VALUED},
    )
    return found or Span(None, None)


def load_fills_before(db: Db, account_id: int, until: datetime | None, symbols: Collection[str]) -> list[FillRecord]:
    """The account's fills of `symbols` before its first valued hour, in time order: no hour has them."""
    return list(
        load_rows(
            db,
            _read_fill,
            """
            select id as number, market, symbol, exchange_id, order_id, base_asset, base_quantity, quote_asset, quote_quantity,
              fee_asset, fee, occurred_at
            from fills
            where account_id = %(account)s
              and symbol = any(%(symbols)s)
              and occurred_at < coalesce(%(until)s, 'infinity'::timestamptz)
            order by occurred_at, id
            """,
            {"account": account_id, "until": until, "symbols": list(symbols)},
        )
    )


def _read_fill(*, market: str, **columns: Any) -> FillRecord:
    return FillRecord(market=FillMarket(market), **columns)


class DayOfNav(NamedTuple):
    """What an account was worth at the end of a day."""

    day: str
    nav: Decimal


def load_days(db: Db, account_id: int, days: Iterable[str]) -> dict[str, Decimal]:
    """NAV at the last valued hour of each of `days` (UTC, like 2026-01-31)."""
    rows = load_rows(
        db,
        DayOfNav,
        """
        select distinct on (day) day, nav
        from (
          select to_char(hour at time zone 'UTC', 'YYYY-MM-DD') as day, hour, nav
          from nav_history
          where account_id = %(account)s and status = any(%(valued)s)
        ) hours
        where day = any(%(days)s)
        order by day, hour desc
        """,
        {"account": account_id, "valued": VALUED, "days": list(days)},
    )
    return {row.day: row.nav for row in rows}
