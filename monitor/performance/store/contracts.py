"""What trades in contracts are made of: fills, what was booked of them, and what readings found open."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal, localcontext
from typing import LiteralString, NamedTuple

from finance.contract_book import KINDS
from finance.contract_hours import Held, Reading, Side
from finance.decimals import UNROUNDED
from sql.rows import Db, load_rows, load_value

OPTIONS = "options"  # their fills are not read


class NamedBooking(NamedTuple):
    """A record of income, the contract that it names, and the fill."""

    row: str
    symbol: str
    fill: str


class _Position(NamedTuple):
    hour: datetime
    taken_at: datetime
    symbol: str | None  # None: nothing was open
    side: str
    quantity: Decimal
    mark: Decimal
    unrealised: Decimal
    settle: str
    wallet: str


# What was open when the history began.
FIRST_OPEN: LiteralString = """
        from positions p
        where p.wallet <> %(options)s and p.quantity <> 0 and p.snapshot_id = (
          select n.snapshot_id from nav_history n where n.account_id = %(account)s and n.nav is not null order by n.hour limit 1
        )
    """


def has_contracts(db: Db, account_id: int) -> bool:
    """Whether there is anything to make trades in contracts of: fills, or what was open when the history began."""
    found: bool = load_value(
        db,
        f"""
        select exists (select from contract_fills where account_id = %(account)s and settle <> '')
          or exists (select {FIRST_OPEN}) as found
        """,
        {"account": account_id, "options": OPTIONS},
    )
    return found


def load_named_bookings(db: Db, account_id: int, since: datetime, until: datetime) -> dict[str, NamedBooking]:
    """What wallets booked of contracts in [since, until), by the record."""
    found = load_rows(
        db,
        NamedBooking,
        """
        select 'i' || id as row, symbol, case when is_of_fill then coalesce(fill, 'of ' || id) else '' end as fill
        from contract_bookings
        where account_id = %(account)s
          and occurred_at >= %(since)s
          and occurred_at < %(until)s
          and kind = any(%(kinds)s)
        """,
        {"account": account_id, "since": since, "until": until, "kinds": list(KINDS)},
    )
    return {one.row: one for one in found}


def load_readings(db: Db, account_id: int, hours: Collection[datetime]) -> dict[datetime, Reading]:
    """The positions in contracts at each of the valued `hours`; what happened up to the reading is counted."""
    rows = load_rows(
        db,
        _Position,
        """
        select n.hour, n.taken_at, p.symbol, p.side, p.quantity, p.mark_price as mark, p.unrealised,
          p.margin_asset as settle, p.wallet
        from nav_history n
        left join positions p on p.snapshot_id = n.snapshot_id and p.wallet <> %(options)s and p.quantity <> 0
        where n.account_id = %(account)s and n.hour = any(%(hours)s)
        order by n.hour, p.wallet
        """,
        {"account": account_id, "hours": list(hours), "options": OPTIONS},
    )
    found: defaultdict[datetime, list[_Position]] = defaultdict(list)
    for row in rows:
        found[row.hour].append(row)
    return {hour: _read(positions) for hour, positions in found.items()}


def _read(rows: Sequence[_Position]) -> Reading:
    """Several wallets' positions in one contract are one."""
    positions: dict[Side, Held] = {}
    with localcontext(UNROUNDED):
        for row in rows:
            if row.symbol is None:
                continue
            other = positions.get((row.symbol, row.side))
            quantity = row.quantity + (other.quantity if other else 0)
            unrealised = row.unrealised + (other.unrealised if other else 0)
            positions[row.symbol, row.side] = Held(
                quantity=quantity, mark=row.mark, unrealised=unrealised, settle=row.settle, wallet=row.wallet
            )
    return Reading(taken_at=rows[0].taken_at, through=rows[0].taken_at, positions=positions)


def load_incomplete_contracts(db: Db, account_id: int) -> list[str]:
    """The contracts of which fills are still to be read, or do not say what they settle in: these are in no trade."""
    found: list[str] = load_value(
        db,
        """
        select coalesce(array_agg(symbol order by symbol), '{}') as found
        from (
          select symbol from contracts_due where account_id = %(account)s
          union
          select symbol from contract_fills where account_id = %(account)s and settle = ''
        ) incomplete
        """,
        {"account": account_id},
    )
    return found


class OpenBefore(NamedTuple):
    """A position that was open when the history began and is in no trade: its mark, or what it settles in, is not known."""

    symbol: str
    side: str  # LONG or SHORT
    quantity: Decimal  # in the contract's unit, without a sign


def load_open_before(db: Db, account_id: int) -> tuple[OpenBefore, ...]:
    """What the account's first valued hour found open, without what trades were made of; those come with the hour after it."""
    return load_rows(
        db,
        OpenBefore,
        f"""
        select p.symbol, case when p.quantity < 0 then 'SHORT' else 'LONG' end as side, abs(sum(p.quantity)) as quantity
        {FIRST_OPEN}
          and exists (select from explanations e where e.account_id = %(account)s)
          and not exists (
            select from trades t
            where t.account_id = %(account)s and t.opened_by = 'opening' and t.asset = p.symbol and t.position_side = p.side
          )
        group by 1, 2
        order by 1, 2
        """,
        {"account": account_id, "options": OPTIONS},
    )
