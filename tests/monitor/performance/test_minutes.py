"""Fees, income and quotes of fills are booked at the price of their minute: what that asks for, and what where it can't be had."""

import re
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from finance.moments import EPOCH
from finance.records import FillRecord
from monitor.ledger.store.events import load_fills_and_income
from monitor.ledger.store.fills_and_income import record_fills
from monitor.market.known_prices import Fetched
from monitor.performance.derivation import derive_again
from monitor.performance.verification import verify
from tests.independent.quotes import Quotes
from tests.venue import RunningVenue
from tests.worker import Worker

KLINES = "/api/v3/klines"


def pass_hour(worker: Worker, venue: RunningVenue, *events: str) -> list[str]:
    """An hour in which `events` happen, three minutes apart; returns the pairs whose past minutes its run asked for."""
    venue.advance(minutes=60 - 3 * len(events))
    for event in events:
        venue.do(event)
        venue.advance(minutes=3)
    venue.control("/requests", method="DELETE")
    worker.run(venue.now())
    asked = [call["asked"] for call in venue.requests() if call["path"] == KLINES and "interval=1m" in call["asked"]]
    return sorted(re.findall("symbol=([A-Z]+)", text)[0] for text in asked if "limit=5" not in text)  # a look at now


def last_hour(worker: Worker) -> dict[str, Any]:
    """The newest explanation."""
    return worker.rows("select * from explanations order by hour desc limit 1")[0]


def test_an_hour_asks_one_call_for_each_coin_however_many_fills_and_keeps_the_rule_it_was_booked_by(
    worker: Worker, venue: RunningVenue
) -> None:
    venue.do("buy 5 BNBUSDT")
    venue.do("bnbfees on")
    worker.run(venue.now())
    assert pass_hour(worker, venue) == []

    assert pass_hour(worker, venue, *["buy 0.01 ETHBTC"] * 6, "dividend 0.1 ETH") == ["BNBUSDT", "BTCUSDT", "ETHUSDT"]
    quotes, hour = Quotes(venue.url), last_hour(worker)
    fees = worker.rows("select f.occurred_at as at, f.fee, f.fee_asset from fills f order by f.id desc limit 6")
    assert {fee["fee_asset"] for fee in fees} == {"BNB"}
    assert Fraction(hour["fees"]) == -sum(Fraction(fee["fee"]) * quotes.price("BNB", fee["at"]) for fee in fees)
    assert hour["booking"] == 2

    venue.fault(KLINES, {"status": 400, "body": '{"code": -1000, "msg": "down"}'}, of="symbol=BNBUSDT")
    pass_hour(worker, venue, "buy 0.01 ETHBTC")
    hour, (fill,) = (
        last_hour(worker),
        load_fills_and_income(worker.db, 1, venue.now() - timedelta(minutes=5), venue.now()),
    )
    assert isinstance(fill, FillRecord)
    assert hour["booking"] == 1 and worker.hours()[-1]["status"] == "COMPLETE"
    price = worker.rows("select price from holdings where asset = 'BNB' order by snapshot_id desc")[0]["price"]
    assert hour["fees"] == -fill.fee * price

    venue.clear_faults()
    pass_hour(worker, venue, "buy 0.01 ETHBTC")
    stored = worker.rows("select * from explanations order by hour")
    assert [row["booking"] for row in stored] == [2, 2, 1, 2]
    derive_again(worker.db, 1, Fetched(exchange="binance"), since=EPOCH)
    assert worker.rows("select * from explanations order by hour") == stored
    late = replace(fill, exchange_id="late", occurred_at=fill.occurred_at - timedelta(minutes=10))
    record_fills(worker.db, 1, [late], seen_at=venue.now(), run_id=None)
    derive_again(worker.db, 1, Fetched(exchange="binance"), since=EPOCH)
    assert worker.rows("select booking, fees from explanations order by hour")[2] == {
        "booking": 1,
        "fees": -2 * fill.fee * price,
    }
    assert verify(worker.db).differences == ()
