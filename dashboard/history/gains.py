"""What is held has cost, by average, and what was gained on what went."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from dashboard.history.members import IN_VIEW, member
from dashboard.history.rates import USDT, per
from finance.decimals import total
from sql.rows import Db, load_row, load_rows


class _Costs(NamedTuple):
    account_id: int
    costs: Mapping[str, str] | None


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
        where {IN_VIEW} and e.hour > %(since)s and e.hour <= %(until)s
        """,
        {"id": account_id, "since": since, "until": until, "currency": currency},
    )


def load_costs(db: Db, account_id: int) -> dict[str, Decimal] | None:
    """The cost in USDT of what was held at the last reading, by asset; for a portfolio, of all its accounts together.

    None where it is not known of an account: its last hour has no NAV, or is its first.
    """
    return _add_up(
        load_rows(
            db,
            _Costs,
            f"""
            select a.account_id, e.costs
            from accounts a
            cross join lateral (
              select hour
              from snapshots s
              where s.account_id = a.account_id
              order by s.hour desc, s.snapshot_id desc
              limit 1
            ) newest
            left join explanations e on e.account_id = a.account_id and e.hour = newest.hour
            where {member("a", "newest.hour")} and a.enabled
            """,
            {"id": account_id},
        )
    )


def load_costs_of(db: Db, account_id: int, hour: datetime) -> dict[str, Decimal] | None:
    """The same of a valued hour of the past."""
    return _add_up(
        load_rows(
            db,
            _Costs,
            f"""
            select n.account_id, e.costs
            from nav n
            left join explanations e on e.account_id = n.account_id and e.hour = n.hour
            where n.hour = %(hour)s and n.unit_price is not null and {member("n", "n.hour")}
            """,
            {"id": account_id, "hour": hour},
        )
    )


def _add_up(accounts: tuple[_Costs, ...]) -> dict[str, Decimal] | None:
    costs: dict[str, list[Decimal]] = {}
    for account in accounts:
        if account.costs is None:
            return None
        for asset, cost in account.costs.items():
            costs.setdefault(asset, []).append(Decimal(cost))
    return {asset: total(found) for asset, found in costs.items()}
