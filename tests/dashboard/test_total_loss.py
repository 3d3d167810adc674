"""An account that lost everything has lost it, whatever was paid in later."""

from datetime import UTC, datetime, timedelta

import psycopg
from psycopg.rows import dict_row

from dashboard.history.track import load_ends
from dashboard.performance import PeriodFigures, compare
from sql.connect import connect
from tests.dashboard.history_rows import fill
from tests.postgres import Database

LAST = datetime(2026, 5, 1, 12, tzinfo=UTC)
LOST = LAST - timedelta(hours=40)
HOURS = 100


def test_a_total_loss_stays_one_after_the_next_funding(database: Database) -> None:
    with connect(database.owner_url, name="test") as owner:
        account = fill(owner, hours=HOURS, until=LAST)
        owner.execute(
            "update monitor.nav_history set episode = case when hour > %(lost)s then 2 else 1 end,"
            " losses = case when hour >= %(lost)s then 1 else 0 end,"
            " unit_price = case when hour = %(lost)s then 0 else unit_price end where account_id = %(id)s",
            {"lost": LOST, "id": account},
        )

    assert _compare(database, account, LAST - timedelta(hours=60), LAST).account == -1
    assert _compare(database, account, LAST - timedelta(hours=60), LOST).account == -1
    assert _compare(database, account, LOST, LAST).account is None
    after = _compare(database, account, LAST - timedelta(hours=30), LAST).account
    assert after is not None and after > -1


def test_a_loss_that_no_reading_saw_is_a_loss_and_nothing_held_is_no_return(database: Database) -> None:
    with connect(database.owner_url, name="test") as owner:
        account = fill(owner, hours=HOURS, until=LAST)
        owner.execute(
            "update monitor.nav_history set episode = 2, losses = 1 where hour >= %(lost)s and account_id = %(id)s",
            {"lost": LOST, "id": account},
        )
        owner.execute("update monitor.benchmark_history set units = 0 where hour >= %(lost)s", {"lost": LOST})

    assert _compare(database, account, LAST - timedelta(hours=60), LAST).account == -1
    assert _compare(database, account, LAST - timedelta(hours=60), LAST).benchmark is not None
    late = _compare(database, account, LOST, LAST)
    assert late.account is not None
    assert (late.benchmark, late.active) == (None, None)


def _compare(database: Database, account: int, since: datetime, until: datetime) -> PeriodFigures:
    with psycopg.connect(database.dashboard_url, row_factory=dict_row) as db:
        ends = load_ends(db, account, "hold", since, until)
    assert ends
    return compare(*ends)
