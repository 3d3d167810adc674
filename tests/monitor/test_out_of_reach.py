"""What `trades sync` can't reach, in sentences: pairs that nobody knows, hours that lack something, times that were over too soon."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

from finance.records import FillMarket
from monitor.exchanges.capabilities import MONTH, PER_PAIR, WHOLE, Capability, Scope
from monitor.exchanges.contract import Pair
from monitor.recovery.out_of_reach import ONLY_KNOWN, list_unreached
from monitor.recovery.store.fill_sources import FillSource, Gap

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PAIR = Pair(symbol="BTCUSDT", base="BTC", quote="USDT")
KNOWN = FillSource(market=FillMarket.SPOT, pair=PAIR, has_fills=True, read_at=NOW - timedelta(days=40))
GAPS = [
    Gap(since=NOW - timedelta(hours=hours), until=NOW, quantities={asset: D(1)}, worth=D(5))
    for hours, asset in ((3, "SOL"), (9, "ADA"))
]
PAST_MONTH = Capability(scope=Scope.PER_PAIR, back=MONTH)


def test_where_all_is_shown_nothing_is_out_of_reach() -> None:
    assert [*list_unreached(WHOLE, [KNOWN], [], NOW)] == []
    assert [*list_unreached(PER_PAIR, [KNOWN], [], NOW)] == [ONLY_KNOWN]


def test_a_pair_that_was_not_read_in_time_is_named_with_what_is_lost() -> None:
    fresh = FillSource(market=FillMarket.SPOT, pair=PAIR, has_fills=True, read_at=NOW - timedelta(days=29))
    never = FillSource(market=FillMarket.SPOT, pair=PAIR, read_at=NOW - timedelta(days=40))
    said = [*list_unreached(PAST_MONTH, [fresh, never, KNOWN], [], NOW)]
    assert said == [
        ONLY_KNOWN,
        "Trades of BTCUSDT between 2026-01-20 00:00 and 2026-01-30 00:00 UTC were not read while the exchange showed them.",
    ]


def test_hours_that_still_lack_something_are_named() -> None:
    said = [*list_unreached(WHOLE, [], GAPS, NOW)]
    assert said == [
        "Changes of ADA, SOL in 2 of the hours since 2026-02-28 15:00 UTC are explained by nothing that was read."
    ]
