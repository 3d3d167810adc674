"""Which pairs were asked for fills, and how far, as it is remembered; and the hours that lack some."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from finance.decimals import total
from finance.records import FillMarket
from monitor.exchanges.contract import Pair
from monitor.performance.store.explanations import read_asset
from sql.rows import Db, execute_each, load_rows

MOST_GAPS = 24  # the newest ones are looked into again

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
BY_TIME = (FillMarket.CONVERT, FillMarket.DUST)  # markets without pairs
SourceKey = tuple[FillMarket, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The time before a valued hour in which quantities changed without an explanation."""

    since: datetime
    until: datetime
    quantities: Mapping[str, Decimal]  # in units, by asset; empty once it is closed
    worth: Decimal  # of all of them, in the valuation asset


@dataclass(frozen=True, slots=True, kw_only=True)
class FillSource:
    """A pair on a market, or a market without pairs, and how far its fills have been read."""

    market: FillMarket
    pair: Pair | None = None
    last_id: str = ""
    read_at: datetime | None = None  # when it was last read to its end; None: never
    has_fills: bool = False

    @property
    def key(self) -> SourceKey:
        """What identifies it within its account."""
        return (self.market, self.pair.symbol if self.pair else "")

    @property
    def assets(self) -> frozenset[str]:
        """The assets that its fills move, as far as they are known."""
        return frozenset({self.pair.base, self.pair.quote} if self.pair else ())


def load_sources(db: Db, account_id: int) -> dict[SourceKey, FillSource]:
    """Every source of fills that was read before, the most recently traded pairs first."""
    sources = load_rows(
        db,
        _read_source,
        """
        select t.market, t.symbol, t.last_id, t.read_at, t.has_fills,
          coalesce(f.base_asset, '') as base, coalesce(f.quote_asset, '') as quote
        from traded_pairs t
        left join lateral (
          select base_asset, quote_asset, occurred_at
          from fills f
          where f.account_id = t.account_id and f.market = any(%(paired)s) and f.symbol = t.symbol
          order by occurred_at desc
          limit 1
        ) f on true
        where t.account_id = %(account)s
        order by f.occurred_at desc nulls last, t.market, t.symbol
        """,
        {"account": account_id, "paired": [str(market) for market in FillMarket if market not in BY_TIME]},
    )
    return {source.key: source for source in sources}


def _read_source(
    *, market: str, symbol: str, base: str, quote: str, last_id: str, read_at: datetime, has_fills: bool
) -> FillSource:
    return FillSource(
        market=FillMarket(market),
        pair=Pair(symbol=symbol, base=base, quote=quote) if symbol else None,
        last_id=last_id,
        read_at=read_at if read_at > NEVER else None,
        has_fills=has_fills,
    )


def record_sources(db: Db, account_id: int, sources: Iterable[FillSource]) -> None:
    """Remember how far sources were read."""
    execute_each(
        db,
        """
        insert into traded_pairs (account_id, market, symbol, last_id, read_at, has_fills)
        values (%(account)s, %(market)s, %(symbol)s, %(last_id)s, %(read_at)s, %(has_fills)s)
        on conflict (account_id, market, symbol) do update
        set last_id = excluded.last_id, read_at = excluded.read_at, has_fills = excluded.has_fills
        """,
        [
            {
                "account": account_id,
                "market": str(source.market),
                "symbol": source.pair.symbol if source.pair else "",
                "last_id": source.last_id,
                "read_at": source.read_at or NEVER,
                "has_fills": source.has_fills,
            }
            for source in sources
        ],
    )


def load_gaps(db: Db, account_id: int) -> tuple[Gap, ...]:
    """The newest hours with unexplained quantities, newest first, and what is missing in each."""
    return load_rows(
        db,
        _read_gap,
        """
        select n.taken_at as until, e.assets,
          coalesce(
            (select p.through from explanations p where p.account_id = e.account_id and p.hour = e.from_hour),
            f.taken_at
          ) as since
        from explanations e
        join nav_history n using (account_id, hour)
        join nav_history f on f.account_id = e.account_id and f.hour = e.from_hour
        where e.account_id = %(account)s and e.state = 'unexplained'
        order by e.hour desc
        limit %(most)s
        """,
        {"account": account_id, "most": MOST_GAPS},
    )


def _read_gap(*, since: datetime, until: datetime, assets: dict[str, Any]) -> Gap:
    missing = [asset for name, stored in assets.items() if (asset := read_asset(name, stored)).residual]
    return Gap(
        since=since,
        until=until,
        quantities={asset.asset: asset.residual for asset in missing},
        worth=total(abs(asset.residual_value) for asset in missing),
    )
