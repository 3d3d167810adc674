"""Finding the fills behind quantities that nothing else explains, with few calls.

An exchange reports trades pair by pair only, and there are thousands of pairs. So nothing is asked while every quantity
is explained. Otherwise the likeliest come first: the pairs of the changed assets that this account has traded, converts
and dust, pairs of two changed assets, then everything else they trade against. What was read is remembered: a pair is
asked again only for an hour that ended after it was last read, and once a day if it has fills.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations

from finance.prices import name_pair
from finance.records import FillMarket, FillRecord
from finance.valuation import sum_quantities
from monitor.accounts.client import AccountRun
from monitor.errors import ExchangeError, ExchangePaused
from monitor.exchanges.contract import Account, FillQuery, Pair
from monitor.recovery.store.fill_sources import BY_TIME, FillSource, Gap, SourceKey, load_sources
from monitor.snapshots.store.wallets import load_enabled_wallets, load_idle_wallets
from sql.rows import Db

SWEEP_EVERY = timedelta(days=1)
WORTH_A_SCAN = Decimal(10)  # in the valuation asset: for less, only likely pairs are asked
OVERLAP = timedelta(days=1)  # a convert is recorded under the time it was asked for
PORTFOLIO = FillMarket.PORTFOLIO_MARGIN
MARGIN_MARKETS = (FillMarket.CROSS_MARGIN, FillMarket.ISOLATED_MARGIN, PORTFOLIO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for, and what is known about where."""

    gaps: Sequence[Gap]
    known: Mapping[SourceKey, FillSource]
    markets: Sequence[FillMarket]  # those with pairs that this account can trade on
    symbols: Collection[str]  # every pair that trades now
    quotes: Sequence[str]  # what most of them trade against, the usual first
    now: datetime  # the exchange's clock


@dataclass(frozen=True, slots=True, kw_only=True)
class FillSearchResult:
    """What a search brought."""

    fills: tuple[FillRecord, ...] = ()
    sources: tuple[FillSource, ...] = ()  # as they stand now, where they were read
    calls: int = 0
    failures: Mapping[FillMarket, ExchangeError] = field(default_factory=dict)  # markets that did not answer


def plan_search(run: AccountRun, gaps: Sequence[Gap]) -> Search:
    """A search for what `gaps` lack, with what is known of the account's fills."""
    assert run.ticker  # whose symbols are looked through
    return Search(
        gaps=gaps,
        known=load_sources(run.db, run.account_id),
        markets=(FillMarket.SPOT, *_list_margin_markets(run.db, run.account_id, run.now)),
        symbols=run.ticker.prices.keys(),
        quotes=run.connect().quotes,
        now=run.now,
    )


def _list_margin_markets(db: Db, account_id: int, now: datetime) -> Iterable[FillMarket]:
    """Those of the account's wallets; portfolio margin stands for cross margin where it holds something."""
    wallets, idle = load_enabled_wallets(db, account_id), load_idle_wallets(db, account_id, now)
    is_unified = PORTFOLIO.value in wallets - idle
    left_out = FillMarket.CROSS_MARGIN if is_unified else PORTFOLIO
    return [market for market in MARGIN_MARKETS if market.value in wallets and market is not left_out]


async def find_fills(account: Account, search: Search, most_calls: int) -> FillSearchResult:
    """Read one source after the other until every gap is closed, all was read, or `most_calls` are used up.

    A market that fails is left alone for the rest of the search and named in `failures`; a ban ends the search. What was
    found stays found.
    """
    found = FillSearchResult()
    for source, gap in plan_sources(search):
        if found.calls >= most_calls or any(isinstance(f, ExchangePaused) for f in found.failures.values()):
            break
        was_read = any(other.key == source.key for other in found.sources)
        if was_read or source.market in found.failures or (gap and not close_gap(gap, found.fills).quantities):
            continue
        found = await _read_source(account, source, _since(search, source), found, search.now, most_calls)
    return found


