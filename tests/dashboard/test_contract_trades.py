"""Trades in contracts on the pages and in the JSON, beside those in coins: linear and inverse, both sides, open and closed."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import psycopg
import pytest

from finance.closed_positions import ClosedPosition
from look.figures import quantity, signed_usdt
from monitor.ledger.store.closed_positions import record_closed_positions
from tests.dashboard.site import Site
from tests.dashboard.stage import Stage, staged
from tests.dashboard.test_api import ask
from tests.dashboard.test_lists import cells, number
from tests.dashboard.test_pages import text
from tests.monitor.test_contract_fills import live
from tests.postgres import Server
from tests.venue import STORY, RunningVenue
from tests.worker import Opener, Worker

LIFE = (
    (
        "deposit 1 BTC",
        "transfer 20000 USDT from spot to futures",
        "transfer 0.5 BTC from spot to coin_m",
        "buy 10 SOLUSDT",
    ),
    ("long 0.2 BTCUSDT", "long 7 BTCUSD_PERP", "short 2 ETHUSDT", "long 3 BNBUSDT", "liquidate BNBUSDT fee 2"),
    ("close 0.1 BTCUSDT", "funding pay 1.5 USDT BTCUSDT", "close 4 BTCUSD_PERP"),
    ("close BTCUSDT", "close 3 BTCUSD_PERP", "sell 9.99 SOLUSDT"),
)


def _lead(open_worker: Opener, venue: RunningVenue) -> Worker:
    """A long trade in two exits with funding, an inverse one, one in SOL, one that was liquidated before a reading saw it,
    and a short position that is open; a long one is from before."""
    worker = open_worker(venue)
    worker.add()
    for line in ("deposit 30000 USDT", "transfer 100 USDT from spot to futures", "long 10 ADAUSDT"):
        venue.do(line)
    worker.run(venue.now())
    for lines in LIFE:
        live(worker, venue, *lines)
    return worker


@pytest.fixture(scope="module")
def lived(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """That life, for tests that only look at it."""
    with staged(server, tmp_path_factory.mktemp("contracts"), STORY, _lead) as made:
        yield made


@pytest.fixture
def own(server: Server, tmp_path: Path) -> Iterator[Stage]:
    """That life, for a test that adds to it."""
    with staged(server, tmp_path, STORY, _lead) as made:
        yield made


@pytest.fixture
def site(lived: Stage) -> Site:
    """The dashboard over it."""
    return lived.site


def closed(site: Site) -> dict[str, dict[str, Any]]:
    return {row["symbol"]: row for row in ask(site, "/trades/history")["trades"]}


def test_they_stand_beside_those_in_coins_and_add_up(site: Site) -> None:
    rows = closed(site)
    assert {symbol: row["market"] for symbol, row in rows.items()} == {
        "BTCUSDT": "usd_m_futures", "BNBUSDT": "usd_m_futures", "BTCUSD_PERP": "coin_m_futures", "SOLUSDT": "spot",
    }  # fmt: skip
    for row in rows.values():
        assert D(row["gross_pnl"]) - D(row["fees"]) + D(row["funding"]) == D(row["net_pnl"])
        told = ask(site, f"/trades/{row['id']}")
        gone = sum(D(one["gain"]) for one in told["exits"])
        state = "LIQUIDATED" if row["exit_type"] == "LIQUIDATION" else "CLOSED"
        assert (told["net_pnl"], gone, told["state"]) == (row["net_pnl"], D(row["gross_pnl"]), state)
        assert sum(D(one["value"]) for one in told["paid"]) == D(row["fees"]) - D(row["funding"])
    assert (rows["BTCUSDT"]["funding"], len(ask(site, f"/trades/{rows['BTCUSDT']['id']}")["exits"])) == ("-1.5", 2)
    groups = ask(site, "/trades/metrics?by=market")["groups"]
    nets: defaultdict[str, D] = defaultdict(D)
    for row in rows.values():
        nets[row["market"]] += D(row["net_pnl"])
    assert {one["group"] for one in groups} == nets.keys()
    assert all(abs(D(one["total_net_pnl"]) - nets[one["group"]]) < D("1e-17") for one in groups)  # JSON has 18 decimals


def test_the_exchanges_profit_stands_beside_ours_with_the_reason(site: Site, lived: Stage) -> None:
    told = ask(site, f"/trades/{closed(site)['BTCUSD_PERP']['id']}")
    books = [one for one in lived.venue.exchange.venue.accounts["test"].contract_fills if one.symbol == "BTCUSD_PERP"]

    assert D(told["exchange_pnl"]) == sum(one.profit for one in books)
    assert D(told["settled_pnl"]) - D(told["exchange_pnl"]) == D(told["exchange_difference"])
    assert (told["settle_asset"], told["exchange_difference_reason"]) == (
        "BTC",
        "it rounds each profit to eight decimals",
    )
    assert (
        D(told["entry_price"]).quantize(D("1e-9")) == D(told["moves"][0]["price"]).quantize(D("1e-9")) == books[0].price
    )
    assert [D(one["price"]).quantize(D("1e-9")) for one in told["exits"]] == [one.price for one in books[1:]]
    assert {"mae"} == told["reasons"].keys() & {"leverage", "margin_mode", "roe_percentage", "mae"}


def test_what_a_trade_made_of_its_margin_is_known_where_a_leverage_or_a_margin_is(site: Site) -> None:
    """The reading of USD-M says a margin and no leverage, that of COIN-M the leverage: 20; between two readings nothing says it."""
    rows = closed(site)
    for symbol, exactly in (("BTCUSDT", D("1e-6")), ("BTCUSD_PERP", D("1e-15"))):
        told = ask(site, f"/trades/{rows[symbol]['id']}")
        [entry] = [one for one in told["moves"] if one["effect"] == "entry"]
        assert abs(D(told["roe_percentage"]) - 100 * D(told["net_pnl"]) / (D(entry["value"]) / 20)) < exactly
        assert rows[symbol]["roi_percentage"] == told["roi_percentage"] == told["roe_percentage"]
        assert "of that (ROE)" in text(site.get(f"/trades/trade?trade={rows[symbol]['id']}").text)
    assert rows["BNBUSDT"]["roi_percentage"] is rows["SOLUSDT"]["roi_percentage"] is None
    assert "between two readings" in rows["BNBUSDT"]["reasons"]["roi_percentage"]
    told = ask(site, f"/trades/{rows['BNBUSDT']['id']}")
    assert told["leverage"] is told["margin_mode"] is told["roe_percentage"] is None
    assert all("between two readings" in told["reasons"][key] for key in ("leverage", "margin_mode", "roe_percentage"))
    assert "between two readings" in text(site.get(f"/trades/trade?trade={rows['BNBUSDT']['id']}").text)
    assert "not leveraged" in rows["SOLUSDT"]["reasons"]["roi_percentage"]


def test_what_is_open_has_its_trade(site: Site, lived: Stage) -> None:
    short, long = sorted(
        (one for one in ask(site, "/positions/open")["positions"] if one["market"] != "spot"),
        key=lambda one: one["side"],
        reverse=True,
    )
    assert (long["id"], long["basis"], short["basis"]) == ("o.ADAUSDT", "first_hour", "fills")
    [row] = lived.worker.rows("select * from trades where asset = 'ETHUSDT'")

    assert (short["id"], D(short["fees_paid"]), short["funding"]) == (row["id"], row["fees"], "0")
    percent = 100 * D(short["unrealized_pnl"]) / (D(short["entry_price"]) * D(short["quantity"]))
    assert abs(D(short["unrealized_pnl_percentage"]) - percent) < D("1e-15")
    assert {"leverage", "liquidation_price"} <= short["reasons"].keys()
    assert abs(D(short["roe_percentage"]) / percent - 20) < D("0.1")  # by a mark price


def test_the_pages_show_them(site: Site) -> None:
    rows = closed(site)
    page = text(site.get("/trades?period=all").text)
    assert "is in no trade" not in page and "ADAUSDT long" in page
    assert "Positions in contracts made" in page and "as the last reading found them by the exchange's account" in page
    for symbol in ("BTCUSDT", "BTCUSD_PERP"):
        told = text(site.get(f"/trades/trade?trade={rows[symbol]['id']}").text)
        assert "By the exchange's account" in told and signed_usdt(D(rows[symbol]["net_pnl"])) in told
    fees = ask(site, "/fees?period=all")
    assert {one["symbol"] for one in fees["rows"] if one["type"] == "FUNDING"} == {"BTCUSDT"}
    [clearance] = [one for one in fees["rows"] if one["type"] == "LIQUIDATION"]
    assert (clearance["symbol"], D(clearance["value"])) == ("BNBUSDT", 2)
    told = text(site.get(f"/trades/trade?trade={rows['BNBUSDT']['id']}").text)
    assert "BNBUSDT long, liquidated, lost" in told and rows["BNBUSDT"]["exit_type"] == "LIQUIDATION"


def test_what_was_open_when_the_history_began_counts_from_its_mark_of_then(site: Site, lived: Stage) -> None:
    told = ask(site, "/trades/o.ADAUSDT")
    [began] = lived.worker.rows("select * from positions where symbol = 'ADAUSDT' order by snapshot_id limit 1")
    [held] = [one for one in lived.venue.exchange.venue.accounts["test"].positions if one.symbol == "ADAUSDT"]

    assert (D(told["entry_price"]), D(told["exchange_entry_price"])) == (began["mark_price"], held.entry)
    assert (told["basis"], told["state"], told["is_counted"], told["moves"][0]["type"]) == (
        "first_hour", "OPEN", False, "HELD"
    )  # fmt: skip
    assert told["entry_fees"] is None and "before is not known" in told["reasons"]["entry_fees"]
    assert "followed from its mark" in told["reasons"]["mae"]
    page = text(site.get("/trades/trade?trade=o.ADAUSDT").text)
    assert "counts from its market price (mark) at that first reading" in page
    assert "The exchange counts from its own entry price" in page and "before is not known" in page
    assert "held before" in text(site.get("/trades?period=all").text)


def test_each_exit_says_what_its_order_paid(site: Site, lived: Stage) -> None:
    books = lived.venue.exchange.venue.accounts["test"].contract_fills
    for symbol in ("BTCUSDT", "BNBUSDT"):
        told = ask(site, f"/trades/{closed(site)[symbol]['id']}")
        own = [one for one in books if one.symbol == symbol]
        clearance = 2 if symbol == "BNBUSDT" else 0
        assert [D(one["fees"]) for one in told["exits"]] == [one.commission + clearance for one in own[1:]]
        assert all(D(one["net"]) == D(one["gain"]) - D(one["fees"]) for one in told["exits"])
        assert D(told["entry_fees"]) == own[0].commission
        page = text(site.get(f"/trades/trade?trade={told['id']}").text)
        assert "Not told:" not in page
    told = ask(site, f"/trades/{closed(site)['BTCUSD_PERP']['id']}")
    assert D(told["entry_fees"]) + sum(D(one["fees"]) for one in told["exits"]) == D(told["fees"])
    listed = {one["order_id"] for one in ask(site, "/fees?period=all")["rows"] if one["symbol"] == "BTCUSDT"}
    assert listed - {""} == {
        one["order_id"] for one in lived.worker.rows("select order_id from contract_fills where symbol = 'BTCUSDT'")
    }


def test_an_exit_whose_order_nobody_names_says_so(own: Stage) -> None:
    """As in rows of before orders of contracts were read."""
    with psycopg.connect(own.database.owner_url, autocommit=True) as owner:
        owner.execute("update monitor.other_fees set order_id = null")
        owner.execute("update monitor.trade_moves set order_id = '' where settled_value is not null")
    told = ask(own.site, f"/trades/{closed(own.site)['BTCUSDT']['id']}")
    assert [(one["fees"], one["net"]) for one in told["exits"]] == [(None, None)] * 2
    assert all(one["reasons"].keys() == {"fees", "net"} for one in told["exits"])
    assert told["entry_fees"] is None and "does not say of which order" in told["reasons"]["entry_fees"]
    assert "Not told: The exchange does not say" in text(own.site.get(f"/trades/trade?trade={told['id']}").text)


@pytest.mark.parametrize("whose", ["account=1", "portfolio=all"])
def test_an_hour_has_what_contracts_made_among_positions(site: Site, whose: str) -> None:
    """It was never realised on coins: what closing them made, and what is open of them, is the part `positions`."""
    for symbol, row in closed(site).items():
        told = ask(site, f"/trades/{row['id']}")
        for hour in {one["hour"] for one in told["moves"] if one["effect"] == "exit"}:
            [explained] = [one for one in ask(site, f"/explanations?{whose}")["rows"] if one["hour"] == hour]
            page = site.get(f"/explain/hour?{whose}&hour={hour[:13]}").text
            digits = list(zip(cells(page, "To the last digit", 0), cells(page, "To the last digit", 1), strict=True))
            gained = sum(D(one["gain"]) for one in told["moves"] if one["hour"] == hour)
            name = f"Realised in {symbol}" if row["market"] == "spot" else f"Positions: realised in {symbol}"
            assert sum(number(amount) for line, amount in digits if line == name) == gained
            keys: dict[str | tuple[str, ...], str] = {
                "Positions": "positions",
                "Realised": "realised",
                "Fees": "fees",
                ("Funding", "Income"): "income",
            }
            for beginning, key in keys.items():
                amounts = [number(amount) for line, amount in digits if line.startswith(beginning)]
                assert sum(amounts) == D(explained[key]), (beginning, hour)
            assert ("Funding of BTCUSDT" in dict(digits)) == (explained["income"] != "0")
            assert not any(line == "Realised outside of trades" and abs(number(amount)) > 1 for line, amount in digits)


def test_the_position_that_the_exchange_closed_stands_beside_its_trade(own: Stage) -> None:
    site, worker = own.site, own.worker
    rows = closed(site)
    told = ask(site, f"/trades/{rows['BTCUSDT']['id']}")
    assert told["reasons"]["exchange_position"].startswith("Binance keeps no account")
    profit, fees, funding = D(told["settled_pnl"]), D(told["fees"]), D(told["funding"])
    position = ClosedPosition(
        wallet="usd_m_futures",
        symbol="BTCUSDT",
        exchange_id="7",
        is_short=False,
        opened_at=None,
        closed_at=datetime.fromisoformat(told["exit_time"]),
        settle="USDT",
        profit=profit - fees + funding,
        fees=fees,
        funding=funding,
        net=profit - fees + funding,
    )
    record_closed_positions(worker.db, 1, [position])
    live(worker, own.venue)  # for the pages to be made anew

    told = ask(site, f"/trades/{rows['BTCUSDT']['id']}")
    found = told["exchange_position"]
    assert (D(found["net"]), found["difference_reason"]) == (
        D(told["net_pnl"]),
        "its profit has fees and funding in it",
    )
    page = text(site.get(f"/trades/trade?trade={rows['BTCUSDT']['id']}").text)
    assert "That is another account than ours: its profit has fees and funding in it." in page


def test_what_is_owed_or_short_nets_against_what_is_held(own: Stage) -> None:
    """Two ETH are short in a contract while some are held; of BTC some are borrowed. Money nets nothing."""
    live(own.worker, own.venue, "transfer 1000 USDT from spot to cross_margin", "borrow 0.1 BTC on cross_margin")
    told = ask(own.site, "/positions/open")
    held = {row["asset"]: row for row in ask(own.site, "/balances/summary")["assets"]}
    btc, eth = told["netted"]
    assert (btc["asset"], btc["short_in_contracts"], D(btc["owed"])) == ("BTC", "0", D(held["BTC"]["owed"]))
    assert D(btc["owed"]) >= D("0.1") and D(btc["net"]) == D(held["BTC"]["quantity"]) == D(btc["held"]) - D(btc["owed"])
    assert (eth["asset"], eth["owed"], eth["short_in_contracts"]) == ("ETH", "0", "2")
    assert D(eth["net"]) == D(held["ETH"]["quantity"]) - 2
    for path in ("/trades", "/holdings"):
        page = text(own.site.get(path).text)
        assert (
            f"ETH: {quantity(D(eth['held']))} held, less 2 short in contracts: {quantity(D(eth['net']))} net." in page
        )
        assert f"BTC: {quantity(D(btc['held']))} held, less {quantity(D(btc['owed']))} owed on margin: " in page
        assert "both are one trade" in page and "a trade of its own" in page
