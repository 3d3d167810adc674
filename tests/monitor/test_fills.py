"""Finding fills: which pairs are asked, in which order, how often; and reading them over HTTP."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from finance.records import FillMarket, FillRecord
from monitor.accounts.client import TrackedAccount
from monitor.accounts.opening import open_client
from monitor.errors import ExchangeError, ExchangePaused, ExchangeUnavailable
from monitor.exchanges.binance.adapter import QUOTES
from monitor.exchanges.contract import Account, FillPage, FillQuery, Pair
from monitor.recovery.fills import (
    FillSearchResult,
    Search,
    close_gap,
    find_fills,
    likely_pairs,
    plan_sources,
)
from monitor.recovery.store.fill_sources import FillSource, Gap
from monitor.settings import read_settings
from sql.vault import Credentials, Secret
from tests.monitor.notation import D, at
from tests.venue import KEY, SECRET, Opener, RunningVenue

HOUR = Gap(
    since=at("2026-05-01 10:02"),
    until=at("2026-05-01 11:02"),
    quantities={"BTC": D(1), "USDT": D(-60000)},
    worth=D(120000),
)
SYMBOLS = ("BTCUSDT", "BTCUSDC", "BTCTRY", "ETHBTC", "ETHUSDT", "SOLUSDT", "SOLBTC", "USDTTRY", "XRPEUR")
SPOT = FillMarket.SPOT
HALF_PAST = at("2026-05-01 10:30")


def pair(base: str, quote: str = "USDT") -> Pair:
    return Pair(symbol=base + quote, base=base, quote=quote)


def known(*sources: FillSource) -> dict[tuple[FillMarket, str], FillSource]:
    return {source.key: source for source in sources}


def search(*gaps: Gap, sources: Iterable[FillSource] = (), markets: tuple[FillMarket, ...] = (SPOT,)) -> Search:
    return Search(gaps=gaps, known=known(*sources), markets=markets, symbols=SYMBOLS, quotes=QUOTES, now=HOUR.until)


def names(planned: Iterable[tuple[FillSource, Gap | None]]) -> list[str]:
    return [source.pair.symbol if source.pair else str(source.market) for source, _ in planned]


def test_no_gap_needs_no_call() -> None:
    traded = FillSource(market=SPOT, pair=pair("BTC"), read_at=HOUR.since, has_fills=True)

    assert names(plan_sources(search(sources=[traded]))) == []


def test_the_likeliest_comes_first_and_every_pair_of_a_changed_asset_once() -> None:
    traded = [FillSource(market=SPOT, pair=pair(b, q), has_fills=True) for b, q in (("ETH", "BTC"), ("BTC", "USDC"))]
    untouched = FillSource(market=SPOT, pair=pair("XRP", "EUR"), read_at=HOUR.since, has_fills=True)

    planned = names(plan_sources(search(HOUR, sources=[*traded, untouched])))

    assert planned[:5] == ["convert", "dust", "ETHBTC", "BTCUSDC", "BTCUSDT"]
    assert sorted({*planned} - {"convert", "dust"}) == sorted(s for s in SYMBOLS if s != "XRPEUR")


def test_a_pair_of_both_assets_that_was_traded_before_comes_before_converts() -> None:
    traded = FillSource(market=SPOT, pair=pair("BTC"), has_fills=True)

    assert names(plan_sources(search(HOUR, sources=[traded])))[:3] == ["BTCUSDT", "convert", "dust"]


def test_what_was_read_after_the_hour_is_not_read_for_it_again() -> None:
    every = names(plan_sources(search(HOUR)))
    read = [FillSource(market=SPOT, pair=pair("BTC"), read_at=HOUR.until)]
    read.append(FillSource(market=FillMarket.DUST, read_at=HOUR.until))

    assert set(every) - set(names(plan_sources(search(HOUR, sources=read)))) == {"BTCUSDT", "dust"}


def test_margin_is_asked_only_where_there_is_a_margin_wallet() -> None:
    both = list(plan_sources(search(HOUR, markets=(SPOT, FillMarket.CROSS_MARGIN))))

    assert {source.market for source, _ in plan_sources(search(HOUR))} == {SPOT, FillMarket.CONVERT, FillMarket.DUST}
    assert FillMarket.CROSS_MARGIN in {source.market for source, _ in both}


def test_traded_pairs_have_their_daily_turn() -> None:
    old, young = HOUR.until - timedelta(days=1), HOUR.until - timedelta(hours=23)
    sources = [
        FillSource(market=SPOT, pair=pair("BTC"), read_at=old, has_fills=True),
        FillSource(market=SPOT, pair=pair("ETH"), read_at=young, has_fills=True),
        FillSource(market=SPOT, pair=pair("SOL"), read_at=old),
    ]

    assert names(plan_sources(search(sources=sources))) == ["BTCUSDT"]


def test_only_pairs_that_exist_are_likely_and_everything_is_scanned_for_a_noticeable_gap_alone() -> None:
    likely = ["ETHUSDT", "ETHBTC", "SOLUSDT", "SOLBTC"]

    assert [p.symbol for p in likely_pairs(["SOL", "ETH"], SYMBOLS, QUOTES, is_scan=False)] == likely
    assert [p.symbol for p in likely_pairs(["USDT"], SYMBOLS, QUOTES, is_scan=False)] == ["USDTTRY"]
    assert [p.base for p in likely_pairs(["USDT"], SYMBOLS, QUOTES, is_scan=True)] == ["USDT", "BTC", "ETH", "SOL"]
    little = replace(HOUR, quantities={"USDT": D("0.5")}, worth=D("0.5"))
    assert names(plan_sources(search(little))) == ["convert", "dust", "USDTTRY"]


def fill(base: str, paid: str, when: datetime = HALF_PAST, number: int = 1) -> FillRecord:
    return FillRecord(
        market=SPOT,
        symbol="BTCUSDT",
        exchange_id=str(number),
        base_asset="BTC",
        base_quantity=D(base),
        quote_asset="USDT",
        quote_quantity=D(paid),
        occurred_at=when,
    )


def test_a_gap_is_closed_by_the_fills_inside_it_alone() -> None:
    halves = [fill("0.5", "-30000"), fill("0.5", "-30000", number=2)]

    assert close_gap(HOUR, halves).quantities == {}
    assert close_gap(HOUR, halves[:1]).quantities == {"BTC": D("0.5"), "USDT": D(-30000)}
    assert (
        close_gap(HOUR, [fill("1", "-60000", HOUR.until), fill("1", "-60000", HOUR.since - timedelta(seconds=1))])
        == HOUR
    )


RESTS = ExchangeUnavailable("it rests")


class Told:
    """An account that answers queries from a list, page by page, and keeps what it was asked."""

    def __init__(
        self, fills: dict[str, list[FillRecord]], page: int = 1000, fails_at: int = 0, failure: ExchangeError = RESTS
    ) -> None:
        self.fills, self.page, self.fails_at, self.failure = fills, page, fails_at, failure
        self.asked: list[FillQuery] = []

    async def fetch_fills(self, query: FillQuery) -> FillPage:
        self.asked.append(query)
        if len(self.asked) == self.fails_at:
            raise self.failure
        fills = self.fills.get(query.pair.symbol if query.pair else "", [])
        left = [f for f in fills if not query.after_id or int(f.exchange_id) > int(query.after_id)]
        return FillPage(fills=tuple(left[: self.page]), is_last=len(left) <= self.page)


def find(account: Told, what: Search, most_calls: int = 50) -> FillSearchResult:
    return asyncio.run(find_fills(account, what, most_calls))  # type: ignore[arg-type]


def test_the_search_ends_when_the_gap_is_closed() -> None:
    account = Told({"BTCUSDT": [fill("1", "-60000")]})
    found = find(account, search(HOUR))

    assert [q.pair.symbol if q.pair else str(q.market) for q in account.asked] == ["convert", "dust", "BTCUSDT"]
    assert (found.calls, len(found.fills), len(found.sources)) == (3, 1, 3)


def test_a_search_keeps_to_its_calls_and_goes_on_where_it_stopped() -> None:
    account = Told({"BTCUSDT": [fill("0.25", "-15000", number=n) for n in range(1, 5)]}, page=1)
    first = find(account, search(HOUR), most_calls=4)
    (unfinished,) = (s for s in first.sources if s.pair)

    assert (first.calls, unfinished.last_id, unfinished.read_at, unfinished.has_fills) == (4, "2", None, True)

    second = find(account, search(HOUR, sources=first.sources))
    assert [f.exchange_id for f in second.fills] == ["3", "4"]
    assert find(account, search(HOUR), most_calls=0) == FillSearchResult()


def test_a_market_that_fails_is_left_alone_and_the_others_are_read() -> None:
    account = Told({"": [fill("0.5", "-30000")], "BTCUSDT": [fill("0.5", "-30000", number=2)]}, fails_at=2)
    found = find(account, search(HOUR))

    assert {market: str(failure) for market, failure in found.failures.items()} == {FillMarket.DUST: "it rests"}
    assert [s.key for s in found.sources] == [(FillMarket.CONVERT, ""), (SPOT, "BTCUSDT")]


def test_a_ban_ends_the_search() -> None:
    pause = ExchangePaused("silence", asked_at=HOUR.until, not_before=HOUR.until)
    account = Told({"BTCUSDT": [fill("1", "-60000")]}, fails_at=2, failure=pause)
    found = find(account, search(HOUR))

    assert (found.calls, list(found.failures.values())) == (2, [pause])


def test_converts_are_asked_from_before_the_oldest_hour_that_lacks_them() -> None:
    older = Gap(since=at("2026-04-20 10:02"), until=at("2026-04-20 11:02"), quantities={"SOL": D(1)}, worth=D(150))
    account = Told({})
    find(account, search(HOUR, older))

    assert account.asked[0].since == older.since - timedelta(days=1)


# ---------------------------------------------------------------- over HTTP


class Reader:
    """Reads fills of the venue's account."""

    def __init__(self, venue: RunningVenue, folder: Path) -> None:
        self.venue = venue
        self.settings = read_settings({"BINANCE_BASE_URL": venue.url, "DATA_DIR": str(folder)})

    def read(self, market: FillMarket, pair: Pair | None = None, after_id: str = "", days: int = 1) -> FillPage:
        now = self.venue.now()
        query = FillQuery(market=market, pair=pair, after_id=after_id, since=now - timedelta(days=days), until=now)
        return asyncio.run(self._read(query))

    async def _read(self, query: FillQuery) -> FillPage:
        client = open_client(self.settings)
        tracked = TrackedAccount(
            id=1, label="test", exchange="binance", credentials=Credentials(key=Secret(KEY), secret=Secret(SECRET))
        )
        try:
            account: Account = client.open_account(tracked)
            return await account.fetch_fills(query)
        finally:
            await client.close()


