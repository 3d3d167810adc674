"""Which pairs were asked for fills, and how far, as it is remembered."""

from collections.abc import Iterable
from datetime import UTC, datetime

from finance.decimals import total
from finance.records import FillMarket
from monitor.database import Db, Row
from monitor.exchanges.contract import Pair
from monitor.performance.store.explanations import _asset
from monitor.recovery.fills import BY_TIME, FillSource, Gap, SourceKey

MOST_GAPS = 24  # the newest ones are looked into again

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def load_sources(db: Db, account_id: int) -> dict[SourceKey, FillSource]:
    """Every source of fills that was read before, the most recently traded pairs first."""
    rows = db.execute(
        "select t.*, f.base_asset, f.quote_asset from traded_pairs t left join lateral"
        " (select base_asset, quote_asset, occurred_at from fills f where f.account_id = t.account_id"
        " and f.market = any(%(paired)s) and f.symbol = t.symbol order by occurred_at desc limit 1) f on true"
        " where t.account_id = %(account)s order by f.occurred_at desc nulls last, t.market, t.symbol",
        {"account": account_id, "paired": [str(market) for market in FillMarket if market not in BY_TIME]},
    )
    sources = [
        FillSource(
            market=FillMarket(row["market"]),
            pair=Pair(symbol=row["symbol"], base=row["base_asset"] or "", quote=row["quote_asset"] or "")
            if row["symbol"]
            else None,
            last_id=row["last_id"],
            read_at=row["read_at"] if row["read_at"] > NEVER else None,
            has_fills=row["has_fills"],
        )
        for row in rows
    ]
    return {source.key: source for source in sources}


def record_sources(db: Db, account_id: int, sources: Iterable[FillSource]) -> None:
    """Remember how far sources were read."""
    db.cursor().executemany(
        "insert into traded_pairs (account_id, market, symbol, last_id, read_at, has_fills)"
        " values (%(account)s, %(market)s, %(symbol)s, %(last_id)s, %(read_at)s, %(has_fills)s)"
        " on conflict (account_id, market, symbol) do update set last_id = excluded.last_id,"
        " read_at = excluded.read_at, has_fills = excluded.has_fills",
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


def load_gaps(db: Db, account_id: int) -> list[Gap]:
    """The newest hours with unexplained quantities, newest first, and what is missing in each."""
    rows = db.execute(
        "select n.taken_at as until, e.assets, coalesce((select p.through from explanations p"
        " where p.account_id = e.account_id and p.hour = e.from_hour), f.taken_at) as since from explanations e"
        " join nav_history n using (account_id, hour)"
        " join nav_history f on f.account_id = e.account_id and f.hour = e.from_hour"
        " where e.account_id = %(account)s and e.state = 'unexplained' order by e.hour desc limit %(most)s",
        {"account": account_id, "most": MOST_GAPS},
    )
    return [_gap(row) for row in rows]


def _gap(row: Row) -> Gap:
    missing = [asset for name, told in row["assets"].items() if (asset := _asset(name, told)).residual]
    return Gap(
        since=row["since"],
        until=row["until"],
        quantities={asset.asset: asset.residual for asset in missing},
        worth=total(abs(asset.residual_value) for asset in missing),
    )
