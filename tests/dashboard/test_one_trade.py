"""One trade, from the answer to its fills and on to the hours that they are explained in, digit by digit."""

import re
from decimal import Decimal
from typing import Any, get_args

import pytest

from dashboard.api.trades import ExitType
from dashboard.errors import BadChoice
from dashboard.one_trade import pick_trade
from dashboard.pages.trade import MOVED
from dashboard.pages.trades import ENDED
from finance.decimals import total
from finance.trades import MoveKind
from look.figures import quantity, ratio, signed_digits, signed_usdt, usdt
from sql.connect import connect
from tests.dashboard.site import Site
from tests.dashboard.test_api import ask
from tests.dashboard.test_lists import cells, number
from tests.dashboard.test_pages import text
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker

EVENTS = ("buy 5 SOLUSDT", "buy 3 SOLUSDT", "sell 2 SOLUSDT", "sell 4 SOLUSDT", "sell 1.99 SOLUSDT", "")
ALWAYS_UNKNOWN = {
    "leverage", "margin_mode", "roe_percentage", "roi_percentage", "r_multiple", "exchange_pnl", "path", "rating", "stop",
    "stop_source", "by_method",
    "position_side", "settle_asset", "settled_pnl", "exchange_entry_price", "exchange_difference", "exchange_difference_reason", "exchange_position",
}  # fmt: skip


@pytest.fixture
def lived(site: Site, worker: Worker, venue: RunningVenue) -> Worker:
    """A trade in SOL with two entries and three exits, the last ones with fees in BNB; and one that is open."""
    venue.do("deposit 5000 USDT")
    venue.do("buy 1 BNBUSDT")
    worker.run(venue.now())
    for n, event in enumerate(EVENTS):
        venue.advance(minutes=30)
        if n == 3:
            venue.do("bnbfees on")
        if event:
            venue.do(event)
        venue.advance(minutes=30)
        worker.run(venue.now())
    return worker


