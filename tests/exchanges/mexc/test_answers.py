"""What each endpoint of MEXC rests on, and what is read of it: every published answer goes through the worker's reader."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finance.observed import Balance, Position
from finance.records import ContractQuery, FillMarket, FlowKind, FlowState, IncomeKind
from monitor.errors import (
    ClockSkewed,
    ExchangeError,
    ExchangePaused,
    ExchangeUnavailable,
    KeyRejected,
    UnknownSymbol,
)
from monitor.exchanges.contract import FillQuery, OrderQuery, Pair
from monitor.exchanges.mexc import (
    adapter,
    closed_positions,
    contract_orders,
    deposits,
    fills,
    futures,
    income,
    key,
    klines,
    market,
    orders,
    rebates,
    spot,
    transfers,
)
from monitor.exchanges.mexc.dialect import DIALECT
from monitor.exchanges.mexc.symbols import ContractSizes
from tests.exchanges.mexc.answering import NOW, Answering, say
from tests.exchanges.mexc.answers import (
    ANSWERS,
    ASSETS,
    CLOSED,
    DEAL,
    DEPOSIT,
    EVIDENCE,
    ORDER,
    PLAN,
    POSITION,
    SPOT_ORDER,
    STOP,
    TRAILING,
    WAITS,
    WITHDRAWAL,
    contract,
)

LONG_AGO = datetime(2018, 1, 1, tzinfo=UTC)
BTC = Pair(symbol="BTCUSDT", base="BTC", quote="USDT")
D = Decimal
Read = Callable[[Any], Coroutine[Any, Any, Any]]
DAY = (NOW - timedelta(days=1), NOW)
QUERY = ContractQuery(wallet="futures", symbol="ETH_USDT", since=LONG_AGO, until=NOW)
ORDERS = OrderQuery(market="futures", pair=Pair(symbol="ETH_USDT", base="", quote=""), since=DAY[0], until=NOW)
FILLS = FillQuery(market=FillMarket.SPOT, pair=BTC, since=DAY[0], until=NOW)


async def fetch_futures(connection: Any) -> Any:
    """The futures wallet."""
    return await futures.fetch_futures(connection, ContractSizes(connection))


async def own_number() -> str:
    """The account's."""
    return "7"


READERS: dict[str, Read] = {
    "ticker/price": market.fetch_prices,
    "klines": lambda c: klines.fetch_klines(
        c, "BTCUSDT", timedelta(hours=1), (datetime(2024, 3, 13, 11, tzinfo=UTC), datetime(2024, 3, 13, 12, tzinfo=UTC))
    ),
    "account": spot.fetch_spot,
    "uid": key.fetch_uid,
    "apiKeyInfo": key.fetch_permissions,
    "myTrades": lambda c: fills.fetch_fills(c, FILLS, BTC),
    "openOrders": lambda c: orders.fetch_open_orders(c, BTC),
    "allOrders": lambda c: orders.fetch_orders(c, OrderQuery(market="spot", pair=BTC, since=DAY[0], until=NOW)),
    "order": lambda c: orders.fetch_ended(c, orders.read_order(SPOT_ORDER, BTC)),
    "capital/deposit/hisrec": lambda c: deposits.fetch_deposits(c, *DAY),
    "capital/withdraw/history": lambda c: deposits.fetch_withdrawals(c, *DAY),
    "capital/transfer/internal": lambda c: transfers.fetch_internal(c, *DAY, whose=own_number),
    "sub-account/list": transfers.fetch_sub_names,
    "capital/sub-account/universalTransfer": lambda c: transfers.fetch_family(c, *DAY),
    "capital/convert": lambda c: fills.fetch_small(c, *DAY),
    "rebate/detail": lambda c: rebates.fetch_rebates(c, *DAY),
    "rebate/detail/kickback": lambda c: rebates.fetch_rebates(c, *DAY),
    "detail": fetch_futures,
    "fair_price": fetch_futures,
    "kline/fair_price": lambda c: klines.fetch_marks(c, "ETH_USDT", [datetime(2021, 1, 4, 6, 11, tzinfo=UTC)]),
    "account/assets": fetch_futures,
    "position/open_positions": fetch_futures,
    "position/list/history_positions": lambda c: closed_positions.fetch_closed_positions(c, QUERY),
    "position/funding_records": lambda c: income.fetch_funding(c, LONG_AGO, NOW),
    "order/list/open_orders": lambda c: contract_orders.fetch_open_orders(c, ContractSizes(c)),
    "planorder/list/orders": lambda c: contract_orders.fetch_orders(c, ContractSizes(c), ORDERS),
    "stoporder/list/orders": lambda c: contract_orders.fetch_open_orders(c, ContractSizes(c)),
    "trackorder/list/orders": lambda c: contract_orders.fetch_open_orders(c, ContractSizes(c)),
    "order/list/order_deals": lambda c: fills.fetch_contract_fills(c, ContractSizes(c), QUERY),
    "order/list/history_orders": lambda c: income.fetch_orders(c, *DAY),
}


