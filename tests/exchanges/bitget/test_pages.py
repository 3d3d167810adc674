"""Every history of Bitget is read whole: windows, pages, twins, late rows, the end of what the exchange keeps."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from functools import partial
from typing import Any

import pytest

from finance.records import ContractQuery, FillMarket, FlowState
from monitor.errors import ExchangeUnavailable
from monitor.exchanges.bitget import (
    closed_positions,
    contract_fills,
    contract_orders,
    converts,
    deposits,
    fills,
    histories,
    ledger,
    orders,
    payments,
    rewards,
    spot_plans,
    transfers,
)
from monitor.exchanges.bitget.key import System
from monitor.exchanges.bitget.pages import PAGE_SIZE
from monitor.exchanges.contract import FillQuery, OrderQuery, Pair
from tests.exchanges.bitget.answering import Answering, envelope

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DEPTH = timedelta(days=80)
ME = "1234567"
Fetch = Callable[[Any, datetime, datetime], Any]


def ms(at: datetime) -> str:
    """A time as the exchange writes it."""
    return str(int(at.timestamp() * 1000))


def flow(number: int, at: datetime, **more: str) -> dict[str, Any]:
    """A row of deposits or withdrawals in either system."""
    moment = ms(at)
    row = {"orderId": str(number), "tradeId": "", "recordId": "", "coin": "USDT", "size": "10", "status": "success"}
    return row | {"cTime": moment, "uTime": moment, "createdTime": moment, "updatedTime": moment} | more


def bill(number: int, at: datetime) -> dict[str, Any]:
    """A row of a ledger, the `number`th gain of 1."""
    words = {"groupType": "other", "businessType": "AIRDROP", "marginType": "liquidation_fee"}
    kind = words | {"type": "BONUS_GRANT_USER_IN"}
    row = {"billId": str(number), "marginId": str(number), "id": str(number), "coin": "USDT", "size": "1", "fee": "0"}
    return row | kind | {"amount": "1", "balance": str(number), "cTime": ms(at), "ts": ms(at)}


def interest(number: int, at: datetime) -> dict[str, Any]:
    """Interest that was charged, or that savings paid."""
    row = {"interestId": str(number), "orderId": str(number), "interestCoin": "USDT", "settleCoinName": "USDT"}
    return row | {"interestAmount": "1", "amount": "1", "orderType": "pay_interest", "cTime": ms(at), "ts": ms(at)}


def payment(number: int, at: datetime) -> dict[str, Any]:
    """Coins bought with bank money."""
    return bill(number, at) | {"groupType": "fait"}


def transfer(number: int, at: datetime) -> dict[str, Any]:
    """A transfer to a sub-account."""
    who = {"fromUserId": ME, "toUserId": "7654321", "status": "Successful", "transferId": str(number)}
    return who | {"coin": "USDT", "size": "5", "amount": "5", "ts": ms(at), "createdTime": ms(at)}


def fill(number: int, at: datetime) -> dict[str, Any]:
    """A trade in either system."""
    row = {"tradeId": str(number), "execId": str(number), "symbol": "BTCUSDT", "side": "buy", "cTime": ms(at)}
    figures = {
        "size": "1",
        "amount": "9",
        "execQty": "1",
        "execValue": "9",
        "baseVolume": "1",
        "price": "9",
        "execPrice": "9",
    }
    figures |= {"tradeSide": "buy_single", "posMode": "one_way_mode"}
    return row | figures | {"createdTime": ms(at)}


def order(number: int, at: datetime) -> dict[str, Any]:
    """An order in either system that has ended."""
    row = {
        "orderId": str(number),
        "symbol": "BTCUSDT",
        "side": "sell",
        "orderType": "limit",
        "price": "9",
        "size": "1",
        "qty": "1",
    }
    states = {
        "status": "filled",
        "orderStatus": "filled",
        "baseVolume": "1",
        "quoteVolume": "9",
        "cumExecQty": "1",
        "cumExecValue": "9",
    }
    return row | states | {"cTime": ms(at), "createdTime": ms(at)}


def contract_order(number: int, at: datetime) -> dict[str, Any]:
    """An order of a contract that has ended, or a trigger."""
    plan = {"planType": "loss_plan", "planStatus": "executed", "triggerPrice": "8", "posSide": "long", "stopLoss": "8"}
    return order(number, at) | plan


def closed(number: int, at: datetime) -> dict[str, Any]:
    """A position in either system that was closed."""
    row = {"positionId": str(number), "symbol": "BTCUSDT", "marginCoin": "USDT", "netProfit": "1", "totalFunding": "0"}
    classic = {"holdSide": "long", "pnl": "1", "openFee": "0", "closeFee": "0", "ctime": ms(at), "utime": ms(at)}
    return row | classic if number % 2 else row | classic | {"holdSide": "short"}


def unified_closed(number: int, at: datetime) -> dict[str, Any]:
    """The same as the unified system writes it."""
    row = {"positionId": str(number), "symbol": "BTCUSDT", "marginCoin": "USDT", "netProfit": "1", "totalFunding": "0"}
    figures = {"posSide": "long", "cumRealisedPnl": "1", "openFeeTotal": "0", "closeFeeTotal": "0"}
    return row | figures | {"createdTime": ms(at), "updatedTime": ms(at)}


def swap(number: int, at: datetime) -> dict[str, Any]:
    """A convert in either system; no two are alike."""
    row = {"id": str(number), "orderId": str(number), "fromCoin": "USDT", "toCoin": "SOL", "status": "success"}
    sizes = {"fromCoinSize": str(number), "toCoinSize": "1", "fromAmount": str(number), "toAmount": "1"}
    return row | sizes | {"ts": ms(at), "ctime": ms(at), "createdTime": ms(at)}


class Exchange:
    """Answers as the documentation says: the newest rows of a window first, `limit` of them, older than an id or a cursor."""

    def __init__(self, rows: list[dict[str, Any]], time: str, number: str, name: str, cursor: str) -> None:
        self.rows, self.time, self.number, self.name, self.cursor = rows, time, number, name, cursor

    def __call__(self, path: str, asked: dict[str, Any]) -> str:
        if path in LEDGERS and self.number == "orderId":
            return envelope(LEDGERS[path])
        below = int(asked.get("idLessThan") or asked.get("cursor") or 10**9)
        inside = [r for r in self.rows if asked["startTime"] <= int(r[self.time]) <= asked["endTime"]]
        older = sorted((r for r in inside if int(r[self.number]) < below), key=lambda r: -int(r[self.number]))
        page = [] if self.is_of_other(asked) else older[: asked["limit"]]
        if not self.name:
            return envelope(page)
        last = page[-1][self.number] if page else None
        return envelope({self.name: page or None, self.cursor: last})

    def is_of_other(self, asked: dict[str, Any]) -> bool:
        """Whether it is asked for a part of the list that has none of the rows."""
        return (
            asked.get("role") == "receiver"
            or asked.get("periodType") == "fixed"
            or asked.get("category", "SPOT")
            not in (
                "SPOT",
                "USDT-FUTURES" if self.name == "list" and (self.number != "orderId" or "category" in asked) else "",
            )
        )


LEDGERS: dict[str, Any] = {  # in which a flow is looked for, without it
    "v2/spot/account/bills": [],
    "v3/account/financial-records": {"list": [], "cursor": None},
}
PAIR = Pair(symbol="BTCUSDT", base="BTC", quote="USDT")


async def own_number() -> str:
    """The account's number."""
    return ME


