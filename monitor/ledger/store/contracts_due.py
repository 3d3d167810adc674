"""The contracts whose fills are to be read: those of which income is of a fill that is not known (`contract_bookings`)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from finance.records import IncomeKind
from sql.rows import Db, load_rows, load_value

# Conditions of a booking `b`: the fill that it names is known; there are fills of it that are not.
IS_KNOWN: LiteralString = """exists (
            select from contract_fills f
            where f.account_id = b.account_id and f.symbol = b.symbol and f.exchange_id = b.fill
          )"""
IS_UNREAD: LiteralString = f"b.is_of_fill and not (b.names_fill and {IS_KNOWN})"
OF_FILLS = (IncomeKind.REALISED_PROFIT, IncomeKind.FUTURES_COMMISSION)  # what is booked of a fill


@dataclass(frozen=True, slots=True, kw_only=True)
class DueContract:
    """A contract in a wallet, and from when on its fills are to be read."""

    wallet: str
    symbol: str
    since: datetime

    @property
    def key(self) -> tuple[str, str]:
        """What identifies it within its account."""
        return self.wallet, self.symbol


def mark_contracts_due(db: Db, account_id: int, names: Collection[str], seen_at: datetime) -> None:
    """Have the fills read that income of these `names` is of, as far as it is new.

    Of fills that it names, those that are known are left out; of an order or a moment there may be more than are known.
    """
    db.execute(
        f"""
        insert into contracts_due (account_id, wallet, symbol, since)
        select b.account_id, b.wallet, b.symbol, min(b.begun_at)
        from contract_bookings b
        where b.account_id = %(account)s
          and b.kind = any(%(kinds)s)
          and b.exchange_id = any(%(names)s)
          and b.first_seen_at = %(seen_at)s
          and {IS_UNREAD}
        group by b.account_id, b.wallet, b.symbol
        on conflict (account_id, wallet, symbol) do update
        set since = least(contracts_due.since, excluded.since)
        """,
        {"account": account_id, "names": list(names), "seen_at": seen_at, "kinds": list(OF_FILLS)},
    )


def load_due_contracts(db: Db, account_id: int) -> tuple[DueContract, ...]:
    """The contracts whose fills are to be read, the longest unread first."""
    return load_rows(
        db,
        DueContract,
        """
        select wallet, symbol, since
        from contracts_due
        where account_id = %(account)s
        order by since, symbol, wallet
        """,
        {"account": account_id},
    )


def load_contracts(db: Db, account_id: int) -> tuple[DueContract, ...]:
    """The contracts of which fills are known, each where and when it was traded last."""
    return load_rows(
        db,
        DueContract,
        """
        select distinct on (symbol) wallet, symbol, occurred_at as since
        from contract_fills
        where account_id = %(account)s
        order by symbol, occurred_at desc
        """,
        {"account": account_id},
    )


def find_unread(db: Db, account_id: int, due: DueContract) -> datetime | None:
    """From when on its fills are to be read, not before `due.since`: an order that ended later counts from when it was given.
    None where all of them are read."""
    found: datetime | None = load_value(
        db,
        f"""
        select min(greatest(b.begun_at, %(since)s))
        from contract_bookings b
        where b.account_id = %(account)s
          and b.occurred_at >= %(since)s
          and b.wallet = %(wallet)s
          and b.kind = any(%(kinds)s)
          and b.symbol = %(symbol)s
          and {IS_UNREAD}
        """,
        _key(account_id, due),
    )
    return found


def find_unlisted(db: Db, account_id: int, due: DueContract, until: datetime) -> datetime | None:
    """When the first was booked, since then and before `until`, that income is of and that is not known; None without one."""
    found: datetime | None = load_value(
        db,
        f"""
        select min(b.occurred_at)
        from contract_bookings b
        where b.account_id = %(account)s
          and b.occurred_at >= %(since)s
          and b.occurred_at < %(until)s
          and b.wallet = %(wallet)s
          and b.kind = any(%(kinds)s)
          and b.symbol = %(symbol)s
          and b.is_of_fill
          and not {IS_KNOWN}
        """,
        _key(account_id, due) | {"until": until},
    )
    return found


def _key(account_id: int, due: DueContract) -> dict[str, object]:
    return {
        "account": account_id,
        "since": due.since,
        "wallet": due.wallet,
        "symbol": due.symbol,
        "kinds": list(OF_FILLS),
    }


def read_on(db: Db, account_id: int, due: DueContract, since: datetime | None) -> None:
    """Remember that a contract's fills are read up to `since`; None: to their end."""
    key = {"account": account_id, "wallet": due.wallet, "symbol": due.symbol, "since": since}
    if since is None:
        db.execute(
            "delete from contracts_due where account_id = %(account)s and wallet = %(wallet)s and symbol = %(symbol)s",
            key,
        )
        return
    db.execute(
        """
        update contracts_due
        set since = %(since)s
        where account_id = %(account)s and wallet = %(wallet)s and symbol = %(symbol)s
        """,
        key,
    )


def find_forced_fill(db: Db, account_id: int, orders: Collection[str]) -> datetime | None:
    """When the first fill of a contract took place that is of one of these `orders` and does not say itself why; None without any."""
    found: datetime | None = load_value(
        db,
        """
        select min(occurred_at)
        from contract_fills
        where account_id = %(account)s and order_id = any(%(orders)s) and reason is null
        """,
        {"account": account_id, "orders": list(orders)},
    )
    return found


def find_unknown_since(db: Db, account_id: int) -> datetime | None:
    """Since when positions made something before any fill was known: with the first one what they made is of trades, and a rest."""
    found: datetime | None = load_value(
        db,
        """
        select min(from_hour)
        from explanations
        where account_id = %(account)s and positions <> 0
          and not exists (select from contract_fills where account_id = %(account)s and settle <> '')
        """,
        {"account": account_id},
    )
    return found
