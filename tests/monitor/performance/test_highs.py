"""The highest unit price of a year is found in one row, and is the true one after every correction."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from monitor.performance.store.highs import LOOKED_BACK, are_continued, load_wrong_highs, record_highs
from sql.connect import connect
from sql.migrate import MIGRATIONS
from sql.rows import Db, load_values
from tests.postgres import Database

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
# The first hour of the newest episode, of a year, that no earlier or later one exceeds: every hour is looked at.
EVERY_HOUR = """
select hour from nav_history
where account_id = 1 and unit_price is not null
    and episode = (select episode from nav_history where unit_price is not null order by hour desc limit 1)
    and hour >= (select max(hour) from nav_history where unit_price is not null) - interval '365 days'
order by unit_price desc, hour limit 1
"""
BY_HIGHS = """
select h.hour from unit_price_highs h join nav_history n using (account_id, hour)
where episode = (select episode from nav_history where unit_price is not null order by hour desc limit 1)
    and hour >= (select max(hour) from nav_history where unit_price is not null) - interval '365 days'
order by h.hour limit 1
"""


@pytest.fixture
def db(database: Database) -> Iterator[Db]:
    """The owner's connection to a database with one account without hours."""
    with connect(database.owner_url, name="test") as opened:
        opened.execute(
            "insert into accounts (label, exchange, created_at) values ('one', 'binance', %(at)s)", {"at": FIRST}
        )
        yield opened


def write(db: Db, prices: dict[datetime, tuple[int, int | None]]) -> None:
    """Write hours up to the newest as the fold does: episode and unit price, None: no figure."""
    first = min(prices)
    is_continued = are_continued(db, 1, first)
    for hour, (episode, price) in prices.items():
        db.execute(
            """
            insert into nav_history (account_id, hour, status, taken_at, nav, episode, unit_price)
            values (1, %(hour)s, case when %(price)s::int is null then 'MISSED' else 'COMPLETE' end, %(hour)s,
                %(price)s::int, %(episode)s, %(price)s::int)
            on conflict (account_id, hour) do update
            set episode = excluded.episode, unit_price = excluded.unit_price, status = excluded.status, nav = excluded.nav
            """,
            {"hour": hour, "episode": episode, "price": price},
        )
    record_highs(db, 1, first, is_continued=is_continued)


@pytest.mark.parametrize("seed", range(4))
def test_the_first_high_is_the_highest_after_every_hour_and_every_correction(db: Db, seed: int) -> None:
    random, newest, episode = Random(seed), FIRST, 1
    for _ in range(60):
        turn = random.random()
        episode += turn < 0.05
        # Seldom a stretch without hours, so that what was highest becomes too old.
        newest += LOOKED_BACK / 4 if turn > 0.93 else HOUR
        first = newest
        if 0.1 < turn < 0.3:  # a correction changes stored hours, too
            first = newest - random.randrange(1, 12) * HOUR
        elif 0.3 < turn < 0.4:  # a portfolio's hours are taken back first
            first = newest - random.randrange(1, 12) * HOUR
            db.execute("delete from nav_history where hour >= %(first)s", {"first": first})
        hours = [first + n * HOUR for n in range((newest - first) // HOUR + 1)]
        # What a correction writes is in the present episode: it never begins an earlier one anew.
        write(
            db,
            {hour: (episode, random.choice([0, 5, 6, 7, 8, 9, None])) for hour in hours[:-1]} | {newest: (episode, 6)},
        )

        assert load_values(db, BY_HIGHS) == load_values(db, EVERY_HOUR)
        assert load_wrong_highs(db) == ()


def test_a_new_hour_of_the_last_episode_ends_its_highs_though_another_episode_follows_at_once(db: Db) -> None:
    write(db, {FIRST: (1, 5)})
    write(db, {FIRST + HOUR: (1, 7), FIRST + 2 * HOUR: (2, 3)})

    assert load_values(db, "select hour from unit_price_highs order by hour") == [FIRST + HOUR, FIRST + 2 * HOUR]
    assert load_wrong_highs(db) == ()


def test_a_high_that_is_missing_and_an_hour_that_is_none_are_named(db: Db) -> None:
    write(db, {FIRST: (1, 9), FIRST + HOUR: (1, 5), FIRST + 2 * HOUR: (1, 6), FIRST + 3 * HOUR: (1, None)})
    db.execute(
        "update unit_price_highs set hour = %(other)s where hour = %(high)s", {"other": FIRST + HOUR, "high": FIRST}
    )
    db.execute("insert into unit_price_highs values (1, %(hour)s)", {"hour": FIRST + 3 * HOUR})

    found = [(one.at, one.stored, one.computed) for one in load_wrong_highs(db)]

    assert [(at, stored == "nothing", computed == "nothing") for at, stored, computed in found] == [
        (FIRST, True, False),
        (FIRST + HOUR, False, True),
        (FIRST + 3 * HOUR, False, True),
    ]
    assert [str(part) for part in found[2][1:]] == ["an hour without one", "nothing"]


def test_a_database_of_before_the_highs_and_one_that_is_old_are_right(db: Db) -> None:
    prices: dict[datetime, tuple[int, int | None]] = {
        FIRST + n * LOOKED_BACK / 20: (1 + n // 25, 100 - n % 7) for n in range(40)
    }
    write(db, prices)
    db.execute("delete from unit_price_highs")
    (_, *_, fill) = (MIGRATIONS / "0027_highs.sql").read_text(encoding="utf-8").split(";\n\n")
    db.execute(fill.encode())

    assert load_wrong_highs(db) == ()


def test_an_hour_looks_at_few_highs_and_only_a_year_is_kept(db: Db) -> None:
    write(db, {FIRST + n * HOUR: (1, 5_000 - n) for n in range(100)})  # each is a high
    write(db, {FIRST + LOOKED_BACK + 50 * HOUR: (1, 4_000)})

    highs = load_values(db, "select hour from unit_price_highs order by hour")
    assert highs == [*(FIRST + n * HOUR for n in range(50, 100)), FIRST + LOOKED_BACK + 50 * HOUR]


def test_a_long_history_is_verified_however_the_database_joins(db: Db) -> None:
    """Two years of several accounts, of which it knew little, were joined row by row and took longer than a statement may."""
    db.execute(
        """
        insert into nav_history (account_id, hour, status, taken_at, nav, episode, unit_price)
        select 1, hour, 'COMPLETE', hour, 100 + mod(i, 997), 1, 100 + mod(i, 997)
        from generate_series(1, 20000) i, lateral (select %(at)s::timestamptz + i * interval '1 hour') made (hour)
        """,
        {"at": FIRST},
    )
    record_highs(db, 1, FIRST, is_continued=False)
    for setting in ("enable_hashjoin = off", "enable_mergejoin = off", "statement_timeout = '10s'"):
        db.execute(f"set {setting}")
    assert load_wrong_highs(db) == ()
