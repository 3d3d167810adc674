"""What is held has cost, by average, and what was gained on what went."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from dashboard.history.members import member, own
from dashboard.history.rates import USDT, per
from finance.inventory import take_share
from sql.rows import Db, load_row, load_rows, load_value


class _Costs(NamedTuple):
    costs: Mapping[str, str] | None
    is_underway: bool  # something goes from account to account


class _Share(NamedTuple):
    asset: str
    held: Decimal
    whole: Decimal


class GainSums(NamedTuple):
    """Gains of hours, by the way in which coins went, and how much more is unrealised; all are price effect and trading."""

    realised: Decimal
    spent_gain: Decimal
    transferred_gain: Decimal
    unexplained_gain: Decimal
    unrealised_change: Decimal


def load_gains(db: Db, account_id: int, since: datetime, until: datetime, currency: str = USDT) -> GainSums | None:
    """The gains of the hours after `since` up to `until`, each at its hour's rate; None where an hour has none yet."""
    columns = ", ".join(f"coalesce(sum(e.{name}{per('e.hour', currency)}), 0) as {name}" for name in GainSums._fields)

    def read(*, lacking: int, **sums: Decimal) -> GainSums | None:
        return None if lacking else GainSums(**sums)

    return load_row(
        db,
        read,
        f"""
        select count(*) filter (where e.unrealised is null) as lacking, {columns}
        from explanations e
        where {own("e")} and e.hour > %(since)s and e.hour <= %(until)s
        """,
        {"id": account_id, "since": since, "until": until, "currency": currency},
    )


def load_costs(db: Db, account_id: int) -> dict[str, Decimal] | None:
    """The cost in USDT of what was held at the last reading, by asset; of a portfolio, booked as if its accounts were one.

    None where it is not known: its last hour has no NAV, or is its first.
    """
    hour: datetime | None = load_value(
        db,
        f"""
        select max(newest.hour)
        from accounts a
        cross join lateral (select max(hour) as hour from snapshots s where s.account_id = a.account_id) newest
        where {member("a", "newest.hour")} and a.enabled
        """,
        {"id": account_id},
    )
    return load_costs_of(db, account_id, hour) if hour else None


def load_costs_of(db: Db, account_id: int, hour: datetime) -> dict[str, Decimal] | None:
    """The same of a valued hour of the past."""
    found = load_row(
        db,
        _Costs,
        f"""
        select e.costs, n.in_transit <> 0 as is_underway
        from explanations e
        join nav n using (account_id, hour)
        where {own("e")} and e.hour = %(hour)s
        """,
        {"id": account_id, "hour": hour},
    )
    if found is None or found.costs is None:
        return None
    costs = {asset: Decimal(cost) for asset, cost in found.costs.items()}
    shares = _load_shares(db, account_id, hour) if found.is_underway else {}
    return {asset: take_share(cost, *shares[asset]) if asset in shares else cost for asset, cost in costs.items()}


def _load_shares(db: Db, account_id: int, hour: datetime) -> dict[str, tuple[Decimal, Decimal]]:
    """How many units of an asset a portfolio's accounts hold, and how many it has with what is on its way between them."""
    rows = load_rows(
        db,
        _Share,
        f"""
        select d.asset, coalesce(sum(h.quantity), 0) as held, (d.what ->> 'after')::numeric as whole
        from explanations e
        cross join lateral jsonb_each(e.assets) d (asset, what)
        left join nav n on n.hour = e.hour and {member("n", "n.hour")}
        left join holdings h on h.snapshot_id = n.snapshot_id and h.asset = d.asset
        where {own("e")} and e.hour = %(hour)s and (d.what ->> 'after')::numeric <> 0
        group by d.asset, d.what
        """,
        {"id": account_id, "hour": hour},
    )
    return {row.asset: (row.held, row.whole) for row in rows}