def read(path: str, **answers: Any) -> Any:
    """What the worker makes of a path's answer, with other ones for some paths."""
    told = ANSWERS | answers
    return asyncio.run(READERS[path](Answering(lambda asked, _: say(asked, told))))


def test_every_endpoint_that_is_asked_says_what_it_rests_on() -> None:
    folder = Path(adapter.__file__).parent
    readme = (folder / "README.md").read_text(encoding="utf-8")

    assert EVIDENCE.keys() == READERS.keys() | {"time"} == ANSWERS.keys() | {"time"}
    assert [path for path in EVIDENCE if f"`{path}" not in readme] == []


def test_the_wallets() -> None:
    assert read("account") == (Balance(asset="USDT", free=D("11.5"), locked=D("0.5")),)
    usdt, btc, position = read("account/assets")
    assert usdt == Balance(asset="USDT", free=D("5.75"), unrealised=D("-0.5"))  # the bonus is no money
    assert btc == Balance(asset="BTC", free=D(0), owed=D("0.001"))
    assert position == Position(
        symbol="ETH_USDT", side="short", quantity=D("-0.03"), entry_price=D("1217.3"), mark_price=D("1200.5"),
        margin_asset="USDT", unrealised=D("0.504"),
    )  # fmt: skip


def test_a_contract_settled_in_its_coin_pays_by_one_over_the_price() -> None:
    answers = {
        "position/open_positions": contract(
            [POSITION | {"symbol": "BTC_USD", "positionType": 1, "holdAvgPrice": 40000}]
        ),
        "detail": contract([{"symbol": "BTC_USD", "contractSize": 100}]),
        "fair_price": contract({"symbol": "BTC_USD", "fairPrice": 50000}),
    }
    *_, position = read("account/assets", **answers)

    assert (position.symbol, position.quantity, position.margin_asset) == ("BTCUSD_PERP", 3, "BTC")
    assert position.unrealised == D("0.0015")  # 300 USD: 300 / 40,000 - 300 / 50,000


def test_flows_with_their_fee_inside_and_their_moments_to_the_digit() -> None:
    (deposit,) = read("capital/deposit/hisrec")
    assert (deposit.asset, deposit.amount, deposit.reference, deposit.state) == ("USDC", 500, "01391D:0", "counted")
    assert deposit.completed_at == datetime(2022, 8, 3, 7, 55, 42, tzinfo=UTC)
    (withdrawal,) = read("capital/withdraw/history")
    assert (withdrawal.amount, withdrawal.fee, withdrawal.reference) == (D("9.5"), D("0.5"), "0x0ced")
    assert withdrawal.requested_at == datetime(2022, 10, 9, 7, 34, 34, tzinfo=UTC)
    assert withdrawal.completed_at == datetime(2024, 4, 3, 8, 48, 2, tzinfo=UTC)
    (internal,) = read("capital/transfer/internal")
    assert (internal.kind, internal.state) == (FlowKind.TRANSFER_IN, FlowState.COUNTED)
    (family,) = read("capital/sub-account/universalTransfer")
    assert (family.kind, family.amount) == (FlowKind.TRANSFER_OUT, D("0.2"))


def test_a_transfer_whose_direction_nobody_says_is_pending() -> None:
    masked = {"data": [{**ANSWERS["capital/transfer/internal"]["data"][0], "toAccount": "1***9"}]}

    (flow,) = read("capital/transfer/internal", **{"capital/transfer/internal": masked})
    assert (flow.state, flow.exchange_status) == (FlowState.PENDING, "SUCCESS (direction unknown)")


@pytest.mark.parametrize(
    ("status", "state"), [(4, "pending"), (5, "counted"), (12, "counted"), (7, "void"), (99, "pending")]
)
def test_an_unknown_status_is_pending_and_said(status: int, state: str) -> None:
    (flow,) = read("capital/deposit/hisrec", **{"capital/deposit/hisrec": [DEPOSIT | {"status": status}]})

    assert flow.state == state
    assert ("unknown" in flow.exchange_status) == (status == 99)


