"""A fill is booked only where its hour lacks just such units, in both assets and in its direction."""

from pathlib import Path

import pytest

from monitor.accounts.registry import StoredAccount
from monitor.legacy.orders import OldOrder, OrderKey, read_orders
from monitor.legacy.planning import AccountFacts, Becomes, Plan, Planner, find_leveraged
from monitor.legacy.store.known import HourOfOrder, ShownOrder, Span
from monitor.legacy.tables import read_folder
from tests.monitor.legacy.old_database import order, write_folder
from tests.monitor.notation import D, at

MAIN = StoredAccount(
    id=1,
    label="main",
    exchange="binance",
    uid=None,
    enabled=True,
    sub_email=None,
    key_state="",
    hours=0,
    last_hour=None,
)
FIRST, LAST = at("2025-01-10 08:00"), at("2025-01-10 12:00")
BOUGHT = {"quantity": "1", "price": "40000"}


@pytest.fixture
def orders(tmp_path: Path) -> list[OldOrder]:
    """Two purchases of 1 BTC for 40,000 within an hour, one before the first reading, and one after the last."""
    rows = [
        order(1, 1, **BOUGHT),
        order(2, 2, **BOUGHT),
        order(3, 3, **BOUGHT, order_timestamp="2025-01-10 07:59:59+00"),
        order(4, 4, **BOUGHT, order_timestamp="2025-01-10 12:00:00+00"),
    ]
    write_folder(tmp_path, {"orders": rows})
    return read_orders(read_folder(tmp_path), "bitget")[0]


def plan(orders: list[OldOrder], residual: dict[str, str], shown: ShownOrder | None = None) -> dict[str, Plan]:
    facts = AccountFacts(
        account=MAIN,
        filled={},
        shown={OrderKey(shown.symbol, shown.order_id): shown} if shown else {},
        pairs={},
        imported={},
        span=Span(FIRST, LAST),
    )
    hour = HourOfOrder(
        hour=LAST, since=FIRST, until=LAST, residual={asset: D(units) for asset, units in residual.items()}
    )
    return {one.order.order_id: one for one in Planner(facts, (), lambda at: hour).plan(orders)}


@pytest.mark.parametrize(
    ("missing", "booked"),
    [
        ({"BTC": "2", "USDT": "-80000"}, 2),
        ({"BTC": "1.998", "USDT": "-80000"}, 2),  # a fee in the coin
        ({"BTC": "1", "USDT": "-40040"}, 1),  # one of them the exchange showed under another number
        ({"BTC": "5", "USDT": "-200000"}, 2),  # more is missing than they were
        ({}, 0),
        ({"BTC": "0.5", "USDT": "-20000"}, 0),
        ({"BTC": "1"}, 0),
        ({"BTC": "-1", "USDT": "40000"}, 0),
        ({"BTC": "1", "USDT": "40000"}, 0),
    ],
)
def test_what_is_booked_is_what_the_hour_lacks(orders: list[OldOrder], missing: dict[str, str], booked: int) -> None:
    found = plan(orders, missing)
    assert [found["1"].becomes, found["2"].becomes].count(Becomes.BOOKED) == booked
    assert all(one.fill is None for one in found.values() if one.becomes is Becomes.ORDER)
    assert found["3"].becomes is Becomes.DESCRIBED
    assert (found["4"].becomes, found["4"].fill) == (Becomes.LATER, None)
    assert "Import again after the next hour" in found["4"].reason


def test_what_the_exchange_showed_of_an_order_is_better_than_the_old_row(orders: list[OldOrder]) -> None:
    shown = ShownOrder(symbol="BTCUSDT", order_id="3", market="spot", executed=D("0.5"), given=D("19900"))
    fill = plan(orders, {}, shown)["3"].fill
    assert fill and (fill.base_quantity, fill.quote_quantity) == (D("0.5"), D("-19900"))
    found = plan(orders, {}, shown._replace(market="usd_m_futures"))["3"]
    assert (found.becomes, found.reason) == (
        Becomes.NOTED,
        "the exchange showed the order itself, in usd_m_futures; no fill",
    )


def test_what_had_leverage_takes_its_exits_along(tmp_path: Path) -> None:
    rows = [
        order(1, 1, **BOUGHT, order_role="ENTRY"),
        order(2, 2, **BOUGHT, order_role="TP1", parent_order_id=1, side="SELL"),
        order(3, 3, **BOUGHT, order_role="ENTRY", side="SELL"),
        order(4, 4, **BOUGHT, order_role="SL", parent_order_id=3),
        order(5, 5, **BOUGHT),
    ]
    write_folder(tmp_path, {"orders": rows})
    found = read_orders(read_folder(tmp_path), "bitget")[0]
    assert find_leveraged(found, {"1"}) == {"1", "2", "3", "4"}
    assert find_leveraged(found, ()) == {"3", "4"}
