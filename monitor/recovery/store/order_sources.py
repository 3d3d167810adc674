"""Which pairs' orders are read, and how far they have been, as it is remembered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from monitor.exchanges.contract import Pair
from sql.rows import Db, load_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSource:
    """A pair on a market, and how far its orders have been read."""

    market: str
    pair: Pair
    last_id: str = ""
    read_at: datetime | None = None  # when it was last read to its end; None: never


def load_due_sources(db: Db, account_id: int, markets: Iterable[str]) -> tuple[OrderSource, ...]:
    """The pairs of `markets` of which something was traded since their orders were read, the longest unread first."""
    return load_rows(
        db,
        _read_source,
        """
        select market, symbol, base_asset, quote_asset, last_id, read_at
        from order_sources
        where account_id = %(account)s and is_due and market = any(%(markets)s)
        order by read_at nulls first, market, symbol
        """,
        {"account": account_id, "markets": list(markets)},
    )


def load_order_sources(db: Db, account_id: int, markets: Iterable[str]) -> tuple[OrderSource, ...]:
    """Every pair and contract of `markets` that the account is known to have traded or ordered, by its name."""
    return load_rows(
        db,
        _read_source,
        """
        select t.market, t.symbol, t.base_asset, t.quote_asset, coalesce(s.last_id, '') as last_id, s.read_at
        from (
          select distinct on (market, symbol) market, symbol, base_asset, quote_asset
          from (
            select market, symbol, base_asset, quote_asset
            from fills
            where account_id = %(account)s and market = any(%(markets)s)
            union all
            select wallet, symbol, '', ''
            from contract_fills
            where account_id = %(account)s and wallet = any(%(markets)s)
            union all
            select market, symbol, base_asset, quote_asset
            from order_revisions
            where account_id = %(account)s and market = any(%(markets)s)
          ) known
          order by market, symbol, base_asset desc
        ) t
        left join order_sources s on s.account_id = %(account)s and s.market = t.market and s.symbol = t.symbol
        order by t.market, t.symbol
        """,
        {"account": account_id, "markets": list(markets)},
    )


def _read_source(
    *, market: str, symbol: str, base_asset: str, quote_asset: str, last_id: str, read_at: datetime | None
) -> OrderSource:
    pair = Pair(symbol=symbol, base=base_asset, quote=quote_asset)
    return OrderSource(market=market, pair=pair, last_id=last_id, read_at=read_at)


def record_order_source(db: Db, account_id: int, source: OrderSource, *, is_due: bool) -> None:
    """Remember how far a pair's orders were read, and whether there are more."""
    db.execute(
        """
        insert into order_sources (account_id, market, symbol, base_asset, quote_asset, last_id, read_at, is_due)
        values (
          %(account)s, %(market)s, %(symbol)s, %(base)s, %(quote)s, %(last_id)s, %(read_at)s, %(is_due)s
        )
        on conflict (account_id, market, symbol) do update
        set last_id = excluded.last_id, read_at = excluded.read_at, is_due = excluded.is_due
        """,
        {
            "account": account_id,
            "market": source.market,
            "symbol": source.pair.symbol,
            "base": source.pair.base,
            "quote": source.pair.quote,
            "last_id": source.last_id,
            "read_at": source.read_at,
            "is_due": is_due,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPair:
    """What is stored of a pair."""

    what: str  # orders or trades
    symbol: str
    rows: int
    oldest: datetime


def load_stored_pairs(db: Db, account_id: int) -> tuple[StoredPair, ...]:
    """How many orders and trades of each pair and contract are stored, and of when the oldest is."""
    return load_rows(
        db,
        StoredPair,
        """
        select 'trades' as what, symbol, count(*) as rows, min(occurred_at) as oldest
        from fills
        where account_id = %(account)s and market not in ('convert', 'dust', 'redenomination')
        group by symbol
        union all
        select case market when 'convert' then 'converts' when 'dust' then 'small balances' else 'renamed coins' end, symbol,
          count(*), min(occurred_at)
        from fills
        where account_id = %(account)s and market in ('convert', 'dust', 'redenomination')
        group by market, symbol
        union all
        select 'trades in contracts', symbol, count(*), min(occurred_at)
        from contract_fills
        where account_id = %(account)s
        group by symbol
        union all
        select 'closed positions', symbol, count(*), min(closed_at)
        from closed_positions
        where account_id = %(account)s
        group by symbol
        union all
        select 'orders', symbol, count(distinct (market, exchange_id)), min(ordered_at)
        from order_revisions
        where account_id = %(account)s
        group by symbol
        order by symbol, what
        """,
        {"account": account_id},
    )