def filled(fetch: Any) -> Fetch:
    """A reader of fills as one of a time."""

    async def fetch_all(connection: Any, since: datetime, until: datetime) -> Any:
        return (
            await fetch(connection, FillQuery(market=FillMarket.SPOT, pair=PAIR, since=since, until=until), PAIR)
        ).fills

    return fetch_all


def ordered(*, is_classic: bool) -> Fetch:
    """A reader of orders as one of a time."""

    async def fetch_all(connection: Any, since: datetime, until: datetime) -> Any:
        query = OrderQuery(market=FillMarket.SPOT, pair=PAIR, since=since + orders.AGAIN, until=until)
        return (await orders.fetch_orders(connection, query, is_classic=is_classic)).orders

    return fetch_all


def traded(fetch: Any) -> Fetch:
    """A reader of the trades of a contract as one of a time."""
    return lambda connection, since, until: fetch(
        connection, ContractQuery(wallet="unified", symbol="BTCUSDT", since=since, until=until)
    )


def listed(one: Any, market: str = "usdt_futures") -> Fetch:
    """A reader of one list of orders of a contract as one of a time."""
    return lambda connection, since, until: contract_orders.fetch_list(
        connection, one, market, "BTCUSDT", (since, until)
    )


async def planned(connection: Any, since: datetime, until: datetime) -> Any:
    """The plans of a pair in a time, each once."""
    found = await spot_plans.fetch_ended(connection, PAIR, (since, until))
    return {one.exchange_id: one for one in found}.values()


