"""Orders at Gate: every one of every page and window once, and what its words mean."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from finance.orders import OrderState
from finance.records import FillMarket
from monitor.exchanges.contract import OrderQuery, Pair
from monitor.exchanges.gate import orders
from tests.exchanges.gate.account import ask
from tests.exchanges.gate.lists import History, ms
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
    until = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    for rows in (0, 1, 99, 100, 101, 300):
        history.make(rows, until - timedelta(days=6), until)
        assert read(server, 10) == [str(n + 1) for n in range(rows)]
    edges = [until - timedelta(days=n) for n in range(86)]
    history.rows = [(at, history.row(n, at)) for n, at in enumerate(edges)]
    assert sorted(map(int, read(server, 87))) == list(range(1, 87))
    history.rows = [(until, order(n, until)) for n in range(5)]  # twins of a moment
    assert len(read(server, 10)) == 5


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
