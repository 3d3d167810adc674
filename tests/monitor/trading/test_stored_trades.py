"""Trades and fees as they are stored: whatever hour they are derived from again, their rows are the same."""

from typing import Any

import pytest

from finance.moments import EPOCH
from monitor.market.missing_prices import Fetched
from monitor.performance.derivation import derive_again
from monitor.performance.verification import verify
from sql.connect import connect
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker

TABLES = ("trades", "trade_moves", "fees")
EVENTS = (
    "buy 5 SOLUSDT", "sell 2 SOLUSDT", "sell 2.99 SOLUSDT", "buy 2 SOLUSDT", "deposit 1 SOL", "withdraw 1 SOL fee 0.01",
    "sell 0.1 ETHUSDT",
)  # fmt: skip


@pytest.fixture
def history(worker: Worker, venue: RunningVenue) -> Worker:
    """Hours in which a trade is opened, partly closed, closed with dust left, and opened again; fees in BNB from half-way on."""
    venue.do("deposit 5000 USDT")
    venue.do("buy 1 BNBUSDT")
    worker.run(venue.now())
    for number, event in enumerate(EVENTS):
        venue.advance(minutes=30)
        if number == 3:
            venue.do("bnbfees on")
        venue.do(event)
        venue.advance(minutes=30)
        worker.run(venue.now())
    return worker


def all_rows(worker: Worker) -> dict[str, list[dict[str, Any]]]:
    return {name: worker.rows(f"select * from {name} order by {name}") for name in TABLES}


def test_rows_are_the_same_from_whatever_hour_they_are_derived_again(history: Worker) -> None:
    stored = all_rows(history)
    assert [len(stored[name]) for name in TABLES] == [5, 11, 5]
    for since in (EPOCH, *(row["taken_at"] for row in history.hours())):
        derive_again(history.db, 1, Fetched(exchange="binance"), since=since)
        assert all_rows(history) == stored, since
    assert verify(history.db).differences == ()


@pytest.mark.parametrize("change", [
    "update trades set gross = gross + 1e-18 where closed_at is null and side = 'LONG'",
    "update trades set fills = fills + 1 where closed_at is not null",
    "update trade_moves set kind = 'dust' where effect = 'exit'",
    "delete from fees where number = 0",
])  # fmt: skip
def test_a_changed_row_is_found(history: Worker, database: Database, change: str) -> None:
    with connect(database.owner_url, name="test", schema="monitor") as owner, owner.transaction(force_rollback=True):
        owner.execute(change)
        assert verify(owner).differences