def spanned(fetch: Any) -> Fetch:
    """A reader of a span as one of a time."""
    return lambda connection, since, until: fetch(connection, (since, until))


# By what is read: the reader, a row, and where the exchange writes its time, its number, the rows and the next cursor.
HISTORIES: dict[str, tuple[Fetch, Any, tuple[str, str, str, str]]] = {
    "deposits": (deposits.fetch_deposits, flow, ("cTime", "orderId", "", "")),
    "withdrawals": (deposits.fetch_withdrawals, flow, ("cTime", "orderId", "", "")),
    "unified deposits": (deposits.fetch_unified_deposits, flow, ("createdTime", "orderId", "", "")),
    "unified withdrawals": (deposits.fetch_unified_withdrawals, flow, ("createdTime", "orderId", "", "")),
    "transfers": (partial(transfers.fetch_transfers, whose=own_number), transfer, ("ts", "transferId", "", "")),
    "unified transfers": (
        partial(transfers.fetch_unified_transfers, whose=own_number),
        transfer,
        ("createdTime", "transferId", "list", "cursor"),
    ),
    "spot ledger": (ledger.fetch_spot_ledger, bill, ("cTime", "billId", "", "")),
    "futures ledger": (
        partial(ledger.fetch_futures_ledger, wallet="usdt_futures"),
        bill,
        ("cTime", "billId", "bills", "endId"),
    ),
    "cross ledger": (ledger.fetch_cross_ledger, bill, ("cTime", "marginId", "resultList", "minId")),
    "unified ledger": (ledger.fetch_unified_ledger, bill, ("ts", "id", "list", "cursor")),
    "interest": (rewards.fetch_cross_interest, interest, ("cTime", "interestId", "resultList", "minId")),
    "savings": (rewards.fetch_savings, interest, ("ts", "orderId", "resultList", "endId")),
    "payments": (payments.fetch_payments, payment, ("cTime", "billId", "", "")),
    "unified payments": (payments.fetch_unified_payments, payment, ("ts", "id", "list", "cursor")),
    "fills": (filled(fills.fetch_classic_fills), fill, ("cTime", "tradeId", "", "")),
    "unified fills": (filled(fills.fetch_unified_fills), fill, ("createdTime", "execId", "list", "cursor")),
    "trades of contracts": (
        traded(contract_fills.fetch_contract_fills),
        fill,
        ("cTime", "tradeId", "fillList", "endId"),
    ),
    "unified trades of contracts": (
        traded(contract_fills.fetch_unified_contract_fills),
        fill,
        ("createdTime", "execId", "list", "cursor"),
    ),
    "closed positions": (
        traded(partial(closed_positions.fetch_closed_positions, is_classic=True)),
        closed,
        ("utime", "positionId", "list", "endId"),
    ),
    "unified closed positions": (
        traded(partial(closed_positions.fetch_closed_positions, is_classic=False)),
        unified_closed,
        ("updatedTime", "positionId", "list", "cursor"),
    ),
    "orders": (ordered(is_classic=True), order, ("cTime", "orderId", "", "")),
    "unified orders": (ordered(is_classic=False), order, ("createdTime", "orderId", "list", "cursor")),
    "contract orders": (listed(contract_orders.CLASSIC[0]), contract_order, ("cTime", "orderId", *contract_orders.MIX)),
    "contract plans": (listed(contract_orders.CLASSIC[1]), contract_order, ("cTime", "orderId", *contract_orders.MIX)),
    "unified contract orders": (
        listed(contract_orders.UNIFIED[0], "unified"),
        contract_order,
        ("createdTime", "orderId", "list", "cursor"),
    ),
    "unified strategies": (
        listed(contract_orders.UNIFIED[1], "unified"),
        contract_order,
        ("createdTime", "orderId", "list", "cursor"),
    ),
    "spot plans": (planned, contract_order, ("cTime", "orderId", "orderList", "idLessThan")),
    "converts": (spanned(converts.fetch_converts), swap, ("ts", "id", "dataList", "endId")),
    "unified converts": (spanned(converts.fetch_unified_converts), swap, ("ts", "id", "list", "cursor")),
    "small balances": (spanned(converts.fetch_small), swap, ("ctime", "orderId", "", "")),
    "unified small balances": (
        spanned(converts.fetch_unified_small),
        swap,
        ("createdTime", "orderId", "list", "cursor"),
    ),
}
COUNTS = [0, 1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE]


