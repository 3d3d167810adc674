"""Orders at each exchange that reads them, through whole runs: from waiting to their end, as the venue's own books have them."""

from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from monitor.commands.trade_sync import sync_all
from monitor.exchanges.http.dialect import Budgets
from monitor.recovery import syncing
from sql.vault import Credentials, Secret
from tests.exchanges.test_contract_hours import ACCOUNTS
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue, Unlimited
from tests.worker import Opener, Worker

KEY, SECRET, PASSPHRASE = "key-of-ann-who-orders-0123456789", "secret-of-ann-who-orders-987654", "open-sesame"
WITHOUT = Credentials(key=Secret(KEY), secret=Secret(SECRET))
WITH = Credentials(key=Secret(KEY), secret=Secret(SECRET), passphrase=Secret(PASSPHRASE))
LIVES = {
    "bitget classic": ("bitget", WITH),
    "bitget unified": ("bitget", WITH),
    "gate classic": ("gate", WITHOUT),
    "mexc": ("mexc", WITHOUT),
}
STORY = """
+0m account Ann on {name} key {key} secret {secret} {passphrase}
+0m deposit 10000 USDT
+1m buy for 4000 BTCUSDT
"""
STATES = "select state, executed_quantity from order_revisions where type = 'limit' order by id"


def live(worker: Worker, venue: RunningVenue, *lines: str) -> None:
    """An hour, and its run."""
    venue.advance(minutes=30)
    for line in lines:
        venue.do(line, "Ann")
    venue.advance(minutes=30)
    worker.run(venue.now())
    assert worker.hours()[-1]["status"] == "COMPLETE", worker.hours()[-1]["reason"]


def states(worker: Worker) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in worker.rows(STATES)]


@pytest.fixture(params=LIVES)
def lived(
    request: pytest.FixtureRequest,
    open_venue: VenueOpener,
    open_worker: Opener,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Worker, RunningVenue]:
    """A worker that has read an account, and its venue; neither waits for limits."""
    exchange, credentials = LIVES[request.param]
    module = import_module(f"monitor.exchanges.{exchange}.adapter")
    plenty = Budgets(by_bucket={}, endpoint=10**6, account=10**6)
    dialect = replace(module.ADAPTER.dialect, budgets=plenty)
    monkeypatch.setattr(module, "ADAPTER", replace(module.ADAPTER, dialect=dialect))
    passphrase = f"passphrase {PASSPHRASE}" if credentials is WITH else ""
    venue = open_venue(STORY.format(name=request.param, key=KEY, secret=SECRET, passphrase=passphrase))
    venue.exchange.dialects[exchange].limits = Unlimited()
    worker = open_worker(venue)
    worker.add_at(exchange, "Ann", credentials)
    worker.run(venue.now())
    return worker, venue


def test_orders_are_followed_to_their_end(lived: tuple[Worker, RunningVenue]) -> None:
    worker, venue = lived
    waiting = ("limit buy 0.02 BTCUSDT at 20000", "limit sell 0.01 BTCUSDT at 900000")
    live(worker, venue, *waiting, "buy 0.01 BTCUSDT", "sell 0.002 BTCUSDT")
    assert states(worker) == [("open", 0), ("open", 0)]
    live(worker, venue, "fill 0.005 BTCUSDT")
    live(worker, venue, "fill BTCUSDT", "cancel BTCUSDT", "limit sell 0.01 BTCUSDT at 800000")
    venue.exchange.venue.accounts["Ann"].orders.pop()  # the exchange has never heard of it
    live(worker, venue)

    last = [state for state, _ in states(worker)]
    assert last[:3] == ["open", "open", "partially_filled"]
    assert sorted(last[3:]) == ["cancelled", "filled", "gone", "open"]
    assert worker.rows("select * from open_orders") == []
    (bought,) = worker.rows("select * from order_revisions where state = 'filled' and type = 'limit'")
    filled = worker.rows("select * from fills where order_id = %(id)s", id=bought["exchange_id"])
    assert sum(one["base_quantity"] for one in filled) == bought["executed_quantity"] == bought["quantity"]
    assert sum(-one["quote_quantity"] for one in filled) == bought["executed_quote"] == 400
    assert {one["liquidity"] for one in filled} == {"maker"}
    assert (bought["price"], bought["base_asset"], bought["quote_asset"]) == (20000, "BTC", "USDT")
    at_market = worker.rows(AT_MARKET)
    assert [tuple(row.values()) for row in at_market] == [("filled", True)] * 3


AT_MARKET = """
    select o.state, o.executed_quantity = abs(f.base_quantity) and abs(o.executed_quote - abs(f.quote_quantity)) < 1e-7 as agrees
    from order_revisions o
    join fills f on (f.account_id, f.symbol, f.order_id) = (o.account_id, o.symbol, o.exchange_id)
    where o.type = 'market'
    """


@pytest.mark.parametrize("account", ["bitget classic", "mexc"])
def test_trades_of_before_those_that_are_known_are_read_by_command(
    account: str, open_venue: VenueOpener, open_worker: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as the exchange shows them: the hours asked for those alone that they lacked."""
    monkeypatch.setattr(syncing, "PAUSE_SECONDS", 0)
    story, credentials = ACCOUNTS[account]
    venue = open_venue(f"{story}\n+0m deposit 50000 USDT")
    worker = open_worker(venue)
    exchange = account.partition(" ")[0]
    worker.add_at(exchange, "Ann", credentials)
    venue.do("buy 100 ADAUSDT", "Ann")
    venue.advance(days=9)
    worker.run(venue.now())
    venue.do("buy 200 ADAUSDT", "Ann")
    venue.advance(hours=1)
    worker.run(venue.now())
    traded = "select base_quantity from fills where symbol = 'ADAUSDT' order by occurred_at"
    assert [row["base_quantity"] for row in worker.rows(traded)] == [200]
    for _ in range(2):
        assert sync_all(worker.db, worker.settings, None, venue.now()) == 0
        assert [row["base_quantity"] for row in worker.rows(traded)] == [100, 200]
