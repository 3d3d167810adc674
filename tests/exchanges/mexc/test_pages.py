"""Every history of MEXC is read whole: windows, pages, halves, twins, late rows, changed ones, the end of what is kept."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from finance.records import FlowState
from monitor.exchanges.contract import FillQuery
from monitor.exchanges.mexc import adapter, closed_positions, deposits, fills, income, rebates, transfers
from monitor.exchanges.mexc.adapter import MexcAccount
from monitor.exchanges.mexc.symbols import ContractSizes
from tests.exchanges.mexc.answering import NOW, Answering
from tests.exchanges.mexc.answers import (
    ANSWERS,
    CLOSED,
    DEAL,
    DEPOSIT,
    FAMILY,
    FUNDING,
    INTERNAL,
    ORDER,
    REBATE,
    SMALL,
    TRADE,
    WITHDRAWAL,
    contract,
)
from tests.exchanges.mexc.test_answers import BTC, FILLS, QUERY

DEPTH = timedelta(days=25)  # less than the month that trades are kept
WEEK = timedelta(days=7)
Row = dict[str, Any]
Rows = list[tuple[datetime, Row]]
Make = Callable[[int, datetime], Row]


def ms(at: datetime) -> int:
    """A time as the exchange writes it."""
    return int(at.timestamp()) * 1000 + at.microsecond // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """How one list is asked for, and what a row of it is."""

    fetch: Callable[[Any, datetime, datetime], Any]
    row: Make
    limit: int
    wrap: Callable[[list[Row], int], Any]  # of a page and of how many rows there are
    page: str = "page"  # the parameter of its number; empty: there are no pages
    times: tuple[str, str] = ("startTime", "endTime")  # of the window; empty: there is none
    longest: timedelta | None = None
    is_asked: Callable[[Row], bool] = lambda asked: True  # whether this call is about the rows at all

    def answer(self, rows: Rows, asked: Row) -> str:
        """As the documentation says: the newest first, `limit` of them, in a window that is not too long."""
        start, end = (asked[name] for name in self.times) if self.times[0] else (0, ms(NOW))
        assert self.longest is None or end - start <= self.longest.total_seconds() * 1000
        inside = [row for at, row in sorted(rows, key=lambda one: one[0], reverse=True) if start <= ms(at) <= end]
        found = inside if self.is_asked(asked) else []
        first = (asked[self.page] - 1) * self.limit if self.page else 0
        return json.dumps(self.wrap(found[first : first + self.limit], len(found)))


async def fetch_trades(connection: Any, since: datetime, until: datetime) -> Any:
    """The trades of a pair."""
    query = FillQuery(market=FILLS.market, pair=BTC, since=since, until=until)
    return (await fills.fetch_fills(connection, query, BTC)).fills


async def fetch_deals(connection: Any, since: datetime, until: datetime) -> Any:
    """The trades of a contract."""
    return await fills.fetch_contract_fills(connection, ContractSizes(connection), QUERY)


async def fetch_closed(connection: Any, since: datetime, until: datetime) -> Any:
    """The closed positions of a contract."""
    return await closed_positions.fetch_closed_positions(connection, replace(QUERY, since=since, until=until))


def bare(rows: list[Row], _: int) -> Any:
    return rows


def data(rows: list[Row], total: int) -> Any:
    return {"data": rows, "totalRecords": total, "page": 1}


def is_first_way(asked: Row) -> bool:
    """Transfers are asked for by sub-account, way and account types; the rows are of one of each."""
    types = (asked["fromAccountType"], asked["toAccountType"])
    return asked.get("toAccount") == FAMILY["toAccount"] and types == ("SPOT", "SPOT")


async def own_number() -> str:
    """The account's."""
    return "7"


