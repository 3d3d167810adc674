"""The dashboard's only SQL: stored facts, read in one consistent, read-only transaction a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg.rows import DictRow

from sql.connect import connect
from sql.errors import DatabaseAway
from sql.migrate import check_schema

Row = dict[str, Any]
Db = Connection[DictRow]


class Database:
    """One connection, opened again when the server was restarted."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Db | None = None

    @contextmanager
    def reading(self) -> Iterator[Db]:
        """A REPEATABLE READ READ ONLY transaction. Raises DatabaseAway."""
        db = self._open()
        try:
            with db.transaction():
                yield db
        except psycopg.OperationalError as error:
            self._connection = None
            raise DatabaseAway("The database does not answer. The page comes back by itself.") from error

    def _open(self) -> Db:
        if self._connection is None or self._connection.closed or self._connection.broken:
            self._connection = connect(
                self._url, name="dashboard", schema="reading", patience_seconds=2, read_only=True
            )
            self._connection.isolation_level = IsolationLevel.REPEATABLE_READ
            self._connection.read_only = True
        return self._connection

    def check(self) -> None:
        """Raise PermissionError if this role could write, SchemaMismatch if the schema is another."""
        with self.reading() as db:
            check_schema(db)
            row = db.execute(
                "select coalesce(bool_or(has_table_privilege(c.oid, 'insert, update, delete, truncate')), false)"
                " or (select rolsuper from pg_roles where rolname = current_user) as may_write"
                " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                " where n.nspname = 'monitor' and c.relkind = 'r'"
            ).fetchone()
        if row and row["may_write"]:
            raise PermissionError(
                "The dashboard's database role can write. Give it portfolio_dashboard (DASHBOARD_DATABASE_URL)."
            )


def load_version(db: Db) -> int:
    """A number that grows with every finished run: what was drawn for it stays true."""
    row = db.execute("select coalesce(max(run_id), 0) as version from runs where finished_at is not null").fetchone()
    return int(row["version"]) if row else 0


def load_accounts(db: Db) -> list[Row]:
    """Tracked accounts; the combined row only when there are several."""
    rows = db.execute("select * from accounts where enabled order by account_id").fetchall()
    return rows if len(rows) > 2 else [row for row in rows if row["account_id"] > 0]


def load_basket(db: Db, account_id: int, benchmark: str) -> Row | None:
    """A benchmark's assets and weights."""
    return db.execute(
        "select assets, weights from benchmarks where account_id = %(id)s and name = %(name)s",
        {"id": account_id, "name": benchmark},
    ).fetchone()


def load_edges(db: Db, account_id: int) -> Row | None:
    """First and last valued hour of an account."""
    return db.execute(
        "select min(hour) as first, max(hour) as last from nav where account_id = %(id)s and unit_price is not null",
        {"id": account_id},
    ).fetchone()


def load_at(db: Db, account_id: int, benchmark: str, at: datetime) -> Row | None:
    """Account and benchmark at the last valued hour up to `at`."""
    return db.execute(
        "select n.hour, n.taken_at, n.nav, n.unit_price, n.invested, b.nav as benchmark_nav,"
        " b.unit_price as benchmark_unit_price, b.debt from nav n join benchmarks c on c.account_id = n.account_id"
        " and c.name = %(benchmark)s join benchmark_nav b on b.benchmark_id = c.benchmark_id and b.hour = n.hour"
        " where n.account_id = %(id)s and n.unit_price is not null and n.hour <= %(at)s order by n.hour desc limit 1",
        {"id": account_id, "benchmark": benchmark, "at": at},
    ).fetchone()


