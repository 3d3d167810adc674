"""Which accounts there are, what they are compared with, and what their owner should be warned of."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from dashboard.history.rates import USDT, per
from finance.exchanges import NAMES
from finance.moments import EPOCH
from sql.rows import Db, Row, load_rows, load_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account, or a portfolio."""

    account_id: int  # a portfolio's is 0 or below
    label: str
    exchange: str
    key_state: str
    key_message: str
    overpowered: bool
    created_at: datetime
    master_id: int | None
    key_checked_at: datetime | None
    key_dangers: list[str]
    key_expires_at: datetime | None
    portfolio: str | None  # a portfolio's key
    system: str  # how the exchange calls the kind of account; empty where there is but one
    limits: list[str]  # what the exchange can't say of it, in sentences

    @property
    def name(self) -> str:
        """The label inside a sentence."""
        return "all accounts" if self.account_id == 0 else self.label

    @property
    def exchange_name(self) -> str:
        """The exchange as people know it; empty of a portfolio."""
        return NAMES.get(self.exchange, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """What an account is compared with."""

    name: str
    assets: list[str]
    weights: list[Decimal]
    rebalance: str  # never, monthly, daily, band
    band: Decimal | None  # how far a weight may be off before it is rebalanced
    is_default: bool

    @property
    def basket(self) -> str:
        """What is in it: 50/50 BTC/ETH, 100 % BTC, or 50/50 BTC/ETH, rebalanced monthly."""
        if len(self.assets) == 1:
            return f"100 % {self.assets[0]}"
        shares = "/".join(_short(share * 100) for share in self.weights)
        mixed = f"{shares} {'/'.join(self.assets)}"
        if self.rebalance == "band":
            return f"{mixed}, rebalanced when {_short((self.band or Decimal(0)) * 100)} points off"
        return mixed if self.rebalance == "never" else f"{mixed}, rebalanced {self.rebalance}"

    @property
    def rival(self) -> str:
        """The same in a sentence: "simply holding" is said of what is bought once and never touched."""
        return f"simply holding {self.basket}" if self.rebalance == "never" else self.basket


def _short(percent: Decimal) -> str:
    """A percentage with one decimal where it needs it."""
    return f"{percent:.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerWarning:
    """What the owner should know on every page."""

    text: str
    until: datetime | None = None  # when it stops to be true, where that is known


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestHour:
    """The last recorded hour of an account."""

    account_id: int
    hour: datetime
    taken_at: datetime | None
    status: str
    reason: str
    nav: Decimal | None
    unit_price: Decimal | None
    in_transit: Decimal | None  # None: not known in the currency


def load_accounts(db: Db) -> list[Account]:
    """Portfolios, then tracked accounts; that of all accounts, the first one, only when there are several."""
    accounts = load_every(db)
    several = sum(account.account_id > 0 for account in accounts) > 1
    return [account for account in accounts if several or account.account_id != 0]


def load_every(db: Db) -> tuple[Account, ...]:
    """The same with that of all accounts, however many there are."""
    return load_rows(
        db,
        Account,
        """
        select account_id, label, exchange, key_state, key_message, overpowered, created_at, master_id,
          key_checked_at, key_dangers, key_expires_at, portfolio, system, limits
        from accounts
        where enabled
        order by account_id > 0, abs(account_id)
        """,
    )


def load_members(db: Db, portfolio_id: int) -> list[Row]:
    """Who is and was part of a portfolio: `account_id`, `label`, `since` and `until` (None: always)."""
    return db.execute(
        """
        select m.account_id, a.label, nullif(m.since, '-infinity') as since,
          nullif(m.until, 'infinity') as until
        from members m
        join accounts a using (account_id)
        where m.id = %(id)s
        order by m.account_id, m.since
        """,
        {"id": portfolio_id},
    ).fetchall()


def load_present(db: Db, number: int) -> list[int]:
    """The accounts that are part of a portfolio now, or the account itself."""
    return load_values(
        db,
        """
        select distinct m.account_id
        from members m
        where m.id = %(id)s and m.until = 'infinity'
        """,
        {"id": number},
    )


def load_benchmarks(db: Db, account_id: int) -> tuple[Benchmark, ...]:
    """What an account is compared with, the usual one first."""
    return load_rows(
        db,
        Benchmark,
        """
        select name, assets, weights, rebalance, band, is_default
        from benchmarks
        where account_id = %(id)s
        order by is_default desc, name <> 'hold', name
        """,
        {"id": account_id},
    )


def load_warnings(db: Db) -> list[OwnerWarning]:
    """What the owner should know on every page."""
    return [
        *load_rows(db, _warn_overpowered, "select label from accounts where overpowered and enabled order by label"),
        *load_rows(db, _warn_pause, "select exchange, not_before, reason from pauses"),
        *load_rows(
            db,
            _warn_waiting,
            """
            select a.label, r.since
            from recomputations r
            join accounts a using (account_id)
            where exists (select from nav n where n.account_id = r.account_id and n.taken_at > r.since)
              and (r.account_id <> 0 or (select count(*) from accounts where enabled and account_id > 0) > 1)
            order by a.label
            """,
        ),
    ]


def _warn_overpowered(label: str) -> OwnerWarning:
    return OwnerWarning(text=f"{label}: the API key may do more than read. Replace it by one that may not.")


def _warn_pause(exchange: str, not_before: datetime, reason: str) -> OwnerWarning:
    return OwnerWarning(
        text=f"{exchange}: no questions are asked until {not_before:%H:%M} UTC. {reason}", until=not_before
    )


def _warn_waiting(label: str, since: datetime) -> OwnerWarning:
    text = f"{label}: figures after {since:%Y-%m-%d %H:%M} UTC are out of date. The next run computes them again."
    return OwnerWarning(text=text)


def load_newest(db: Db, currency: str = USDT) -> dict[int, NewestHour]:
    """The newest recorded hour of every account, by its number."""
    newest = load_rows(
        db,
        NewestHour,
        f"""
        select n.*
        from accounts a
        cross join lateral (
          select account_id, hour, status, reason, nav{per("n.hour", currency)} as nav, unit_price,
            in_transit{per("n.hour", currency)} as in_transit, taken_at
          from nav n
          where n.account_id = a.account_id
          order by n.hour desc
          limit 1
        ) n
        where a.enabled
        """,
        {"currency": currency},
    )
    return {hour.account_id: hour for hour in newest}


def load_transfers(
    db: Db,
    account_id: int,
    limit: int,
    currency: str = USDT,
    since: datetime = EPOCH,
    until: datetime | None = None,
) -> list[Row]:
    """Transfers between a portfolio's accounts, or of an account with others, that left in a period, the newest first: `source`,
    `target`, `asset`, `amount`, `fee`, `value`, `left_at`, `arrived_at`."""
    return db.execute(
        f"""
        select a.label as source, b.label as target, o.asset, i.amount, o.fee,
          i.price * i.amount{per("date_trunc('hour', i.occurred_at, 'UTC')", currency)} as value,
          o.occurred_at as left_at, i.occurred_at as arrived_at
        from (
          select distinct out_id, in_id
          from transfers
          where %(id)s > 0 or portfolio_id = %(id)s
        ) t
        join flows o on o.transaction_id = t.out_id
        join flows i on i.transaction_id = t.in_id
        join accounts a on a.account_id = o.account_id
        join accounts b on b.account_id = i.account_id
        where (%(id)s <= 0 or %(id)s in (o.account_id, i.account_id))
          and o.occurred_at >= %(since)s
          and (%(until)s::timestamptz is null or o.occurred_at <= %(until)s)
        order by o.occurred_at desc, t.out_id desc
        limit %(limit)s
        """,
        {"id": account_id, "limit": limit, "currency": currency, "since": since, "until": until},
    ).fetchall()
