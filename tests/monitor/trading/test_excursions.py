"""How far a closed trade went, as a run finds it in the exchange's klines."""

import json
import urllib.request
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.moments import EPOCH
from finance.trades import OpenedBy, Trade
from monitor.market.known_prices import Fetched
from monitor.performance.derivation import derive_again
from monitor.trading import excursions
from sql.connect import connect
from tests.monitor.notation import at
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker

MINUTE = timedelta(minutes=1)


def trade_sol(worker: Worker, venue: RunningVenue, *, hours: int) -> None:
    """Bought at half past, `hours` long held, and sold at half past."""
    worker.run(venue.now())
    venue.advance(minutes=28)
    venue.do("buy 10 SOLUSDT")
    venue.advance(minutes=32)
    for _ in range(hours):
        run_next(worker, venue)
    venue.advance(minutes=20)
    venue.do("sell 9.99 SOLUSDT")
    venue.advance(minutes=40)
    worker.run(venue.now())


def run_next(worker: Worker, venue: RunningVenue) -> None:
    worker.run(venue.now())
    venue.advance(minutes=60)


def stored(worker: Worker) -> dict[str, Any]:
    [row] = worker.rows("select * from trade_excursions join trades on id = trade_id where asset = 'SOL'")
    return row


def minutes_of(venue: RunningVenue, since: Any, until: Any) -> list[tuple[Any, Decimal, Decimal, Decimal]]:
    """When each minute begins, its low, high and close, as anybody may ask."""
    found = []
    while since <= until:
        asked = f"symbol=SOLUSDT&interval=1m&startTime={int(since.timestamp() * 1000)}&limit=1000"
        with urllib.request.urlopen(f"{venue.url}/api/v3/klines?{asked}") as answer:
            rows = json.load(answer)
        found += [(row[0] // 1000, *map(Decimal, (row[3], row[2], row[4]))) for row in rows]
        since += 1000 * MINUTE
    return found


def test_the_worst_and_the_best_point_are_those_of_every_minute(worker: Worker, venue: RunningVenue) -> None:
    trade_sol(worker, venue, hours=3)
    row = stored(worker)
    bought, sold = worker.rows("select * from trade_moves where trade_id = %(t)s order by hour", t=row["id"])
    fee: Decimal = worker.rows("select value from fees where trade_id = %(t)s order by hour", t=row["id"])[0]["value"]

    def net(price: Decimal) -> Decimal:
        """Of 9.99 SOL: a thousandth went as the fee."""
        return Decimal("9.99") * (price - Decimal(bought["value"] / bought["quantity"])) - fee

    first, last = (int(one["at"].timestamp()) // 60 * 60 for one in (bought, sold))
    known = [net(bought["value"] / bought["quantity"]) + fee, row["net"]]
    for minute, low, high, close in minutes_of(venue, bought["at"].replace(second=0), sold["at"]):
        if first < minute < last:
            known += [net(low), net(high)]
        elif minute == first:
            known.append(net(close))
    assert (row["grid"], row["best"]) == ("minutes", max(known))
    assert row["worst"] == min(known)
    assert row["drawdown"] >= row["best"] - row["net"]


@pytest.mark.parametrize("days", [0, 3, 84, 180, 399])
@pytest.mark.parametrize("hours", [1, 8, 9])
def test_no_trade_takes_more_calls_than_a_run_has(days: int, hours: int) -> None:
    """Else it would be the next one for ever, and those before it would never be looked at."""
    opened = at("2026-01-01 00:00")
    closed = opened + timedelta(days=days, hours=hours)
    one = Trade(id="f1", asset="SOL", is_short=False, opened_by=OpenedBy.FILL, opened_at=opened, closed_at=closed)
    filled = [opened + timedelta(hours=number) for number in range(hours)]
    assert 0 < excursions._count_calls(one, filled) <= excursions.MOST_CALLS


@pytest.mark.usefixtures("first_hour")
def test_a_trade_that_ended_this_minute_is_looked_at_later(worker: Worker, venue: RunningVenue) -> None:
    """Its minutes are not over, so its klines would say that there are none."""
    venue.advance(minutes=60)
    venue.do("buy 10 SOLUSDT")
    venue.do("sell 9.986 SOLUSDT")
    venue.advance(minutes=0.5)
    worker.run(venue.now())
    assert worker.rows("select 1 from trades where asset = 'SOL' and closed_at is not null")
    assert not worker.rows("select 1 from trade_excursions")
    venue.advance(minutes=60)
    worker.run(venue.now())
    assert stored(worker)["grid"] == "minutes"


def test_what_was_looked_at_is_asked_once_and_again_when_the_trade_has_changed(
    worker: Worker, venue: RunningVenue, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excursions, "MOST_CALLS", 1)  # a trade of two hours takes three
    trade_sol(worker, venue, hours=1)
    assert worker.rows("select 1 from trade_excursions") == []
    monkeypatch.undo()
    venue.advance(minutes=60)
    run_next(worker, venue)
    run_next(worker, venue)
    assert stored(worker)["grid"] == "minutes"
    derive_again(worker.db, 1, Fetched(exchange="binance"), since=EPOCH)
    assert stored(worker)["is_looked_at"]
    with connect(database.owner_url, name="test", schema="monitor") as owner:
        owner.execute("update trade_excursions set entered = entered + 1")
    derive_again(worker.db, 1, Fetched(exchange="binance"), since=EPOCH)
    run_next(worker, venue)
    assert len(worker.rows("select 1 from trade_excursions")) == 2
