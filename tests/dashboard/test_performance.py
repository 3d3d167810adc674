"""The lead over the benchmark, when the benchmark had other flows than the account."""

from datetime import UTC, datetime, timedelta

import psycopg
from psycopg.rows import dict_row

from dashboard.explanation import make_statement, make_step
from dashboard.history.slices import load_track
from dashboard.history.steps import load_steps
from dashboard.history.track import load_ends
from dashboard.performance import compare, measure_lead
from sql.connect import connect
from tests.dashboard.history_rows import fill
from tests.postgres import Database

LAST = datetime(2026, 5, 1, 12, tzinfo=UTC)
FIRST = LAST - timedelta(hours=49)


def test_what_a_benchmark_paid_out_more_than_the_account_is_no_lead(database: Database) -> None:
    """Withdrawals of the same fraction: its NAV falls by 3,000 more than the account's, and nobody gained by that."""
    with connect(database.owner_url, name="test") as owner:
        account = fill(owner, hours=50, until=LAST)
        found = [_tell(database, account)]
        owner.execute(
            "update monitor.benchmark_history set nav = nav - 3000, invested = invested - 3000 where hour > %(at)s",
            {"at": LAST - timedelta(hours=20)},
        )
        found.append(_tell(database, account))

    assert found[0] == found[1]


def _tell(database: Database, account: int) -> tuple[object, ...]:
    with psycopg.connect(database.dashboard_url, row_factory=dict_row) as db:
        ends = load_ends(db, account, "hold", FIRST, LAST)
        assert ends
        start, end = ends
        slices = load_track(db, account, "hold", FIRST, LAST)
        steps = [make_step(row) for row in load_steps(db, account, "hold", FIRST, LAST, "day")]
    statements = [make_statement(step, start.nav) for step in steps]
    return (
        compare(start, end).value,
        measure_lead(end),
        slices[-1].difference_low,
        [step.difference for step in steps],
        [statement.difference for statement in statements],
        [statement.benchmark["price_effect"] for statement in statements],
    )