def plan_sources(search: Search) -> Iterator[tuple[FillSource, Gap | None]]:
    """Every source worth a call, the likeliest first, with the gap it may close; None: it is its daily turn."""
    for gap in search.gaps:
        for source in _candidates(gap, search):
            if source.read_at is None or source.read_at < gap.until:
                yield source, gap
    for source in search.known.values():
        if source.has_fills and (source.read_at is None or source.read_at <= search.now - SWEEP_EVERY):
            yield source, None


def _candidates(gap: Gap, search: Search) -> Iterator[FillSource]:
    changed = gap.quantities.keys()
    traded = [s for s in search.known.values() if s.has_fills and s.assets & changed]
    yield from (source for source in traded if source.assets <= changed)
    yield from (search.known.get((market, ""), FillSource(market=market)) for market in BY_TIME)
    yield from (source for source in traded if not source.assets <= changed)
    for pair in likely_pairs(changed, search.symbols, search.quotes, is_scan=gap.worth >= WORTH_A_SCAN):
        for market in search.markets:
            yield replace(search.known.get((market, pair.symbol), FillSource(market=market)), pair=pair)


def likely_pairs(
    changed: Collection[str], symbols: Collection[str], quotes: Sequence[str], *, is_scan: bool
) -> Iterator[Pair]:
    """Pairs that trade and move one of the `changed` assets: of two of them first, then against the usual `quotes`.

    A scan goes on with every pair against a changed quote: of a coin that was bought and sold within the hour only that
    is left.
    """
    seen: set[str] = set()
    scanned = [quote for quote in quotes if quote in changed] if is_scan else []
    for base, quote in _combinations(sorted(changed), quotes, scanned, symbols):
        symbol = name_pair(base, quote)
        if symbol in symbols and symbol not in seen:
            seen.add(symbol)
            yield Pair(symbol=symbol, base=base, quote=quote)


def _combinations(
    changed: Sequence[str], quotes: Sequence[str], scanned: Iterable[str], symbols: Collection[str]
) -> Iterator[tuple[str, str]]:
    yield from permutations(changed, 2)
    yield from ((base, quote) for base in changed for quote in quotes)
    for quote in scanned:
        yield from ((symbol.removesuffix(quote), quote) for symbol in sorted(symbols) if symbol.endswith(quote))


def _since(search: Search, source: FillSource) -> datetime:
    """From when on a source without ids is read: all gaps it was not read for, or since its last reading."""
    starts = [gap.since for gap in search.gaps if source.read_at is None or source.read_at < gap.until]
    return min(starts, default=source.read_at or search.now) - OVERLAP


async def _read_source(
    account: Account, source: FillSource, since: datetime, found: FillSearchResult, now: datetime, most_calls: int
) -> FillSearchResult:
    is_last = False
    while not is_last and found.calls < most_calls:
        query = FillQuery(market=source.market, pair=source.pair, after_id=source.last_id, since=since, until=now)
        try:
            page = await account.fetch_fills(query)
        except ExchangeError as failure:
            return replace(found, failures={**found.failures, source.market: failure}, calls=found.calls + 1)
        is_last = page.is_last
        source = replace(
            source,
            last_id=page.fills[-1].exchange_id if page.fills and source.pair else source.last_id,
            read_at=now if is_last else source.read_at,
            has_fills=source.has_fills or bool(page.fills),
        )
        found = replace(
            found,
            fills=found.fills + page.fills,
            sources=(*(s for s in found.sources if s.key != source.key), source),
            calls=found.calls + 1,
        )
    return found


def close_gap(gap: Gap, fills: Iterable[FillRecord]) -> Gap:
    """The gap, less what `fills` explain of it."""
    inside = [move for f in fills if gap.since <= f.occurred_at < gap.until for move in f.moves]
    left = sum_quantities([*gap.quantities.items(), *((asset, -quantity) for asset, quantity in inside)])
    return replace(gap, quantities=left)
