"""A database of before there were trades in contracts, whose fills it holds already: brought up to date it has them."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql

from sql.migrate import MAKE_LIST, list_migrations, migrate
from tests.exchanges.test_contract_hours import (
    AFTER_BEGUN,
    BEGUN,
    ONE_WAY,
    compare,
    compare_paths,
    executed,
    find_begun,
    live,
    load,
)
from tests.independent.contract_trades import follow
from tests.postgres import Database, Server, open_database
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, workers_on

BEFORE = "0060"  # the migration that made room for them
OPENED = next(path.name for path in list_migrations() if path.stem.endswith("opened_positions"))
OF_CONTRACTS = "select id from monitor.trades where settle is not null"
OF_NOW = {  # what is left out of the rows of now, as nothing of it was written then
    "trades": "settle is null",
    "trade_moves": "settled_value is null",
    "trade_orders": f"trade_id not in ({OF_CONTRACTS})",
    "trade_excursions": f"trade_id not in ({OF_CONTRACTS})",
    "contract_hours": "false",
}
OF_THEN = {  # what was written in another way
    "trades": {
        "changed_hour": "(select max(hour) from monitor.trade_moves m where (m.account_id, m.trade_id) = (trades.account_id, trades.id))"
    },
    "fees": {"trade_id": f"case when trade_id not in ({OF_CONTRACTS}) then trade_id end"},
    "order_revisions": {"type": "case when type = 'liquidation' then 'market' else type end"},
}
COLUMNS = """
    select c.relname as name, array_agg(a.attname order by a.attnum) as columns
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relnamespace = 'monitor'::regnamespace and c.relkind = any(%s)
    group by c.relname
    order by c.relname
    """


def make_old(owner: Connection[Any], before: str = BEFORE) -> None:
    """Make the database of the program of then."""
    owner.execute(MAKE_LIST)
    for path in list_migrations():
        if path.name < before:
            with owner.transaction():
                owner.execute(path.read_bytes())
                owner.execute("insert into public.schema_migrations (name) values (%s)", [path.stem])


def copy_rows(now: Connection[Any], old: Connection[Any]) -> None:
    """What the program of then would have recorded of the same life."""
    columns = dict(now.execute(COLUMNS, [["r", "v"]]).fetchall())  # a table of then may be a view
    tables = {
        name: [one for one in known if one in columns.get(name, ()) or one in OF_THEN.get(name, ())]
        for name, known in old.execute(COLUMNS, [["r"]])
    }
    old.execute("set session_replication_role = replica")  # in whatever order
    old.execute(sql.SQL("truncate {}").format(sql.SQL(", ").join(sql.Identifier("monitor", name) for name in tables)))
    for name, shared in tables.items():
        table, of_then = sql.Identifier("monitor", name), OF_THEN.get(name, {})
        if not shared:
            continue
        given = sql.SQL(", ").join(sql.SQL(of_then[one]) if one in of_then else sql.Identifier(one) for one in shared)
        reading = sql.SQL("copy (select {} from {} where {}) to stdout").format(
            given, table, sql.SQL(OF_NOW.get(name, "true"))
        )
        names = sql.SQL(", ").join(map(sql.Identifier, shared))
        writing = sql.SQL("copy {} ({}) from stdin").format(table, names)
        with now.cursor().copy(reading) as rows, old.cursor().copy(writing) as written:
            for row in rows:
                written.write(row)
        _go_on_counting(old, name, "id" in shared)


def _go_on_counting(old: Connection[Any], name: str, has_number: bool) -> None:
    """Let new rows have the numbers after those that were copied."""
    if has_number and old.execute("select pg_get_serial_sequence(%s, 'id')", [f"monitor.{name}"]).fetchone() != (None,):
        last = sql.SQL("select setval(pg_get_serial_sequence(%s, 'id'), greatest(max(id), 1)) from {}")
        old.execute(last.format(sql.Identifier("monitor", name)), [f"monitor.{name}"])


@pytest.mark.parametrize(
    ("account", "before", "opened"),
    [("binance", BEFORE, ()), ("gate classic", BEFORE, ()), ("binance", OPENED, BEGUN)],
)
def test_an_update_makes_trades_of_the_fills_that_are_there(
    account: str,
    before: str,
    opened: tuple[str, ...],
    open_venue: VenueOpener,
    open_worker: Opener,
    database: Database,
    server: Server,
    tmp_path: Path,
) -> None:
    """And of what was open at the first reading, of a database of before there were such trades."""
    venue, worker, _ = live(account, AFTER_BEGUN if opened else ONE_WAY, open_venue, open_worker, opened)
    # Fees in coins are another matter: hours that are there keep the price by which they are booked.
    known = worker.rows("select * from trades where settle is not null order by id")
    with open_database(server, "template1") as upgraded:
        with psycopg.connect(upgraded.owner_url, autocommit=True) as owner:
            make_old(owner, before)
            with server.admin(database.name) as now, server.admin(upgraded.name) as old:
                copy_rows(now, old)
            migrate(owner)
        with workers_on(upgraded, tmp_path) as opener:
            later = opener(venue)
            assert later.rows("select * from contract_fills") and not later.rows(
                "select from trades where settle is not null"
            )
            venue.advance(minutes=60)
            later.run(venue.now())
            begun = find_begun(venue, later) if opened else ()
            compare(load(later), follow(executed(venue), begun), has_positions=account != "binance")
            found = later.rows("select * from trades where settle is not null order by id")
            own = (
                "id",
                "opened_at",
                "closed_at",
                "entered",
                "exited",
                "gross",
                "settled_gross",
                "stated",
                "funding",
                "ended_by",
            )
            assert [[row[name] for name in own] for row in found] == [[row[name] for name in own] for row in known]
            assert compare_paths(later, venue) == sum(
                1 for row in known if row["closed_at"] and row["opened_by"] == "fill"
            )
