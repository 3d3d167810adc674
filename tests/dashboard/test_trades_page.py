"""The page of trades: what it says is what the JSON says, its parts add up, and a sentence where there is nothing."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from dashboard.charts.trades import TradeTrack, make_bars, thin_sums
from dashboard.history.trade_sums import TradeStep
from finance.decimals import total
from look.figures import lasted, ratio, share, signed_usdt, usdt
from sql.connect import connect
from tests.dashboard.site import Site
from tests.dashboard.test_api import ask
from tests.dashboard.test_lists import cells, number
from tests.dashboard.test_pages import text
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("period", ["all", "30d"])
def test_the_page_says_what_the_answers_say(long_site: Site, period: str) -> None:
    told = ask(long_site, f"/trades/history?period={period}")
    explained = ask(long_site, f"/portfolio/explanation?period={period}")
    page = text(long_site.get(f"/trades?period={period}").text)
    net = Decimal(told["total_pnl"])

    assert f"{told['total_trades']} closed trades of long {'lost' if net < 0 else 'made'} {usdt(abs(net))} USDT" in page
    assert usdt(total(Decimal(one["fees"]) for one in told["trades"])) in page
    assert f"Realised in all {signed_usdt(Decimal(explained['gains']['realised']))} USDT" in page
    parts = re.search(
        r"Realised in all (\S+) USDT ?: (\S+) by selling coins in trades, open ones too, and (\S+) outside", page
    )
    assert parts and number(parts[1]) == number(parts[2]) + number(parts[3])


def test_coins_and_days_add_up_to_all_trades(long_site: Site) -> None:
    page = long_site.get("/trades").text
    told = ask(long_site, "/trades/history")
    for label in ("Best and worst coins", "By weekday", "By hour of the day"):
        assert sum(number(cell) for cell in cells(page, label, 2)) == told["total_trades"]
        assert abs(sum(number(cell) for cell in cells(page, label, 1)) - Decimal(told["total_pnl"])) < Decimal("0.2")
    monday = [one for one in told["trades"] if datetime.fromisoformat(one["entry_time"]).weekday() == 0]
    assert cells(page, "By weekday", 2)[0] == str(len(monday))


def test_lists_sort_and_filter_as_the_answers_do(long_site: Site) -> None:
    for sort in ("net_pnl", "-pnl_percentage", "-hold_seconds"):
        told = ask(long_site, f"/trades/history?sort={sort}")["trades"]
        way = "-" if sort.startswith("-") else ""
        page = long_site.get(f"/trades?rows=250&sort={way}trades.{sort.removeprefix('-')}").text
        assert cells(page, "Closed trades", 1) == [signed_usdt(Decimal(one["net_pnl"])) for one in told]
    assert set(cells(long_site.get("/trades?find=dust").text, "Closed trades", 10)) == {"dust conversion"}
    assert "contains “nothing”" in long_site.get("/trades?find=nothing").text


def test_a_chart_says_of_a_day_what_was_made_so_far(long_site: Site) -> None:
    trades = ask(long_site, "/trades/history")["trades"]
    day = trades[5]["exit_time"][:10]
    told = ask(long_site, f"/charts/tradenet?at={day}T12:00:00Z")["values"]
    assert Decimal(told[0]["amount"]) == sum(Decimal(one["net_pnl"]) for one in trades if one["exit_time"][:10] <= day)
    assert Decimal(told[1]["amount"]) == sum(Decimal(one["net_pnl"]) for one in trades if one["exit_time"][:10] == day)


@pytest.mark.usefixtures("first_hour")
def test_a_first_purchase_is_open_and_nothing_at_all_is_said(site: Site, worker: Worker, venue: RunningVenue) -> None:
    page = text(site.get("/trades").text)
    assert "No trade was closed in this period" in page
    venue.do("deposit 5000 USDT")
    for event in ("buy 5 SOLUSDT", "sell 2 SOLUSDT"):
        venue.advance(minutes=30)
        venue.do(event)
        venue.advance(minutes=30)
        worker.run(venue.now())
    page = site.get("/trades").text
    realised = worker.rows("select sum(realised) as realised from explanations")[0]["realised"]
    [place] = [place for place, coin in enumerate(cells(page, "Open trades", 0)) if coin == "SOL"]
    assert number(cells(page, "Open trades", 6)[place]) == round(realised, 2)
    assert "No closed trade of" in text(page)


def test_hours_without_gains_are_no_zero(own_site: Site, database: Database) -> None:
    with connect(database.owner_url, name="test") as owner:
        owner.execute(
            "update monitor.explanations set realised = null, spent_gain = null, transferred_gain = null,"
            " unexplained_gain = null, unrealised_change = null, unrealised = null where hour < '2026-05-01'"
        )
    page = text(own_site.get("/trades").text)
    assert "is known when the next run has gone through" in page and "Realised in all" not in page
    assert "Realised in all" in text(own_site.get("/trades?period=7d").text)


def test_bars_have_all_that_the_steps_have_and_a_thin_line_its_ends() -> None:
    random = Random(3)
    steps = tuple(
        TradeStep(SINCE + timedelta(days=n), 1, Decimal(random.randint(0, 9)), Decimal(-random.randint(0, 9)))
        for n in range(900)
    )
    track = TradeTrack(since=SINCE, until=SINCE + timedelta(days=900), steps=steps, is_hourly=False)
    for days, name, most in ((60, "day", 62), (400, "week", 62), (900, "month", 32)):
        short = replace(track, until=SINCE + timedelta(days=days), steps=steps[:days])
        bars = make_bars(short)
        assert (short.bar_name, len(bars) <= most) == (name, True)
        assert sum(bar.gained + bar.lost for bar in bars) == short.sums[-1]
        assert all(one.until <= other.since for one, other in zip(bars, bars[1:], strict=False))
    thinned = [height for _, height in thin_sums(track)]
    assert len(thinned) < 600 and (max(thinned), min(thinned)) == (max(track.sums), min(track.sums))


def test_lengths_of_time_are_said_in_two_units() -> None:
    lengths = {0: "0s", 40: "40s", 3600: "1h", 8100: "2h 15m", 273_600: "3d 4h", 86_460: "1d"}
    assert {seconds: lasted(timedelta(seconds=seconds)) for seconds in lengths} == lengths


@pytest.mark.parametrize("path", ["/trades?period=all", "/performance?period=all"])
def test_what_trades_say_together_is_what_the_api_says(long_site: Site, path: str) -> None:
    told = ask(long_site, "/trades/metrics?period=all")["total"]
    page = long_site.get(path).text
    label = "Closed trades together"
    said = dict(zip(cells(page, label, 0), cells(page, label, 1), strict=True))

    assert said["Net of a trade, on average"] == signed_usdt(Decimal(told["average_pnl_per_trade"]))
    assert said["Profit factor"] == ratio(Decimal(told["profit_factor"]))
    assert said["Won"] == share(Decimal(told["win_rate"]) / 100)
    assert f"Of {told['total_trades']} closed trades that fills opened and closed" in text(page)


def test_how_large_trades_were_is_drawn(long_site: Site) -> None:
    page = long_site.get("/trades?period=all").text
    trades = ask(long_site, "/trades/metrics?period=all")["total"]["total_trades"]
    assert f"Histogram of {trades} closed trades by their net" in page
    assert "<svg" in long_site.get("/charts/light/tradesizes.svg?period=all").text
