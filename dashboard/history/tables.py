"""Whole tables, row by row, oldest first: for lists that are paged and for files.

A page begins after the row whose moment is `at` and whose number is `id`; without a `limit` every row is returned.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import LiteralString

from dashboard.history.flows import IN_OPENING
from dashboard.history.members import member, own
from dashboard.history.trading_tables import ACCOUNT, DAYS, FEES, FILLS, ORDERS
from sql.rows import Db, Row

HOUR, STEP = timedelta(hours=1), timedelta(days=10)
SERIES = """
    select n.account_id, n.hour, n.taken_at, n.status, n.reason, n.nav, n.flows, n.invested, n.units,
      n.unit_price, n.episode, n.estimated, n.in_transit, b.nav as benchmark_nav, b.units as benchmark_units,
      b.invested as benchmark_invested, b.unit_price as benchmark_unit_price, b.debt as benchmark_debt,
      'USDT' as currency
    from nav n
    left join benchmark_nav b
      on b.hour = n.hour
      and b.benchmark_id = (
        select benchmark_id
        from benchmarks
        where account_id = %(account)s and name = %(benchmark)s
      )
    where n.account_id = %(account)s
      and n.hour >= %(at)s
      and (n.hour, n.account_id) > (%(at)s, %(id)s)
      and n.hour <= %(until)s
    order by n.hour
    limit %(limit)s
    """
FLOWS = f"""
    select *
    from (
      select f.transaction_id, f.account_id, a.label, coalesce(f.occurred_at, f.requested_at) as at, f.kind,
        f.exchange_id, f.revision, f.state, f.treatment, f.is_manual, f.note, f.exchange_status, f.asset,
        f.amount, f.fee, f.quantity, f.requested_at, f.occurred_at, f.first_seen_at, f.price, f.price_source,
        f.value, f.nav_before, f.unit_price, f.units, f.estimated, f.reason, f.counted_at,
        {IN_OPENING} as in_opening, a.exchange, f.status, f.network, f.address, f.transaction, 'USDT' as currency
      from flows f
      join accounts a using (account_id)
      where {member("f", "coalesce(f.occurred_at, f.requested_at)", "", ACCOUNT)}
    ) f
    where (at, transaction_id) > (%(at)s, %(id)s) and at <= %(until)s
    order by at, transaction_id
    limit %(limit)s
    """
REVISIONS = f"""
    select transaction_id, account_id, kind, exchange_id, revision, state, treatment, is_manual, note,
      exchange_status, asset, amount, fee, occurred_at, first_seen_at
    from flow_revisions r
    where {member("r", "coalesce(r.occurred_at, r.first_seen_at)", "", ACCOUNT)}
      and (first_seen_at, transaction_id) > (%(at)s, %(id)s)
      and first_seen_at <= %(until)s
    order by first_seen_at, transaction_id
    limit %(limit)s
    """
TRANSFERS: LiteralString = """
    select *
    from (
      select distinct on (t.out_id) t.out_id as id, o.asset, o.occurred_at as sent_at, i.occurred_at as arrived_at, o.amount,
        o.fee, i.amount as arrived, o.account_id as from_account, f.label as from_label, f.exchange as from_exchange,
        i.account_id as to_account, g.label as to_label, g.exchange as to_exchange
      from transfers t
      join flow_revisions o on o.transaction_id = t.out_id
      join flow_revisions i on i.transaction_id = t.in_id
      join accounts f on f.account_id = o.account_id
      join accounts g on g.account_id = i.account_id
      where %(account)s in (t.portfolio_id, o.account_id, i.account_id)
      order by t.out_id, t.portfolio_id
    ) t
    where (sent_at, id) > (%(at)s, %(id)s) and sent_at <= %(until)s
    order by sent_at, id
    limit %(limit)s
    """
INCOME = f"""
    select id, account_id, kind, wallet, asset, amount, occurred_at, first_seen_at
    from income i
    where {member("i", "i.occurred_at", "", ACCOUNT)}
      and occurred_at >= %(at)s
      and (occurred_at, id) > (%(at)s, %(id)s)
      and occurred_at <= %(until)s
    order by occurred_at, id
    limit %(limit)s
    """
EXPLANATIONS = f"""
    select account_id, hour, from_hour, nav_change, price_effect, trading, positions, flows, income, fees,
      residual, realised, spent_gain, transferred_gain, unexplained_gain, unrealised_change, unrealised, state, cause,
      assets, kinds, booking, 'USDT' as currency
    from explanations e
    where {own("e", ACCOUNT)}
      and hour >= %(at)s
      and (hour, account_id) > (%(at)s, %(id)s)
      and hour <= %(until)s
    order by hour, account_id
    limit %(limit)s
    """
HOLDINGS = f"""
    select n.account_id, n.hour, h.wallet, h.asset, h.free, h.locked, h.frozen, h.withdrawing, h.owed, h.quantity,
      h.unrealised, h.price, h.route, h.value, 'USDT' as currency
    from nav n
    join holdings h on h.snapshot_id = n.snapshot_id
    where {member("n", "n.hour", "", ACCOUNT)} and n.hour >= %(at)s and n.hour <= %(until)s
    order by n.hour, n.account_id, h.wallet, h.asset
    limit %(limit)s
    """
RUNS = """
    select run_id, hour, started_at, finished_at, outcome, message, weight, version
    from runs
    where (started_at, run_id) > (%(at)s, %(id)s) and started_at <= %(until)s
    order by started_at, run_id
    limit %(limit)s
    """
LOGS = f"""
    select id, at, level, area, account_id, run_id, message
    from logs l
    where (
      account_id = %(account)s or account_id is null or %(account)s = 0 or {member("l", "l.at", "", ACCOUNT)}
    )
      and (at, id) > (%(at)s, %(id)s)
      and at <= %(until)s
    order by at, id
    limit %(limit)s
    """
CHANGES = f"""
    select id, account_id, changed_at, run_id, since_hour, hours, reason
    from history_changes h
    where (account_id = %(account)s or {member("h", "h.since_hour", "", ACCOUNT)})
      and (changed_at, id) > (%(at)s, %(id)s)
      and changed_at <= %(until)s
    order by changed_at, id
    limit %(limit)s
    """
CHECKS = f"""
    select *
    from (
      select account_id, hour, kind, subject, ours, theirs, difference, within,
        concat_ws('/', account_id, kind, subject) as id, 'USDT' as currency
      from cross_checks c
      where {member("c", "c.hour", "", ACCOUNT)} and hour >= %(at)s and hour <= %(until)s
    ) c
    where (hour, id) > (%(at)s, %(id)s)
    order by hour, id
    limit %(limit)s
    """
MARKET_HOURS = """
    select exchange, symbol, hour, close, volume, taker_buy, minutes, minute_closes
    from market_hours
    where hour >= %(at)s and (hour, symbol) > (%(at)s, %(id)s) and hour <= %(until)s
    order by hour, symbol
    limit %(limit)s
    """
RATES = """
    select currency, hour, rate, source
    from rates
    where hour >= %(at)s and (hour, currency) > (%(at)s, %(id)s) and hour <= %(until)s
    order by hour, currency
    limit %(limit)s
    """
STATEMENTS: Mapping[str, LiteralString] = {
    "series": SERIES,
    "daily-snapshots": DAYS,
    "flows": FLOWS,
    "flow-revisions": REVISIONS,
    "transfers": TRANSFERS,
    "income": INCOME,
    "fees": FEES,
    "fills": FILLS,
    "orders": ORDERS,
    "explanations": EXPLANATIONS,
    "holdings": HOLDINGS,
    "runs": RUNS,
    "logs": LOGS,
    "history-changes": CHANGES,
    "cross-checks": CHECKS,
    "market-hours": MARKET_HOURS,
    "rates": RATES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Which rows of a table are wanted."""

    account: int
    benchmark: str
    at: datetime  # the moment of the row before the first one, or of the first one when `id` is below all others
    id: int | str
    until: datetime
    limit: int | None = None
    states: tuple[str, ...] | None = None  # of orders; None: any


