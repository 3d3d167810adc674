"""Every event between an account's hours: with what it held, what explanations are computed from."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from finance.attribution.events import Event, Flow, Income
from finance.flow_values import Move
from finance.records import FillMarket, FillRecord, IncomeKind
from monitor.ledger.store.entries import NEWEST
from monitor.ledger.store.fills_and_income import BOOKED, IN_ORDER
from monitor.ledger.store.unsettled import load_counted_values
from sql.rows import Db, load_rows, load_value

DEBTS = ("borrowed", "repaid")  # what is owned and what is owed change together


def load_flows(db: Db, account_id: int, since: datetime, until: datetime) -> list[Event]:
    """Every entry of the ledger that took effect in [since, until) and is no move between own wallets, in time order.

    What the owner calls income is income. All revisions of an entry have the number of its first.
    """
    flows = load_rows(
        db,
        _read_flow,
        f"""
        select o.id as number, t.asset, t.quantity, t.treatment, t.occurred_at,
          case when d.kind is null then v.value else 0 end as value,
          case t.assumed_fee when 'inside' then -t.fee when 'on_top' then t.fee else 0 end as doubted_fee
        from processed_transactions t
        join processed_transactions o using (account_id, kind, exchange_id)
        left join deferred_flows d using (account_id, kind, exchange_id)
        left join flow_valuations v on v.transaction_id = t.id and v.account_id = t.account_id
        where t.account_id = %(account)s
          and t.occurred_at >= %(since)s
          and t.occurred_at < %(until)s
          and t.state = 'counted'
          and t.kind <> 'opening'
          and t.treatment <> 'internal'
          and o.revision = 1
          and {NEWEST}
        order by t.occurred_at, t.id
        """,
        {"account": account_id, "since": since, "until": until},
    )
    # What nothing priced came without a value, which came later without anything.
    later = load_counted_values(db, account_id, since, until)
    return sorted([*flows, *later], key=lambda event: event.occurred_at)


def _read_flow(*, treatment: str, value: Decimal | None, doubted_fee: Decimal, **columns: Any) -> Event:
    if treatment == "income":
        return Income(kind=IncomeKind.OTHER, **columns)
    return Flow(value=value, doubted_fee=doubted_fee, **columns)


def load_fills_and_income(db: Db, account_id: int, since: datetime, until: datetime) -> list[Event]:
    """Fills and income of [since, until), in time order."""
    asked = {"account": account_id, "since": since, "until": until, "debts": list(DEBTS)}
    income = load_rows(
        db,
        _read_income,
        """
        select id as number, kind, asset, amount, occurred_at,
          case when kind in ('futures_commission', 'liquidation_fee') then coalesce((
            select b.order_id from contract_bookings b where b.id = income.id
          ), '') else '' end as order
        from income
        where account_id = %(account)s
          and occurred_at >= %(since)s
          and occurred_at < %(until)s
          and kind <> all(%(debts)s)
        order by occurred_at, id
        """,
        asked,
    )
    fills = load_rows(
        db,
        _read_fill,
        f"""
        select id as number, market, symbol, exchange_id, order_id, base_asset, base_quantity, quote_asset, quote_quantity,
          fee_asset, fee, occurred_at
        from fills
        where account_id = %(account)s and {BOOKED} and occurred_at >= %(since)s and occurred_at < %(until)s
        order by {IN_ORDER}, market
        """,
        asked,
    )
    return sorted([*income, *fills], key=lambda event: event.occurred_at)


def _read_income(*, kind: str, amount: Decimal, **columns: Any) -> Event:
    return Income(kind=IncomeKind(kind), quantity=amount, **columns)


def _read_fill(*, market: str, **columns: Any) -> FillRecord:
    return FillRecord(market=FillMarket(market), **columns)


def load_moves(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[Move, ...]:
    """Everything in [since, until) that changed the account's quantities and was no flow, in time order.

    What is stamped in the seconds of a reading at either moment and was explained as part of it belongs to that reading.
    """
    begin, end = (_count_through(db, account_id, moment) for moment in (since, until))
    return load_rows(
        db,
        Move,
        f"""
        select at, asset, quantity
        from (
          select account_id, occurred_at as at, base_asset as asset, base_quantity as quantity
          from fills
          where {BOOKED}
          union all
          select account_id, occurred_at, quote_asset, quote_quantity
          from fills
          where {BOOKED}
          union all
          select account_id, occurred_at, fee_asset, -fee
          from fills
          where fee <> 0
          union all
          select account_id, occurred_at, asset, amount
          from income
          where kind <> all(%(debts)s)
        ) moves
        where account_id = %(account)s and at >= %(begin)s and at < %(end)s
        union all
        select occurred_at, asset, quantity
        from processed_transactions t
        where account_id = %(account)s
          and occurred_at >= %(since)s
          and occurred_at < %(until)s
          and state = 'counted'
          and treatment = 'income'
          and {NEWEST}
        order by at
        """,
        {
            "account": account_id,
            "since": since,
            "until": until,
            "begin": begin,
            "end": end,
            "debts": list(DEBTS),
        },
    )


def _count_through(db: Db, account_id: int, taken_at: datetime) -> datetime:
    """Up to when what is stamped after `taken_at` is in the reading of that moment."""
    through: datetime | None = load_value(
        db,
        """
        select greatest(e.through, n.taken_at) as through
        from nav_history n
        join explanations e using (account_id, hour)
        where n.account_id = %(account)s
          and n.taken_at = %(at)s
          and n.hour between %(at)s - interval '2 hours' and %(at)s
        """,
        {"account": account_id, "at": taken_at},
    )
    return through or taken_at


def load_earliest_move(db: Db, account_id: int, run_id: int | None) -> datetime | None:
    """When the earliest fill or income took place that the run added, of those since the account's first valued hour."""
    earliest: datetime | None = load_value(
        db,
        """
        select min(occurred_at) as earliest
        from (
          select occurred_at
          from fills
          where account_id = %(account)s and run_id = %(run)s
          union all
          select occurred_at
          from income
          where account_id = %(account)s and run_id = %(run)s
        ) added
        where occurred_at >= (
          select taken_at
          from nav_history
          where account_id = %(account)s and status in ('COMPLETE', 'RECONSTRUCTED')
          order by hour
          limit 1
        )
        """,
        {"account": account_id, "run": run_id},
    )
    return earliest