HISTORIES = {
    "deposits": History(
        fetch=deposits.fetch_deposits, limit=1000, page="", longest=WEEK, wrap=bare,
        row=lambda n, at: DEPOSIT | {"txId": f"{n}:0", "insertTime": ms(at)},
    ),
    "withdrawals": History(
        fetch=deposits.fetch_withdrawals, limit=1000, page="", longest=WEEK, wrap=bare,
        row=lambda n, at: WITHDRAWAL | {"id": f"w{n}", "applyTime": ms(at), "updateTime": ms(at)},
    ),
    "transfers to other users": History(
        fetch=lambda c, *span: transfers.fetch_internal(c, *span, whose=own_number), limit=100, longest=WEEK, wrap=data,
        row=lambda n, at: INTERNAL | {"tranId": str(n), "timestamp": ms(at)},
    ),
    "transfers of sub-accounts": History(
        fetch=transfers.fetch_family, limit=100, longest=WEEK, is_asked=is_first_way,
        wrap=lambda rows, total: {"result": rows, "totalCount": total},
        row=lambda n, at: FAMILY | {"tranId": str(n), "timestamp": ms(at)},
    ),
    "funding of futures": History(
        fetch=income.fetch_funding, limit=100, page="page_num", times=("", ""),
        wrap=lambda rows, _: contract({"resultList": rows}), row=lambda n, at: FUNDING | {"id": n, "settleTime": ms(at)},
    ),
    "profit and fees of futures": History(
        fetch=income.fetch_orders, limit=100, page="page_num", times=("start_time", "end_time"),
        longest=timedelta(days=90), wrap=lambda rows, _: contract(rows),
        row=lambda n, at: ORDER | {"orderId": str(n), "takerFee": 0, "createTime": ms(at), "updateTime": ms(at)},
    ),
    "rebates": History(
        fetch=rebates.fetch_rebates, limit=10, wrap=data,
        row=lambda n, at: REBATE | {"amount": f"0.{n + 1}", "tradeTime": ms(at), "updateTime": ms(at)},
    ),
    "trades": History(
        fetch=fetch_trades, limit=100, page="", wrap=bare, row=lambda n, at: TRADE | {"id": f"t{n}", "time": ms(at)}
    ),
    "trades of a contract": History(
        fetch=fetch_deals, limit=100, page="page_num", times=("start_time", "end_time"),
        longest=timedelta(days=90), wrap=lambda rows, _: contract(rows),
        row=lambda n, at: DEAL | {"id": str(n), "timestamp": ms(at)},
    ),
    "closed positions": History(
        fetch=fetch_closed, limit=100, page="page_num", times=("", ""), wrap=lambda rows, _: contract(rows),
        row=lambda n, at: CLOSED | {"positionId": str(n), "updateTime": ms(at)},
    ),
    "small balances": History(
        fetch=fills.fetch_small, limit=100, row=lambda n, at: {"convertDetails": [SMALL | {"id": f"s{n}", "time": ms(at)}]},
        wrap=data,
    ),
}  # fmt: skip
PATHS = {
    "deposits": "capital/deposit/hisrec",
    "withdrawals": "capital/withdraw/history",
    "transfers to other users": "capital/transfer/internal",
    "transfers of sub-accounts": "capital/sub-account/universalTransfer",
    "funding of futures": "position/funding_records",
    "profit and fees of futures": "order/list/history_orders",
    "rebates": "rebate/detail",
    "trades": "myTrades",
    "trades of a contract": "order/list/order_deals",
    "closed positions": "position/list/history_positions",
    "small balances": "capital/convert",
}


def read(name: str, rows: Rows, since: datetime = NOW - DEPTH) -> Any:
    """What is read of a history that has these rows; every other one is empty."""
    history = HISTORIES[name]

    def answer(path: str, asked: Row) -> str:
        if path == PATHS[name]:
            return history.answer(rows, asked)
        return json.dumps(data([], 0) if path.startswith("rebate") else ANSWERS[path])

    return asyncio.run(history.fetch(Answering(answer, NOW), since, NOW))


def times(records: Any) -> list[datetime]:
    """When each happened, oldest first."""
    names = ("occurred_at", "requested_at", "closed_at")
    return sorted(next(at for name in names if (at := getattr(one, name, None))) for one in records)


def make(name: str, moments: list[datetime]) -> Rows:
    return [(at, HISTORIES[name].row(n, at)) for n, at in enumerate(moments)]


def test_every_history_is_here() -> None:
    sources = {source.name for source in (*MexcAccount.flow_sources, *MexcAccount.income_sources)}
    assert sources | {"trades", "trades of a contract", "closed positions", "small balances"} == HISTORIES.keys()


