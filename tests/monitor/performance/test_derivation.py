"""Units and benchmarks, derived from stored hours; deriving again changes nothing."""

from finance.moments import EPOCH
from monitor.market.known_prices import Fetched
from monitor.performance.derivation import derive_again
from tests.monitor.notation import at
from tests.monitor.performance.hours import Hours, deposit

FIRST, SECOND, THIRD = at("2026-05-01 10:02"), at("2026-05-01 11:02"), at("2026-05-01 12:02")
CAME = deposit(1, "0.02", "BTC", at("2026-05-01 10:30"))
TABLES = ("nav_history", "benchmark_history", "flow_valuations", "benchmark_flows", "explanations")


def record_three(hours: Hours) -> None:
    """Three hours with a deposit in the first interval."""
    hours.record(FIRST, "1000 USDT")
    hours.record(SECOND, "1000 USDT 0.02 BTC", CAME)
    hours.record(THIRD, "1000 USDT 0.02 BTC", CAME)


def test_a_flow_is_valued_at_its_own_minute_and_buys_units_at_the_price_of_then(hours: Hours) -> None:
    record_three(hours)

    (flow,) = hours.rows("select * from flow_valuations where value <> 1000 or price > 1")
    assert (flow["price"], flow["value"], flow["nav_before"], flow["units"], flow["estimated"]) == (
        *(50_000, 1000, 1000, 10),
        False,
    )


def test_the_benchmarks_are_given_the_same_money_at_the_same_moments(hours: Hours) -> None:
    record_three(hours)

    rows = hours.rows(
        "select h.invested, h.nav from benchmark_history h join benchmark_configs c on c.id = h.benchmark_id"
        " where c.account_id = 1 and c.name = 'hold' order by hour"
    )
    assert [row["invested"] for row in rows] == [1000, 2000, 2000]
    assert [row["nav"] for row in rows] == [1000, 2000, 2000]  # prices stood still


def test_deriving_everything_again_changes_nothing(hours: Hours) -> None:
    record_three(hours)
    before = {table: hours.rows(f"select * from {table} order by 1, 2") for table in TABLES}

    with hours.db.transaction():
        derive_again(hours.db, 1, Fetched(exchange="binance"), since=EPOCH)

    assert {table: hours.rows(f"select * from {table} order by 1, 2") for table in TABLES} == before
