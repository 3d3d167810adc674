"""Fills that are found late: in whatever order they are read, every row is that of fills that were all known in time."""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from finance.flow_values import ValuationPrice
from finance.records import ContractFill, FillMarket, FillRecord
from monitor.ledger.store.fills_and_income import record_contract_fills, record_fills
from monitor.market.known_prices import Fetched
from monitor.market.store.prices import record_minute_prices
from monitor.performance.derivation import derive_again
from tests.monitor.notation import D, at
from tests.monitor.performance.hours import PRICES, Hours

FIRST = at("2026-05-01 10:00")
HOURS, MINUTE = 3, timedelta(minutes=1)
TABLES = ("explanations", "trades", "trade_moves", "fees", "contract_hours")
HELD = {"USDT": D(900_000), "BTC": D(20), "ETH": D(300), "BNB": D(50)}
PAIRS = (("BTC", "USDT"), ("ETH", "USDT"), ("ETH", "BTC"))
ROW = re.compile(r"\b([fc])(\d+)\b")
Late = FillRecord | ContractFill

moments = st.sampled_from([7, 30, 31, 80, 150])  # few, so that many have the same
sizes = st.sampled_from(["-3", "-1", "1", "2"]).map(D)


@st.composite
def fills(draw: st.DrawFn) -> list[Late]:
    """Fills of pairs, with fees in any coin, and of a contract; several of one moment."""
    found: list[Late] = []
    for number in range(draw(st.integers(2, 7))):
        name, when, units = str(10 - number), FIRST + draw(moments) * MINUTE, draw(sizes)
        price = D(draw(st.integers(90, 110))) / 100
        if draw(st.booleans()) and draw(st.booleans()):
            one = ContractFill(wallet="usd_m_futures", symbol="BTCUSDT", exchange_id=name, side="both", quantity=units,
                               price=50_000 * price, occurred_at=when, settle="USDT")  # fmt: skip
            found.append(one)
            continue
        base, quote = draw(st.sampled_from(PAIRS))
        found.append(
            FillRecord(
                market=FillMarket.SPOT,
                symbol=base + quote,
                exchange_id=name,
                order_id=name,
                base_asset=base,
                base_quantity=units,
                quote_asset=quote,
                quote_quantity=-units * price * PRICES[base] / PRICES[quote],
                occurred_at=when,
                fee_asset=draw(st.sampled_from(["USDT", base, "BNB"])),
                fee=D("0.01"),
            )
        )
    return found


def record_hours(hours: Hours, found: Iterable[Late]) -> None:
    """Three hours whose readings hold what `found` leaves, though no fill is known."""
    prices = PRICES | {"BNB": D(600)}
    for number in range(HOURS + 1):
        taken_at, held = FIRST + timedelta(hours=number), dict(HELD)
        for fill in found:
            for asset, units in fill.moves if isinstance(fill, FillRecord) and fill.occurred_at < taken_at else ():
                held[asset] += units
        hours.record(taken_at, " ".join(f"{units} {asset}" for asset, units in held.items()), prices=prices)
    minutes = {FIRST + number * MINUTE for number in range(60 * HOURS)}
    known = {(asset, minute): ValuationPrice(value=prices[asset] + minute.minute, route=asset)
             for asset in ("BTC", "BNB") for minute in minutes}  # fmt: skip
    record_minute_prices(hours.db, "binance", known)


def tell(hours: Hours, found: Sequence[Late]) -> None:
    """Some fills are read, and what they change is derived again."""
    swaps = [one for one in found if isinstance(one, FillRecord)]
    record_fills(hours.db, 1, swaps, seen_at=FIRST, run_id=None)
    record_contract_fills(hours.db, 1, [one for one in found if isinstance(one, ContractFill)])
    since = min(one.occurred_at for one in found) - MINUTE
    derive_again(hours.db, 1, Fetched(exchange="binance"), since=since)


def all_rows(hours: Hours) -> dict[str, list[str]]:
    """Every derived row, in which records have the exchange's numbers: ours are those of the order in which they were read."""
    numbers = {f"f{one['id']}": f"fill {one['exchange_id']}" for one in hours.rows("select id, exchange_id from fills")}
    numbers |= {
        f"c{one['id']}": f"contract {one['exchange_id']}"
        for one in hours.rows("select id, exchange_id from contract_fills")
    }

    def name(row: dict[str, Any]) -> str:
        return ROW.sub(lambda found: numbers[found[0]], str({key: str(value) for key, value in row.items()}))

    return {table: sorted(name(row) for row in hours.rows(f"select * from {table}")) for table in TABLES}


@settings(
    max_examples=5, deadline=None, phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(fills(), st.data())
def test_fills_that_come_late_in_any_order_end_in_the_rows_of_those_that_came_in_time(
    hours: Hours, found: list[Late], data: st.DataObject
) -> None:
    order, parts = data.draw(st.permutations(found)), data.draw(st.integers(1, 3))
    rows = []
    with hours.db.transaction(force_rollback=True):
        record_hours(hours, found)
        for told in ([found], [order[number::parts] for number in range(parts)]):
            with hours.db.transaction(force_rollback=True):
                for some in filter(None, told):
                    tell(hours, some)
                rows.append(all_rows(hours))
    assert rows[0] == rows[1]
    assert rows[0]["trades"]
