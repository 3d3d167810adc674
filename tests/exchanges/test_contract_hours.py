"""Hours with contracts at all exchanges: which executions are read, when, and what the trades of them come to beside
the story's own books; over HTTP, to a real Postgres.
"""

from argparse import Namespace
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal as D
from fractions import Fraction
from pathlib import Path
from typing import Any

import psycopg
import pytest

from finance.trades import OpenedBy
from monitor.commands.trade_sync import sync_all
from monitor.commands.trades import run_verify
from monitor.performance.verification import verify
from monitor.recovery import syncing
from monitor.trading.contracts import ContractTrades, load_contract_trades
from monitor.trading.trades import load_account_trades
from paper.stories import futures
from sql.vault import Credentials, Secret
from tests.exchanges.bitget import test_hours as bitget
from tests.exchanges.gate import test_venue as gate
from tests.exchanges.mexc import test_venue as mexc
from tests.independent.contract_paths import find_points
from tests.independent.contract_trades import Begun, Cycle, follow
from tests.postgres import Database
from tests.venue import KEY, SECRET, RunningVenue
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker

MONEY = """
+0m deposit 50000 USDT
+1m deposit 2 BTC
+2m transfer 20000 USDT from spot to futures
+3m transfer 1 BTC from spot to coin_m
"""
MEXC = Credentials(key=Secret(mexc.KEY), secret=Secret(mexc.SECRET))
PERSON_AT_MEXC = f"+0m account Ann on mexc key {mexc.KEY} secret {mexc.SECRET}"
ACCOUNTS = {
    "bitget classic": (bitget.PERSONS.format(system="classic"), bitget.CREDENTIALS),
    "bitget unified": (bitget.PERSONS.format(system="unified"), bitget.CREDENTIALS),
    "gate classic": (gate.PERSONS.format(system="classic"), gate.CREDENTIALS),
    "gate portfolio": (gate.PERSONS.format(system="portfolio"), gate.CREDENTIALS),
    "mexc": (PERSON_AT_MEXC, MEXC),
    "binance": (f"+0m account Ann key {KEY} secret {SECRET}", Credentials(key=Secret(KEY), secret=Secret(SECRET))),
}
ONE_WAY: tuple[tuple[str, ...], ...] = (
    ("long 0.2 BTCUSDT", "short 3 ETHUSDT", "long 7 BTCUSD_PERP"),
    ("close 0.05 BTCUSDT", "funding pay 1.5 USDT BTCUSDT", "long 0.1 BTCUSDT"),
    (),
    ("short 0.4 BTCUSDT", "close 3 BTCUSD_PERP", "close ETHUSDT", "long 1 ETHUSDT"),
    ("liquidate ETHUSDT", "close BTCUSDT", "close BTCUSD_PERP"),
)
HEDGED: tuple[tuple[str, ...], ...] = (
    ("hedge on", "long 0.2 BTCUSDT", "short 0.1 BTCUSDT"),
    ("short 0.1 BTCUSDT", "close 0.05 BTCUSDT long", "funding receive 2 USDT BTCUSDT"),
    ("close BTCUSDT short", "liquidate BTCUSDT long"),
)
BEGUN = ("long 0.2 BTCUSDT", "short 3 ETHUSDT", "long 7 BTCUSD_PERP")
AFTER_BEGUN: tuple[tuple[str, ...], ...] = (
    ("close 0.05 BTCUSDT", "funding pay 1.5 USDT BTCUSDT", "long 0.1 BTCUSDT"),
    (),
    ("short 0.4 BTCUSDT", "close 3 BTCUSD_PERP", "close ETHUSDT", "long 1 ETHUSDT"),
    ("close BTCUSDT", "close BTCUSD_PERP"),
)
BEGUN_HEDGED = ("hedge on", "long 0.2 BTCUSDT", "short 0.1 BTCUSDT")
AFTER_BEGUN_HEDGED: tuple[tuple[str, ...], ...] = (
    ("short 0.1 BTCUSDT", "close 0.05 BTCUSDT long", "funding receive 2 USDT BTCUSDT"),
    ("close BTCUSDT short", "liquidate BTCUSDT long"),
)
CLOSED_BY_FORCE: tuple[tuple[str, ...], ...] = (
    ("long 0.2 BTCUSDT", "short 2 ETHUSDT", "long 20 SOLUSDT"),
    ("order 0.2 BTCUSDT", "liquidate 0.15 BTCUSDT", "liquidate BTCUSDT fee 3"),
    ("deleverage ETHUSDT", "deliver SOLUSDT"),
)
BEFORE = """
update monitor.income set raw = raw - 'positionSide' - 'orderedAt' || case when raw ->> 'symbol' like '%USD\\_PERP' and raw ? 'orderId'
    then '{"symbol": "BTC_USD"}'::jsonb else '{}'::jsonb end
"""  # as rows were before this was read
UPDATE = Path(__file__).parents[2] / "sql/migrations/0055_fills_of_bookings.sql"
CLOSED = {
    "bitget": ("/api/v2/mix/position/history-position",),
    "mexc": ("/api/v1/private/position/list/history_positions",),
}
OF_FILLS = (
    *("userTrades", "fill-history", "v3/trade/fills", "my_trades_timerange", "order_deals"),
    *("history-position", "position_close", "history_positions"),
)
FORCED = ("liquidation", "adl", "delivery")
LINEAR = {"BTCUSDT", "ETHUSDT"}


