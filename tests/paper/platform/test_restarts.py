"""What was acknowledged is there after SIGKILL, with its place in the queue; and one engine writes."""

import signal
import subprocess
from pathlib import Path
from typing import Any

import ccxt
import pytest

from paper.market.simulated import SimulatedMarket
from paper.storage.laws import list_breaches
from sql.connect import connect
from sql.rows import load_values
from tests.paper.platform.served import Client, Served

PAIR = "BTC/USDT"
SYMBOLS = SimulatedMarket(7).symbols.values()


def breaches(served: Served) -> list[str]:
    with connect(served.database.paper_url, name="test", schema="paper") as db:
        return list_breaches(db, SYMBOLS)


def connect_ccxt(client: Client) -> Any:
    """ccxt's own client; only its base addresses are the platform's."""
    found = ccxt.binance(
        {"apiKey": client.key, "secret": client.secret, "options": {"fetchMarkets": ["spot"], "fetchCurrencies": False}}
    )
    found.has["fetchCurrencies"] = False
    found.urls["api"] = {
        name: address.replace("https://api.binance.com", client.url) for name, address in found.urls["api"].items()
    }
    found.load_markets()
    return found


def test_an_unmodified_client_finds_its_oco_after_a_kill(served: Served, trader: Client) -> None:
    bot = connect_ccxt(trader)
    bought = bot.create_order(PAIR, "market", "buy", 0.01)
    price = bought["average"]
    pair = {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "quantity": "0.005",
        "aboveType": "LIMIT_MAKER",
        "abovePrice": bot.price_to_precision(PAIR, price * 1.5),
        "belowType": "STOP_LOSS",
        "belowStopPrice": bot.price_to_precision(PAIR, price * 0.6),
    }
    placed = bot.private_post_orderlist_oco(pair)
    held = bot.fetch_balance()["BTC"]
    assert held["used"] == 0.005

    served.end(signal.SIGKILL)
    assert breaches(served) == []
    again = connect_ccxt(Client(url=served.start().url, key=trader.key, secret=trader.secret))
    assert again.fetch_balance()["BTC"] == held
    assert [one["orderListId"] for one in again.private_get_openorderlist()] == [placed["orderListId"]]
    assert {one["id"] for one in again.fetch_open_orders(PAIR)} == {str(one["orderId"]) for one in placed["orders"]}
    told = again.fetch_my_trades(PAIR)
    assert [one["order"] for one in told] == [bought["id"]] and told == bot.parse_trades([one["info"] for one in told])
    again.private_delete_orderlist({"symbol": "BTCUSDT", "orderListId": placed["orderListId"]})
    assert again.fetch_balance()["BTC"]["used"] == 0 and again.fetch_open_orders(PAIR) == []
    assert {one["status"] for one in again.fetch_orders(PAIR)} == {"closed", "canceled"}
    assert again.fetch_order(bought["id"], PAIR)["status"] == "closed"
    bot.close(), again.close()
    assert served.end(signal.SIGTERM)[0] == 0
    assert breaches(served) == [] and "All 9 laws hold" in served.run("verify")


def test_a_second_engine_waits_and_one_that_was_deposed_ends(served: Served, trader: Client) -> None:
    """Whoever waits is told that nobody knows, the process ends, and nothing of it is there."""
    with pytest.raises(subprocess.CalledProcessError) as refused:
        served.run("user", "add", "another")
    assert "runs on this database: stop it first" in refused.value.stderr
    with connect(served.database.paper_url, name="test", schema="paper") as db:
        db.execute("update engine set epoch = epoch + 1")
        order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001"}
        assert trader.refusal("POST", "/api/v3/order", **order, price="20000") == (503, -1006)
        code, said = served.end(0)
        assert code == 4 and "Deposed: Another engine has begun to write" in said and "Traceback" not in said
        assert load_values(db, "select count(*) from orders") == [0]
    assert breaches(served) == []


def test_orders_in_pairs_that_the_market_does_not_have_are_no_riddle(
    served: Served, trader: Client, tmp_path: Path
) -> None:
    trader.limit("BUY", "0.001", "20000")
    assert served.end(signal.SIGTERM)[0] == 0
    (tmp_path / "ETHUSDT-1m.csv").write_text("open_time_ms,open,high,low,close,volume\n0,1,1,1,1,1\n")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        served.run("serve", "--port", "0", "--market", f"replay:{tmp_path}")
    assert "Orders wait in BTCUSDT, which this market does not have." in refused.value.stderr