@pytest.fixture
def reader(venue: RunningVenue, tmp_path: Path) -> Reader:
    """A reader of the venue's one account."""
    return Reader(venue, tmp_path)


def test_trades_are_told_with_sides_and_fees(reader: Reader, venue: RunningVenue) -> None:
    venue.do("sell 0.01 BTCUSDT")
    page = reader.read(SPOT, pair("BTC"))

    bought, sold = page.fills
    assert page.is_last
    assert bought.base_quantity > 0 > bought.quote_quantity and bought.fee_asset == "BTC" and bought.fee > 0
    assert sold.base_quantity == D("-0.01") and sold.fee_asset == "USDT"
    assert sold.fee == (sold.quote_quantity * D("0.001")).quantize(D("1e-8"))
    assert reader.read(SPOT, pair("BTC"), after_id=bought.exchange_id).fills == (sold,)


def test_a_commission_in_bnb_is_its_own_move(reader: Reader, venue: RunningVenue) -> None:
    venue.do("buy 1 BNBUSDT")
    venue.do("bnbfees on")
    venue.do("buy 0.01 ETHUSDT")
    last = reader.read(SPOT, pair("ETH")).fills[-1]

    assert [asset for asset, _ in last.moves] == ["ETH", "USDT", "BNB"]
    assert last.moves[2][1] < 0