def live(
    account: str,
    lives: tuple[tuple[str, ...], ...],
    open_venue: VenueOpener,
    open_worker: Opener,
    before: tuple[str, ...] = (),
) -> Any:
    """The venue and the worker after these hours, and of each hour how often fills of contracts were asked for."""
    story, credentials = ACCOUNTS[account]
    exchange = account.partition(" ")[0]
    venue = open_venue(story + MONEY)
    worker = open_worker(venue)
    worker.add_at(exchange, "Ann", credentials)
    for line in before:
        venue.do(line, "Ann")
        venue.advance(minutes=10)
    worker.run(venue.now())
    calls = []
    for lines in lives:
        for line in lines:
            venue.advance(minutes=10)
            venue.do(line, "Ann")
        venue.advance(minutes=60 - 10 * len(lines))
        venue.control("/requests", method="DELETE")
        worker.run(venue.now())
        calls.append(sum(any(path in call["path"] for path in OF_FILLS) for call in venue.requests()))
    assert {hour["status"] for hour in worker.hours()} == {"COMPLETE"}
    return venue, worker, calls


def load(worker: Worker) -> ContractTrades:
    """The account's trades in contracts; all that is stored of them is as it is computed again, and proven hour by hour."""
    now = datetime.now(UTC)
    assert verify(worker.db).differences == ()
    assert run_verify(worker.db, worker.settings, Namespace(account=None, portfolio=None, json=True), now) == 0
    found = load_contract_trades(worker.db, 1, load_account_trades(worker.db, 1, now), now)
    assert found
    return found


def statements_of_update() -> list[bytes]:
    """What the update does with rows."""
    text = "\n".join(line for line in UPDATE.read_text(encoding="utf-8").splitlines() if not line.startswith("--"))
    wanted = [one.strip() for one in text.split(";") if one.strip().startswith(("update", "insert"))]
    return [one.encode() for one in wanted]


def read_pieces(worker: Worker) -> list[tuple[Any, ...]]:
    """Which executions and closed positions are stored."""
    found = worker.rows(
        "select symbol, exchange_id from contract_fills union all select symbol, 'p ' || exchange_id from closed_positions"
    )
    return sorted(tuple(row.values()) for row in found)


def executed(venue: RunningVenue) -> list[Any]:
    """The story's own."""
    found: list[Any] = venue.exchange.venue.accounts["Ann"].contract_fills
    return found


