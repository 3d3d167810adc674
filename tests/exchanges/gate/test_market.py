"""Gate's prices over HTTP: those of pairs that trade, at past minutes as far as candles reach, and what a contract was marked at."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.records import ContractQuery, FillReason
from monitor.errors import ExchangeUnavailable
from monitor.exchanges.gate.klines import DAY, INTERVALS
from monitor.exchanges.kline_prices import HOUR, MINUTE
from monitor.exchanges.public import MinutePrice
from tests.exchanges.gate.account import RICH, ask, ask_market, fill
from tests.exchanges.gate.server import GateServer, Query, serve
from tests.monitor.notation import D

STEPS = {word: step for step, word in INTERVALS.items()}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
HOURS_START = NOW.replace(minute=0)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GateServer]:
    """Two pairs that trade, one that is halted, and one whose row can't be read."""
    monkeypatch.setattr("monitor.exchanges.http.connection.FIRST_PAUSE_SECONDS", 0)
    with serve() as running:
        fill(running)
        pairs = [("BTC_USDT", "60000.5"), ("ETH_BTC", "0.05"), ("OLD_USDT", "3"), ("BAD_USDT", "")]
        running.answer("/spot/tickers", [{"currency_pair": name, "last": last} for name, last in pairs])
        states = [("BTC_USDT", "tradable"), ("ETH_BTC", "sellable"), ("OLD_USDT", "untradable")]
        running.answer("/spot/currency_pairs", [{"id": name, "trade_status": state} for name, state in states])
        running.answer("/spot/candlesticks", candles)
        yield running


def opens(at: datetime) -> Decimal:
    """What a candle opened at: another price every minute."""
    return D(1000) + int((at - EPOCH) / MINUTE) % 997


