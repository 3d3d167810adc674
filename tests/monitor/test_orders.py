"""Orders: what is asked for and when, what is stored of them, whatever becomes of them; over HTTP, to a real Postgres."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal as D
from typing import Any

import pytest

from finance.moments import EPOCH
from finance.orders import OrderState
from finance.records import FillMarket
from monitor.accounts.opening import open_client
from monitor.accounts.registry import load_accounts
from monitor.exchanges.binance import orders
from monitor.exchanges.contract import Account, OrderPage, OrderQuery, Pair
from paper.wire.binance.order_rows import write_order
from sql.connect import connect
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker

OPEN, ALL = "/api/v3/openOrders", "/api/v3/allOrders"
BTC = Pair(symbol="BTCUSDT", base="BTC", quote="USDT")
STATES = "select symbol, state, executed_quantity from order_revisions where type = 'limit' order by id"


def asked(venue: RunningVenue) -> Counter[str]:
    """How often orders were asked for since the last look, without calls that are refused because the venue's clock stands."""
    calls = Counter(call["path"] for call in venue.requests() if call["path"] in (OPEN, ALL) and call["status"] != 400)
    venue.control("/requests", method="DELETE")
    return calls


def live(worker: Worker, venue: RunningVenue, *lines: str) -> Counter[str]:
    """An hour in which something happens, and its run; returns how often it asked for orders."""
    venue.advance(minutes=30)
    for line in lines:
        venue.do(line)
    venue.advance(minutes=30)
    venue.control("/requests", method="DELETE")
    worker.run(venue.now())
    return asked(venue)


def seen(worker: Worker, statement: str = STATES) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in worker.rows(statement)]


def open_ids(worker: Worker) -> list[str]:
    return [row["exchange_id"] for row in worker.rows("select exchange_id from open_orders order by exchange_id")]


Show = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def show(database: Database) -> Iterator[Show]:
    """Asks as the dashboard does."""
    db = connect(database.dashboard_url, name="test", schema="reading", read_only=True)
    yield lambda statement: db.execute(statement).fetchall()
    db.close()


@pytest.fixture
def quiet(worker: Worker, venue: RunningVenue) -> Worker:
    """A worker that has read everything there is."""
    worker.run(venue.now())
    assert live(worker, venue) == {}
    return worker


def test_an_hour_in_which_nothing_waits_and_nothing_is_traded_asks_nothing(quiet: Worker, venue: RunningVenue) -> None:
    assert live(quiet, venue, "deposit 100 USDT", "convert 10 USDT to ETH") == {}


def test_an_order_is_followed_from_waiting_to_its_end(quiet: Worker, venue: RunningVenue, show: Show) -> None:
    assert live(quiet, venue, "limit buy 0.02 BTCUSDT at 20000") == {OPEN: 1}
    assert seen(quiet) == [("BTCUSDT", "open", D(0))]
    assert live(quiet, venue) == {OPEN: 1}
    assert len(seen(quiet)) == 1

    assert live(quiet, venue, "fill 0.005 BTCUSDT") == {OPEN: 1, ALL: 1}
    (waiting,) = show("select * from reading.open_orders")
    assert (waiting["state"], waiting["executed_quantity"], waiting["executed_quote"]) == (
        "partially_filled",
        D("0.005"),
        100,
    )
    assert (waiting["quantity"], waiting["price"], waiting["average_price"]) == (D("0.02"), 20000, 20000)

    assert live(quiet, venue, "fill BTCUSDT")[OPEN] == 1
    assert [state for _, state, _ in seen(quiet)] == ["open", "partially_filled", "filled"]
    assert open_ids(quiet) == []
    assert live(quiet, venue) == {}
    (last,) = show("select * from reading.orders where type = 'limit'")
    filled = quiet.rows(
        "select base_quantity, liquidity from fills where order_id = %(id)s order by id", id=last["exchange_id"]
    )
    assert [tuple(row.values()) for row in filled] == [(D("0.005"), "maker"), (D("0.015"), "maker")]
    assert last["executed_quantity"] == sum(row["base_quantity"] for row in filled)


def test_a_cancelled_order_is_asked_for_by_its_id_once(quiet: Worker, venue: RunningVenue) -> None:
    live(quiet, venue, "limit sell 0.01 BTCUSDT at 900000", "limit sell 0.1 ETHUSDT at 900000")

    assert live(quiet, venue, "cancel BTCUSDT") == {OPEN: 1, ALL: 1}
    assert seen(quiet)[2:] == [("BTCUSDT", "cancelled", D(0))]
    assert len(open_ids(quiet)) == 1
    live(quiet, venue, "cancel ETHUSDT")
    assert live(quiet, venue) == {}


@pytest.mark.usefixtures("first_hour")
def test_what_was_traded_at_the_market_is_an_order_with_its_fill(
    worker: Worker, venue: RunningVenue, show: Show
) -> None:
    live(worker, venue, "buy 0.01 BTCUSDT")

    told = show(
        """
        select o.type, o.state, o.price, o.executed_quantity = f.base_quantity and o.executed_quote = -f.quote_quantity as agrees,
          f.liquidity
        from reading.orders o
        join fills f on (f.account_id, f.symbol, f.order_id) = (o.account_id, o.symbol, o.exchange_id)
        where o.symbol = 'BTCUSDT'
        """
    )
    assert [tuple(row.values()) for row in told] == [("market", "filled", None, True, "taker")] * 2