def find_begun(venue: RunningVenue, worker: Worker) -> list[Begun]:
    """What the story had open at the first reading."""
    at = worker.hours()[0]["taken_at"]
    sides: defaultdict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for one in executed(venue):
        sides[one.symbol, one.side] += Fraction(one.quantity) if one.at < at else 0
    marks = {symbol: Fraction(futures.mark_price(venue.exchange.venue, symbol, at)) for symbol, _ in sides}
    return [Begun(symbol, side, held, marks[symbol], at) for (symbol, side), held in sides.items() if held]


def symbol_of(trade_symbol: str) -> str:
    """The venue's name of a contract."""
    return trade_symbol if trade_symbol.endswith("_PERP") else trade_symbol.replace("_", "")


def compare(trades: ContractTrades, cycles: list[Cycle], *, has_positions: bool = True) -> None:
    """Every trade against the story's: its moments, what it gained by prices, what the exchange said, what it paid."""
    told = sorted(trades.trades, key=lambda one: (one.opened_at, symbol_of(one.contract.symbol), one.is_short))
    expected = sorted(cycles, key=lambda one: (one.opened, one.symbol, one.is_short))
    assert [(symbol_of(one.contract.symbol), one.is_short, one.opened_at, one.closed_at) for one in told] == [
        (one.symbol, one.is_short, one.opened, one.closed) for one in expected
    ]
    for trade, cycle in zip(told, expected, strict=True):
        assert abs(Fraction(trade.settled_gross) - cycle.gross) <= Fraction(1, 10**9), trade
        if not cycle.is_begun:  # the exchange counts that from its own entry, and rounds each profit
            assert abs(Fraction(trade.stated) - cycle.gross) <= Fraction(cycle.fills, 10**8), trade
        if trade.contract.settle == "USDT":
            assert abs(Fraction(trade.fees) - cycle.paid) <= Fraction(cycle.fills, 10**8), trade
        if (
            trade.closed_at and has_positions and not cycle.is_begun
        ):  # a position through zero, or one that its funding is shared with, is another one there
            theirs = trades.positions[trade.id]
            assert abs(theirs.profit - trade.settled_gross) <= D("1e-8") * cycle.fills, trade
            assert theirs.net == theirs.profit - theirs.fees + theirs.funding, trade
        ended = trades.exits[trade.id][-1].kind if trade.closed_at else None
        assert (ended if ended in FORCED else "") == cycle.ended_by, trade
    assert trades.unmatched == 0


def compare_paths(worker: Worker, venue: RunningVenue) -> int:
    """How far each closed trade went, against every mark price of its minutes; returns how many there are."""
    waiting = "closed_at is not null and settle is not null and not is_looked_at and opened_by <> 'opening'"
    while worker.rows(f"select from trades where {waiting}"):
        venue.advance(minutes=60)
        worker.run(venue.now())
    known = worker.rows("select * from trade_excursions join trades on id = trade_id where settle is not null")
    for trade in known:
        moves = worker.rows("select * from trade_moves where trade_id = %(t)s order by hour, number", t=trade["id"])
        fees = worker.rows("select * from fees where trade_id = %(t)s", t=trade["id"])
        points = find_points(venue.exchange.venue.market, symbol_of(trade["asset"]), trade, moves, fees)
        assert trade["grid"] == "minutes"
        assert abs(Fraction(trade["worst"]) - min(points)) < Fraction(1, 10**12), trade
        assert abs(Fraction(trade["best"]) - max(points)) < Fraction(1, 10**12), trade
        assert trade["drawdown"] >= max(points) - points[-1] - Fraction(1, 10**12), trade
    return len(known)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_trades_and_a_stated_rest_are_what_positions_realised(
    account: str, open_venue: VenueOpener, open_worker: Opener
) -> None:
    venue, worker, calls = live(account, ONE_WAY, open_venue, open_worker)

    assert [bool(count) for count in calls] == [bool(lines) for lines in ONE_WAY]  # a quiet hour asks for none
    assert worker.rows("select * from contracts_due") == []
    assert len(worker.rows("select * from contract_fills")) >= len(executed(venue))
    found = load(worker)
    is_known = not account.startswith("bitget")  # how it counts a contract that settles in its own coin is not known
    assert found.incomplete == ([] if is_known else ["BTCUSD"])
    of_known = follow(one for one in executed(venue) if is_known or one.symbol in LINEAR)
    compare(found, of_known, has_positions=account != "binance")  # which says nothing of closed positions
    assert not is_known or abs(found.rest) < D("0.01")  # eight decimals of a bitcoin
    [stated] = worker.rows("select sum(amount) as profit from income where kind = 'realised_profit' and asset = 'USDT'")
    assert stated["profit"] == sum(one.profit for one in executed(venue) if one.asset == "USDT")
    assert sum((one.funding for one in found.trades), D(0)) == D("-1.5")
    assert compare_paths(worker, venue) == sum(1 for one in found.trades if one.closed_at)