@pytest.mark.parametrize("name", HISTORIES)
@pytest.mark.parametrize("pages", [0, 1, -1, 1.0, 2, 3])
def test_every_row_is_read_once_to_the_millisecond(name: str, pages: float) -> None:
    limit = HISTORIES[name].limit
    count = {0: 0, 1: 1, -1: limit - 1, 2: limit + 1, 3: 3 * limit}[pages] if isinstance(pages, int) else limit
    step = timedelta(days=6) / (count + 1)  # in one week, whose answer is full
    moments = [(NOW - timedelta(days=6) + step * n).replace(microsecond=n % 1000 * 1000) for n in range(1, count + 1)]

    found = read(name, make(name, moments))

    assert times(found) == sorted(moments)
    assert len({one.exchange_id for one in found}) == count


@pytest.mark.parametrize("name", HISTORIES)
def test_twins_of_a_moment_and_of_an_edge_are_read_once_each(name: str) -> None:
    edges = [NOW - DEPTH + WEEK * n for n in range(3)] + [
        NOW - DEPTH + (WEEK - timedelta(seconds=1)) * n for n in (1, 2)
    ]
    moments = sorted([*edges, *edges, NOW - timedelta(milliseconds=1), NOW - timedelta(milliseconds=1)])

    assert times(read(name, make(name, moments))) == moments


@pytest.mark.parametrize("name", ["deposits", "rebates"])
def test_of_equal_rows_without_a_number_each_counts(name: str) -> None:
    at = NOW - timedelta(hours=5)
    row = HISTORIES[name].row(1, at)

    found = read(name, [(at, row), (at, row)])
    assert len({one.exchange_id for one in found}) == 2
    assert {one.exchange_id for one in read(name, [(at, row), (at, row)], NOW - WEEK)} == {
        one.exchange_id for one in found
    }


@pytest.mark.parametrize("name", HISTORIES)
def test_a_row_that_appears_late_is_read_by_the_next_reading(name: str) -> None:
    early, late = make(name, [NOW - timedelta(hours=3), NOW - timedelta(hours=2)])
    before, after = read(name, [early]), read(name, [early, late])

    assert (len(before), len(after)) == (1, 2)
    assert before[0].exchange_id in {one.exchange_id for one in after}


@pytest.mark.parametrize(
    ("name", "field", "waiting", "done"),
    [
        ("deposits", "status", 4, 5),
        ("withdrawals", "status", 4, 7),
        ("transfers to other users", "status", "PROCESSING", "SUCCESS"),
        ("transfers of sub-accounts", "status", "PROCESSING", "SUCCESS"),
    ],
)
def test_a_status_that_changes_between_two_readings_is_the_same_flow(
    name: str, field: str, waiting: object, done: object
) -> None:
    ((at, row),) = make(name, [NOW - timedelta(hours=3)])
    (before,) = read(name, [(at, row | {field: waiting})])
    (after,) = read(name, [(at, row | {field: done})])

    assert (before.state, after.state) == (FlowState.PENDING, FlowState.COUNTED)
    assert (before.exchange_id, before.kind, before.amount) == (after.exchange_id, after.kind, after.amount)


@pytest.mark.parametrize("source", [*MexcAccount.flow_sources, *MexcAccount.income_sources], ids=lambda one: one.name)
def test_what_the_exchange_keeps_no_longer_is_not_asked_for(source: Any) -> None:
    asked_since: list[int] = []

    def answer(path: str, asked: Row) -> str:
        asked_since.extend(asked[name] for name in ("startTime", "start_time") if name in asked)
        if path == "position/funding_records":
            return json.dumps(contract({"resultList": []}))
        if path == "order/list/history_orders":
            return json.dumps(contract([]))
        if path in ("uid", "sub-account/list"):
            return json.dumps(ANSWERS[path])
        if path.endswith("universalTransfer"):
            return json.dumps({"result": [], "totalCount": 0})
        return json.dumps([] if path.startswith(("capital/deposit", "capital/withdraw")) else data([], 0))

    account = MexcAccount(Answering(answer, NOW))  # type: ignore[arg-type]
    fetch = account.fetch_income if source in MexcAccount.income_sources else account.fetch_flows
    (reading,) = asyncio.run(fetch({source.name: NOW - timedelta(days=400)}, NOW))

    assert str(reading.state) == "read", reading.problem
    assert all(since >= ms(NOW - timedelta(days=90)) for since in asked_since)
    assert bool(asked_since) is (source is not adapter.FUNDING)