def test_what_was_traded_earned_and_paid() -> None:
    page = read("myTrades")
    assert page.fills[0].moves == (("BTC", D("-0.01")), ("USDT", 500), ("USDT", D("-0.25")))
    assert page.fills[0].liquidity == "taker"
    (small,) = read("capital/convert")
    assert small.moves == (("JAM", D("-7.5")), ("MX", D("0.01")), ("MX", D("-0.002")))
    (funding,) = read("position/funding_records")
    assert (funding.kind, funding.amount, funding.asset) == (IncomeKind.FUNDING_FEE, D("-0.0837798"), "USDT")
    (rebate,) = read("rebate/detail")
    assert (rebate.kind, rebate.amount, rebate.asset) == (IncomeKind.REBATE, D("0.0011"), "USDT")
    assert rebate.occurred_at == datetime(2021, 11, 26, 12, 6, 19, tzinfo=UTC)
    assert "account" not in rebate.raw  # who was invited is nobody's business
    profit, fee = read("order/list/history_orders")
    assert (profit.amount, fee.amount, fee.kind) == (D("1.25"), D("-0.0072501"), IncomeKind.FUTURES_COMMISSION)
    (deal,) = read("order/list/order_deals")
    assert (deal.side, deal.quantity) == ("short", D("0.04"))  # a short is closed by buying


def test_a_closed_position_by_the_exchanges_account() -> None:
    (found,) = read("position/list/history_positions")
    assert (found.exchange_id, found.is_short, found.settle) == ("390281084", True, "USDT")
    assert (found.profit, found.fees, found.funding, found.net) == (D("0.267"), D("0.067"), D("-0.01"), D("0.19"))
    assert (found.opened_at, found.closed_at) == (
        datetime(2024, 3, 27, 4, 6, 48, tzinfo=UTC),
        datetime(2024, 3, 27, 4, 9, 13, tzinfo=UTC),
    )
    documented = {name: value for name, value in CLOSED.items() if name not in ("closeProfitLoss", "fee")}
    answers = contract([documented, CLOSED | {"positionId": "7", "state": "1"}])
    (bare,) = read("position/list/history_positions", **{"position/list/history_positions": answers})
    assert (bare.profit, bare.fees) == (D("0.20"), 0)  # as the older documentation has it: what is net of fees


@pytest.mark.parametrize(("category", "reason"), [(1, None), (2, "liquidation"), (3, None), (4, "adl"), (None, None)])
def test_a_deal_says_its_order_its_coin_and_whether_the_exchange_made_it(category: Any, reason: str | None) -> None:
    (deal,) = read("order/list/order_deals", **{"order/list/order_deals": contract([DEAL | {"category": category}])})

    assert (deal.order_id, deal.settle, deal.reason) == ("1", "USDT", reason)


def test_what_an_order_booked_names_the_contract_as_its_deals_and_says_since_when_they_may_be() -> None:
    row = ORDER | {"symbol": "BTC_USD", "feeCurrency": "BTC"}
    found = read("order/list/history_orders", **{"order/list/history_orders": contract([row])})

    assert {(one.raw["symbol"], one.raw["orderedAt"]) for one in found} == {
        ("BTCUSD_PERP", "2021-01-07T04:11:14+00:00")
    }


def test_what_was_ordered_and_has_become_of_it() -> None:
    (waits,) = read("openOrders")
    assert (waits.state, waits.price, waits.quantity, waits.executed_quantity) == ("open", 30000, D("0.0002"), 0)
    (ended,) = read("allOrders").orders
    assert (ended.state, ended.executed_quantity, ended.average_price) == ("cancelled", D("0.0001"), 30000)
    assert (ended.list_id, ended.trigger_price, ended.quote_quantity) == ("", None, 6)
    assert ended.updated_at == datetime(2024, 2, 12, 3, 29, 27, tzinfo=UTC)
    assert read("order") == (ended,)
    words = {
        "type": "MARKET",
        "origQty": "0",
        "price": "0",
        "orderListId": 17,
        "stopPrice": "29000",
        "status": "NEWEST",
    }
    odd = orders.read_order(SPOT_ORDER | words, BTC)
    assert (odd.quantity, odd.price, odd.list_id, odd.trigger_price, odd.state) == (None, None, "17", 29000, "open")


