"""Overview, Performance and the list of hours say the same of every period, whatever it begins with."""

from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest
from psycopg.rows import dict_row

from dashboard.frame import load_frame
from dashboard.measured import load_measures
from dashboard.pages.hours import make_hours
from dashboard.pages.overview import make_overview
from dashboard.view import read_view
from sql.connect import connect
from sql.rows import Db
from tests.dashboard.lives import store_life
from tests.postgres import Database, Server, open_database

LIVES = 40
PERIODS = ({"period": "all"}, {"period": "24h"}, {"from": "2026-03-31", "to": "2026-03-31"})


@pytest.fixture(scope="module")
def lives(server: Server) -> Iterator[Database]:
    """Forty random lives."""
    with open_database(server) as database:
        with connect(database.worker_url, name="test") as db:
            for seed in range(LIVES):
                with db.transaction():
                    store_life(db, seed)
        yield database


def say(db: Db, account: int, choice: dict[str, str]) -> list[tuple[Decimal | None, float | None]]:
    """Return of account and benchmark as both pages have them, and their difference."""
    frame = load_frame(db, read_view(choice | {"account": str(account)}), "1")
    chosen = make_overview(db, frame)["figures"]
    total = load_measures(db, frame).figures["time_weighted_return"]
    sides = [side.value if side else None for side in (total.account, total.benchmark, total.difference)]
    return list(zip((chosen.account, chosen.benchmark, chosen.active), sides, strict=True))


def test_both_pages_tell_the_same_returns(lives: Database) -> None:
    differ, empty, lost = [], 0, 0
    with psycopg.connect(lives.dashboard_url, row_factory=dict_row) as db:
        for account in range(1, LIVES + 1):
            for choice in PERIODS:
                found = say(db, account, choice)
                empty, lost = empty + (found[0][0] is None), lost + (found[0][0] == -1)
                if not all(is_same(*pair) for pair in found):
                    differ.append((account, choice, found))

    assert differ == []
    assert lost > 5 and empty < LIVES, "these lives prove little"


def test_what_hours_made_adds_up_to_the_answer(lives: Database) -> None:
    """Also of a benchmark that pays out the same fraction: its other flows are nobody's gain."""
    with psycopg.connect(lives.dashboard_url, row_factory=dict_row) as db:
        for account in range(1, LIVES + 1):
            for choice in PERIODS:
                frame = load_frame(db, read_view(choice | {"account": str(account), "rows": "250"}), "1")
                answer = make_overview(db, frame)["answer"]
                hours = make_hours(db, frame)["hours"]
                if answer is None:
                    continue

                difference = sum((hour.difference for hour in hours if hour.difference is not None), Decimal(0))
                gain = sum((hour.gain for hour in hours if hour.gain is not None), Decimal(0))
                assert difference == answer.figures.value, (account, choice)
                assert gain == pytest.approx(answer.gain, abs=Decimal("0.01")), (account, choice)


def is_same(exact: Decimal | None, measured: float | None) -> bool:
    if exact is None or measured is None:
        return exact is measured
    return measured == pytest.approx(float(exact), abs=1e-9)
