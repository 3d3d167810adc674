"""Orders at Gate: every one of every page and window once, and what its words mean."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.orders import OrderState
from finance.records import FillMarket
from monitor.exchanges.contract import OrderQuery, Pair
from monitor.exchanges.gate import orders, triggers
from tests.exchanges.gate.account import ask
from tests.exchanges.gate.lists import History, ms, seconds
from tests.exchanges.gate.server import GateServer, Query, serve

PAIR = Pair(symbol="LTCUSDT", base="LTC", quote="USDT")


def order(n: int, at: datetime, **more: Any) -> dict[str, Any]:
    """An order that was filled."""
    told = {"id": str(n + 1), "currency_pair": "LTC_USDT", "status": "closed", "finish_as": "filled", "type": "limit", "side": "sell",
            "amount": "2", "left": "0", "filled_amount": "2", "filled_total": "10", "avg_deal_price": "5", "price": "5"}  # fmt: skip
    return told | {"create_time_ms": ms(at), "update_time_ms": ms(at)} | more


@pytest.fixture
def server() -> Iterator[GateServer]:
    """Gate, as a test lets it answer."""
    with serve() as running:
        yield running


def read(server: GateServer, days: int) -> list[str]:
    until = datetime.now(UTC)
    since = until - timedelta(days=days) + orders.AGAIN
    query = OrderQuery(market=FillMarket.SPOT, pair=PAIR, since=since, until=until)
    return [one.exchange_id for one in ask(server, lambda account: account.fetch_orders(query)).orders]


def test_every_order_of_every_page_and_window_is_read_once(server: GateServer) -> None:
    history = History(path="/spot/orders", limit=100, row=order)
    server.answer(history.path, history.answer)
    server.answer("/spot/price_orders", lambda _: [])
    until = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    for rows in (0, 1, 99, 100, 101, 300):
        history.make(rows, until - timedelta(days=6), until)
        assert read(server, 10) == [str(n + 1) for n in range(rows)]
    edges = [until - timedelta(days=n) for n in range(86)]
    history.rows = [(at, history.row(n, at)) for n, at in enumerate(edges)]
    assert sorted(map(int, read(server, 87))) == list(range(1, 87))
    history.rows = [(until, order(n, until)) for n in range(5)]  # twins of a moment
    assert len(read(server, 10)) == 5


def of_contract(n: int, at: datetime, **more: Any) -> dict[str, Any]:
    """An order of a contract that was filled."""
    stamp = {"create_time": seconds(at), "finish_time": f"{seconds(at)}.5"}
    return {"id": n + 1, "contract": "LTC_USDT", "status": "finished", "finish_as": "filled", "size": -3, "left": 0, "price": "0",
            "fill_price": "60", "tif": "ioc", "text": "web"} | stamp | more  # fmt: skip


def triggered(n: int, at: datetime, **more: Any) -> dict[str, Any]:
    """A trigger of a contract that was reached."""
    return {"id": n + 1, "trigger": {"price": "70", "rule": 2}, "initial": {"contract": "LTC_USDT", "size": -1, "price": "0",
            "is_reduce_only": True}, "trade_id": 9, "status": "finished", "finish_as": "succeeded", "create_time": seconds(at),
            "finish_time": seconds(at)} | more  # fmt: skip


def test_every_order_of_a_contract_and_every_trigger_is_read_once(server: GateServer) -> None:
    plain = History(path="/futures/usdt/orders_timerange", limit=100, row=of_contract, paging="offset")
    waited = History(path="/futures/usdt/price_orders", limit=100, row=triggered, paging="offset")
    server.answer("/futures/usdt/contracts/LTC_USDT", lambda _: {"quanto_multiplier": "0.1"})
    until = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    query = OrderQuery(
        market="futures_usdt",
        pair=Pair(symbol="LTC_USDT", base="", quote=""),
        since=until - timedelta(days=3),
        until=datetime.now(UTC),
    )
    for history, start in ((plain, ""), (waited, "trigger-")):
        server.answer(plain.path, lambda _: [])
        server.answer(waited.path, lambda _: [])
        server.answer(history.path, history.answer)
        for rows in (0, 1, 99, 100, 101, 250):
            history.make(rows, until - timedelta(days=6), until)
            found = [one.exchange_id for one in ask(server, lambda account: account.fetch_orders(query)).orders]
            assert sorted(found) == sorted(f"{start}{n + 1}" for n in range(rows))
    waited.make(120, until - timedelta(days=60), until - timedelta(days=30))  # older than what is read again
    assert ask(server, lambda account: account.fetch_orders(query)).orders == ()


@pytest.mark.parametrize(
    ("words", "role", "side"),
    [
        ({}, "stop_loss_market", "sell"),
        ({"trigger": {"price": "70", "rule": 1}}, "take_profit_market", "sell"),
        ({"initial": {"contract": "LTC_USDT", "size": 1, "price": "9"}}, "trigger_limit", "buy"),
        (
            {"initial": {"contract": "LTC_USDT", "size": 0, "price": "0"}, "order_type": "close-short-position"},
            "take_profit_market",
            "buy",
        ),
    ],
)
def test_what_a_trigger_is_for(words: dict[str, Any], role: str, side: str) -> None:
    row = triggered(1, datetime(2026, 3, 1, tzinfo=UTC), **words)
    read = triggers.read_contract(row, "futures_usdt", {"LTC_USDT": Decimal("0.1")})

    assert (read.type, read.side, read.state, read.became_id) == (role, side, OrderState.TRIGGERED, "9")
    assert (read.quantity is None) is (row["initial"]["size"] == 0)


@pytest.mark.parametrize("counts", [(), (1,), (99,), (100,), (101, 3), (250, 100)])
def test_what_waits_is_read_through_the_pages_of_each_pair(counts: tuple[int, ...], server: GateServer) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    rows = {
        f"C{place}_USDT": [
            order(1000 * place + n, at, status="open", currency_pair=f"C{place}_USDT") for n in range(count)
        ]
        for place, count in enumerate(counts)
    }

    def answer(query: Query) -> Any:
        size, first = int(query["limit"]), (int(query["page"]) - 1) * int(query["limit"])
        parts = {name: found[first : first + size] for name, found in rows.items()}
        return [
            {"currency_pair": name, "total": len(rows[name]), "orders": part} for name, part in parts.items() if part
        ]

    server.answer("/spot/open_orders", answer)
    server.answer("/spot/price_orders", lambda _: [])
    found = ask(server, lambda account: account.fetch_open_orders("spot"))

    assert len({one.exchange_id for one in found}) == len(found) == sum(counts)


@pytest.mark.parametrize(
    ("words", "state", "asked", "done"),
    [
        ({"status": "open", "left": "2", "filled_amount": "0"}, OrderState.OPEN, (2, None), 0),
        ({"status": "open", "left": "1", "filled_amount": "1"}, OrderState.PARTIALLY_FILLED, (2, None), 1),
        ({"status": "a word nobody knows", "filled_amount": "0"}, OrderState.OPEN, (2, None), 0),
        ({}, OrderState.FILLED, (2, None), 2),
        ({"status": "cancelled", "finish_as": "cancelled", "filled_amount": "1"}, OrderState.CANCELLED, (2, None), 1),
        ({"status": "cancelled", "finish_as": "ioc"}, OrderState.EXPIRED, (2, None), 2),
        ({"type": "market", "side": "buy", "amount": "10"}, OrderState.FILLED, (None, 10), 2),
        ({"type": "market", "side": "buy", "amount": "10", "filled_amount": None}, OrderState.FILLED, (None, 10), 2),
    ],
)
def test_the_words_of_an_order(
    words: dict[str, Any], state: OrderState, asked: tuple[int | None, int | None], done: int
) -> None:
    (read,) = orders.read_orders([order(1, datetime(2026, 3, 1, tzinfo=UTC), **words)])

    assert (read.state, (read.quantity, read.quote_quantity), read.executed_quantity) == (state, asked, done)
    assert read.price == (None if read.type == "market" else 5)


@pytest.mark.parametrize(
    ("account", "mode"), [("spot", ""), ("unified", ""), ("margin", "isolated"), ("cross_margin", "cross"), (None, "")]
)
def test_the_margin_of_an_order(account: str | None, mode: str) -> None:
    (read,) = orders.read_orders([order(1, datetime(2026, 3, 1, tzinfo=UTC), account=account)])

    assert read.margin_mode == mode
