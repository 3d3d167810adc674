"""What the hours of a portfolio's accounts make of its own: what each held, in which hours anything happened, and how the
portfolio's flows are valued."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from finance.hour_status import VALUED
from sql.rows import Db, load_dict, load_rows, load_value

# Whether a portfolio has gains and trades of its own: that of all accounts has none while there is but one, whose it has.
KEEPS = """
    select p.id
    from portfolios p
    where not p.holds_all
      or (
        select count(*)
        from accounts a
        where a.id > 0
          and exists (select from nav_history n where n.account_id = a.id and n.status = any(%(valued)s))
      ) > 1
    """


def keeps_trades(db: Db, portfolio_id: int) -> bool:
    """Whether the portfolio has gains and trades of its own."""
    is_so: bool = load_value(
        db, f"select %(portfolio)s in ({KEEPS}) as is_so", {"portfolio": portfolio_id, "valued": VALUED}
    )
    return is_so


def lacks_trades(db: Db, portfolio_id: int) -> bool:
    """Whether it should have some of earlier hours and none were computed yet: its second account is new."""
    is_so: bool = load_value(
        db,
        f"""
        select %(portfolio)s in ({KEEPS})
          and not exists (select from explanations where account_id = %(portfolio)s)
          and (
            select count(*)
            from (
              select from nav_history where account_id = %(portfolio)s and status = any(%(valued)s) limit 3
            ) valued
          ) = 3 as is_so
        """,
        {"portfolio": portfolio_id, "valued": VALUED},
    )
    return is_so


class PortfolioRow(NamedTuple):
    """A portfolio's valued hour."""

    hour: datetime
    taken_at: datetime
    nav: Decimal


def load_portfolio_rows(db: Db, portfolio_id: int, hours: Collection[datetime]) -> dict[datetime, PortfolioRow]:
    """A portfolio's valued `hours`."""
    rows = load_rows(
        db,
        PortfolioRow,
        "select hour, taken_at, nav from nav_history where account_id = %(portfolio)s and hour = any(%(hours)s)",
        {"portfolio": portfolio_id, "hours": list(hours)},
    )
    return {row.hour: row for row in rows}


class HeldAt(NamedTuple):
    """What a reading found of an asset, in all wallets together."""

    snapshot_id: int
    asset: str
    quantity: Decimal
    worth: Decimal


def load_holdings(db: Db, snapshot_ids: Collection[int]) -> tuple[HeldAt, ...]:
    """What readings found; what nothing prices is worth nothing."""
    return load_rows(
        db,
        HeldAt,
        """
        select snapshot_id, asset, sum(free + locked - owed) as quantity,
          sum(free + locked - owed) * coalesce(max(price), 0) as worth
        from holdings
        where snapshot_id = any(%(ids)s)
        group by snapshot_id, asset
        order by snapshot_id, asset
        """,
        {"ids": list(snapshot_ids)},
    )


class ExplainedHour(NamedTuple):
    """An account's explained hour, and whether anything happened in it but that prices moved."""

    account_id: int
    from_hour: datetime
    hour: datetime
    is_busy: bool


def load_explained(db: Db, account_ids: Collection[int], since: datetime, until: datetime) -> tuple[ExplainedHour, ...]:
    """The explained hours of accounts that lie in [since, until], in order.

    What came and went within an hour is not among its assets, so its records are looked for, too; no reading comes two hours
    after its hour. An hour that is looked into for nothing does no harm.
    """
    return load_rows(
        db,
        ExplainedHour,
        """
        select account_id, from_hour, hour,
          jsonb_path_exists(assets, '$.* ? (@.events > 0 || exists (@.units.residual))')
            or exists (
              select
              from (
                select account_id, occurred_at from fills
                union all
                select account_id, occurred_at from income
                union all
                select account_id, occurred_at from processed_transactions
              ) events
              where events.account_id = e.account_id
                and events.occurred_at >= e.from_hour
                and events.occurred_at < e.hour + interval '2 hours'
            ) as is_busy
        from explanations e
        where account_id = any(%(accounts)s) and hour > %(since)s and hour <= %(until)s and from_hour >= %(since)s
        order by account_id, hour
        """,
        {"accounts": list(account_ids), "since": since, "until": until},
    )


def load_flow_worths(db: Db, portfolio_id: int, since: datetime, until: datetime) -> dict[str, Decimal]:
    """The values of a portfolio's flows in [since, until), by the record that their changes name.

    Those of coins that nothing priced when they came are not among them.
    """
    return load_dict(
        db,
        """
        select 'd' || o.id as row, v.value
        from flow_valuations v
        join processed_transactions t on t.id = v.transaction_id
        join processed_transactions o on (o.account_id, o.kind, o.exchange_id) = (t.account_id, t.kind, t.exchange_id)
          and o.revision = 1
        where v.account_id = %(portfolio)s
          and v.occurred_at >= %(since)s
          and v.occurred_at < %(until)s
          and v.value is not null
          and not exists (
            select from deferred_flows d
            where (d.account_id, d.kind, d.exchange_id) = (t.account_id, t.kind, t.exchange_id)
          )
        """,
        {"portfolio": portfolio_id, "since": since, "until": until},
    )