def read(name: str, rows: list[dict[str, Any]], since: datetime = NOW - DEPTH) -> tuple[Any, Answering]:
    """What is read of a history that has these rows."""
    fetch, _, words = HISTORIES[name]
    connection = Answering(Exchange(rows, *words), NOW)
    return asyncio.run(fetch(connection, since, NOW)), connection


def times(records: Any) -> list[datetime]:
    """When each happened, oldest first."""
    names = ("occurred_at", "ordered_at", "requested_at", "closed_at")
    return sorted(next(at for name in names if (at := getattr(one, name, None))) for one in records)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", HISTORIES)
def test_every_row_is_read_once_to_the_millisecond(name: str, count: int) -> None:
    step = DEPTH / (count + 1)
    moments = [(NOW - DEPTH + step * place).replace(microsecond=place % 1000 * 1000) for place in range(1, count + 1)]
    rows = [HISTORIES[name][1](number, at) for number, at in enumerate(moments, start=1)]

    found, _ = read(name, rows)

    assert times(found) == moments
    assert len({one.exchange_id for one in found}) == count


@pytest.mark.parametrize("name", HISTORIES)
def test_twins_of_a_moment_and_of_an_edge_are_read_once_each(name: str) -> None:
    edge = NOW - DEPTH + timedelta(days=29)  # where one window of the unified system ends and the next begins
    moments = [edge] * 5 + [edge + timedelta(milliseconds=999)] * 5 + [NOW - DEPTH, NOW - timedelta(seconds=1)]
    rows = [HISTORIES[name][1](number, at) for number, at in enumerate(sorted(moments), start=1)]

    found, _ = read(name, rows)

    assert times(found) == sorted(moments)


@pytest.mark.parametrize("name", HISTORIES)
def test_a_row_that_appears_late_is_read_by_the_next_reading(name: str) -> None:
    early = HISTORIES[name][1](1, NOW - timedelta(hours=3))
    late = HISTORIES[name][1](2, NOW - timedelta(hours=2))

    assert len(read(name, [early])[0]) == 1
    assert len(read(name, [early, late])[0]) == 2


@pytest.mark.parametrize("name", ["deposits", "unified deposits", "withdrawals", "unified withdrawals"])
@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("success", FlowState.COUNTED),
        ("pending", FlowState.PENDING),
        ("pending_review", FlowState.PENDING),
        ("fail", FlowState.VOID),
        ("pending_review_fail", FlowState.VOID),
        ("reject", FlowState.VOID),
        ("a word nobody knows", FlowState.PENDING),
    ],
)
def test_only_success_counts(name: str, status: str, state: FlowState) -> None:
    later = ms(NOW - timedelta(minutes=30))
    (found,) = read(name, [flow(1, NOW - timedelta(hours=1), status=status, uTime=later, updatedTime=later)])[0]

    assert found.state is state
    assert found.completed_at == (NOW - timedelta(minutes=30) if state is FlowState.COUNTED else None)
    assert ("unknown" in found.exchange_status) == (status == "a word nobody knows")


@pytest.mark.parametrize("fee", ["-1.5", "1.5"], ids=["classic writes it negative", "unified positive"])
def test_what_left_is_the_size_and_the_fee_is_inside_it(fee: str) -> None:
    (found,) = read("withdrawals", [flow(1, NOW - timedelta(hours=1), fee=fee)])[0]

    assert (found.amount, found.fee) == (D("8.5"), D("1.5"))


