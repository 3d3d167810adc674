"""Trades and what is open as JSON: the keys and types that programs rely on, filters, pages that stay, and the same as files."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

from dashboard.files.csv_file import write_cell
from finance.decimals import total
from monitor.trading.groups import group_all
from monitor.trading.store.groups import mark_all
from sql.connect import connect
from tests.dashboard.site import TRADES, Site
from tests.dashboard.test_api import ask
from tests.dashboard.test_pages import text
from tests.postgres import Database

OPEN: dict[str, Any] = {
    "id": "f123", "symbol": "BTCUSDT", "side": "LONG", "entry_price": "43000", "quantity": "0.5", "current_price": "44000",
    "unrealized_pnl": "500", "unrealized_pnl_percentage": "2.33", "leverage": "10", "opened_at": "2025-12-09T10:30:00Z",
    "exchange": "binance", "market": "usd_m_futures", "margin_mode": "cross", "fees_paid": "8.6", "funding": "-1.2",
    "stop_loss": "1", "take_profit": [], "liquidation_price": "39100", "roe_percentage": "23.3", "basis": "fills", "reasons": {},
}  # fmt: skip
CLOSED: dict[str, Any] = {
    "id": "f456", "symbol": "ETHUSDT", "side": "LONG", "entry_price": "2200", "exit_price": "2300", "quantity": "2",
    "gross_pnl": "200", "fees": "4.5", "net_pnl": "195.5", "pnl_percentage": "4.44", "roi_percentage": "1", "exit_type": "TP",
    "hold_duration": "2h 15m", "hold_seconds": 8100, "entry_time": "2025-12-08T08:00:00Z",
    "exit_time": "2025-12-08T10:15:00Z", "max_drawdown": "12.1", "mae": "-9.8", "mfe": "210", "r_multiple": "1.9",
    "tags": ["breakout"], "exchange": "bitget", "market": "usdt_futures", "funding": "-1.2", "reasons": {},
}  # fmt: skip
NUMBERS = {"quantity", "net_pnl", "gross_pnl", "fees", "entry_price", "unrealized_pnl", "current_price", "fees_paid"}
FUTURES = """
    with newest as (select id from monitor.snapshots order by hour desc, id desc limit 1)
    insert into monitor.positions (snapshot_id, wallet, symbol, side, quantity, entry_price, mark_price, margin_asset, unrealised)
    select id, wallet, symbol, 'both', -2, 100, 90, asset, gain
    from newest, (values ('usd_m_futures', 'SOLUSDT', 'USDT', 20), ('coin_m_futures', 'ADAUSD_PERP', 'ADA', 3)) v (wallet, symbol, asset, gain)
    """
WAITING = """
    with given as (
      insert into monitor.order_revisions (account_id, market, symbol, exchange_id, base_asset, quote_asset, side, type, quantity,
        price, trigger_price, executed_quantity, state, list_id, ordered_at, updated_at, first_seen_at)
      select 1, 'spot', 'BTCUSDT', n::text, 'BTC', 'USDT', side, type, 1, price, trigger, 0, 'open', list, now(), now(), now()
      from (values (1, 'sell', 'stop_loss_limit', 899, 900, '7'), (2, 'sell', 'limit_maker', 2500, null, '7'),
        (3, 'sell', 'take_profit', null, 2200, ''), (4, 'sell', 'limit', 3000, null, ''), (5, 'buy', 'stop_loss', null, 2100, ''))
        v (n, side, type, price, trigger, list)
      returning account_id, market, symbol, exchange_id
    )
    insert into monitor.open_orders select * from given
    """
SAID = """
    insert into monitor.basis_words (account_id, asset, revision, at, price, note) values (1, 'BTC', 1, now(), 900, 'bought in 2021')
    """
ONE_MORE = """
    insert into monitor.trades (account_id, id, asset, side, opened_by, opened_at, opened_hour, closed_at, closed_hour,
      entered, entry_value, exited, exit_value, gross, transferred, transferred_units, greatest_value, fees,
      interest, fills, ended_by)
    select account_id, 'f999999', asset, side, opened_by, opened_at, opened_hour, %(at)s, closed_hour, entered,
      entry_value, exited, exit_value, gross, transferred, transferred_units, greatest_value, fees, interest, fills, ended_by
    from monitor.trades where closed_at is not null order by closed_at desc limit 1
    """


def check_shape(found: dict[str, Any], example: dict[str, Any]) -> None:
    """Every key and no other, of the type of the example, or null with a reason."""
    assert found.keys() == example.keys()
    assert found["reasons"].keys() == {key for key, value in found.items() if value is None}
    for key, value in found.items():
        assert value is None or type(value) is type(example[key]), key
        if key in NUMBERS and value is not None:
            assert Decimal(value).is_finite() and "E" not in value
        if key.endswith(("_time", "_at")) and value is not None:
            assert value.endswith("Z")


def test_closed_trades_have_exactly_these_keys(long_site: Site) -> None:
    told = ask(long_site, "/trades/history")
    assert told.keys() == {"trades", "total_trades", "total_pnl", "next_cursor"}
    assert (told["total_trades"], len(told["trades"]), told["next_cursor"]) == (TRADES, TRADES, None)
    for trade in told["trades"]:
        check_shape(trade, CLOSED)
        assert Decimal(trade["gross_pnl"]) - Decimal(trade["fees"]) == Decimal(trade["net_pnl"])
    assert Decimal(told["total_pnl"]) == total(Decimal(trade["net_pnl"]) for trade in told["trades"])
    times = [trade["exit_time"] for trade in told["trades"]]
    assert times == sorted(times, reverse=True)


def test_what_is_open_has_the_cost_and_value_that_holdings_has(long_site: Site) -> None:
    told = ask(long_site, "/positions/open")
    held = {row["asset"]: row for row in ask(long_site, "/balances/summary")["assets"]}
    assert (told["total_positions"], {one["id"] for one in told["positions"]}) == (2, {"o.BTC", "o.ETH"})
    for one in told["positions"]:
        check_shape(one, OPEN)
        coin = held[one["symbol"]]
        assert (one["quantity"], one["current_price"]) == (coin["quantity"], coin["price"])
        assert one["entry_price"] == coin["average_cost"]
        assert round(Decimal(one["unrealized_pnl"]), 18) == round(Decimal(coin["gain"]), 18)
    assert Decimal(told["total_unrealized_pnl"]) == total(Decimal(one["unrealized_pnl"]) for one in told["positions"])


def test_an_open_contract_is_not_left_out_and_an_unknown_value_is_no_zero(own_site: Site, database: Database) -> None:
    with connect(database.owner_url, name="test") as owner:
        owner.execute(FUTURES)
        owner.execute("update monitor.runs set weight = '{}' where id = (select max(id) from monitor.runs)")
    told = ask(own_site, "/positions/open")
    for one in told["positions"]:
        check_shape(one, OPEN)
    sol = next(one for one in told["positions"] if one["symbol"] == "SOLUSDT")
    ada = next(one for one in told["positions"] if one["symbol"] == "ADAUSD_PERP")
    assert (sol["side"], sol["quantity"], sol["unrealized_pnl"], sol["market"]) == ("SHORT", "2", "20", "usd_m_futures")
    assert (ada["unrealized_pnl"], ada["reasons"]["unrealized_pnl"][:35]) == (
        None,
        "The last reading has no price for A",
    )
    assert (told["total_unrealized_pnl"], told["total_positions"]) == (None, 4)


def test_a_position_that_no_trade_is_made_of_says_why(own_site: Site, database: Database) -> None:
    """Options, and at Bitget contracts that settle in their own coin; others, where fills are still to be read."""
    more = "('options', 'BTC-261225-90000-C', 'USDT', 5), ('coin_futures', 'BTCUSD', 'BTC', 0.1)"
    with connect(database.owner_url, name="test") as owner:
        owner.execute(FUTURES.replace("('coin_m_futures', 'ADAUSD_PERP', 'ADA', 3)", more))
        owner.execute("update monitor.accounts set exchange = 'bitget' where id = 1")
        owner.execute("update monitor.runs set weight = '{}' where id = (select max(id) from monitor.runs)")
    told = {one["symbol"]: one for one in ask(own_site, "/positions/open")["positions"]}
    page = text(own_site.get("/trades").text)
    for symbol, words in (
        ("BTC-261225-90000-C", "orders and executions of options are not read"),
        ("BTCUSD", "sizes of contracts that settle in their own coin"),
        ("SOLUSDT", "its first fills are not known"),
    ):
        reasons = told[symbol]["reasons"]
        assert words in reasons["opened_at"] == reasons["fees_paid"] == reasons["funding"] and words in page, symbol
    assert told["BTC-261225-90000-C"]["fees_paid"] is None


def test_orders_that_wait_to_close_it_are_its_stop_and_targets(own_site: Site, database: Database) -> None:
    with connect(database.owner_url, name="test") as owner:
        owner.execute(WAITING)
        owner.execute(SAID)
        owner.execute("update monitor.runs set weight = '{}' where id = (select max(id) from monitor.runs)")
    with connect(database.worker_url, name="test") as worker:
        mark_all(worker, 1)
        group_all(worker, ())
    bitcoin, ether = sorted(ask(own_site, "/positions/open")["positions"], key=lambda one: one["id"])
    assert (bitcoin["stop_loss"], bitcoin["take_profit"]) == ("900", ["2200", "2500"])
    assert (ether["stop_loss"], ether["take_profit"], "stop_loss" in ether["reasons"]) == (None, None, True)
    assert (bitcoin["basis"], ether["basis"]) == ("owner", "first_hour")
    page = text(own_site.get("/trades/trade?trade=o.BTC").text)
    assert "what was held then has cost what you said" in page
    assert "A stop at 900.00 USDT ; a profit is taken at 2,200.00, 2,500.00 USDT" in page
    group = ask(own_site, "/trades/o.BTC")["group"]
    assert [(one["role"], one["price"], one["source"]) for one in group] == [
        ("TP1", "2200", "exchange"), ("TP2", "2500", "exchange"), ("SL", "900", "exchange")
    ]  # fmt: skip
    waiting = {one["exchange_id"]: one["role"] for one in ask(own_site, "/orders?state=open")["rows"]}
    assert waiting == {"1": "SL", "2": "TP2", "3": "TP1", "4": None, "5": None}


@pytest.mark.parametrize(("query", "kept"), [
    ("symbol=sol", lambda one: one["symbol"] == "SOLUSDT"),
    ("symbol=SOLUSDT&exit_type=DUST", lambda one: one["symbol"] == "SOLUSDT" and one["exit_type"] == "DUST"),
    ("side=SHORT", lambda one: False),
    ("exit_type=TRANSFER", lambda one: one["exit_type"] == "TRANSFER"),
    ("exchange=gate", lambda one: False),
    ("tag=Breakout", lambda one: one["tags"] == ["breakout", "late"]),
    ("q=too+early", lambda one: one["id"] == "f2"),
    ("q=xrp", lambda one: "XRP" in one["symbol"]),
    ("from=2026-04-01&to=2026-04-30", lambda one: one["exit_time"].startswith("2026-04")),
])  # fmt: skip
def test_filters_leave_the_others_out_in_the_file_as_well(long_site: Site, query: str, kept: Any) -> None:
    every = ask(long_site, "/trades/history")["trades"]
    told = ask(long_site, f"/trades/history?{query}")

    assert told["trades"] == [one for one in every if kept(one)]
    assert told["total_trades"] == len(told["trades"])
    saved = csv.DictReader(io.StringIO(long_site.get(f"/api/trades/history.csv?{query}").text))
    assert saved.fieldnames == [key for key in CLOSED if key != "reasons"]
    assert [{**row, "hold_seconds": int(row["hold_seconds"])} for row in saved] == [
        {
            key: "" if value is None else write_cell(value) if value == one["tags"] else value
            for key, value in one.items()
            if key != "reasons"
        }
        for one in told["trades"]
    ]


@pytest.mark.parametrize("sort", ["-exit_time", "pnl_percentage", "-symbol", "hold_seconds"])
def test_pages_stay_while_trades_are_closed(own_site: Site, database: Database, sort: str) -> None:
    """One that comes between two pages moves none of the others, and none is lost or twice on them; nor are those without a value."""
    with connect(database.owner_url, name="test") as owner:
        owner.execute("update monitor.trades set greatest_value = 0 where closed_at > '2026-05-20'")
    before = [one["id"] for one in ask(own_site, f"/trades/history?sort={sort}")["trades"]]
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = ask(own_site, f"/trades/history?sort={sort}&limit=7{cursor}")
        found += [one["id"] for one in page["trades"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        with connect(database.owner_url, name="test") as owner:
            owner.execute(ONE_MORE if len(found) == 7 else "select %(at)s", {"at": "2026-05-31 23:30+00"})
            owner.execute(
                "update monitor.runs set weight = weight || '{\"x\": 1}' where id = (select max(id) from monitor.runs)"
            )
    assert [one for one in found if one != "f999999"] == before
    assert len(found) == len(set(found))
    assert own_site.get(f"/api/trades/history?sort=fees&cursor={page['next_cursor'] or 'W10'}").status_code == 400


def test_what_is_open_is_the_same_in_the_file(long_site: Site) -> None:
    told = ask(long_site, "/positions/open")["positions"]
    saved = list(csv.DictReader(io.StringIO(long_site.get("/api/positions/open.csv").text)))
    assert [one["unrealized_pnl"] for one in saved] == [one["unrealized_pnl"] for one in told]
    assert saved[0].keys() == OPEN.keys() - {"reasons"}
