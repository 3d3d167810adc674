"""What orders are linked by and were given with, as it is stored and shown."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal as D

import pytest

from finance.orders import OrderRecord, OrderState
from monitor.ledger.store.orders import load_open_orders, load_orders, record_orders
from tests.dashboard.site import Site
from tests.dashboard.test_api import ask
from tests.venue import RunningVenue
from tests.worker import Worker

AT = datetime(2026, 3, 1, tzinfo=UTC)
TRIGGER = OrderRecord(
    market="usdt_futures",
    symbol="BTCUSDT",
    exchange_id="trigger-17",
    client_id="mine",
    base_asset="BTC",
    quote_asset="USDT",
    side="sell",
    type="stop_market",
    position_side="long",
    reduces=True,
    quantity=None,
    trigger_price=D(50000),
    executed_quantity=D(0),
    state=OrderState.OPEN,
    list_id="5",
    take_profit=D("61000.5"),
    stop_loss=D(48000),
    leverage=D(20),
    margin_mode="isolated",
    ordered_at=AT,
    updated_at=AT,
)


@pytest.mark.usefixtures("first_hour")
def test_what_an_order_was_given_with_is_stored_and_shown(worker: Worker, venue: RunningVenue, site: Site) -> None:
    (account,) = worker.rows("select id from accounts where label = 'test'")
    made = replace(
        TRIGGER, exchange_id="99", type="market", quantity=D(2), executed_quantity=D(2), state=OrderState.FILLED
    )

    record_orders(worker.db, account["id"], [TRIGGER, made], seen_at=AT, run_id=None)
    assert load_open_orders(worker.db, account["id"]) == (TRIGGER,)
    ended = replace(TRIGGER, state=OrderState.TRIGGERED, became_id="99")
    record_orders(worker.db, account["id"], [ended], seen_at=AT, run_id=None)

    assert load_open_orders(worker.db, account["id"]) == ()
    stored = load_orders(worker.db, account["id"], list(OrderState))
    assert len(stored) == 2 and ended in stored and made in stored
    rows = {row["exchange_id"]: row for row in ask(site, "/orders?period=all")["rows"]}
    assert rows["99"]["parent_id"] == "trigger-17" and rows["trigger-17"]["parent_id"] == ""
    shown = {"list_id": "5", "became_id": "99", "position_side": "long", "reduces": True, "trigger_price": "50000", "quantity": None,
             "take_profit": "61000.5", "stop_loss": "48000", "leverage": "20", "margin_mode": "isolated", "client_id": "mine",
             "state": "triggered"}  # fmt: skip
    assert {name: rows["trigger-17"][name] for name in shown} == shown
    assert "<dt>Ended without a fill</dt><dd>0</dd>" in site.get("/orders?period=all").text  # what it became was filled
    assert "the whole position" in site.get("/orders?period=all").text