def test_a_trade_adds_up_and_leads_to_its_hours(site: Site, lived: Worker) -> None:
    [row] = ask(site, "/trades/history?symbol=SOL")["trades"]
    told = ask(site, f"/trades/{row['id']}")
    amounts = {
        key: Decimal(told[key]) for key in ("gross_pnl", "fees", "interest", "net_pnl", "quantity", "exited", "left")
    }

    assert amounts["gross_pnl"] - amounts["fees"] - amounts["interest"] == amounts["net_pnl"] == Decimal(row["net_pnl"])
    assert amounts["quantity"] - amounts["exited"] == amounts["left"] == Decimal("0.01")
    assert total(Decimal(fee["value"]) for fee in told["paid"]) == amounts["fees"] + amounts["interest"]
    assert {fee["asset"] for fee in told["paid"]} == {"SOL", "USDT", "BNB"}
    assert total(Decimal(gone["gain"]) for gone in told["exits"]) == amounts["gross_pnl"]
    assert [gone["is_partial"] for gone in told["exits"]] == [True, True, False]
    assert Decimal(told["entry_fees"]) + total(Decimal(gone["fees"]) for gone in told["exits"]) == amounts["fees"]
    of_sales = "select sum(e.value) as paid from fees e join fills f on e.row = 'f' || f.id where f.base_asset = 'SOL' and f.base_quantity < 0"
    assert total(Decimal(gone["fees"]) for gone in told["exits"]) == lived.rows(of_sales)[0]["paid"] > 0
    assert all(Decimal(gone["gain"]) - Decimal(gone["fees"]) == Decimal(gone["net"]) for gone in told["exits"])
    assert told["reasons"].keys() == ALWAYS_UNKNOWN and all(told[key] is None for key in ALWAYS_UNKNOWN)
    assert Decimal(told["mae"]) <= amounts["net_pnl"] <= Decimal(told["mfe"])
    fills = lived.rows("select 'f' || id as record, order_id from fills where base_asset = 'SOL' order by id")
    assert [move["record"] for move in told["moves"]] == [fill["record"] for fill in fills]
    assert told["orders"] == [fill["order_id"] for fill in fills]
    assert [(one["order_id"], one["role"], one["source"]) for one in told["group"]] == [
        (order, "ENTRY", "exchange") if n < 2 else (order, "MANUAL", "unknown")
        for n, order in enumerate(told["orders"])
    ]
    assert not any(gone["stop_in_profit"] for gone in told["exits"])

    page = site.get(f"/trades/trade?trade={row['id']}").text
    shown = text(page)
    fees = ask(site, "/fees?account=1")["rows"]
    navs = {one["hour"]: Decimal(one["nav"]) for one in ask(site, "/portfolio/equity-curve?account=1")["rows"]}
    assert f"{usdt(abs(amounts['net_pnl']))} USDT after fees, in 4h" in shown
    sums = re.search(r"(\S+) by selling − (\S+) fees − (\S+) interest = (\S+) net\.", shown)
    exactly = [amounts[key] for key in ("gross_pnl", "fees", "interest", "net_pnl")]
    assert sums and [number(found) for found in sums.groups()] == exactly
    assert (
        f"{quantity(amounts['quantity'])} SOL entered − {quantity(amounts['exited'])} exited = 0.01 left over" in shown
    )
    for fee in told["paid"]:
        assert f"{quantity(Decimal(fee['quantity']))} {fee['asset']} {fee['type'].lower()}" in shown
    assert cells(page, "Hour by hour", 3)[-1] == signed_digits(amounts["net_pnl"])
    in_hours = zip(cells(page, "Hour by hour", 1), cells(page, "Hour by hour", 2), strict=True)
    assert total(number(part) for pair in list(in_hours)[:-1] for part in pair if part) == amounts["net_pnl"]
    assert cells(page, "Exits", 1) == [signed_usdt(Decimal(gone["gain"])) for gone in told["exits"]]
    assert cells(page, "Exits", 2) == [usdt(Decimal(gone["fees"])) for gone in told["exits"]]
    assert cells(page, "Exits", 3) == [signed_usdt(Decimal(gone["net"])) for gone in told["exits"]]
    assert cells(page, "Its orders", 5) == told["orders"]
    assert cells(page, "Moves", 7) == [move["record"] for move in told["moves"]]
    assert [number(cell) for cell in cells(page, "Moves", 4)] == [Decimal(move["value"]) for move in told["moves"]]
    assert [number(cell) for cell in cells(page, "Fees", 2)] == [
        *(Decimal(fee["value"]) for fee in told["paid"]),
        exactly[1],
    ]
    for move, link in zip(
        told["moves"], re.findall(r'href="(/explain/hour[^"]+)" title=[^>]+>[^<]+</a></th>', page), strict=True
    ):
        explained = site.get(link.replace("&amp;", "&")).text
        hour = text(explained)
        assert f"account=1&amp;trade={row['id']}" in explained  # and back again
        digits = [number(amount) for amount in cells(explained, "To the last digit", 1)]
        [told_hour] = [one for one in ask(site, "/explanations?account=1")["rows"] if one["hour"] == move["hour"]]
        prices_and_trading = Decimal(told_hour["price_effect"]) + Decimal(told_hour["trading"])
        before, *digits, change, after = digits
        assert change == Decimal(told_hour["nav_change"]) and before + change == after == navs[move["hour"]]
        names = cells(explained, "To the last digit", 0)[1:]
        place = names.index("Prices and trading")
        assert total(digits[:place]) == digits[place] == prices_and_trading and total(digits[place:]) == change
        assert digits[names.index("Fees of SOLUSDT")] == -total(
            Decimal(fee["value"]) for fee in fees if (fee["hour"], fee["trade_id"]) == (move["hour"], row["id"])
        )
        assert move["effect"] == "entry" or digits[0] == Decimal(move["gain"])
        assert f"hour={move['hour'][:13]}" in link and f"{quantity(Decimal(move['quantity']))} SOL" in hour


def test_a_trade_by_another_method_comes_to_the_same(site: Site, lived: Worker) -> None:
    """Units of two purchases: by FIFO the first sale is of the first. The page says that it is another method."""
    [row] = ask(site, "/trades/history?symbol=SOL")["trades"]
    usual, wholes = ask(site, f"/trades/{row['id']}"), set()
    for method in ("FIFO", "LIFO", "HIFO"):
        told = ask(site, f"/trades/{row['id']}?method={method}")
        other = told["by_method"]
        assert {key: told[key] for key in told if key not in ("by_method", "reasons")} == {
            key: usual[key] for key in usual if key not in ("by_method", "reasons")
        }
        gains = [Decimal(gain) for gain in other["exit_gains"]]
        assert total(gains) == Decimal(other["gross_pnl"]) and len(gains) == len(told["exits"]) == 3
        assert Decimal(other["net_pnl"]) - Decimal(other["gross_pnl"]) == Decimal(usual["net_pnl"]) - Decimal(
            usual["gross_pnl"]
        )
        wholes.add(total([*gains, Decimal(other["spent_gain"]), -Decimal(other["cost_left"])]))
        page = text(site.get(f"/trades/trade?trade={row['id']}&method={method.lower()}").text)
        assert f"By {method} , where the" in page and "another method than the one by which everything else" in page
        assert all(signed_digits(gain) in page for gain in gains)
        assert f"are the same by both: {signed_digits(wholes.copy().pop())}" in page
    assert len(wholes) == 1 and gains != [Decimal(gone["gain"]) for gone in usual["exits"]]
    assert "another method" not in text(site.get(f"/trades/trade?trade={row['id']}").text)
    for path in (f"/api/trades/{row['id']}?method=fifth", f"/trades/trade?trade={row['id']}&method=fifth"):
        assert site.get(path).status_code == 400


