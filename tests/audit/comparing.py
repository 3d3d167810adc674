"""Everything that is stored of an account, beside the auditor's own figures; what differs, in words."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.audit.figures import Row, account_rows, explain
from tests.audit.life import Life, Sight
from tests.audit.wild import WildMarket
from tests.worker import Worker

NEAR = Fraction(1, 10**9)  # what rounding to 18 decimals leaves at most
PARTS = ("price_effect", "trading", "positions", "flows", "income", "fees", "residual")


def is_near(found: Decimal | None, expected: Fraction, scale: Fraction = Fraction(1)) -> bool:
    """Whether a stored figure is the expected one, but for rounding."""
    return found is not None and abs(Fraction(found) - expected) <= NEAR * max(Fraction(1), abs(expected), abs(scale))


def list_differing(worker: Worker, market: WildMarket, life: Life) -> list[str]:
    """Of the worker's one account: hours, units, benchmark, flows, and the parts of each change of NAV."""
    hours = {row["hour"]: row for row in worker.hours()}
    kept = {h: sight for h, sight in life.sights.items() if hours[h]["status"] == "COMPLETE"}
    rows, booked = account_rows(market, list(kept.values()), life.book.changes)
    return [
        *(f"{h} {hours[h]['status']}: {hours[h]['reason']}" for h in life.sights if h not in kept),
        *(f"{h} is an estimate: {hours[h]['reason']}" for h in kept if hours[h]["estimated"]),
        *_compare_hours(worker, hours, dict(zip(kept, rows, strict=True))),
        *_compare_flows(worker, booked, max(sight.at for sight in kept.values())),
        *_compare_parts(worker, market, kept, life),
    ]


def _compare_hours(worker: Worker, hours: dict[datetime, Any], expected: dict[datetime, Row]) -> Iterator[str]:
    baskets = worker.rows(
        "select h.hour, h.nav from benchmark_history h join benchmark_configs c on c.id = h.benchmark_id"
        " where c.account_id = 1 and c.name = 'hold'"
    )
    basket = {row["hour"]: row["nav"] for row in baskets}
    for hour, mine in expected.items():
        for name, figure in (("nav", mine.nav), ("unit_price", mine.unit_price)):
            if not is_near(hours[hour][name], figure):
                yield f"{hour} {name} {hours[hour][name]}, should be {float(figure)}"
        if not is_near(basket[hour], mine.basket, mine.nav):
            yield f"{hour} benchmark {basket[hour]}, should be {float(mine.basket)}"


def _compare_flows(worker: Worker, expected: list[Row], until: datetime) -> Iterator[str]:
    found = worker.rows(
        "select * from flow_valuations where account_id = 1 and occurred_at < %(until)s"
        " order by occurred_at, transaction_id offset 1",
        until=until,
    )
    if [flow["occurred_at"] for flow in found] != [mine.at for mine in expected]:
        yield f"{len(found)} flows, should be {len(expected)}"
    for flow, mine in zip(found, expected, strict=False):
        figures = (("value", mine.value), ("nav_before", mine.nav), ("unit_price", mine.unit_price))
        for name, figure in figures:
            if not is_near(flow[name], figure):
                yield f"flow {mine.at} {name} {flow[name]}, should be {float(figure)}; {flow['reason']}"


def _compare_parts(worker: Worker, market: WildMarket, kept: dict[datetime, Sight], life: Life) -> Iterator[str]:
    for row in worker.rows("select * from explanations where account_id = 1 order by hour"):
        if row["hour"] not in kept:
            continue
        before, after = kept[row["from_hour"]], kept[row["hour"]]
        parts = explain(market, before, after, life.book.changes)
        for name in PARTS:
            if not is_near(row[name], parts.get(name, Fraction(0)), after.worth):
                yield f"{row['hour']} {name} {row[name]}, should be {float(parts.get(name, 0))}; {row['cause']}"
