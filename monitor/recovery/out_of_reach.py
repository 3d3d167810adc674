"""What reading all trades of an account does not reach, beside what its exchange never shows: pairs that nobody knows, and times
that were over before they were read.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from monitor.exchanges.capabilities import Capability, Scope
from monitor.recovery.store.fill_sources import FillSource, Gap

ONLY_KNOWN = (
    "Trades of pairs that nobody knows of are not asked for: an hour's run looks for them where what is held has changed by more "
    "than is explained."
)


def list_unreached(
    fills: Capability, sources: Collection[FillSource], gaps: Collection[Gap], now: datetime
) -> Iterator[str]:
    """Sentences on it: of the `sources` as they were before they were read on, and the hours that lack something after it."""
    if fills.scope is Scope.PER_PAIR:
        yield ONLY_KNOWN
    if assets := sorted({asset for gap in gaps for asset in gap.quantities}):
        first = min(gap.since for gap in gaps)
        yield (
            f"Changes of {', '.join(assets)} in {len(gaps):,} of the hours since {first:%Y-%m-%d %H:%M} UTC are explained by nothing "
            "that was read."
        )
    if fills.back:
        yield from (_describe_lost(source, fills.back, now) for source in sources if _is_lost(source, fills.back, now))


def _is_lost(source: FillSource, back: timedelta, now: datetime) -> bool:
    return bool(source.pair and source.has_fills and source.read_at and source.read_at < now - back)


def _describe_lost(source: FillSource, back: timedelta, now: datetime) -> str:
    assert source.pair and source.read_at
    return (
        f"Trades of {source.pair.symbol} between {source.read_at:%Y-%m-%d %H:%M} and {now - back:%Y-%m-%d %H:%M} UTC were not read while "
        "the exchange showed them."
    )
