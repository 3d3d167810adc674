"""Each side of a reading knows its own: a flow or income is in a row's NAV or after the row, never both or neither."""

import pytest

from dashboard.history import Database as History
from dashboard.history.series import load_flow_points, load_series_and_rates
from finance.measures import Period
from finance.measures.public_market import kaplan_schoar
from finance.measures.window import cut
from monitor.performance.verification import verify
from tests.monitor.notation import D
from tests.postgres import Database
from tests.venue import Opener as OpenVenue
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

DIVIDENDS = "/sapi/v1/asset/assetDividend"
TWO = """
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 10000 USDT
+1m buy for 9000 SOLUSDT
+0m account two key key-two-0123456789 secret secret-two-0123456789
+0m deposit 3000 USDT
"""


@pytest.mark.parametrize("is_told_late", [False, True])
@pytest.mark.usefixtures("first_hour")
def test_income_in_the_very_second_of_a_reading_counts_once(
    is_told_late: bool, worker: Worker, venue: RunningVenue
) -> None:
    venue.advance(hours=1)
    venue.do("dividend 500 USDT")
    if is_told_late:
        venue.fault(DIVIDENDS, {"status": 503, "body": "{}"})
    worker.run(venue.now())
    venue.clear_faults()
    venue.advance(minutes=1)
    venue.do("deposit 2000 USDT")
    venue.advance(minutes=59)
    worker.run(venue.now())

    _, second, last = worker.hours()
    (flow,) = worker.rows("select * from flow_valuations where account_id = 1 and value = 2000")
    assert abs(flow["nav_before"] - second["nav"]) < 20  # the price of a minute later
    assert (flow["estimated"], last["estimated"]) == (False, False)
    assert abs(last["unit_price"] / second["unit_price"] - 1) < D("0.002")
    assert verify(worker.db).differences == ()


def test_a_flow_between_the_readings_of_two_accounts_counts_after_the_row(
    open_worker: Opener, open_venue: OpenVenue, database: Database
) -> None:
    """One is read half a minute before the other; what it gets in between is in neither its NAV nor the total's."""
    venue = open_venue(TWO)
    worker = open_worker(venue)
    for name in ("one", "two"):
        worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
    for number in range(4):
        if number == 1:
            venue.do("revoke", account="two")
            worker.run(venue.now())
            venue.advance(seconds=15)
            venue.do("deposit 6000 USDT", account="one")
            venue.advance(seconds=15)
            venue.do("restore", account="two")
        worker.run(venue.now())
        venue.advance(hours=1)

    rows = worker.hours(0)
    (flow,) = worker.rows("select * from flow_valuations where account_id = 0 and value = 6000")
    with History(database.dashboard_url).reading() as db:
        series, _ = load_series_and_rates(db, 0, "hold", rows[0]["hour"], rows[-1]["hour"], "USDT")
        flows = load_flow_points(db, 0, "hold")
    assert [row["flows"] > 0 for row in rows[1:]] == [False, True, False]
    assert flow["occurred_at"] == rows[1]["taken_at"] == worker.hours(2)[1]["taken_at"] > worker.hours(1)[1]["taken_at"]
    for begin, expected in ((0, 1), (1, 1), (2, 0)):
        window = cut(series, flows, Period(start=rows[begin]["hour"], end=rows[-1]["hour"]))
        assert window.flow_amount.tolist() == [6000.0] * expected
    index = dict(zip(series.hour, series.benchmark.unit_price, strict=True))
    (booked,) = flows.benchmark_unit_price[flows.amount == 6000]
    first, last = (index[rows[number]["hour"].timestamp()] for number in (0, -1))
    put_in = float(rows[0]["nav"]) * last / first + 6000 * last / booked
    whole = cut(series, flows, Period(start=rows[0]["hour"], end=rows[-1]["hour"]))
    measured = kaplan_schoar(whole.cash_flows(whole.account), whole.index()).value
    assert measured == pytest.approx(float(rows[-1]["nav"]) / put_in, rel=1e-12)
    assert verify(worker.db).differences == ()
