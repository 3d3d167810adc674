"""Lists of trading as JSON: every order of every list, pages that stay while rows arrive, and files of what is looked for."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dashboard.api.searched_lists import PATHS
from dashboard.files.csv_file import write_cell
from dashboard.history.searched_tables import TABLES
from sql.connect import connect
from tests.dashboard.site import Site, open_long_site
from tests.dashboard.test_api import ask
from tests.postgres import Database, Server, open_database

# Rows of every list, of which some have no price, role or value; and the last one of each again, as one that arrives later.
FLOWS = """
    insert into processed_transactions (account_id, kind, exchange_id, state, asset, amount, fee, requested_at, occurred_at, first_seen_at)
    select 1, case i %% 2 when 1 then 'deposit' else 'withdrawal' end, 'f' || i || '-' || n.id, 'counted', 'C' || i %% 3, 1 + i %% 4, 0,
      at, at, at
    from generate_series(1, %(count)s) as i, (select coalesce(max(id), 0) as id from processed_transactions) n,
      lateral (select '2026-05-01 00:00+00'::timestamptz + i * interval '10 hours' as at)
    """
TRANSFERS = """
    insert into matched_transfers (out_id, in_id, portfolio_id)
    select o.id, i.id, 1
    from processed_transactions o
    join processed_transactions i on i.kind = 'deposit' and i.id = o.id - 1 and i.exchange_id like 'f%%'
    where o.kind = 'withdrawal' and not exists (select from matched_transfers t where t.out_id = o.id)
    """
INCOME = """
    insert into income (account_id, kind, exchange_id, wallet, asset, amount, occurred_at, first_seen_at)
    select 1, case i %% 2 when 0 then 'dividend' else 'rebate' end, 'i' || i || '-' || n.id, 'spot', 'C' || i %% 3, i %% 4,
      '2026-05-01 00:00+00'::timestamptz + i * interval '10 hours', now()
    from generate_series(1, %(count)s) as i, (select coalesce(max(id), 0) as id from income) n
    """
ORDERS = """
    insert into order_revisions (account_id, market, symbol, exchange_id, base_asset, quote_asset, side, type, quantity, price,
      executed_quantity, state, ordered_at, updated_at, first_seen_at)
    select 1, 'spot', 'C' || i %% 3 || 'USDT', n.found || '-' || i, 'C' || i %% 3, 'USDT', 'buy', 'limit', 1 + i %% 4,
      nullif(i %% 4, 0), 0, case i %% 2 when 0 then 'filled' else 'cancelled' end, at, at, at
    from generate_series(1, %(count)s) as i, (select count(*) as found from order_revisions) n,
      lateral (select '2026-05-01 00:00+00'::timestamptz + i * interval '10 hours' as at)
    """
FILLS = """
    insert into fills (account_id, market, symbol, exchange_id, order_id, base_asset, base_quantity, quote_asset,
      quote_quantity, fee_asset, fee, liquidity, occurred_at, first_seen_at)
    select account_id, market, symbol, exchange_id || random(), order_id, base_asset, base_quantity, quote_asset, quote_quantity,
      fee_asset, fee, 'maker', occurred_at, first_seen_at
    from fills order by occurred_at offset 10 limit %(count)s
    """
FEES = """
    insert into other_fees (account_id, hour, number, at, row, kind, asset, quantity, value, trade_id)
    select account_id, hour, number + 10 + (random() * 1000000)::int, at, row, kind, 'BNB', quantity, value, trade_id
    from fees order by at offset 10 limit %(count)s
    """
ARRIVALS = {
    "flows": [FLOWS], "transfers": [FLOWS, TRANSFERS], "income": [INCOME], "orders": [ORDERS], "fills": [FILLS], "fees": [FEES],
    "daily-snapshots": [], "explanations": [],  # hours come after all others
}  # fmt: skip
FEWER = {"daily-snapshots": "&period=7d", "explanations": "&period=24h"}  # of what has rows enough
SORTS = [(name, way + sort) for name, table in TABLES.items() for sort in table.sorts for way in ("", "-")]


@pytest.fixture(scope="module")
def listed(server: Server, long_history: str) -> Iterator[tuple[Site, Database]]:
    """A dashboard over a history with rows in every list."""
    with open_database(server, long_history) as database, open_long_site(database) as made:
        for statement in (FLOWS, TRANSFERS, INCOME, ORDERS):
            add(database, statement, count=14)
        yield made, database


def add(database: Database, statement: str, count: int) -> None:
    """Rows, and a run, so that what was answered before is out of date."""
    with connect(database.owner_url, name="test") as owner:
        owner.execute(statement, {"count": count})
        owner.execute(
            "update runs set weight = weight || jsonb_build_object('n', random() * 1000000) where id = (select max(id) from runs)"
        )


def arrive(database: Database, name: str) -> None:
    """Rows that come while a list is read."""
    for statement in ARRIVALS[name]:
        add(database, statement, count=2)


def read_pages(site: Site, path: str, meanwhile: Callable[[], None]) -> list[dict[str, Any]]:
    """All pages of a list, between the first two of which something arrives."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = ask(site, f"{path}&limit=25{cursor}" if found else f"{path}&limit=5")
        if not found:
            meanwhile()
        found += page["rows"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    return found


def as_cell(value: Any) -> str:
    """What a value of an answer is in a file: amounts are numbers there, and no formula."""
    return value if isinstance(value, str) and re.fullmatch(r"-?[0-9.]+", value) else write_cell(value)


@pytest.mark.parametrize("name", PATHS)
def test_pages_of_every_list_in_every_order_stay_while_rows_arrive(listed: tuple[Site, Database], name: str) -> None:
    site, database = listed
    for sort in (sort for table, sort in SORTS if table == name):
        path = f"{PATHS[name]}?sort={sort}{FEWER.get(name, '')}"
        whole = ask(site, f"{path}&limit=2000")["rows"]
        assert len(whole) > 5, path
        for row in (row for row in whole if "reasons" in row):
            assert row["reasons"].keys() == {key for key, value in row.items() if value is None}
        column = sort.removeprefix("-")
        known = [row[column] for row in whole if row[column] is not None]
        assert [row[column] for row in whole][len(known) :] == [None] * (len(whole) - len(known)), path
        kind = TABLES[name].sorts[column][1]
        ordered = known if kind != "numeric" else [float(one) for one in known]
        assert ordered == sorted(ordered, reverse=sort.startswith("-")), path

        found = read_pages(site, path, lambda: arrive(database, name))
        assert len({str(row) for row in found}) == len(found), path
        assert [row for row in found if row in whole] == whole, path
        assert site.get(f"/api{path}&cursor=W10").status_code == 400


@pytest.mark.parametrize(("query", "kept"), [
    ("/orders?state=filled&q=c1usdt&sort=-price", lambda row: row["state"] == "filled" and row["symbol"] == "C1USDT"),
    ("/orders?q=CANCELLED", lambda row: row["state"] == "cancelled"),
    ("/fills?q=sol&sort=-fee", lambda row: row["symbol"] == "SOLUSDT"),
    ("/fees?q=trading&sort=value", lambda row: row["type"] == "TRADING"),
    ("/flows?q=withdrawal&sort=-amount&period=30d", lambda row: row["kind"] == "withdrawal" and row["at"] >= "2026-05-02"),
    ("/transfers?q=long", lambda row: True),
    ("/income?q=rebate&sort=amount", lambda row: row["kind"] == "rebate"),
    ("/income?exchange=binance", lambda row: True),
    ("/orders?exchange=gate", lambda row: False),
    ("/transfers?exchange=gate", lambda row: False),
    ("/fees?q=%25", lambda row: False),
    ("/portfolio/daily?q=2026-05&sort=-total", lambda row: row["date"].startswith("2026-05")),
    ("/explanations?q=2026-03-05&sort=nav_change", lambda row: row["hour"].startswith("2026-03-05")),
    ("/explanations?q=2026-03-05&exchange=binance&period=all", lambda row: row["hour"].startswith("2026-03-05")),
])  # fmt: skip
def test_a_file_has_what_the_answer_has(listed: tuple[Site, Database], query: str, kept: Any) -> None:
    site, _ = listed
    path, _, asked = query.partition("?")
    rows = ask(site, f"{query}&limit=2000")["rows"]
    every = ask(site, f"{path}?limit=2000")["rows"]
    assert sorted(map(str, rows)) == sorted(str(row) for row in every if kept(row))
    saved = list(csv.DictReader(io.StringIO(site.get(f"/api{path}.csv?{asked}").text)))
    assert [[*row.values()] for row in saved] == [
        [as_cell(value) for key, value in row.items() if key != "reasons"] for row in rows
    ]


def test_what_no_list_has_is_refused(listed: tuple[Site, Database]) -> None:
    site, _ = listed
    for path in PATHS.values():
        for query in ("sort=colour", "sort=--at", "sort=", "exchange=mtgox", "state=some", "q=" + "x" * 61, "tag=x"):
            assert site.get(f"/api{path}?{query}").status_code == 400, (path, query)
            assert site.get(f"/api{path}.csv?{query}").status_code == 400, (path, query)
    assert site.get("/api/fills?state=all").status_code == 400


def test_figures_are_those_of_the_account_at_an_exchange(own_site: Site, database: Database) -> None:
    """An answer about one exchange is its account's; where several are there it is said, and nothing is made of the first one."""
    paths = ("/portfolio/snapshot", "/portfolio/equity-curve", "/performance/metrics", "/portfolio/explanation", "/balances",
             "/portfolio/daily", "/trades/round-trips", "/portfolio/at?date=2026-05-03", "/explanations", "/cross-checks")  # fmt: skip
    told = {path: ask(own_site, path) for path in paths}
    more = "insert into accounts (label, exchange, created_at) values ('other ' || %(exchange)s, %(exchange)s, now())"
    with connect(database.owner_url, name="test") as owner:
        owner.execute(more, {"exchange": "gate"})
        owner.execute("update runs set weight = '{\"n\": 1}' where id = (select max(id) from runs)")
    for path, answer in told.items():
        asked = f"{path}{'&' if '?' in path else '?'}exchange="
        assert ask(own_site, f"{asked}binance") == answer, path
        assert own_site.get(f"/api{asked}mexc").status_code == 404, path
        assert own_site.get(f"/api{asked}mtgox").status_code == 400, path
    with connect(database.owner_url, name="test") as owner:
        owner.execute(more, {"exchange": "binance"})
        owner.execute("update runs set weight = '{\"n\": 2}' where id = (select max(id) from runs)")
    refused = own_site.get("/api/portfolio/snapshot?exchange=binance")
    assert (refused.status_code, "Several accounts are at binance: account=1 (long)" in refused.text) == (400, True)