@pytest.mark.parametrize("account", ["bitget classic", "bitget unified", "gate classic", "mexc"])
def test_in_hedge_mode_each_side_is_a_trade_of_its_own(
    account: str, open_venue: VenueOpener, open_worker: Opener
) -> None:
    venue, worker, _ = live(account, HEDGED, open_venue, open_worker)

    found = load(worker)
    assert found.incomplete == []
    assert abs(found.rest) < D("1e-6")
    compare(found, follow(executed(venue)))
    assert sum((one.funding for one in found.trades), D(0)) == 2
    assert (found.unrealised, found.made) == (0, found.realised + found.rest)  # nothing is open any more


@pytest.mark.parametrize(
    ("account", "before", "lives"),
    [
        *(
            (name, BEGUN, AFTER_BEGUN)
            for name in ("binance", "bitget classic", "bitget unified", "gate classic", "mexc")
        ),
        *((name, BEGUN_HEDGED, AFTER_BEGUN_HEDGED) for name in ("bitget unified", "gate classic", "mexc")),
    ],
)
def test_what_was_open_at_the_first_reading_is_in_trades_from_there_on(
    account: str, before: tuple[str, ...], lives: Any, open_venue: VenueOpener, open_worker: Opener
) -> None:
    venue, worker, _ = live(account, lives, open_venue, open_worker, before)

    found, is_known = load(worker), not account.startswith("bitget")
    begun = [one for one in find_begun(venue, worker) if is_known or one.symbol in LINEAR]
    of_known = [one for one in executed(venue) if is_known or one.symbol in LINEAR]
    compare(found, follow(of_known, begun), has_positions=account != "binance")
    opened = {one.id: one for one in found.trades if one.opened_by is OpenedBy.OPENING}
    assert len(opened) == len(begun)
    for name, trade in opened.items():  # where MEXC has but one way, it names the side all the same
        of_side = "" if trade.contract.side == "both" else f".{trade.side.lower()}"
        assert name == f"o.{trade.contract.symbol}{of_side}"
    assert not any(one.is_countable for one in opened.values())
    assert [one.symbol for one in found.open_before] == ([] if is_known or before == BEGUN_HEDGED else ["BTCUSD"])
    if not found.open_before:
        assert abs(found.rest) < D("0.01")
    [made] = worker.rows("select sum(positions) as made from explanations")
    assert made["made"] == found.realised + found.unrealised + found.rest == found.made
    assert sum((one.funding for one in opened.values()), D(0)) == (2 if before == BEGUN_HEDGED else D("-1.5"))