def test_a_history_that_forgets_its_cursor_is_no_part() -> None:
    rows = [transfer(number, NOW - timedelta(hours=1)) for number in range(PAGE_SIZE)]
    connection = Answering(lambda *_: envelope({"list": rows, "cursor": None}), NOW)
    span = (NOW - timedelta(days=1), NOW)

    with pytest.raises(ExchangeUnavailable, match="does not say how to ask for the rest"):
        asyncio.run(transfers.fetch_unified_transfers(connection, *span, whose=own_number))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["spot ledger", "futures ledger", "cross ledger", "unified ledger"])
def test_a_ledger_that_lacks_a_row_is_read_again_and_then_not_believed(name: str) -> None:
    rows = [bill(number, NOW - timedelta(hours=9 - number)) for number in (1, 2, 4)]

    with pytest.raises(ExchangeUnavailable, match="a row is missing"):
        read(name, rows)


@pytest.mark.parametrize("name", ["futures ledger", "unified ledger"])
def test_a_fee_of_the_first_row_is_no_profit(name: str) -> None:
    """Before it there is no balance that would show where the fee is: it is beside, as in the documentation's sample."""
    opened = {"businessType": "open_long", "type": "OPEN_LONG", "amount": "0", "fee": "-1.6", "balance": "98.4"}

    assert [(str(one.kind), one.amount) for one in read(name, [bill(1, NOW - timedelta(hours=1)) | opened])[0]] == [
        ("futures_commission", D("-1.6"))
    ]


def test_what_moved_a_wallet_of_before_a_switch_is_what_its_row_says() -> None:
    moments = [NOW - timedelta(hours=hours) for hours in (4, 3, 2, 1)]
    figures = [("5", "0", "70"), ("9", "-1", "30"), ("2", "0", "102"), ("3", "0", "105")]  # of spot, futures, the pool
    names = ("amount", "fee", "balance")
    rows = [
        bill(n, at) | dict(zip(names, told, strict=True))
        for n, (at, told) in enumerate(zip(moments, figures, strict=True), 1)
    ]
    connection = Answering(Exchange(rows, *HISTORIES["unified ledger"][2]), NOW)
    connection.switched_at = moments[2]

    found = asyncio.run(ledger.fetch_unified_ledger(connection, NOW - DEPTH, NOW))  # type: ignore[arg-type]

    assert [one.amount for one in found] == [5, 8, 2, 3]


@pytest.mark.parametrize("name", ["deposits", "unified deposits", "withdrawals", "unified withdrawals"])
def test_a_status_that_changes_between_two_readings_is_the_same_flow(name: str) -> None:
    (before,) = read(name, [flow(1, NOW - timedelta(hours=1), status="pending")])[0]
    (after,) = read(name, [flow(1, NOW - timedelta(hours=1), status="success")])[0]

    assert (before.state, after.state) == (FlowState.PENDING, FlowState.COUNTED)
    assert (before.exchange_id, before.amount) == (after.exchange_id, after.amount)


@pytest.mark.parametrize("system", [System.CLASSIC, System.UNIFIED])
def test_what_the_exchange_keeps_no_longer_is_not_asked_for(system: System) -> None:
    """Of every ledger, however long ago an account was read last."""
    sources = [source for source, of_system in histories.INCOME.items() if system in of_system]
    asked = {source.name: NOW - timedelta(days=400) for source in sources}
    empty = {"bills": None, "resultList": None, "list": None, "cursor": None, "endId": None, "minId": None}
    lists = ("v2/spot/account/bills", "v2/margin/isolated/account/assets")
    connection = Answering(lambda path, _: envelope([] if path in lists else empty), NOW)

    found = asyncio.run(
        histories.fetch_histories(connection, system, histories.INCOME, asked, NOW)  # type: ignore[arg-type]
    )

    assert {str(reading.state) for reading in found} == {"read"}, [reading.problem for reading in found]
    oldest = [parameters["startTime"] for _, parameters in connection.calls if "startTime" in parameters]
    assert oldest and min(oldest) >= int(ms(NOW - timedelta(days=90)))