def load_rows(db: Db, table: str, stretch: Stretch) -> list[Row]:
    """Rows of a table."""
    return db.execute(STATEMENTS[table], list_parameters(stretch)).fetchall()


def stream_rows(db: Db, table: str, stretch: Stretch) -> Generator[Row, None, None]:
    """Rows of a table, a few at a time, however many there are."""
    for step in _cut(db, stretch) if table == "holdings" else [stretch]:
        with db.cursor(name="rows") as cursor:
            cursor.itersize = 2_000
            yield from cursor.execute(STATEMENTS[table], list_parameters(step))


def _cut(db: Db, stretch: Stretch) -> Iterator[Stretch]:
    """A stretch in steps that are put in order one by one: the first rows come before the last are read."""
    extent = db.execute(
        f"""
        select min(hour) as first, max(hour) as last
        from nav n
        where {member("n", "n.hour", "", ACCOUNT)} and hour >= %(at)s and hour <= %(until)s
        """,
        list_parameters(stretch),
    ).fetchone()
    at = extent["first"] if extent else None
    while extent and at is not None and at <= extent["last"]:
        yield replace(stretch, at=at, until=min(stretch.until, at + STEP - HOUR))
        at += STEP


def list_parameters(stretch: Stretch) -> dict[str, object]:
    """For a table's statement."""
    return {
        "account": stretch.account,
        "benchmark": stretch.benchmark,
        "at": stretch.at,
        "id": stretch.id,
        "until": stretch.until,
        "limit": stretch.limit,
        "states": None if stretch.states is None else list(stretch.states),
    }