def test_an_order_that_the_exchange_knows_no_more_is_gone_and_not_asked_for_again(
    quiet: Worker, venue: RunningVenue
) -> None:
    live(quiet, venue, "limit sell 0.01 BTCUSDT at 900000")
    venue.do("cancel BTCUSDT")
    venue.exchange.venue.accounts["test"].orders.clear()

    assert live(quiet, venue) == {OPEN: 1, ALL: 2}
    assert [state for _, state, _ in seen(quiet)] == ["open", "gone"]
    assert live(quiet, venue) == {}


def test_an_order_whose_history_lags_behind_is_looked_for_again(quiet: Worker, venue: RunningVenue) -> None:
    live(quiet, venue, "limit sell 0.01 BTCUSDT at 900000")
    venue.fault(ALL, {"status": 200, "body": "[]"}, times=1)

    assert live(quiet, venue, "cancel BTCUSDT") == {OPEN: 1, ALL: 2}
    assert [state for _, state, _ in seen(quiet)] == ["open", "cancelled"]


def test_while_open_orders_can_not_be_read_none_is_taken_for_ended(quiet: Worker, venue: RunningVenue) -> None:
    live(quiet, venue, "limit sell 0.01 BTCUSDT at 900000")
    venue.fault(OPEN, {"status": 503, "body": ""})
    calls = live(quiet, venue, "cancel BTCUSDT")

    assert calls[ALL] == 0 and len(open_ids(quiet)) == 1
    assert (
        "Orders could not be read"
        in quiet.rows("select message from system_logs order by id desc limit 1")[0]["message"]
    )
    assert quiet.hours()[-1]["status"] == "COMPLETE"
    venue.clear_faults()
    live(quiet, venue)
    assert open_ids(quiet) == []


@contextmanager
def reading(worker: Worker) -> Iterator[Any]:
    """Asks the worker's one account."""

    def ask(query: OrderQuery) -> OrderPage:
        async def fetch() -> OrderPage:
            client = open_client(worker.settings)
            try:
                account: Account = client.open_account(load_accounts(worker.db, worker.settings)[0])
                return await account.fetch_orders(query)
            finally:
                await client.close()

        return asyncio.run(fetch())

    yield ask


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_pages_end_where_the_orders_do(
    count: int, worker: Worker, venue: RunningVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "PAGE_SIZE", 3)
    for _ in range(count):
        venue.do("limit buy 0.001 SOLUSDT at 1")
    found: list[str] = []
    pages, is_last = 0, False
    with reading(worker) as ask:
        pair = Pair(symbol="SOLUSDT", base="SOL", quote="USDT")
        while not is_last:
            after = found[-1] if found else ""
            page = ask(OrderQuery(market=FillMarket.SPOT, pair=pair, after_id=after, since=EPOCH, until=venue.now()))
            found += [order.exchange_id for order in page.orders]
            pages, is_last = pages + 1, page.is_last

    assert len(set(found)) == len(found) == count
    assert pages == count // 3 + 1


def test_a_row_that_comes_twice_in_a_page_is_refused(quiet: Worker, venue: RunningVenue) -> None:
    live(quiet, venue, "limit buy 0.001 BTCUSDT at 20000")
    (row,) = venue_rows(venue)
    venue.fault(OPEN, {"status": 200, "body": f"[{row}, {row}]"})
    live(quiet, venue)

    assert "appears twice" in quiet.rows("select message from system_logs order by id desc limit 1")[0]["message"]
    assert len(open_ids(quiet)) == 1


def test_very_old_orders_say_nothing_of_their_quote_and_unknown_words_wait(
    quiet: Worker, venue: RunningVenue, show: Show
) -> None:
    live(quiet, venue, "limit buy 0.001 BTCUSDT at 20000")
    (row,) = venue_rows(venue)
    odd = row.replace('"cummulativeQuoteQty": "0.00000000"', '"cummulativeQuoteQty": "-1"').replace('"NEW"', '"NEWEST"')
    assert odd.count("-1") == 2 and "NEWEST" in odd
    venue.fault(OPEN, {"status": 200, "body": f"[{odd.replace('BTCUSDT', 'BTCXYZ')}]"})
    live(quiet, venue)

    (told,) = show("select * from reading.orders where symbol = 'BTCXYZ'")
    assert (told["state"], told["executed_quote"], told["base_asset"], told["quote_asset"]) == ("open", None, "", "")


def venue_rows(venue: RunningVenue) -> list[str]:
    """The orders that waited, as the paper exchange writes them."""
    orders = venue.exchange.venue.accounts["test"].orders
    return [json.dumps(write_order(order)) for order in orders if not order.is_at_market]


def test_states_that_are_news_of_the_past_change_nothing(quiet: Worker, venue: RunningVenue, show: Show) -> None:
    live(quiet, venue, "limit buy 0.001 BTCUSDT at 20000")
    (old,) = venue_rows(venue)
    live(quiet, venue, "fill 0.0005 BTCUSDT")
    venue.fault(OPEN, {"status": 200, "body": f"[{old}]"})
    live(quiet, venue)

    assert show("select state from reading.open_orders") == [{"state": str(OrderState.PARTIALLY_FILLED)}]