def candles(query: Query, *, missing: timedelta = timedelta(0), columns: bool = True) -> Any:
    """Candles in the exchange's columns; no more than it gives, and none that are older than it keeps."""
    step = STEPS[query["interval"]]
    first, last = int(query["from"]), int(query["to"])
    seconds = int(step.total_seconds())
    if (last - first) // seconds + 1 > 1000 or first < time.time() - 10_000 * seconds:
        return 400, {}, '{"label": "INVALID_PARAM_VALUE", "message": "Candlestick too long ago"}'
    moments = range(-(-first // seconds) * seconds, last + 1, seconds)
    found = [at for at in (EPOCH + timedelta(seconds=one) for one in moments) if not NOW - missing < at]
    if columns:
        return [[str(int(at.timestamp())), "9", "7", "8", "1", str(opens(at)), "2.5", "true"] for at in found]
    return [{"t": int(at.timestamp()), "v": 0, "c": "7", "h": "8", "l": "1", "o": str(opens(at))} for at in found]


def test_all_prices_in_our_names_and_only_of_what_trades(server: GateServer) -> None:
    ticker = ask_market(server, lambda market: market.fetch_ticker())
    everything = ask_market(server, lambda market: market.fetch_all_prices())

    assert ticker.prices == {"BTCUSDT": D("60000.5"), "ETHBTC": D("0.05")}
    assert everything == {**ticker.prices, "OLDUSDT": D(3)}
    assert abs(ticker.at - datetime.now(UTC)) < timedelta(minutes=1)


def test_two_pairs_that_we_would_call_alike_have_no_price(server: GateServer) -> None:
    names = ("A_BCUSDT", "AB_CUSDT", "BTC_USDT")
    server.answer("/spot/tickers", [{"currency_pair": name, "last": "2"} for name in names])

    assert ask_market(server, lambda market: market.fetch_all_prices()) == {"BTCUSDT": 2}


@pytest.mark.parametrize("path", ["/spot/tickers", "/spot/currency_pairs", "/spot/time"])
@pytest.mark.parametrize("body", ["", "<html>", "{}", "[]", "null", "[[]]", '[{"a', '{"success": false}'])
def test_a_broken_answer_is_no_ticker(path: str, body: str, server: GateServer) -> None:
    server.answer(path, lambda _: (200, {}, body))

    with pytest.raises(ExchangeUnavailable):
        ask_market(server, lambda market: market.fetch_ticker())


def at_minutes(server: GateServer, *minutes: datetime) -> list[MinutePrice | None]:
    found = ask_market(server, lambda market: market.fetch_minute_prices("BTCUSDT", minutes))
    return [found[minute] for minute in minutes]


def test_a_minute_has_the_price_at_which_its_candle_opened(server: GateServer) -> None:
    minutes = [NOW - timedelta(minutes=n) for n in (3, 700, 1500, 8000)]

    found = at_minutes(server, *minutes)

    assert [(one.value, one.known_at, one.stale) for one in found if one] == [(opens(m), m, False) for m in minutes]


def test_no_more_candles_are_read_than_say_it(server: GateServer) -> None:
    at_minutes(server, NOW)
    ask_market(server, lambda market: market.fetch_last_trade("BTCUSDT", NOW))

    assert [int(one["to"]) - int(one["from"]) for one in server.asked("/spot/candlesticks")] == [0, 300]


def test_what_no_minute_is_known_of_has_the_price_of_its_hour_or_day_and_is_stale(server: GateServer) -> None:
    by_hour, by_day = NOW - timedelta(days=30), NOW - timedelta(days=700)
    hour, day = by_hour.replace(minute=0), by_day.replace(hour=0, minute=0)

    found = at_minutes(server, by_hour, by_day)

    assert [(one.at, one.value, one.known_at) for one in found if one] == [
        (by_hour, opens(hour), hour),
        (by_day, opens(day), day),
    ]


def test_where_nobody_traded_the_last_price_counts(server: GateServer) -> None:
    server.answer("/spot/candlesticks", lambda query: candles(query, missing=timedelta(hours=2)))

    (found,) = at_minutes(server, NOW - timedelta(hours=1))

    assert found and (found.value, found.known_at, found.stale) == (D(7), NOW - timedelta(hours=2), True)


def test_an_unknown_pair_has_no_price_and_is_not_asked_for(server: GateServer) -> None:
    found = ask_market(server, lambda market: market.fetch_minute_prices("NOSUCH", [NOW]))

    assert found == {NOW: None} and not server.asked("/spot/candlesticks")


def test_hours_and_klines_are_read_in_stretches_that_the_exchange_allows(server: GateServer) -> None:
    hours = [HOURS_START - n * HOUR for n in range(1, 9_000, 700)]
    prices = ask_market(server, lambda market: market.fetch_hour_prices("BTCUSDT", hours))
    assert {hour: price.value for hour, price in prices.items() if price} == {hour: opens(hour) for hour in hours}

    since = HOURS_START - 100 * DAY
    klines = ask_market(server, lambda market: market.fetch_klines("BTCUSDT", HOUR, since, HOURS_START))
    assert [kline.opened for kline in klines] == [since + n * HOUR for n in range(2400)]
    assert (klines[0].close, klines[0].volume, klines[0].taker_buy) == (7, D("2.5"), None)


def test_the_last_trade_is_found_however_long_ago(server: GateServer) -> None:
    server.answer("/spot/candlesticks", lambda query: candles(query, missing=timedelta(days=300)))

    found = ask_market(server, lambda market: market.fetch_last_trade("BTCUSDT", NOW))

    assert found and found.value == 7 and found.at == (NOW - timedelta(days=300)).replace(hour=0, minute=0)


@pytest.mark.parametrize(
    ("contract", "path", "asked"),
    [
        ("BTC_USDT", "/futures/usdt/candlesticks", "mark_BTC_USDT"),
        ("BTCUSD_PERP", "/futures/btc/candlesticks", "mark_BTC_USD"),
        ("BTC_USDT_20261225", "/delivery/usdt/candlesticks", "mark_BTC_USDT_20261225"),
    ],
)
def test_a_contract_is_marked_at_the_price_of_its_minute(
    contract: str, path: str, asked: str, server: GateServer
) -> None:
    server.answer(path, lambda query: candles(query, columns=False))
    minute = NOW - timedelta(minutes=9)
    found = ask_market(server, lambda market: market.fetch_mark_prices(contract, [minute]))

    price = found[minute]
    assert price and price.value == opens(minute) and {one["contract"] for one in server.asked(path)} == {asked}
    server.refuse(path, 400, "CONTRACT_NOT_FOUND")
    assert ask_market(server, lambda market: market.fetch_mark_prices(contract, [minute])) == {minute: None}


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001])
def test_no_trade_of_a_contract_is_lost_between_pages_or_read_twice(count: int, server: GateServer) -> None:
    """A thousand are a page; all of them are of one moment, and alike but for their ids."""
    rows = [{"trade_id": str(n), "contract": "LTC_USDT", "size": 1, "close_size": 0, "price": "70", "order_id": "7",
             "text": "liq-7", "create_time": NOW.timestamp() - 60} for n in range(count)]  # fmt: skip
    server.answer(
        "/futures/usdt/my_trades_timerange", lambda query: rows[int(query["offset"]) :][: int(query["limit"])]
    )
    query = ContractQuery(wallet="futures_usdt", symbol="LTC_USDT", since=NOW - timedelta(days=1), until=NOW)
    found = ask(server, lambda account: account.fetch_contract_fills(query))

    assert [one.exchange_id for one in found] == [str(n) for n in range(count)]
    assert {(one.order_id, one.settle, one.reason) for one in found} <= {("7", "USDT", FillReason.LIQUIDATION)}


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101])
def test_every_closed_position_is_read_once(count: int, server: GateServer) -> None:
    """A hundred are a page; all of them were closed at one moment, and differ by what they came to."""
    rows = [{"contract": "LTC_USDT", "side": "long", "pnl": str(n), "pnl_pnl": str(n), "pnl_fee": "0", "pnl_fund": "0",
             "time": int(NOW.timestamp()) - 60, "first_open_time": 0} for n in range(count)]  # fmt: skip
    server.answer("/futures/usdt/position_close", lambda query: rows[int(query["offset"]) :][: int(query["limit"])])
    query = ContractQuery(wallet="futures_usdt", symbol="LTC_USDT", since=NOW - timedelta(days=1), until=NOW)
    found = ask(server, lambda account: account.fetch_closed_positions(query))

    assert [(one.net, one.opened_at) for one in found] == [(n, None) for n in range(count)]


