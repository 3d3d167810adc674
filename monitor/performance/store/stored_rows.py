"""Stored rows as they are, for `verify`: derived figures by hour, and sums that the database adds up again.

These rows are dicts: `verify` compares them column by column with what it computes, by the columns' names.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from finance.hour_status import VALUED
from finance.prices import VALUATION_ASSET
from sql.rows import Db, load_rows

Row = dict[str, Any]


class AccountWithHistory(NamedTuple):
    """An account or portfolio that has a valued hour."""

    id: int
    label: str
    exchange: str  # whose prices it uses; a portfolio has those of its accounts' exchanges


def load_accounts_with_history(db: Db) -> tuple[AccountWithHistory, ...]:
    """Every account and portfolio that has a valued hour."""
    return load_rows(
        db,
        AccountWithHistory,
        """
        select id, label, exchange
        from accounts a
        where exists (select from nav_history n where n.account_id = a.id and n.status = any(%(valued)s))
        order by id
        """,
        {"valued": VALUED},
    )


def load_hour_rows(db: Db, account_id: int, first: datetime, last: datetime) -> dict[datetime, Row]:
    """The hour rows from `first` to `last`."""
    rows: tuple[Row, ...] = load_rows(
        db,
        dict,
        "select * from nav_history where account_id = %(account)s and hour between %(first)s and %(last)s",
        {"account": account_id, "first": first, "last": last},
    )
    return {row["hour"]: row for row in rows}


def load_benchmark_rows(
    db: Db, benchmark_ids: Iterable[int], first: datetime, last: datetime
) -> dict[tuple[int, datetime], Row]:
    """The benchmarks' rows from `first` to `last`, by benchmark and hour."""
    rows: tuple[Row, ...] = load_rows(
        db,
        dict,
        """
        select *
        from benchmark_history
        where benchmark_id = any(%(ids)s) and hour between %(first)s and %(last)s
        """,
        {"ids": list(benchmark_ids), "first": first, "last": last},
    )
    return {(row["benchmark_id"], row["hour"]): row for row in rows}


def load_flow_rows(db: Db, account_id: int, transaction_ids: Iterable[int]) -> dict[int, Row]:
    """What flows were booked at for the account, by their ledger id."""
    rows: tuple[Row, ...] = load_rows(
        db,
        dict,
        "select * from flow_valuations where account_id = %(account)s and transaction_id = any(%(ids)s)",
        {"account": account_id, "ids": list(transaction_ids)},
    )
    return {row["transaction_id"]: row for row in rows}


def load_benchmark_flow_rows(
    db: Db, benchmark_ids: Iterable[int], transaction_ids: Iterable[int]
) -> dict[tuple[int, int], Row]:
    """What flows were booked at in the benchmarks, by benchmark and ledger id."""
    rows: tuple[Row, ...] = load_rows(
        db,
        dict,
        """
        select *
        from benchmark_flows
        where benchmark_id = any(%(ids)s) and transaction_id = any(%(flows)s)
        """,
        {"ids": list(benchmark_ids), "flows": list(transaction_ids)},
    )
    return {(row["benchmark_id"], row["transaction_id"]): row for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """A derived figure that nothing stands behind."""

    at: datetime
    figure: str
    stored: object


def load_surplus(db: Db, account_id: int, booked: Iterable[int]) -> tuple[Surplus, ...]:
    """What is stored of the account though nothing stands behind it.

    Flows are known by `booked`, the ledger ids that count; a benchmark's hour by the account's.
    """
    return load_rows(
        db,
        Surplus,
        """
        select occurred_at as at, 'flow value' as figure, value as stored
        from flow_valuations
        where account_id = %(account)s and transaction_id <> all(%(booked)s)
        union all
        select f.occurred_at, 'benchmark ' || c.name || ' flow units', f.units
        from benchmark_flows f
        join benchmark_configs c on c.id = f.benchmark_id
        where c.account_id = %(account)s and f.transaction_id <> all(%(booked)s)
        union all
        select h.hour, 'benchmark ' || c.name || ' nav', h.nav
        from benchmark_history h
        join benchmark_configs c on c.id = h.benchmark_id
        left join nav_history n
          on n.account_id = c.account_id
          and n.hour = h.hour
          and n.status = any(%(valued)s)
        where c.account_id = %(account)s and n.hour is null
        union all
        select e.hour, 'explained change of nav', e.nav_change
        from explanations e
        left join nav_history n
          on n.account_id = e.account_id
          and n.hour = e.hour
          and n.status = any(%(valued)s)
        where e.account_id = %(account)s
          and (
            n.hour is null
              or n.hour = (
                select min(f.hour)
                from nav_history f
                where f.account_id = %(account)s and f.status = any(%(valued)s)
              )
          )
        order by at, figure
        """,
        {"account": account_id, "booked": list(booked), "valued": VALUED},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenSum:
    """A stored figure that is not what it is the sum, or the copy, of."""

    label: str  # of the account
    at: datetime
    figure: str
    stored: object
    computed: object


def load_broken_sums(db: Db) -> tuple[BrokenSum, ...]:
    """Prices that are not those of the hour's run, and NAVs that are not the sum of their parts."""
    return load_rows(
        db,
        BrokenSum,
        """
        with known as materialized (select exchange, at, asset, price from ticker_prices)
        select a.label, s.hour as at, 'price of ' || h.asset as figure, h.price as stored, p.price as computed
        from holdings h
        join snapshots s on s.id = h.snapshot_id
        join accounts a on a.id = s.account_id
        left join known p on p.exchange = a.exchange and p.asset = h.asset and p.at = s.prices_at
        where h.price <> coalesce(p.price, -1) and h.asset <> %(valuation)s
        union all
        select a.label, s.hour, 'nav of the snapshot', s.nav, coalesce(sum(h.value), 0)
        from snapshots s
        join accounts a on a.id = s.account_id
        left join holdings h on h.snapshot_id = s.id
        where s.nav is not null
        group by a.label, s.id
        having s.nav <> coalesce(sum(h.value), 0)
        union all
        select a.label, n.hour, 'nav', n.nav, s.nav
        from nav_history n
        join accounts a on a.id = n.account_id
        join snapshots s on s.id = n.snapshot_id
        where n.status = any(%(valued)s) and n.nav is distinct from s.nav
        union all
        select a.label, c.hour, 'nav', c.nav, coalesce(sum(n.nav), 0) + c.in_transit
        from nav_history c
        join accounts a on a.id = c.account_id
        left join member_hours n
          on n.portfolio_id = c.account_id
          and n.hour = c.hour
          and n.status = any(%(valued)s)
          and n.taken_at <= c.taken_at
        where c.account_id <= 0 and c.status = any(%(valued)s)
        group by a.label, c.hour, c.nav, c.in_transit
        having c.nav <> coalesce(sum(n.nav), 0) + c.in_transit
        """,
        {"valued": VALUED, "valuation": VALUATION_ASSET},
    )
