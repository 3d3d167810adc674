"""Portfolios: accounts that are looked at as one, and which accounts are part of which of their hours.

A portfolio's number is 0 (all accounts) or below, an account's is above: hours, benchmarks and corrections belong to a
number, whichever it is.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from finance.exchanges import NAMES
from monitor.errors import AccountError
from sql.rows import Db, execute_each, load_rows, load_value, load_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """A portfolio as it is named."""

    id: int
    key: str  # in addresses and commands
    label: str
    holds_all: bool  # every account is part of it, by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """From which hour on an account is part of a portfolio, and until which."""

    account_id: int
    label: str
    since: datetime | None  # the first hour; None: its own first one
    until: datetime | None  # the first hour that it is no part of; None: it still is


def load_portfolios(db: Db) -> tuple[Portfolio, ...]:
    """Every portfolio, that of all accounts first."""
    statement = """
        select p.id, p.key, a.label, p.holds_all
        from portfolios p
        join accounts a using (id)
        order by p.id desc
        """
    return load_rows(db, Portfolio, statement)


def find_portfolio(db: Db, key: str) -> Portfolio:
    """The portfolio with this key. Raises AccountError when there is none."""
    known = {portfolio.key: portfolio for portfolio in load_portfolios(db)}
    if key not in known:
        raise AccountError(f"There is no portfolio '{key}'. There are: {', '.join(known)}.")
    return known[key]


def load_portfolios_of(db: Db, account_id: int) -> tuple[int, ...]:
    """The numbers of the portfolios that an account is or was part of."""
    statement = "select distinct portfolio_id from memberships where account_id = %(id)s order by portfolio_id desc"
    return tuple(load_values(db, statement, {"id": account_id}))


def load_exchange(db: Db, account_id: int) -> str | None:
    """The exchange of an account; None if there is no such account."""
    name: str | None = load_value(db, "select exchange from accounts where id = %(id)s and id > 0", {"id": account_id})
    return name


def load_exchanges(db: Db) -> tuple[str, ...]:
    """The exchanges of all accounts, in the order of `finance.exchanges.NAMES`."""
    return _in_order(load_values(db, "select distinct exchange from accounts where id > 0"))


def load_read_exchanges(db: Db) -> tuple[str, ...]:
    """Those of the accounts that are enabled."""
    return _in_order(load_values(db, "select distinct exchange from accounts where enabled and id > 0"))


def _in_order(found: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in NAMES if name in found)


def load_memberships(db: Db, portfolio_id: int) -> tuple[Membership, ...]:
    """Who is and was part of a portfolio, by account and time."""
    return load_rows(
        db,
        Membership,
        """
        select a.id as account_id, a.label, nullif(m.since, '-infinity') as since, nullif(m.until, 'infinity') as until
        from memberships m
        join accounts a on a.id = m.account_id
        where m.portfolio_id = %(id)s
        order by a.id, m.since
        """,
        {"id": portfolio_id},
    )


def find_next_number(db: Db) -> int:
    """The number of the next portfolio; it stays so while the run lock is held."""
    number: int = load_value(db, "select min(id) - 1 from accounts")
    return number


def record_portfolio(db: Db, number: int, key: str, label: str, now: datetime) -> None:
    """Add a portfolio without members. Raises UniqueViolation for a key or label that is taken."""
    db.execute(
        "insert into accounts (id, label, exchange, created_at) values (%(id)s, %(label)s, 'combined', %(now)s)",
        {"id": number, "label": label, "now": now},
    )
    db.execute("insert into portfolios (id, key) values (%(id)s, %(key)s)", {"id": number, "key": key})


def record_members(db: Db, portfolio_id: int, account_ids: Iterable[int], since: datetime | None) -> None:
    """Let accounts be part of a portfolio from the hour `since` on. Raises ExclusionViolation for one that is already."""
    execute_each(
        db,
        "insert into portfolio_members (portfolio_id, account_id, since) values (%(portfolio)s, %(account)s, %(since)s)",
        [{"portfolio": portfolio_id, "account": account_id, "since": since} for account_id in account_ids],
    )


def record_leaving(db: Db, portfolio_id: int, account_id: int, until: datetime) -> bool:
    """End an account's part in a portfolio with the hour before `until`; returns whether it was part of it then.

    What would be left of it only after that hour is dropped.
    """
    asked = {"portfolio": portfolio_id, "account": account_id, "until": until}
    dropped = db.execute(
        """
        delete from portfolio_members
        where portfolio_id = %(portfolio)s and account_id = %(account)s and since >= %(until)s
        """,
        asked,
    ).rowcount
    ended = db.execute(
        """
        update portfolio_members
        set until = %(until)s
        where portfolio_id = %(portfolio)s and account_id = %(account)s and (until is null or until > %(until)s)
        """,
        asked,
    ).rowcount
    return bool(dropped + ended)


def delete_portfolio(db: Db, portfolio_id: int, now: datetime) -> None:
    """Remove a portfolio that has no hours any more. Its row in accounts stays for the log and old alerts, renamed."""
    db.execute("delete from portfolio_members where portfolio_id = %(id)s", {"id": portfolio_id})
    db.execute("delete from portfolios where id = %(id)s", {"id": portfolio_id})
    db.execute(
        """
        update accounts
        set enabled = false,
          disabled_at = %(now)s,
          label = left(label, 24) || ' (removed ' || to_char(%(now)s at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ')'
        where id = %(id)s
        """,
        {"id": portfolio_id, "now": now},
    )