def test_what_is_open_when_a_contract_ends_is_closed_at_its_settlement(server: GateServer) -> None:
    name, ended = "LTC_USDT_20261225", int(NOW.timestamp()) - 60
    trade = {
        "id": 5,
        "contract": name,
        "order_id": 7,
        "size": 60,
        "price": "70",
        "create_time": ended - 5 * 86_400 + 0.5,
    }
    settled = {"time": ended, "contract": name, "size": 60, "settle_price": "68.5", "profit": "-9"}
    server.answer(f"/delivery/usdt/contracts/{name}", {"quanto_multiplier": "0.1"})
    server.answer("/delivery/usdt/accounts", {**RICH["/futures/usdt/accounts"], "in_dual_mode": True})
    server.answer("/delivery/usdt/my_trades", [trade])
    server.answer("/delivery/usdt/settlements", [settled])
    closed = {
        "contract": name,
        "side": "long",
        "pnl": "-9",
        "pnl_pnl": "-9",
        "pnl_fee": "0",
        "pnl_fund": "0",
        "time": ended,
    }
    server.answer("/delivery/usdt/position_close", [closed, closed | {"time": ended - 90 * 86_400}])
    query = ContractQuery(wallet="delivery", symbol=name, since=NOW - timedelta(days=40), until=NOW)

    opened, delivered = ask(server, lambda account: account.fetch_contract_fills(query))
    assert (opened.side, opened.quantity, opened.reason, opened.order_id) == ("long", 6, None, "7")
    assert (delivered.side, delivered.quantity, delivered.price) == ("long", -6, D("68.5"))
    assert (delivered.reason, delivered.settle) == (FillReason.DELIVERY, "USDT")
    [position] = ask(server, lambda account: account.fetch_closed_positions(query))
    assert (position.profit, position.is_short) == (-9, False)


def test_all_trades_of_a_contract_in_units_of_its_coin(server: GateServer) -> None:
    since, until = NOW - timedelta(days=40), NOW
    at = int((NOW - timedelta(days=35)).timestamp())
    rows = [{"trade_id": str(n), "contract": "LTC_USDT", "size": "5" if n else "-7", "close_size": "0" if n else "-7",
             "price": "70", "create_time": f"{at + n}.5"} for n in range(1001)]  # fmt: skip

    def answer(query: Query) -> Any:
        inside = [row for row in rows if int(query["from"]) <= float(row["create_time"]) <= int(query["to"])]
        return inside[int(query["offset"]) :][: int(query["limit"])]

    server.answer("/futures/usdt/my_trades_timerange", answer)
    query = ContractQuery(wallet="futures_usdt", symbol="LTC_USDT", since=since, until=until)
    found = ask(server, lambda account: account.fetch_contract_fills(query))

    assert len(found) == 1001 and {fill.side for fill in found} == {"both"}
    assert [fill.quantity for fill in found[:2]] == [D("-0.7"), D("0.5")]
    server.answer("/futures/usdt/accounts", {**RICH["/futures/usdt/accounts"], "in_dual_mode": True})
    found = ask(server, lambda account: account.fetch_contract_fills(query))
    assert [fill.side for fill in found[:2]] == ["long", "long"]
    server.refuse("/futures/usdt/accounts", 400, "USER_NOT_FOUND")
    assert ask(server, lambda account: account.fetch_contract_fills(query)) == ()
    server.refuse("/futures/usdt/contracts/LTC_USDT", 400, "CONTRACT_NOT_FOUND")
    assert ask(server, lambda account: account.fetch_contract_fills(query)) == ()
