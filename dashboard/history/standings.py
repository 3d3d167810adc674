"""How the accounts of what is shown stand, side by side: the day's gains, what trading has cost, what is held most."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from dashboard.history.members import present
from dashboard.history.rates import USDT, per
from sql.rows import Db, load_rows


class Standing(NamedTuple):
    """An account at its last valued hour."""

    account_id: int
    hour: datetime
    nav: Decimal
    realised: Decimal | None  # since the last valued hour of the day before, UTC; None: not known of all hours
    unrealised: Decimal | None


class Paid(NamedTuple):
    """What orders against USDT have cost, in USDT."""

    account_id: int
    liquidity: str  # maker or taker
    traded: Decimal
    fees: Decimal


class Share(NamedTuple):
    """What an account holds of an asset at its last reading."""

    account_id: int
    asset: str
    share: Decimal


def load_standings(db: Db, account_id: int, currency: str = USDT) -> tuple[Standing, ...]:
    """The accounts that have a valued hour; what contracts made is realised but for what is open of it."""
    last, open_profit = per("last.hour", currency), "sum(h.unrealised * h.price)"
    return load_rows(
        db,
        Standing,
        f"""
        select a.account_id, last.hour, last.nav{last} as nav,
          case when moved.is_lacking then null else moved.sum - (coalesce(now.open, 0) - coalesce(before.open, 0)){last} end as realised,
          (explained.unrealised + coalesce(now.open, 0)){last} as unrealised
        from accounts a
        cross join lateral (
          select n.hour, n.nav, n.snapshot_id
          from nav n
          where n.account_id = a.account_id and n.unit_price is not null
          order by n.hour desc
          limit 1
        ) last
        left join lateral (
          select n.hour, n.snapshot_id
          from nav n
          where n.account_id = a.account_id and n.unit_price is not null and n.hour < date_trunc('day', last.hour, 'UTC')
          order by n.hour desc
          limit 1
        ) eve on true
        left join lateral (
          select n.hour, n.snapshot_id
          from nav n
          where n.account_id = a.account_id and n.unit_price is not null and eve.hour is null
            and n.hour >= date_trunc('day', last.hour, 'UTC')
          order by n.hour
          limit 1
        ) first on true
        cross join lateral (
          select coalesce(bool_or(e.unrealised is null), false) as is_lacking,
            coalesce(sum((e.realised + e.positions){per("e.hour", currency)}), 0) as sum
          from explanations e
          where e.account_id = a.account_id and e.hour > coalesce(eve.hour, first.hour) and e.hour <= last.hour
        ) moved
        left join explanations explained on explained.account_id = a.account_id and explained.hour = last.hour
        left join lateral (
          select {open_profit} as open from holdings h where h.snapshot_id = last.snapshot_id and h.unrealised <> 0
        ) now on true
        left join lateral (
          select {open_profit} as open from holdings h where h.snapshot_id = coalesce(eve.snapshot_id, first.snapshot_id) and h.unrealised <> 0
        ) before on true
        where {present("a")} and a.enabled
        order by a.account_id
        """,
        {"id": account_id, "currency": currency},
    )


def load_paid(db: Db, account_id: int, since: datetime) -> tuple[Paid, ...]:
    """Maker's and taker's orders against USDT after `since`, up to the last hour that is explained, and their fees."""
    return load_rows(
        db,
        Paid,
        f"""
        with paid as (
          select p.account_id, p.row, sum(p.value) as value
          from accounts a
          join fees p using (account_id)
          where {present("a")} and p.hour > %(since)s and p.row like 'f%%'
          group by p.account_id, p.row
        )
        select f.account_id, f.liquidity, sum(abs(f.quote_quantity)) as traded, coalesce(sum(paid.value), 0) as fees
        from accounts a
        join fills f using (account_id)
        left join paid on paid.account_id = f.account_id and paid.row = 'f' || f.id
        where {present("a")}
          and f.occurred_at > %(since)s
          and f.occurred_at <= (select max(e.hour) from explanations e where e.account_id = f.account_id)
          and f.quote_asset = 'USDT'
          and f.liquidity is not null
        group by f.account_id, f.liquidity
        having sum(abs(f.quote_quantity)) > 0
        """,
        {"id": account_id, "since": since},
    )


def load_largest(db: Db, account_id: int, most: int) -> tuple[Share, ...]:
    """The assets with the largest shares of what each account holds, at most `most` of each."""
    return load_rows(
        db,
        Share,
        f"""
        select account_id, asset, share
        from (
          select a.account_id, h.asset, sum(h.value) / nullif(sum(sum(h.value)) over mine, 0) as share,
            row_number() over (mine order by sum(h.value) desc, h.asset) as place
          from accounts a
          cross join lateral (
            select s.snapshot_id
            from snapshots s
            where s.account_id = a.account_id
            order by s.hour desc, s.snapshot_id desc
            limit 1
          ) newest
          join holdings h on h.snapshot_id = newest.snapshot_id
          where {present("a")} and a.enabled and h.value is not null
          group by a.account_id, h.asset
          window mine as (partition by a.account_id)
        ) shares
        where place <= %(most)s and share > 0
        order by account_id, place
        """,
        {"id": account_id, "most": most},
    )