def test_orders_of_contracts_say_what_they_were_given_with_and_what_became_of_them() -> None:
    waits, stop, trailing = read("order/list/open_orders")  # the plan waits no longer
    assert (waits.quantity, waits.price, waits.position_side, waits.reduces) == (D("0.15"), 2200, "long", False)
    assert (waits.leverage, waits.margin_mode, waits.take_profit, waits.stop_loss) == (20, "isolated", 2500, 2100)
    assert (stop.exchange_id, stop.type, stop.trigger_price, stop.side) == ("trigger-stop-1", "stop_loss", 2100, "sell")
    assert (stop.reduces, stop.quantity, stop.parent_id) == (True, D("0.1"), waits.exchange_id)
    assert (trailing.exchange_id, trailing.type) == ("trigger-trail-739628779353703936", "trailing_stop_market")
    assert (trailing.side, trailing.reduces, trailing.quantity, trailing.trigger_price) == (
        "sell",
        True,
        1,
        D("2205.49"),
    )
    asleep = contract_orders.read_trailing(TRAILING | {"state": 0, "activePrice": 2300, "triggerPrice": 0}, D("0.01"))
    assert (asleep.state, asleep.trigger_price) == ("open", 2300)
    ended = {order.exchange_id: order for order in read("planorder/list/orders").orders}
    plan = ended["trigger-265557643326564352"]
    assert (plan.state, plan.became_id, plan.type) == ("triggered", waits.exchange_id, "trigger_limit")
    done = ended[ORDER["orderId"]]
    assert (done.state, done.type, done.executed_quantity, done.average_price) == (
        "filled",
        "market",
        D("0.01"),
        D("1208.35"),
    )
    liquidated = contract_orders.read_order(
        WAITS | {"category": 2, "state": 3, "dealVol": 15, "dealAvgPrice": 2000}, D("0.01")
    )
    assert (liquidated.type, liquidated.executed_quote) == ("liquidation", 300)


@pytest.mark.parametrize("one", contract_orders.LISTS, ids=["orders", "plans", "stops", "trailing"])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_every_order_of_a_contract_comes_once(one: Any, count: int) -> None:
    given = int((NOW - timedelta(days=3)).timestamp() * 1000)
    rows = [WAITS | PLAN | STOP | {"orderId": str(n + 1), "id": n + 1, "createTime": given + n} for n in range(count)]

    def answer(path: str, asked: dict[str, Any]) -> str:
        if path == "detail":
            return say(path, ANSWERS)
        number, size = one.paging
        first = (asked[number] - 1) * asked[size]
        inside = [row for row in rows if asked["start_time"] <= row["createTime"] <= asked["end_time"]]
        return json.dumps(contract(inside[first : first + asked[size]]))

    connection: Any = Answering(answer)
    span = (NOW - timedelta(days=80), NOW)
    found = asyncio.run(contract_orders.fetch_list(connection, ContractSizes(connection), one, "ETH_USDT", span))
    assert len({order.exchange_id for order in found}) == len(found) == count


def test_an_order_that_is_not_known_any_more_is_nothing_and_not_a_failure() -> None:
    known = orders.read_order(SPOT_ORDER, BTC)
    gone = Answering(lambda *_: '{"code": -2013, "msg": "Order does not exist."}', status=400)
    assert asyncio.run(orders.fetch_ended(gone, known)) == ()  # type: ignore[arg-type]
    refused = Answering(lambda *_: '{"code": 730001, "msg": "Pair not found"}', status=400)
    with pytest.raises(ExchangeError):
        asyncio.run(orders.fetch_ended(refused, known))  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001])
def test_every_order_of_a_full_week_comes_once(count: int) -> None:
    week = int((NOW - timedelta(days=6)).timestamp() * 1000)
    rows = [SPOT_ORDER | {"orderId": f"C02__{n}", "time": week + 60_000 * n} for n in range(count)]

    def answer(_: str, asked: dict[str, Any]) -> str:
        assert asked["endTime"] - asked["startTime"] < 7 * 86_400_000
        inside = [row for row in rows if asked["startTime"] <= row["time"] <= asked["endTime"]]
        return json.dumps(inside[::-1][: asked["limit"]])

    query = OrderQuery(market="spot", pair=BTC, since=DAY[0], until=NOW)
    page = asyncio.run(orders.fetch_orders(Answering(answer), query))  # type: ignore[arg-type]
    assert [order.exchange_id for order in page.orders] == [f"C02__{n}" for n in range(count)]


def test_the_market_and_the_key() -> None:
    assert read("ticker/price") == {"BTCUSDT": D("6.65")}  # a price of zero is none
    assert [kline.close for kline in read("klines")] == [D("73414.21")]
    (mark,) = read("kline/fair_price").values()
    assert (mark.value, mark.known_at) == (31, datetime(2021, 1, 4, 6, 11, tzinfo=UTC))
    permissions = read("apiKeyInfo")
    assert permissions.dangerous == ("SPOT_ACCOUNT_WRITE", "NEWEST_READ")


