"""What was held, and what became of small balances."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from dashboard.history.members import member, present
from dashboard.history.rates import USDT, per, price_in
from sql.rows import Db, Row, load_rows


class Conversion(NamedTuple):
    """A small balance that its exchange turned into a coin of its own."""

    label: str
    at: datetime
    sold: str
    quantity: Decimal  # of what was sold
    bought: str
    got: Decimal  # before the fee
    fee: Decimal
    fee_asset: str


def load_holdings(db: Db, account_id: int, currency: str = USDT) -> list[Row]:
    """What was held at the last reading, by asset and wallet; for a portfolio, of its accounts.

    The most valuable asset first, after those without a price; `is_missing`: that leaves its account without a NAV;
    `price_before`: the price that was read 24 hours earlier, if it was; `accounts`: the numbers of those that hold it;
    `frozen` and `withdrawing`, of what is locked: None where nothing is, or where the exchange does not tell them apart.
    """
    return db.execute(
        f"""
        select h.asset, h.wallet, sum(h.quantity) as quantity, sum(h.free) as free, sum(h.locked) as locked,
          sum(h.frozen) as frozen, sum(h.withdrawing) as withdrawing, sum(h.owed) as owed, max({price_in("h.asset", "h.price", "newest.hour", currency)}) as price, max(h.route) as route,
          sum(h.value{per("newest.hour", currency)}) as value,
          bool_or(h.value{per("newest.hour", currency)} is null) as unpriced,
          bool_or(
            h.value{per("newest.hour", currency)} is null and (newest.nav{per("newest.hour", currency)}) is null
          ) as is_missing,
          array_agg(distinct a.account_id) as accounts,
          max({price_in("h.asset", "before.price", "day.hour", currency)}) as price_before
        from accounts a
        cross join lateral (
          select snapshot_id, nav, hour
          from snapshots s
          where s.account_id = a.account_id
          order by s.hour desc, s.snapshot_id desc
          limit 1
        ) newest
        join holdings h on h.snapshot_id = newest.snapshot_id
        left join nav day on day.account_id = a.account_id and day.hour = newest.hour - interval '24 hours'
        left join prices before
          on before.exchange = a.exchange and before.at = day.prices_at and before.asset = h.asset
        where {member("a", "newest.hour")} and a.enabled
        group by h.asset, h.wallet
        order by sum(sum(h.value)) over (partition by h.asset) desc nulls first, h.asset,
          sum(h.value) desc nulls first
        """,
        {"id": account_id, "currency": currency},
    ).fetchall()


def load_holdings_of(db: Db, account_id: int, hour: datetime, currency: str = USDT) -> list[Row]:
    """The same of a valued hour of the past."""
    return db.execute(
        f"""
        select h.asset, h.wallet, sum(h.quantity) as quantity, sum(h.free) as free, sum(h.locked) as locked,
          sum(h.frozen) as frozen, sum(h.withdrawing) as withdrawing, sum(h.owed) as owed, max({price_in("h.asset", "h.price", "n.hour", currency)}) as price, max(h.route) as route,
          sum(h.value{per("n.hour", currency)}) as value,
          bool_or(h.value is null) as unpriced, false as is_missing, array_agg(distinct a.account_id) as accounts,
          max({price_in("h.asset", "before.price", "day.hour", currency)}) as price_before
        from nav n
        join accounts a using (account_id)
        join holdings h on h.snapshot_id = n.snapshot_id
        left join nav day on day.account_id = a.account_id and day.hour = n.hour - interval '24 hours'
        left join prices before
          on before.exchange = a.exchange and before.at = day.prices_at and before.asset = h.asset
        where n.hour = %(hour)s and n.unit_price is not null and {member("n", "n.hour")}
        group by h.asset, h.wallet
        order by sum(sum(h.value)) over (partition by h.asset) desc nulls first, h.asset,
          sum(h.value) desc nulls first
        """,
        {"id": account_id, "hour": hour, "currency": currency},
    ).fetchall()


def load_wallets(db: Db, account_id: int) -> list[Row]:
    """Wallets the exchange knows of: `label` of the account, `wallet`, `state`, `since`, `is_empty`, `message`."""
    return db.execute(
        f"""
        select a.label, w.wallet, w.state, w.since, w.is_empty, w.message
        from wallets w
        join accounts a using (account_id)
        where {present("a")} and a.enabled
        order by a.account_id, w.state, w.is_empty, w.wallet
        """,
        {"id": account_id},
    ).fetchall()


def load_positions(db: Db, account_id: int) -> list[Row]:
    """Open derivative positions at the last reading; `unrealised` is in the margin asset, `side` is long or short."""
    return db.execute(
        f"""
        select p.account_id, p.wallet, p.symbol, p.quantity, p.entry_price, p.mark_price, p.margin_asset, p.unrealised,
          case when p.side <> 'both' then p.side when p.quantity < 0 then 'short' else 'long' end as side
        from accounts a
        cross join lateral (
          select snapshot_id, hour
          from snapshots s
          where s.account_id = a.account_id
          order by s.hour desc, s.snapshot_id desc
          limit 1
        ) newest
        join positions p on p.snapshot_id = newest.snapshot_id
        where {member("a", "newest.hour")} and a.enabled
        order by p.wallet, p.symbol, p.side
        """,
        {"id": account_id},
    ).fetchall()


def load_conversions(
    db: Db, account_id: int, since: datetime, until: datetime | None, limit: int
) -> tuple[Conversion, ...]:
    """Small balances that were converted in a period, the newest first."""
    return load_rows(
        db,
        Conversion,
        f"""
        select a.label, f.occurred_at as at, f.base_asset as sold, -f.base_quantity as quantity, f.quote_asset as bought,
          f.quote_quantity as got, f.fee, f.fee_asset
        from fills f
        join accounts a using (account_id)
        where {member("f", "f.occurred_at")}
          and f.market = 'dust'
          and f.occurred_at > %(since)s
          and (%(until)s::timestamptz is null or f.occurred_at <= %(until)s)
        order by f.occurred_at desc, f.id desc
        limit %(limit)s
        """,
        {"id": account_id, "since": since, "until": until, "limit": limit},
    )
