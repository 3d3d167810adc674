"""The contracts whose fills are to be read: those of which income names a fill that is not known."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from finance.records import IncomeKind
from sql.rows import Db, load_rows, load_value

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
    """Have the fills read that income of these `names` is of, as far as it is new, says so, and they are not known."""
    db.execute(
        """
        insert into contracts_due (account_id, wallet, symbol, since)
        select i.account_id, i.wallet, i.raw ->> 'symbol', min(i.occurred_at)
        from income i
        where i.account_id = %(account)s
          and i.kind = any(%(kinds)s)
          and i.exchange_id = any(%(names)s)
          and i.first_seen_at = %(seen_at)s
          and i.raw ->> 'symbol' <> ''
          and i.raw ->> 'tradeId' <> ''
          and not exists (
            select from contract_fills f
            where f.account_id = i.account_id
              and f.symbol = i.raw ->> 'symbol'
              and f.exchange_id = i.raw ->> 'tradeId'
          )
        group by i.account_id, i.wallet, i.raw ->> 'symbol'
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


def find_unknown_fill(db: Db, account_id: int, due: DueContract) -> datetime | None:
    """When the first fill took place, since then, that income names and that is not known; None without one."""
    found: datetime | None = load_value(
        db,
        """
        select min(i.occurred_at)
        from income i
        where i.account_id = %(account)s
          and i.occurred_at >= %(since)s
          and i.wallet = %(wallet)s
          and i.kind = any(%(kinds)s)
          and i.raw ->> 'symbol' = %(symbol)s
          and i.raw ->> 'tradeId' <> ''
          and not exists (
            select from contract_fills f
            where f.account_id = i.account_id
              and f.symbol = i.raw ->> 'symbol'
              and f.exchange_id = i.raw ->> 'tradeId'
          )
        """,
        {
            "account": account_id,
            "since": due.since,
            "wallet": due.wallet,
            "symbol": due.symbol,
            "kinds": list(OF_FILLS),
        },
    )
    return found


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
