"""Gate's histories over HTTP: every row once, in windows and pages that the exchange allows; what is broken is never a part."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from finance.records import FillMarket, FlowKind, FlowRecord, FlowState
from monitor.errors import ExchangePaused, ExchangeUnavailable
from monitor.exchanges.contract import FillQuery, SourceReading, SourceState
from monitor.exchanges.gate import histories
from monitor.exchanges.gate.adapter import GateAccount
from tests.exchanges.gate.account import RICH, ask, fill
from tests.exchanges.gate.lists import HISTORIES, SINCE, UNTIL, History, Row, booked, moved, ms, seconds
from tests.exchanges.gate.readers import MAIN
from tests.exchanges.gate.server import GateServer, Query, Reply, serve

FLOWS = {source.name for source in histories.FLOWS}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GateServer]:
    """A classic account, whose histories are empty; what fails is tried again without a pause."""
    monkeypatch.setattr("monitor.exchanges.http.connection.FIRST_PAUSE_SECONDS", 0)
    with serve() as running:
        fill(running, {"/unified/unified_mode": {"mode": "classic"}, "/account/detail": {"user_id": int(MAIN)}})
        for history in HISTORIES.values():
            running.answer(history.path, [])
        yield running


def read(server: GateServer, name: str, since: datetime = SINCE, switched_at: datetime | None = None) -> SourceReading:
    async def question(account: GateAccount) -> SourceReading:
        account.note_switch(switched_at)
        fetch = account.fetch_flows if name in FLOWS else account.fetch_income
        return (await fetch({name: since}, UNTIL))[0]

    return ask(server, question)


def ids(reading: SourceReading) -> set[str]:
    """By what the rows are known."""
    flows, fills, income = reading.flows, reading.fills, reading.income
    return {one.exchange_id for one in flows} | {one.exchange_id for one in fills} | {one.exchange_id for one in income}


def count(reading: SourceReading) -> int:
    """How many different rows were read; once each."""
    assert reading.state is SourceState.READ, reading.problem
    assert len(ids(reading)) == len(reading.flows) + len(reading.fills) + len(reading.income)
    return len(ids(reading))


def test_every_history_is_here() -> None:
    assert HISTORIES.keys() == {source.name for source in (*histories.FLOWS, *histories.INCOME)}


@pytest.mark.parametrize("name", HISTORIES)
def test_every_row_of_every_page_is_read_once(name: str, server: GateServer) -> None:
    history = HISTORIES[name]
    size = {"withdrawals": 500}.get(name, history.limit)  # as many as are asked for
    server.answer(history.path, history.answer)
    for rows in (0, 1, size - 1, size, size + 1, 3 * size):
        history.make(rows, UNTIL - timedelta(days=6), UNTIL)
        assert count(read(server, name)) == rows


@pytest.mark.parametrize("name", HISTORIES)
def test_a_long_time_is_read_in_windows_and_their_edges_once(name: str, server: GateServer) -> None:
    history = HISTORIES[name]
    server.answer(history.path, history.answer)
    since = UNTIL - timedelta(days=87)
    edges = [since + timedelta(days=n) for n in range(87)]  # of windows of a week and of 29 days among them
    history.rows = [(at, history.row(n, at)) for n, at in enumerate(edges)]

    assert count(read(server, name, since)) == len(edges)


@pytest.mark.parametrize("name", ["margin interest", "transfers with sub-accounts", "account book of options"])
def test_of_equal_rows_of_one_moment_each_counts(name: str, server: GateServer) -> None:
    history = HISTORIES[name]
    at = UNTIL - timedelta(hours=5)
    twins = [(at, history.row(0, at)), (at, history.row(0, at))]
    if name == "account book of options":  # whose rows say the balance, so that no two are equal
        twins[1] = (at, {**history.row(0, at), "balance": "9998"})
    history.rows = twins
    server.answer(history.path, history.answer)

    assert count(read(server, name)) == 2
    assert count(read(server, name)) == 2


@pytest.mark.parametrize("name", HISTORIES)
def test_rows_of_one_moment_and_one_that_appears_late_are_read_once_each(name: str, server: GateServer) -> None:
    history = HISTORIES[name]
    at = UNTIL - timedelta(hours=5)
    server.answer(history.path, history.answer)
    history.rows = [(at, history.row(n, at)) for n in range(2)]
    early = read(server, name)
    history.rows.append((at + timedelta(hours=1), history.row(2, at + timedelta(hours=1))))
    late = read(server, name)

    assert (count(early), count(late)) == (2, 3)
    assert ids(early) <= ids(late)


@pytest.mark.parametrize(
    ("name", "waiting", "done"),
    [
        ("deposits", "PEND", "DONE"),
        ("withdrawals", "REQUEST", "DONE"),
        ("transfers between users", "PENDING", "RECEIVED"),
        ("transfers with sub-accounts", "processing", "success"),
    ],
)
def test_a_status_that_changes_between_two_readings_is_the_same_flow(
    name: str, waiting: str, done: str, server: GateServer
) -> None:
    history = HISTORIES[name]
    at = UNTIL - timedelta(hours=5)
    server.answer(history.path, history.answer)
    found: list[FlowRecord] = []
    for status in (waiting, done):
        history.rows = [(at, {**history.row(1, at), "status": status})]
        found += read(server, name).flows

    assert [flow.state for flow in found] == [FlowState.PENDING, FlowState.COUNTED]
    assert len({(flow.kind, flow.exchange_id, flow.amount) for flow in found}) == 1


@pytest.mark.parametrize(("name", "is_read"), [("deposits", True), ("account book", True), ("margin interest", False)])
def test_a_row_that_comes_while_pages_are_read_is_no_second_one(name: str, is_read: bool, server: GateServer) -> None:
    history = HISTORIES[name]
    history.make(history.limit + 5, UNTIL - timedelta(days=6), UNTIL - timedelta(days=1))
    late = (UNTIL - timedelta(hours=1), history.row(history.limit + 5, UNTIL - timedelta(hours=1)))

    def answer(query: Query) -> list[Row]:
        page = history.answer(query)
        history.rows = [*(one for one in history.rows if one != late), late]
        return page

    server.answer(history.path, answer)
    reading = read(server, name)

    assert (reading.state is SourceState.READ) is is_read
    assert not is_read or count(reading) in (history.limit + 5, history.limit + 6)
    assert count(read(server, name)) == history.limit + 6


def test_a_missing_row_of_the_book_is_seen_by_its_balances(server: GateServer) -> None:
    for name in ("account book", "account book of futures_usdt"):
        history = HISTORIES[name]
        history.make(9)
        del history.rows[4]
        server.answer(history.path, history.answer)
        reading = read(server, name)
        assert reading.state is SourceState.FAILED and "a row is missing" in reading.problem


def test_balances_of_before_a_switch_prove_nothing(server: GateServer) -> None:
    """The account was a unified one then, and other books moved its balances, too."""
    for name in ("account book", "account book of futures_usdt"):
        history = HISTORIES[name]
        history.make(9)
        before, after = history.rows[3][0], history.rows[5][0]
        del history.rows[4]
        server.answer(history.path, history.answer)
        assert count(read(server, name, switched_at=after)) == 8
        assert read(server, name, switched_at=before).state is SourceState.FAILED


@pytest.mark.parametrize("mode", ["multi_currency", "portfolio", "single_currency"])
def test_in_a_pool_whose_balances_many_books_move_none_proves_anything(mode: str, server: GateServer) -> None:
    server.answer("/unified/unified_mode", {"mode": mode})
    for name in ("account book", "account book of futures_usdt"):
        history = HISTORIES[name]
        history.make(9)
        del history.rows[4]
        server.answer(history.path, history.answer)
        assert count(read(server, name)) == 8
    assert {one.wallet for one in read(server, "account book of futures_usdt").income} == {"unified"}


BROKEN = [
    "",
    "<html>maintenance</html>",
    '{"data": null}',
    '[{"a',
]  # every other one is tried on the readers themselves


@pytest.mark.parametrize("name", HISTORIES)
def test_a_broken_answer_is_a_failed_history_and_never_a_part(name: str, server: GateServer) -> None:
    history = HISTORIES[name]
    history.make(history.limit + 1, UNTIL - timedelta(days=6))
    for body in BROKEN:
        reply: Reply = (200, {}, body)
        server.answer(
            history.path, lambda q, r=reply: r if q.get("page", q.get("offset")) != "1" else history.answer(q)
        )
        reading = read(server, name)
        assert (reading.state, reading.flows, reading.fills, reading.income) == (SourceState.FAILED, (), (), ()), body
    server.refuse(history.path, 429, "TOO_MANY_REQUESTS", **{"Retry-After": "3600"})
    with pytest.raises(ExchangePaused):
        read(server, name)


def test_a_deposit_counts_from_the_moment_at_which_the_book_has_it(server: GateServer) -> None:
    at = UNTIL - timedelta(hours=3)
    server.answer(
        "/wallet/deposits", lambda q: [{**moved(1, at), "status": "DEP_CREDITED"}] if q["offset"] == "0" else []
    )
    row = {**booked(1, at + timedelta(minutes=4)), "change": "5", "type": "deposit"}
    server.answer("/spot/account_book", lambda q: [row] if q["type"] == "deposit" and q["page"] == "1" else [])

    (flow,) = read(server, "deposits").flows

    assert flow.completed_at == at + timedelta(minutes=4)


def test_gatecodes_are_counted_from_the_book_alone(server: GateServer) -> None:
    at = UNTIL - timedelta(hours=3)
    code = {"id": "b88", "currency": "USDT", "timestamp": str(seconds(at)), "status": "BCODE"}
    server.answer("/wallet/withdrawals", [code])
    row = {**booked(0, at), "change": "-7", "balance": "3", "type": "withdraw_gatecode"}
    server.answer("/spot/account_book", [row])

    assert read(server, "withdrawals").flows == ()
    (flow,) = read(server, "account book").flows
    assert (flow.kind, flow.amount, flow.completed_at) == (FlowKind.WITHDRAWAL, 7, at)


@pytest.mark.parametrize("market", [FillMarket.CONVERT, FillMarket.DUST])
def test_conversions_are_read_page_by_page_until_they_are_too_old(market: FillMarket, server: GateServer) -> None:
    def row(n: int, at: datetime) -> Row:
        if market is FillMarket.DUST:
            return {"id": str(n), "create_time": seconds(at), "currency": "FLOKI", "amount": "5", "gt_amount": "0.1"}
        return {"id": n, "create_time": ms(at), "sell_currency": "BTC", "sell_amount": "1", "buy_currency": "USDT",
                "buy_amount": "9", "status": 1}  # fmt: skip

    path = "/flash_swap/orders" if market is FillMarket.CONVERT else "/wallet/small_balance_history"
    history = History(path=path, limit=100, row=row)
    server.answer(path, history.answer)
    query = FillQuery(market=market, since=SINCE, until=UNTIL)
    for rows in (0, 1, 99, 100, 101, 300):
        history.make(rows)
        history.rows += [(SINCE - timedelta(hours=n), row(1000 + n, SINCE - timedelta(hours=n))) for n in range(1, 250)]
        page = ask(server, lambda account: account.fetch_fills(query))
        assert (len(page.fills), page.is_last) == (rows, True)
    server.answer(path, lambda _: (200, {}, "{}"))
    with pytest.raises(ExchangeUnavailable):
        ask(server, lambda account: account.fetch_fills(query))


@pytest.mark.parametrize("rows", [0, 1, 99, 100, 101, 300])
def test_every_page_of_what_is_lent_is_read(rows: int, server: GateServer) -> None:
    fill(server, RICH)
    lends = [{"currency": f"C{n}", "amount": "1"} for n in range(rows)]

    def answer(query: Query) -> list[Row]:
        first = (int(query["page"]) - 1) * int(query["limit"])
        return lends[first : first + int(query["limit"])]

    server.answer("/earn/uni/lends", answer)
    closed = [{"id": n, "status": "FAILED", "invest_currency": "USDT", "invest_amount": "1"} for n in range(100)]
    opened = [
        {**closed[0], "id": 100, "status": "INIT"}
    ]  # on the second page, behind a first without anything that counts
    server.answer("/earn/dual/orders", lambda q: closed if q["page"] == "1" else opened)
    found = {one.wallet: one.balances for one in ask(server, lambda account: account.fetch_wallets()).wallets}

    assert len(found["earn_lending"]) == rows
    assert [balance.quantity for balance in found["dual_investment"]] == [1]