def load_series(db: Db, account_id: int, benchmark: str, since: datetime, points: int) -> list[Row]:
    """Hours from `since` on, at most about 2 x `points`: in each slice the hours of lowest and highest difference.

    First and last hour stay; hours without a NAV stay as gaps, one a slice.
    """
    return db.execute(
        "with hours as (select n.hour, n.status, n.nav, n.unit_price, b.nav as benchmark_nav,"
        " b.unit_price as benchmark_unit_price,"
        " ntile(%(points)s) over (order by n.hour) as slice from nav n"
        " left join benchmarks c on c.account_id = n.account_id and c.name = %(benchmark)s"
        " left join benchmark_nav b on b.benchmark_id = c.benchmark_id and b.hour = n.hour"
        " where n.account_id = %(id)s and n.hour >= %(since)s), ranked as (select *,"
        " row_number() over (partition by slice, unit_price is null order by nav, hour) as low,"
        " row_number() over (partition by slice, unit_price is null order by nav desc, hour) as high,"
        " row_number() over (order by hour) as first, row_number() over (order by hour desc) as last from hours)"
        " select * from ranked where low = 1 or (high = 1 and unit_price is not null) or first = 1 or last = 1"
        " order by hour",
        {"id": account_id, "benchmark": benchmark, "since": since, "points": points},
    ).fetchall()


def load_holdings(db: Db, account_id: int) -> list[Row]:
    """What was held at the last reading, by asset and wallet; for the combined row of all accounts."""
    return db.execute(
        "select h.asset, h.wallet, sum(h.quantity) as quantity, max(h.price) as price, max(h.route) as route,"
        " sum(h.value) as value, bool_or(h.value is null) as unpriced from holdings h where h.snapshot_id in"
        " (select max(s.snapshot_id) from snapshots s join accounts a using (account_id)"
        " where (s.account_id = %(id)s or %(id)s = 0) and a.enabled group by s.account_id)"
        " group by h.asset, h.wallet order by sum(sum(h.value)) over (partition by h.asset) desc nulls first,"
        " h.asset, sum(h.value) desc nulls first",
        {"id": account_id},
    ).fetchall()


def load_flows(db: Db, account_id: int, since: datetime, limit: int = 500) -> list[Row]:
    """Flows since a time, newest first."""
    return db.execute(
        "select f.*, a.label from flows f join accounts a using (account_id)"
        " where (f.account_id = %(id)s or %(id)s = 0) and coalesce(f.occurred_at, f.requested_at) >= %(since)s"
        " order by coalesce(f.occurred_at, f.requested_at) desc, f.transaction_id desc limit %(limit)s",
        {"id": account_id, "since": since, "limit": limit},
    ).fetchall()


def load_gaps(db: Db, account_id: int, since: datetime) -> list[Row]:
    """Hours without a NAV, joined where status and reason go on, newest first."""
    return db.execute(
        "with gaps as (select hour, status, reason, hour - interval '1 hour'"
        " * row_number() over (partition by status, reason order by hour) as island"
        " from nav where account_id = %(id)s and hour >= %(since)s and status not in ('COMPLETE', 'RECONSTRUCTED'))"
        " select min(hour) as first, max(hour) as last, count(*) as hours, status, reason from gaps"
        " group by island, status, reason order by max(hour) desc limit 20",
        {"id": account_id, "since": since},
    ).fetchall()


def load_last_run(db: Db) -> Row | None:
    """The newest attempt."""
    return db.execute("select * from runs order by run_id desc limit 1").fetchone()


def load_warnings(db: Db, now: datetime) -> list[str]:
    """What the owner should know on every page."""
    warnings = [
        f"{row['label']}: the API key may do more than read. Replace it with a key that has 'Enable Reading' alone."
        for row in db.execute("select label from accounts where overpowered and enabled")
    ]
    rejected = db.execute("select label, key_message from accounts where key_state = 'rejected' and enabled")
    warnings += [f"{row['label']}: {row['key_message']}" for row in rejected]
    pauses = db.execute("select exchange, not_before, reason from pauses where not_before > %(now)s", {"now": now})
    warnings += [f"{row['exchange']}: silence until {row['not_before']:%H:%M} UTC. {row['reason']}" for row in pauses]
    return warnings
