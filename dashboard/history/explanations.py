"""Why NAV changed, and why it changed otherwise than the benchmark's: stored explanations added up."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from dashboard.history.members import IN_VIEW, member, own
from dashboard.history.rates import USDT, per, price_in
from sql.rows import Db, load_rows


class KindSum(NamedTuple):
    """Income or fees of one kind."""

    part: str
    kind: str
    value: Decimal
    bookings: list[str]  # at which price it counts: that of the minute, or closing of the hour


class AssetPart(NamedTuple):
    """A part of what happened to an asset."""

    asset: str
    part: str
    units: Decimal | None
    value: Decimal | None


class Held(NamedTuple):
    """What was held of an asset at an hour."""

    hour: datetime
    asset: str
    quantity: Decimal
    value: Decimal
    price: Decimal | None
    route: str | None


class BothEnds(NamedTuple):
    """What was held at both ends of a stretch of hours, by asset, and what happened to it in between."""

    before: Mapping[str, Held]
    after: Mapping[str, Held]
    parts: Sequence[AssetPart]

    @property
    def prices(self) -> dict[str, tuple[Decimal | None, Decimal | None]]:
        """The price of each asset at both, those first that are held at the end."""
        assets = [*self.after, *(asset for asset in self.before if asset not in self.after)]
        return {asset: (_price(self.before.get(asset)), _price(self.after.get(asset))) for asset in assets}


def _price(held: Held | None) -> Decimal | None:
    return held.price if held else None


class Unexplained(NamedTuple):
    """An hour with a change that no history contains."""

    account_id: int
    label: str
    from_hour: datetime
    hour: datetime
    residual: Decimal
    cause: str


def load_kinds(db: Db, account_id: int, since: datetime, until: datetime, currency: str = USDT) -> tuple[KindSum, ...]:
    """Income and fees of the hours after `since` up to `until`, the largest first."""
    return load_rows(
        db,
        KindSum,
        f"""
        select p.part, k.kind, sum(k.value::numeric{per("e.hour", currency)}) as value,
          array_agg(distinct e.booking) as bookings
        from explanations e
        cross join lateral jsonb_each(e.kinds) as p (part, amounts)
        cross join lateral jsonb_each_text(p.amounts) as k (kind, value)
        where {own("e")} and e.hour > %(since)s and e.hour <= %(until)s and (e.income <> 0 or e.fees <> 0)
        group by p.part, k.kind
        order by p.part, abs(sum(k.value::numeric)) desc
        """,
        {"id": account_id, "since": since, "until": until, "currency": currency},
    )


def load_both_ends(db: Db, account_id: int, since: datetime, until: datetime, currency: str) -> BothEnds:
    """What was held at the valued hours `since` and `until`, the most valuable first, and what led from one to the other."""
    held = _load_held(db, account_id, (since, until), currency)
    before, after = ({one.asset: one for one in held if one.hour == hour} for hour in (since, until))
    return BothEnds(before, after, _load_asset_parts(db, account_id, since, until, currency))


def _load_asset_parts(
    db: Db, account_id: int, since: datetime, until: datetime, currency: str
) -> tuple[AssetPart, ...]:
    """What happened to each asset but the moves of its price.

    Hours in which only prices moved are not looked into.
    """
    return load_rows(
        db,
        AssetPart,
        f"""
        select a.asset, p.part, sum(p.amount::numeric) filter (where p.measure = 'units') as units,
          sum(p.amount::numeric{per("e.hour", currency)}) filter (where p.measure = 'value') as value
        from explanations e
        cross join lateral jsonb_each(e.assets) as a (asset, parts)
        cross join lateral (
          select 'units' as measure, part, amount
          from jsonb_each_text(a.parts -> 'units') as u (part, amount)
          union all
          select 'value', part, amount
          from jsonb_each_text((a.parts -> 'value') - 'price_effect') as v (part, amount)
        ) as p
        where {own("e")}
          and e.hour > %(since)s
          and e.hour <= %(until)s
          and (
            e.trading <> 0
              or e.positions <> 0
              or e.flows <> 0
              or e.income <> 0
              or e.fees <> 0
              or e.residual <> 0
          )
        group by a.asset, p.part
        """,
        {"id": account_id, "since": since, "until": until, "currency": currency},
    )


def _load_held(db: Db, account_id: int, hours: Sequence[datetime], currency: str) -> tuple[Held, ...]:
    """What was held at each of the valued `hours`, by asset."""
    return load_rows(
        db,
        Held,
        f"""
        select n.hour, h.asset, sum(h.quantity) as quantity, coalesce(sum(h.value), 0){per("n.hour", currency)} as value,
          max({price_in("h.asset", "h.price", "n.hour", currency)}) as price, max(h.route) as route
        from nav n
        join accounts a using (account_id)
        join holdings h on h.snapshot_id = n.snapshot_id
        where n.hour = any(%(hours)s) and {member("n", "n.hour")} and n.unit_price is not null
        group by n.hour, h.asset
        order by n.hour, sum(h.value) desc nulls last, h.asset
        """,
        {"id": account_id, "hours": list(hours), "currency": currency},
    )


def load_unexplained(
    db: Db, account_id: int, since: datetime, until: datetime, limit: int, currency: str = USDT
) -> tuple[Unexplained, ...]:
    """Hours with a change that no history contains, the newest first."""
    return load_rows(
        db,
        Unexplained,
        f"""
        select a.account_id, a.label, e.from_hour, e.hour, e.residual{per("e.hour", currency)} as residual, e.cause
        from explanations e
        join accounts a using (account_id)
        where {IN_VIEW} and e.state = 'unexplained' and e.hour > %(since)s and e.hour <= %(until)s
        order by e.hour desc, a.label
        limit %(limit)s
        """,
        {"id": account_id, "since": since, "until": until, "limit": limit, "currency": currency},
    )
