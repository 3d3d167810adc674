"""Orders of contracts at each exchange, through whole runs: what waits, what a price triggers, what becomes of them."""

from collections import Counter
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from monitor.exchanges.http.dialect import Budgets
from tests.exchanges.test_order_hours import KEY, PASSPHRASE, SECRET, WITH, WITHOUT
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue, Unlimited
from tests.worker import Opener, Worker

LIVES = {  # how the account is opened, its credentials, and where its contracts are
    "binance": ("binance", WITHOUT, "usd_m_futures"),
    "bitget classic": ("bitget", WITH, "usdt_futures"),
    "bitget unified": ("bitget", WITH, "unified"),
    "mexc": ("mexc", WITHOUT, "futures"),
    "gate classic": ("gate", WITHOUT, "futures_usdt"),
}
UNSAID_LIFE = "bitget unified"
UNSAID = "unified"  # at Bitget, whose rows do not say how a trigger ended
NO_ORDERS = ("fiat", "c2c", "loan", "earn", "flash_swap", "list/history_orders")  # in paths of flows and income
STORY = """
+0m account Ann on {name} key {key} secret {secret} {passphrase}
+0m deposit 10000 USDT
+1m transfer 4000 USDT from spot to futures
+2m {word}long 0.03 BTCUSDT
"""
STATES = "select exchange_id, type, state from order_revisions where market = %(market)s order by id"
LAST = "select distinct on (exchange_id) * from order_revisions where market = %(market)s order by exchange_id, id desc"


def live(worker: Worker, venue: RunningVenue, *lines: str) -> Counter[str]:
    """An hour and its run; how often each list of orders was asked for."""
    venue.advance(minutes=30)
    for line in lines:
        venue.do(line, "Ann")
    venue.advance(minutes=30)
    venue.control("/requests", method="DELETE")
    worker.run(venue.now())
    assert worker.hours()[-1]["status"] == "COMPLETE", worker.hours()[-1]["reason"]
    paths = [call["path"] for call in venue.requests()]
    return Counter(path for path in paths if "rder" in path and not any(word in path for word in NO_ORDERS))


@pytest.fixture(params=LIVES)
def lived(
    request: pytest.FixtureRequest, open_venue: VenueOpener, open_worker: Opener, monkeypatch: pytest.MonkeyPatch
) -> tuple[Worker, RunningVenue, str]:
    """A worker that has read an account with a position, its venue, and the market of its contracts; neither waits for limits."""
    exchange, credentials, market = LIVES[request.param]
    module = import_module(f"monitor.exchanges.{exchange}.adapter")
    plenty = Budgets(by_bucket={}, endpoint=10**6, account=10**6)
    monkeypatch.setattr(
        module, "ADAPTER", replace(module.ADAPTER, dialect=replace(module.ADAPTER.dialect, budgets=plenty))
    )
    passphrase = f"passphrase {PASSPHRASE}" if credentials is WITH else ""
    venue = open_venue(STORY.format(name=request.param, key=KEY, secret=SECRET, passphrase=passphrase, word=""))
    venue.exchange.dialects[exchange].limits = Unlimited()
    worker = open_worker(venue)
    worker.add_at(exchange, "Ann", credentials)
    worker.run(venue.now())
    return worker, venue, market


def test_orders_of_contracts_are_followed_to_their_end(lived: tuple[Worker, RunningVenue, str]) -> None:
    worker, venue, market = lived

    def rows(statement: str) -> list[dict[str, Any]]:
        return worker.rows(statement, market=market)

    live(worker, venue, "await short 0.01 BTCUSDT at 900000", "trigger short 0.02 BTCUSDT at 20000", "drop BTCUSDT")
    live(worker, venue, "await short 0.01 BTCUSDT at 900000", "trigger short 0.01 BTCUSDT at 700000")
    waiting = {one["trigger_price"]: one for one in rows(LAST) if one["state"] == "open"}
    assert waiting.keys() == {None, 20000, 700000}
    assert (waiting[None]["price"], waiting[None]["quantity"], waiting[None]["side"]) == (
        900000,
        waiting[20000]["quantity"] / 2,
        "sell",
    )
    assert "profit" in waiting[700000]["type"] and "stop" in waiting[20000]["type"]
    assert waiting[20000]["reduces"] and waiting[20000]["exchange_id"].startswith("trigger-")

    live(worker, venue, "reach BTCUSDT", "drop BTCUSDT", "reach BTCUSDT")
    ended = {one["exchange_id"]: one for one in rows(LAST)}
    (stopped,) = [one for one in ended.values() if one["trigger_price"] == 20000]
    counts = Counter(one["state"] for one in ended.values())
    assert counts == {"filled": 3, "cancelled": 2, "gone" if market == UNSAID else "triggered": 2}
    made = max(
        (one for one in ended.values() if one["executed_quantity"] == stopped["quantity"]), key=lambda one: one["id"]
    )
    assert stopped["became_id"] == ("" if market == UNSAID else made["exchange_id"])
    assert (made["state"], made["side"]) == ("filled", "sell")
    assert made["executed_quote"] > 0
    assert worker.rows("select * from open_orders") == []
    assert live(worker, venue) == {}


@pytest.mark.parametrize("lived", ["bitget classic", "mexc"], indirect=True)
def test_orders_that_follow_the_price_are_read(lived: tuple[Worker, RunningVenue, str]) -> None:
    worker, venue, market = lived
    live(worker, venue, "long 0.5 ETHUSDT", "trail short 0.1 ETHUSDT by 2", "trail short 0.4 ETHUSDT by 5")
    waiting = worker.rows(LAST, market=market)
    assert [one["state"] for one in waiting if "trailing" in one["type"]] == ["open", "open"]
    live(worker, venue, "reach ETHUSDT", "drop ETHUSDT")

    told = {one["exchange_id"]: one for one in worker.rows(LAST, market=market)}
    trailing = sorted((one for one in told.values() if "trailing" in one["type"]), key=lambda one: one["state"])
    assert [(one["type"], one["state"], one["side"], one["reduces"]) for one in trailing] == [
        ("trailing_stop_market", state, "sell", True) for state in ("cancelled", "triggered")
    ]
    assert all(one["trigger_price"] and one["exchange_id"].startswith("trigger-") for one in trailing)
    made = told[trailing[1]["became_id"]]
    assert (made["state"], made["executed_quantity"]) == ("filled", trailing[1]["quantity"])
    grouped = worker.rows("select role from trade_orders where order_id = %(id)s", id=made["exchange_id"])
    assert grouped == [{"role": "sl"}]


@pytest.mark.parametrize("lived", [UNSAID_LIFE], indirect=True)
def test_triggers_of_a_position_are_in_the_group_of_its_trade(lived: tuple[Worker, RunningVenue, str]) -> None:
    """Their rows name the side of the position also where it has but one."""
    worker, venue, _ = lived
    live(
        worker, venue, "long 0.02 ETHUSDT", "trigger short 0.02 ETHUSDT at 100", "trigger short 0.02 ETHUSDT at 700000"
    )
    live(worker, venue)

    grouped = worker.rows(
        "select o.role, o.price, t.stop from trade_orders o join trades t on t.id = o.trade_id and t.account_id = o.account_id"
        " where t.account_id = 1 and t.asset = 'ETHUSDT' order by o.number"
    )
    assert [row["role"] for row in grouped] == ["entry", "tp", "sl"]
    assert (grouped[1]["price"], grouped[2]["price"], grouped[0]["stop"]) == (700000, 100, 100)
