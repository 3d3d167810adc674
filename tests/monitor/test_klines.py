"""The market's hours: read from a paper exchange over HTTP, kept in a real database."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.accounts.opening import open_client
from monitor.errors import ExchangeError
from monitor.exchanges.binance.klines import KlineQuery, read_klines
from monitor.exchanges.http.fields import Malformed
from monitor.exchanges.public import Kline
from monitor.market.market_hours import BACKFILL, LONGEST, complete_minutes, join, record_market
from monitor.market.store.hours import load_hours_without_minutes
from paper.market.klines import MINUTE
from tests.monitor.notation import D
from tests.venue import MARKET, START, RunningVenue
from tests.worker import Worker

HOUR = timedelta(hours=1)
KLINES = "/api/v3/klines"
STORED = KlineQuery(symbol="BTCUSDT", step=HOUR, since=START, until=START + HOUR, is_until_open=True)


def keep(worker: Worker, now: datetime, *symbols: str) -> None:
    """One reading of the market."""

    async def read() -> None:
        client = open_client(worker.settings)
        try:
            await client.market.fetch_server_time()
            client.used_weight()
            await record_market(worker.db, client, symbols or ("BTCUSDT", "ETHUSDT"), now)
        finally:
            await client.close()

    asyncio.run(read())


def complete(worker: Worker, now: datetime) -> None:
    async def read() -> None:
        client = open_client(worker.settings)
        try:
            await client.market.fetch_server_time()
            await complete_minutes(worker.db, client, now)
        finally:
            await client.close()

    asyncio.run(read())


def hours(worker: Worker, symbol: str = "BTCUSDT") -> dict[datetime, dict[str, Any]]:
    rows = worker.rows(
        "select h.* from market_hours h join markets m on m.id = market_id where symbol = %(s)s order by hour", s=symbol
    )
    return {row["hour"]: row for row in rows}


@pytest.mark.usefixtures("first_hour")
def test_the_first_reading_goes_back_sixteen_days_and_has_the_minutes_of_one(
    worker: Worker, venue: RunningVenue
) -> None:
    keep(worker, venue.now())

    kept = hours(worker)
    newest = START  # the hour that ended last
    assert list(kept) == [START + HOUR - BACKFILL + n * HOUR for n in range(BACKFILL // HOUR)]
    assert [hour for hour, row in kept.items() if row["minutes"]] == [newest - n * HOUR for n in range(23, -1, -1)]
    found = [MARKET.minute("BTCUSDT", newest + n * MINUTE) for n in range(60)]
    minutes = [minute for minute in found if minute]
    assert kept[newest]["minutes"] == 60
    assert kept[newest]["minute_closes"] == sum((D(minute.close) for minute in minutes), D(0))
    assert kept[newest]["volume"] == sum((D(minute.volume) for minute in minutes), D(0))
    assert kept[newest]["close"] == D(minutes[-1].close)
    assert 0 < kept[newest]["taker_buy"] < kept[newest]["volume"]


@pytest.mark.usefixtures("first_hour")
def test_the_next_hour_costs_a_weight_of_four_a_symbol_and_is_counted(worker: Worker, venue: RunningVenue) -> None:
    keep(worker, venue.now())
    venue.advance(hours=1)
    worker.run(venue.now())
    before = worker.rows("select weight from runs order by id desc limit 1")[0]["weight"]["api"]
    venue.control("/requests", method="DELETE")
    keep(worker, venue.now())

    asked = [request for request in venue.requests() if request["path"] == KLINES]
    assert len(asked) == 4
    after = worker.rows("select weight from runs order by id desc limit 1")[0]["weight"]["api"]
    assert after - before == 8
    assert max(hours(worker)) == START + HOUR
    assert all(row["minutes"] == 60 for row in list(hours(worker).values())[-25:])


@pytest.mark.usefixtures("first_hour")
def test_a_long_absence_is_made_up_for(worker: Worker, venue: RunningVenue) -> None:
    keep(worker, venue.now())
    venue.advance(days=3)
    keep(worker, venue.now())

    kept = list(hours(worker))
    assert kept == [kept[0] + n * HOUR for n in range(len(kept))]
    assert kept[-1] == START + timedelta(days=3)


@pytest.mark.usefixtures("first_hour")
def test_a_symbol_that_cannot_be_read_is_logged_and_read_by_the_next_run(worker: Worker, venue: RunningVenue) -> None:
    venue.fault(KLINES, {"status": 503, "body": ""})
    keep(worker, venue.now())
    (line,) = worker.rows("select message, level from system_logs")
    assert line["level"] == "warning"
    assert "klines of BTCUSDT, ETHUSDT are missing until the next run" in line["message"]
    assert worker.hours()[0]["status"] == "COMPLETE"

    venue.clear_faults()
    keep(worker, venue.now())
    assert len(hours(worker)) == BACKFILL // HOUR


@pytest.mark.usefixtures("first_hour")
def test_one_late_symbol_does_not_take_the_others_away(worker: Worker, venue: RunningVenue) -> None:
    keep(worker, venue.now(), "BTCUSDT", "NOSUCHPAIR")
    assert len(hours(worker)) == BACKFILL // HOUR
    assert worker.rows("select * from system_logs") == []


@pytest.mark.usefixtures("first_hour")
def test_a_ban_is_remembered(worker: Worker, venue: RunningVenue) -> None:
    venue.fault(KLINES, {"status": 418, "headers": {"retry-after": "600"}, "body": "{}"})
    keep(worker, venue.now(), "BTCUSDT")
    assert worker.rows("select reason from exchange_pauses")


@pytest.mark.usefixtures("first_hour")
def test_what_is_older_than_is_kept_is_forgotten(worker: Worker, venue: RunningVenue) -> None:
    keep(worker, venue.now())
    old = START - LONGEST
    worker.db.execute(
        "insert into market_hours select hour, market_id, 0, 1, 1, 1, 0 from markets, unnest(%(h)s::timestamptz[]) as t"
        " (hour) cross join lateral (select id as market_id) m where symbol = 'BTCUSDT'",
        {"h": [old, old + HOUR]},
    )
    keep(worker, venue.now())
    assert min(hours(worker)) == old + HOUR


@pytest.mark.usefixtures("first_hour")
def test_a_reading_without_minutes_does_not_take_known_ones_away(worker: Worker, venue: RunningVenue) -> None:
    keep(worker, venue.now())
    before = hours(worker)
    venue.advance(hours=1)
    keep(worker, venue.now())
    assert {hour: row for hour, row in hours(worker).items() if hour in before} == before


def test_the_symbols_are_those_that_prices_came_from(worker: Worker, venue: RunningVenue) -> None:
    venue.do("airdrop 3 XMR")
    result = worker.run(venue.now())
    assert result.symbols == {"BTCUSDT", "ETHUSDT", "XMRBTC"}


def test_minutes_are_joined_to_their_hour() -> None:
    def kline(opened: datetime, close: str) -> Kline:
        return Kline(opened=opened, open=D(close), close=D(close), volume=D(2), taker_buy=D(1))

    first, second = join(
        [kline(START, "5"), kline(START + HOUR, "6")], [kline(START + 59 * MINUTE, "4"), kline(START + MINUTE, "3")]
    )
    assert (first.minutes, first.minute_closes, second.minutes, second.minute_closes) == (2, 7, 0, 0)


@pytest.mark.parametrize(
    "rows",
    [
        {"code": 0},
        [["x"]],
        [[1_772_323_200_000, "1", "1", "1", "0", "1", 0, "1", 1, "1", "1", "0"]],
        [[1_772_323_200_000, "1", "1", "1", "1", "1", 0, "1", 1, "2", "1", "0"]],
        [[1_772_323_200_000 - 1, "1", "1", "1", "1", "1", 0, "1", 1, "1", "1", "0"]],
        [[1_772_323_200_000, "1", "1", "1", "1", "1", 0, "1", 1, "1", "1", "0"]] * 2,
        [[1_772_323_200_000 + 3_600_000, "1", "1", "1", "1", "1", 0, "1", 1, "1", "1", "0"]],
    ],
)
def test_klines_that_cannot_be_are_refused(rows: object) -> None:
    with pytest.raises(Malformed):
        read_klines(rows, STORED)


def test_a_kline_that_is_not_on_its_hour_or_minute_is_left_out() -> None:
    """Real exchanges have told such rows after an outage; nobody could store one under an hour's name."""
    moments = [START, START + timedelta(seconds=1), START + timedelta(minutes=40)]
    rows = [[int(at.timestamp()) * 1000, "5", "5", "5", "5", "1", 0, "5", 1, "1", "5", "0"] for at in moments]

    assert [kline.opened for kline in read_klines(rows, STORED)] == [START]
    assert [
        kline.opened for kline in read_klines(rows, KlineQuery(symbol="BTCUSDT", step=HOUR, until=START + HOUR))
    ] == [START]
    assert [
        kline.opened for kline in read_klines(rows, KlineQuery(symbol="BTCUSDT", step=MINUTE, until=START + HOUR))
    ] == [START, moments[2]]


