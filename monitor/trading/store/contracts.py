"""What trades in contracts are made of: fills, and what their wallets booked, each with the hour that explains it."""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from finance.contract_book import KINDS, Booked
from finance.records import ContractFill, IncomeKind
from sql.rows import Db, load_rows, load_values


class HourOfFill(NamedTuple):
    """A fill, and the hour whose explanation has what it realised."""

    hour: datetime
    fill: ContractFill


class HourOfBooking(NamedTuple):
    """What was booked, without its value, and the hour whose explanation has it."""

    hour: datetime
    booked: Booked


class SideHeld(NamedTuple):
    """What is open of one side of a contract, signed."""

    symbol: str
    side: str
    quantity: Decimal


def load_explained_fills(db: Db, account_id: int, until: datetime) -> tuple[HourOfFill, ...]:
    """The account's fills in hours up to `until`, in time order: those of which it is known what they settle in."""
    return load_rows(
        db,
        _read_fill,
        """
        select e.hour, f.id as number, f.wallet, f.symbol, f.exchange_id, f.side, f.quantity, f.price, f.occurred_at,
          f.settle, f.order_id, f.reason
        from contract_fills f
        cross join lateral (
          select hour
          from explanations
          where account_id = f.account_id and hour >= f.occurred_at - interval '3 hours' and through > f.occurred_at
          order by hour
          limit 1
        ) e
        where f.account_id = %(account)s and f.settle <> '' and e.hour <= %(until)s
        order by f.occurred_at, f.id
        """,
        {"account": account_id, "until": until},
    )


def _read_fill(*, hour: datetime, **columns: Any) -> HourOfFill:
    return HourOfFill(hour, ContractFill(**columns))


def load_explained_bookings(db: Db, account_id: int, until: datetime) -> tuple[HourOfBooking, ...]:
    """What the account's wallets booked of contracts in hours up to `until`, in time order."""
    return load_rows(
        db,
        _read_booking,
        """
        select e.hour, i.occurred_at as at, i.symbol, i.kind, i.asset, i.amount, 'i' || i.id as row,
          case when i.is_of_fill then coalesce(i.fill, 'of ' || i.id) else '' end as fill
        from contract_bookings i
        cross join lateral (
          select hour
          from explanations
          where account_id = i.account_id and hour >= i.occurred_at - interval '3 hours' and through > i.occurred_at
          order by hour
          limit 1
        ) e
        where i.account_id = %(account)s
          and i.kind = any(%(kinds)s)
          and e.hour <= %(until)s
        order by i.occurred_at, i.id
        """,
        {"account": account_id, "until": until, "kinds": list(KINDS)},
    )


def _read_booking(*, hour: datetime, kind: str, amount: Decimal, **columns: Any) -> HourOfBooking:
    return HourOfBooking(hour, Booked(kind=IncomeKind(kind), amount=amount, value=amount, **columns))


def load_last_positions(db: Db, account_id: int, until: datetime) -> dict[tuple[str, str], Decimal]:
    """What was open of each contract and side at the last explained hour up to `until`."""
    rows = load_rows(
        db,
        SideHeld,
        """
        select p.symbol, p.side, p.quantity
        from nav_history n
        join positions p using (snapshot_id)
        where n.account_id = %(account)s
          and n.hour = (select max(hour) from explanations where account_id = %(account)s and hour <= %(until)s)
        """,
        {"account": account_id, "until": until},
    )
    return {(one.symbol, one.side): one.quantity for one in rows}


def load_unread_contracts(db: Db, account_id: int) -> list[str]:
    """The contracts of which fills are still to be read."""
    return load_values(
        db,
        "select distinct symbol from contracts_due where account_id = %(account)s order by symbol",
        {"account": account_id},
    )