@pytest.mark.parametrize("account", ["bitget classic", "mexc"])  # found by moment and side, by order
def test_what_was_traded_before_an_update_is_read_after_it_or_by_the_command(
    account: str,
    open_venue: VenueOpener,
    open_worker: Opener,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(syncing, "PAUSE_SECONDS", 0)
    venue, worker, _ = live(account, ONE_WAY[:4], open_venue, open_worker)
    known = read_pieces(worker)
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("delete from monitor.contract_fills")
        owner.execute("delete from monitor.closed_positions")
        owner.execute(BEFORE)
        for statement in statements_of_update():
            owner.execute(statement)

    assert len(known) > 8
    exchange = account.partition(" ")[0]
    for path in CLOSED[exchange]:
        venue.fault(path, {"status": 503, "body": ""}, exchange=exchange)
    assert sync_all(worker.db, worker.settings, None, venue.now()) == 1
    assert read_pieces(worker) == [one for one in known if not one[1].startswith("p ")]  # the executions all the same
    venue.clear_faults()
    assert sync_all(worker.db, worker.settings, None, venue.now()) == 0
    assert read_pieces(worker) == known
    said = capsys.readouterr().out
    assert "closed positions, contract 1 of 3" in said and "trades in contracts, the oldest of 2026-03-01" in said
    assert sync_all(worker.db, worker.settings, None, venue.now()) == 0
    assert read_pieces(worker) == known and "trades, contract 1" not in capsys.readouterr().out


def test_all_parts_of_an_order_are_read_however_long_it_takes(open_venue: VenueOpener, open_worker: Opener) -> None:
    """MEXC books an order when it has ended; parts of it are weeks older."""
    venue, worker, _ = live("mexc", (("long 0.2 BTCUSDT",),), open_venue, open_worker)
    venue.do("order 0.1 BTCUSDT", "Ann")
    for days in (0, 10, 9):
        venue.advance(days=days)
        venue.do("close 0.04 BTCUSDT" if days != 9 else "close 0.02 BTCUSDT", "Ann")
    venue.advance(hours=1)
    worker.run(venue.now())

    read = worker.rows("select quantity from contract_fills order by occurred_at")
    assert [row["quantity"] for row in read] == [D("0.2"), D("-0.04"), D("-0.04"), D("-0.02")]
    assert worker.rows("select * from contracts_due") == []


def test_trades_that_cost_nothing_are_read_all_the_same(
    open_venue: VenueOpener, open_worker: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At MEXC many a fee is zero, and what only opens makes no profit."""
    monkeypatch.setattr(futures, "COMMISSION", D(0))
    lives = (("long 0.2 BTCUSDT",), ("close BTCUSDT",))
    venue, worker, calls = live("mexc", lives, open_venue, open_worker)

    assert all(calls)
    compare(load(worker), follow(executed(venue)))


@pytest.mark.parametrize("account", ["binance", "bitget classic", "gate classic", "mexc"])
def test_what_the_exchange_closes_says_so(account: str, open_venue: VenueOpener, open_worker: Opener) -> None:
    """A liquidation in two fills of one order, ADL, and a contract that ends, as far as each exchange has a word for it."""
    is_told = account in ("binance", "bitget classic")  # the clearance fee of a liquidation, and that a perpetual ended
    without_fee = tuple(tuple(line.partition(" fee")[0] for line in lines) for lines in CLOSED_BY_FORCE)
    lives = CLOSED_BY_FORCE if is_told else without_fee
    venue, worker, _ = live(account, lives, open_venue, open_worker)

    found = load(worker)
    assert abs(found.rest) < D("1e-6")
    exits = {symbol_of(one.contract.symbol): found.exits[one.id] for one in found.trades}
    assert {symbol: [gone.kind for gone in gone_all] for symbol, gone_all in exits.items()} == {
        "BTCUSDT": ["liquidation"], "ETHUSDT": ["adl"], "SOLUSDT": ["delivery" if is_told else "manual"],
    }  # fmt: skip
    [liquidated] = [one for one in found.trades if symbol_of(one.contract.symbol) == "BTCUSDT"]
    commissions = sum(one.commission for one in executed(venue) if one.symbol == "BTCUSDT")
    assert (liquidated.fills, liquidated.fees) == (3, commissions + (3 if is_told else 0))
    fees = worker.rows("select trade_id, value from fees where kind = 'liquidation_fee'")
    assert [tuple(row.values()) for row in fees] == ([(liquidated.id, 3)] if is_told else [])