@pytest.mark.usefixtures("first_hour")
def test_hours_that_were_stored_without_minutes_get_them_once(worker: Worker, venue: RunningVenue) -> None:
    keep(worker, venue.now(), "BTCUSDT")
    worker.db.execute("delete from market_hours where hour < %(first)s", {"first": START - 6 * 24 * HOUR})
    venue.control("/requests", method="DELETE")

    complete(worker, venue.now())

    kept = hours(worker)
    assert {row["minutes"] for row in kept.values()} == {60}
    oldest = min(kept)
    minutes = [minute for n in range(60) if (minute := MARKET.minute("BTCUSDT", oldest + n * MINUTE))]
    assert kept[oldest]["minute_closes"] == sum((D(minute.close) for minute in minutes), D(0))
    asked = [request for request in venue.requests() if request["path"] == KLINES]
    assert len(asked) == 8  # 16 hours a call, of five days and an hour
    worker.db.execute("update market_hours set minutes = 0 where hour = %(oldest)s", {"oldest": oldest})
    assert load_hours_without_minutes(worker.db, "binance", venue.now()) == {}


@pytest.mark.usefixtures("first_hour")
def test_minutes_that_can_not_be_read_are_asked_for_again(worker: Worker, venue: RunningVenue) -> None:
    keep(worker, venue.now(), "BTCUSDT")
    venue.fault(KLINES, {"status": 500, "body": ""}, after=3)
    with pytest.raises(ExchangeError):
        complete(worker, venue.now())
    left = len(load_hours_without_minutes(worker.db, "binance", venue.now())["BTCUSDT"])
    venue.clear_faults()
    complete(worker, venue.now())

    assert left == (BACKFILL - 24 * HOUR) // HOUR - 3 * 16
    assert load_hours_without_minutes(worker.db, "binance", venue.now()) == {}