def test_an_open_trade_and_the_last_one_and_its_prices(site: Site, lived: Worker) -> None:
    [row] = ask(site, "/trades/history?symbol=SOL")["trades"]
    assert text(site.get(f"/trades/trade?trade={row['id']}").text)[:400] == text(site.get("/trades/trade").text)[:400]

    opened = next(one for one in ask(site, "/positions/open")["positions"] if one["symbol"].startswith("BNB"))
    told = ask(site, f"/trades/{opened['id']}")
    assert (told["state"], told["reasons"]["exit_time"], told["exits"]) == ("OPEN", "It is open.", [])
    page = text(site.get(f"/trades/trade?trade={opened['id']}").text)
    assert f"{signed_usdt(Decimal(opened['unrealized_pnl']))} USDT unrealised" in page
    assert "the difference went as fees in BNB" in page

    said = ask(site, f"/charts/tradeprice?trade={row['id']}&at={row['entry_time']}")["values"]
    assert [value["name"] for value in said] == ["Price", "Entry"]
    drawn = [site.get(f"/charts/light/tradeprice.svg?trade={name}").text for name in (row["id"], opened["id"])]
    assert all("<svg" in one for one in drawn) and drawn[0] != drawn[1]


def test_what_is_no_trade_is_said_and_without_stored_prices_its_own_are_drawn(long_site: Site) -> None:
    answer = long_site.get("/api/trades/f9999999")
    assert (answer.status_code, "There is no trade f9999999" in answer.json()["error"]) == (404, True)
    assert long_site.get("/trades/trade?trade=nonsense").status_code == 404
    assert long_site.get(f"/trades/trade?trade={'x' * 81}").status_code == 400
    unpriced = ask(long_site, "/trades/history?symbol=XRP")["trades"][0]["id"]
    assert "What XRP cost meanwhile USDT ▲ entries" in text(long_site.get(f"/trades/trade?trade={unpriced}").text)
    assert "<svg" in long_site.get(f"/charts/light/tradeprice.svg?trade={unpriced}").text


def test_how_far_it_went_and_what_the_owner_said(long_site: Site) -> None:
    told = ask(long_site, "/trades/f2")
    page = text(long_site.get("/trades/trade?trade=f2").text)
    risked = Decimal(told["quantity"]) * (Decimal(told["entry_price"]) - Decimal(told["stop"]))
    assert (told["note"], told["rating"], told["max_drawdown"]) == ("too early", 2, "3")
    assert abs(Decimal(told["r_multiple"]) - Decimal(told["net_pnl"]) / risked) < Decimal("1e-15")
    assert f"at its best at {signed_usdt(Decimal(told['mfe']))} USDT" in page and "2 of 5: too early" in page
    assert f"it risked {usdt(risked)} USDT: {ratio(Decimal(told['r_multiple']))} R" in page
    assert "no prices of its coin" in ask(long_site, "/trades/f4")["reasons"]["mae"]
    assert "breakout , late" in text(long_site.get("/trades/trade?trade=f9").text)


def test_what_the_owner_says_is_shown_at_once(own_site: Site, database: Database) -> None:
    assert "worth waiting" not in own_site.get("/trades/trade?trade=f5").text
    with connect(database.owner_url, name="test") as owner:
        owner.execute(
            "insert into monitor.trade_notes (account_id, trade_id, revision, at, tags, note)"
            " values (1, 'f5', 1, now(), '{}', 'worth waiting')"
        )
    assert "worth waiting" in own_site.get("/trades/trade?trade=f5").text


def test_every_way_out_has_a_word() -> None:
    assert MOVED.keys() == {*MoveKind, None}
    assert set(get_args(ExitType)) == {kind.upper() for kind in ENDED if kind}


def test_an_id_that_several_accounts_have_asks_whose() -> None:
    class Row:
        def __init__(self, account_id: int) -> None:
            self.account_id = account_id

    found: Any = [Row(1), Row(3)]
    with pytest.raises(BadChoice, match="account=1, account=3"):
        pick_trade(found, "o.BTC")
