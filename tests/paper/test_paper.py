"""The venue: unmodified ccxt, one truth, nothing lost."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import ccxt
import ccxt.async_support
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paper.clock import VenueClock
from paper.ledger.balances import NotEnough
from paper.market.klines import INTERVALS, KlineQuery, find_klines
from paper.market.replay import ReplayMarket
from paper.market.simulated import SimulatedMarket
from paper.stories.lines import StoryFault, parse_story
from paper.stories.verbs import make_venue
from tests.venue import KEY, SECRET, START, STORY, RunningVenue

MARKET = SimulatedMarket(7)


def client(kind: type, venue: RunningVenue) -> ccxt.binance:
    made = kind({"apiKey": KEY, "secret": SECRET, "enableRateLimit": False})
    for name, url in made.urls["api"].items():
        made.urls["api"][name] = venue.url + "/" + url.split("/", 3)[3]
    made.load_time_difference() if kind is ccxt.binance else None
    return made


def test_unmodified_ccxt_reads_balances_prices_and_history(venue: RunningVenue) -> None:
    exchange = client(ccxt.binance, venue)

    assert exchange.fetch_balance()["BTC"]["free"] > 0
    assert exchange.fetch_last_prices()["BTC/USDT"]["price"] > 0
    assert len(exchange.fetch_ohlcv("BTC/USDT", "1h", limit=1)) == 1
    assert [d["currency"] for d in exchange.fetch_deposits()] == ["USDT"]


def test_ccxts_async_client_reads_too(venue: RunningVenue) -> None:
    async def read() -> dict[str, float]:
        exchange = client(ccxt.async_support.binance, venue)
        await exchange.load_time_difference()
        try:
            found: dict[str, float] = (await exchange.fetch_balance({"type": "funding"}))["total"]
            return found
        finally:
            await exchange.close()

    assert asyncio.run(read()) == {}


@pytest.mark.parametrize(
    ("query", "key", "code"),
    [
        ("timestamp=1", KEY, -1021),
        ("", KEY, -1102),
        (f"timestamp={int((START + timedelta(minutes=62)).timestamp() * 1000)}&signature=00", KEY, -1022),
        ("timestamp=1", "nobody", -2015),
        ("timestamp=1", "", -2014),
        (f"timestamp={int((START + timedelta(hours=9)).timestamp() * 1000)}&signature=00", KEY, -1021),
    ],
)
def test_requests_are_refused_as_binance_refuses_them(venue: RunningVenue, query: str, key: str, code: int) -> None:
    answer = httpx.get(f"{venue.url}/api/v3/account?{query}", headers={"X-MBX-APIKEY": key} if key else {})

    assert answer.json()["code"] == code
    assert answer.status_code in (400, 401)


def test_too_much_weight_is_refused_with_a_time_to_wait(venue: RunningVenue) -> None:
    answers = [httpx.get(f"{venue.url}/api/v3/ticker/24hr") for _ in range(76)]

    assert answers[0].headers["x-mbx-used-weight-1m"] == "80"
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


def test_a_window_of_more_than_ninety_days_is_refused(venue: RunningVenue) -> None:
    with pytest.raises(ccxt.ExchangeError):
        client(ccxt.binance, venue).sapi_get_capital_deposit_hisrec(
            {"startTime": 1_600_000_000_000, "endTime": 1_700_000_000_000}
        )


@pytest.mark.parametrize("symbol", ["BTCUSDT", "XMRBTC", "USDTTRY"])
def test_hours_are_exactly_their_minutes(symbol: str) -> None:
    opened = datetime(2026, 2, 3, 4, tzinfo=UTC)
    now = opened + timedelta(hours=3)
    hour = find_klines(MARKET, KlineQuery(symbol=symbol, step=INTERVALS["1h"], start=opened, end=None, limit=1), now)[0]
    minutes = find_klines(
        MARKET, KlineQuery(symbol=symbol, step=INTERVALS["1m"], start=opened, end=None, limit=60), now
    )

    assert (hour.open, hour.close) == (minutes[0].open, minutes[-1].close)
    assert hour.high == max((m.high for m in minutes), key=Decimal)
    assert all(Decimal(m.low) <= min(Decimal(m.open), Decimal(m.close)) for m in minutes)
    assert all(a.close == b.open for a, b in zip(minutes, minutes[1:], strict=False))


def test_the_same_seed_is_the_same_market() -> None:
    minute = datetime(2026, 1, 5, 3, 7, tzinfo=UTC)
    assert SimulatedMarket(3).minute("ETHUSDT", minute) == SimulatedMarket(3).minute("ETHUSDT", minute)
    assert SimulatedMarket(3).minute("ETHUSDT", minute) != SimulatedMarket(4).minute("ETHUSDT", minute)


def test_recorded_klines_are_replayed_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "BTCUSDT-1m.csv").write_text(
        "open_time_ms,open,high,low,close,volume\n1700000040000,35000.10,35010.00,34990.00,35005.5,1.5\n"
    )
    (tmp_path / "BTCUSDT-1h.csv").write_text(
        "open_time_ms,open,high,low,close,volume\n1700006400000,35100.00,35300.00,35000.00,35200.00,60\n"
    )
    market = ReplayMarket(tmp_path)
    recorded = market.minute("BTCUSDT", datetime.fromtimestamp(1700000040, UTC))
    drawn = [market.minute("BTCUSDT", datetime.fromtimestamp(1700006400 + 60 * n, UTC)) for n in range(60)]

    assert recorded and (recorded.open, recorded.close) == ("35000.10", "35005.5")
    assert drawn[0] and drawn[-1] and (drawn[0].open, drawn[-1].close) == ("35100.00", "35200.00")
    assert min(Decimal(m.low) for m in drawn if m) == 35000 and max(Decimal(m.high) for m in drawn if m) == 35300
    assert market.minute("BTCUSDT", datetime.fromtimestamp(1800000000, UTC)) is None


EVENTS = st.lists(
    st.sampled_from(
        [
            "deposit 1.5 ETH",
            "deposit 500 USDT credited after 30m",
            "withdraw 100 USDT fee 1 completed after 20m",
            "withdraw 50 USDT fee 1 cancelled after 20m",
            "buy for 300 BTCUSDT",
            "sell 0.1 ETHUSDT",
            "transfer 100 USDT from spot to earn_flexible",
            "interest 5 USDT",
            "transfer 50 USDT from spot to futures",
            "airdrop 7 ADA",
            "lock 10 USDT",
        ]
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS)
def test_nothing_is_created_or_lost(events: list[str]) -> None:
    clock = VenueClock(START, follows=False)
    venue = make_venue(MARKET, clock, parse_story(STORY, START))
    for event in events:
        clock.advance(timedelta(minutes=17))
        try:
            venue.run(event, "test")
        except StoryFault:
            pass
    clock.advance(timedelta(days=1))
    venue.catch_up()

    assert set(venue.ledger.totals().values()) <= {Decimal(0)}
    assert all(
        amount >= 0
        for bucket in ("spot", "locked", "withdrawing", "earn_flexible")
        for _, amount in venue.ledger.holdings("test", bucket)
    )


def test_nobody_can_move_what_he_has_not() -> None:
    venue = make_venue(MARKET, VenueClock(START + timedelta(hours=1), follows=False), parse_story(STORY, START))
    venue.catch_up()
    with pytest.raises(NotEnough):
        venue.ledger.move("BTC", Decimal(99), ("test", "spot"), ("test", "funding"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("tomorrow deposit 1 BTC", "line 1: 'tomorrow' is not a time"),
        ("+1d every day", None),
        ("every noon deposit 1 BTC", "neither 'every day HH:MM' nor"),
    ],
)
def test_a_faulty_line_is_named(line: str, said: str | None) -> None:
    if said is None:
        assert parse_story(line, START)
        return
    with pytest.raises(StoryFault, match=said):
        parse_story(line, START)


def test_the_demos_story_runs_for_a_year_and_on() -> None:
    story = (Path(__file__).parents[2] / "paper" / "demo.story").read_text()
    clock = VenueClock(START + timedelta(days=400), follows=False)
    venue = make_venue(MARKET, clock, parse_story(story, START))
    venue.catch_up()

    account, recent = venue.accounts["demo"], START + timedelta(days=305)
    assert account.deposits and len(account.withdrawals) == 6
    assert {one.exchange for one in venue.accounts.values()} == {"binance", "bitget", "gate", "mexc"}
    assert all(one.fills and one.deposits for one in venue.accounts.values())
    assert len({fill.symbol for fill in account.fills if fill.at > recent}) > 5
    assert sum(fill.at > recent for fill in account.fills) > 150
    waiting = {name: [one for one in found.orders if one.waits] for name, found in venue.accounts.items()}
    assert {bool(order.trigger) for order in waiting["demo"]} == {True, False} and waiting["bitget"]
    assert any(fill.commission_asset == "GT" and not fill.is_maker for fill in venue.accounts["gate"].fills)


@pytest.mark.parametrize("days", range(0, 1500, 125))
def test_the_demos_story_can_begin_on_any_day(days: int) -> None:
    """What is sold has to be there at whatever price it was bought for."""
    story = (Path(__file__).parents[2] / "paper" / "demo.story").read_text()
    began = START + timedelta(days=days)
    make_venue(MARKET, VenueClock(began + timedelta(days=366), follows=False), parse_story(story, began)).catch_up()


def test_each_pair_trades_as_much_as_it_is_asked_for() -> None:
    minute = START.replace(second=0, microsecond=0)
    klines = {name: MARKET.minute(name, minute) for name in MARKET.symbols}
    worth = {name: float(kline.volume) * float(kline.close) for name, kline in klines.items() if kline}
    assert worth["BTCUSDT"] > worth["SOLUSDT"] > worth["ADAUSDT"] > 0
    assert len({kline.volume for kline in klines.values() if kline}) == len(MARKET.symbols)


def test_a_storys_lines_are_about_the_account_above_them_whatever_their_times() -> None:
    story = """
    +0m account one key k1 secret s1
    +0m deposit 100 USDT
    +2m transfer 40 USDT from spot to funding
    +0m account two key k2 secret s2
    +1m deposit 7 USDT
    """
    venue = make_venue(MARKET, VenueClock(START + timedelta(minutes=5), follows=False), parse_story(story, START))
    venue.catch_up()

    assert venue.ledger.balance(("one", "funding"), "USDT") == 40
    assert venue.ledger.balance(("two", "spot"), "USDT") == 7


@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_no_web_page_can_use_the_control_port(header: dict[str, str], venue: RunningVenue) -> None:
    before = venue.truth()
    body = '{"line": "deposit 5 BTC", "account": "test"}'
    header |= {"Authorization": f"Bearer {venue.control_secret}"}
    answer = httpx.post(f"{venue.control_url}/events", content=body, headers=header | {"Content-Type": "text/plain"})

    assert answer.status_code in (400, 403)
    assert httpx.get(f"{venue.control_url}/truth", headers=header).status_code in (400, 403)
    assert venue.truth() == before


def test_arguments_that_mean_nothing_are_named() -> None:
    for words, said in (
        (["--port", "99999"], "--port 99999: a port is a number from 0 to 65535"),
        (["--start", "x"], "UTC"),
    ):
        told = subprocess.run([sys.executable, "-m", "paper", *words], capture_output=True, text=True, timeout=60)
        assert told.returncode == 2 and said in told.stderr and "Traceback" not in told.stderr