BODIES = {
    "nothing": "",
    "a page": "<html><body>Down for maintenance</body></html>",
    "an object": "{}",
    "null": "null",
    "a list of texts": '["a", "b"]',
    "success false": '{"success": false, "code": 0}',
    "success false with data": '{"success": false, "code": 0, "data": []}',
    "data null": '{"success": true, "code": 0, "data": null}',
    "cut": '{"success": true, "code": 0, "data": [{"cur',
    "not a number": '{"success": true, "code": 0, "data": NaN}',
    "an empty row": '[{"a": 1}]',
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("path", sorted(READERS))
def test_a_broken_answer_is_never_an_empty_one(path: str, body: str) -> None:
    def answer(asked: str, _: Any) -> str:
        return BODIES[body] if asked.startswith(path) else say(asked, ANSWERS)

    with pytest.raises(ExchangeError):
        asyncio.run(READERS[path](Answering(answer)))


REFUSED = {
    (400, '{"code": 700003, "msg": "Timestamp is outside of the recvWindow"}'): ClockSkewed,
    (200, '{"success": false, "code": 513, "message": "request time"}'): ClockSkewed,
    (400, '{"code": 10072, "msg": "Api key info invalid"}'): KeyRejected,  # ccxt calls it a bad request
    (400, '{"code": 700006, "msg": "IP not on the white list"}'): KeyRejected,
    (403, '{"code": 700007, "msg": "No permission"}'): KeyRejected,
    (200, '{"success": false, "code": 402, "message": "expired"}'): KeyRejected,
    (200, '{"success": false, "code": 602, "message": "signature"}'): KeyRejected,
    (429, '{"code": 429, "msg": "Too Many Requests"}'): ExchangePaused,
    (200, '{"success": false, "code": 510, "message": "too frequent"}'): ExchangePaused,
    (400, '{"code": -1121, "msg": "Invalid symbol."}'): UnknownSymbol,
    (500, "oops"): ExchangeUnavailable,
    (400, '{"code": 700005, "msg": "recvWindow must less than 60000"}'): ExchangeError,
}


@pytest.mark.parametrize(("refusal", "raised"), REFUSED.items())
def test_a_refusal_is_understood_by_the_exchanges_own_words(
    refusal: tuple[int, str], raised: type[ExchangeError]
) -> None:
    status, body = refusal
    with pytest.raises(raised) as failure:
        asyncio.run(spot.fetch_spot(Answering(lambda *_: body, status=status)))  # type: ignore[arg-type]

    assert type(failure.value) is raised
    assert raised is not KeyRejected or DIALECT.key_page in str(failure.value)


@pytest.mark.parametrize("broken", ["", "1,5", "abc", True, None, []], ids=repr)
def test_a_figure_that_is_none_is_no_zero(broken: Any) -> None:
    for path, name, row in (
        ("account/assets", "equity", ASSETS[0]),
        ("capital/withdraw/history", "amount", WITHDRAWAL),
        ("capital/deposit/hisrec", "amount", DEPOSIT),
        ("position/open_positions", "holdVol", POSITION),
    ):
        rows = [row | {name: broken}]
        with pytest.raises(ExchangeError):
            read(path, **{path: rows if path.startswith("capital") else contract(rows)})


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 300])
def test_every_row_of_many_pages_comes_once(count: int) -> None:
    orders = [
        {**ANSWERS["order/list/history_orders"]["data"][0], "orderId": str(number), "profit": 0}
        for number in range(count)
    ]

    def answer(_: str, asked: dict[str, Any]) -> str:
        first = (asked["page_num"] - 1) * asked["page_size"]
        return json.dumps(contract(orders[first : first + asked["page_size"]]))

    found = asyncio.run(income.fetch_orders(Answering(answer), *DAY))  # type: ignore[arg-type]
    assert [one.exchange_id for one in found] == [str(number) for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001])
def test_a_full_window_is_asked_for_in_halves_and_twins_are_two(count: int) -> None:
    start = int(DAY[0].timestamp() * 1000)
    times = [start + 60_000 * number for number in range(count)] + ([start] if count else [])

    def answer(_: str, asked: dict[str, Any]) -> str:
        rows = [DEPOSIT | {"insertTime": at} for at in times if asked["startTime"] <= at <= asked["endTime"]]
        return json.dumps(rows[: asked["limit"]])

    found = asyncio.run(deposits.fetch_deposits(Answering(answer), *DAY))  # type: ignore[arg-type]
    assert len({one.exchange_id for one in found}) == len(times)