def test_a_pair_of_long_ago_that_no_longer_exists_has_no_fills(reader: Reader) -> None:
    assert reader.read(SPOT, pair("LUNA")) == FillPage(fills=(), is_last=True)


def test_more_trades_than_a_page_are_read_by_their_ids(open_venue: Opener, tmp_path: Path) -> None:
    story = f"+0m account test key {KEY} secret {SECRET}\n+0m deposit 10000 USDT\n" + "+1m buy 0.00001 BTCUSDT\n" * 1003
    reader = Reader(open_venue(story), tmp_path)
    first = reader.read(SPOT, pair("BTC"))
    second = reader.read(SPOT, pair("BTC"), after_id=first.fills[-1].exchange_id)

    assert [(len(p.fills), p.is_last) for p in (first, second)] == [(1000, False), (3, True)]
    assert len({f.exchange_id for f in first.fills + second.fills}) == 1003


def test_converts_and_dust_are_told_over_months_with_what_really_arrived(reader: Reader, venue: RunningVenue) -> None:
    before = venue.truth()["wallets"]["spot"]
    venue.do("convert 500 USDT to SOL")
    venue.advance(days=80)
    venue.do("dust SOL ETH")
    now = venue.truth()["wallets"]["spot"]

    fills = [f for market in (FillMarket.CONVERT, FillMarket.DUST) for f in reader.read(market, days=89).fills]
    moved: dict[str, object] = {}
    for asset, quantity in (move for f in fills for move in f.moves):
        moved[asset] = moved.get(asset, D(0)) + quantity  # type: ignore[operator]
    assert [f.base_asset for f in fills] == ["SOL", "SOL", "ETH"]
    assert moved == {a: D(now.get(a, "0")) - D(before.get(a, "0")) for a in ("USDT", "SOL", "ETH", "BNB")}


def test_more_dust_than_an_answer_holds_is_asked_for_in_halves(open_venue: Opener, tmp_path: Path) -> None:
    lines = [f"+{n}m deposit 1 SOL\n+{n}m dust SOL" for n in range(1, 131)]
    story = f"+0m account test key {KEY} secret {SECRET}\n" + "\n".join(lines)
    venue = open_venue(story, stands=None)
    venue.advance(hours=3)

    assert len(Reader(venue, tmp_path).read(FillMarket.DUST).fills) == 130
