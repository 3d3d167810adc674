"""What an account held at its hours."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

from finance.attribution.booking import Booking
from finance.attribution.events import Standing
from finance.decimals import ONE, ZERO, total
from finance.observed import COUNTED
from finance.prices import VALUATION_ASSET
from sql.rows import Db, list_moments, load_rows

LOANS = "loans"  # the wallet of debts whose interest no history shows


class _Reading(NamedTuple):
    hour: datetime
    taken_at: datetime
    nav: Decimal
    booking: int


class _Holding(NamedTuple):
    """What is held of an asset in all wallets together."""

    hour: datetime
    asset: str
    quantity: Decimal
    unrealised: Decimal
    loaned: Decimal
    counted: Decimal
    price: Decimal | None


class _Price(NamedTuple):
    hour: datetime
    asset: str
    price: Decimal


T = TypeVar("T", _Holding, _Price)


def load_standings(db: Db, account_id: int, hours: Sequence[datetime]) -> dict[datetime, Standing]:
    """What the account held at each of its valued `hours`, and by which price each is booked: as it was explained; one that
    never was, by the minute if it was read."""
    asked = {"account": account_id, "hours": list_moments(hours), "loans": LOANS, "counted": COUNTED}
    held = load_rows(
        db,
        _Holding,
        """
        select n.hour, h.asset, sum(h.free + h.locked - h.owed) as quantity, sum(h.unrealised) as unrealised,
          coalesce(sum(h.owed) filter (where h.wallet = %(loans)s), 0) as loaned,
          coalesce(sum(h.free - h.owed) filter (where starts_with(h.wallet, %(counted)s)), 0) as counted,
          max(h.price) as price
        from nav_history n
        join holdings h on h.snapshot_id = n.snapshot_id
        where n.account_id = %(account)s and n.hour = any(%(hours)s::timestamptz[])
        group by n.hour, h.asset
        """,
        asked,
    )
    prices = load_rows(
        db,
        _Price,
        """
        select n.hour, p.asset, p.price
        from nav_history n
        join accounts a on a.id = n.account_id
        join ticker_prices p on p.exchange = a.exchange and p.at = n.prices_at
        where n.account_id = %(account)s and n.hour = any(%(hours)s::timestamptz[])
        """,
        asked,
    )
    readings = load_rows(
        db,
        _Reading,
        """
        select n.hour, n.taken_at, n.nav, coalesce(e.booking, case n.status when 'RECONSTRUCTED' then 1 else 2 end) as booking
        from nav_history n
        left join explanations e using (account_id, hour)
        where n.account_id = %(account)s and n.hour = any(%(hours)s::timestamptz[])
        """,
        asked,
    )
    held_by, prices_by = _group_by_hour(held), _group_by_hour(prices)
    return {one.hour: _standing(one, held_by[one.hour], prices_by[one.hour]) for one in readings}


def _group_by_hour(rows: Iterable[T]) -> defaultdict[datetime, list[T]]:
    groups: defaultdict[datetime, list[T]] = defaultdict(list)
    for row in rows:
        groups[row.hour].append(row)
    return groups


def _standing(reading: _Reading, held: Iterable[_Holding], prices: Iterable[_Price]) -> Standing:
    known = {price.asset: price.price for price in prices}
    valued = {asset.asset: asset.price or ZERO for asset in held}  # without a price it counts as nothing
    return Standing(
        hour=reading.hour,
        taken_at=reading.taken_at,
        nav=reading.nav,
        quantities={asset.asset: asset.quantity for asset in held if asset.quantity},
        prices={VALUATION_ASSET: ONE} | known | valued,
        unrealised={asset.asset: asset.unrealised for asset in held if asset.unrealised},
        loaned={asset.asset: asset.loaned for asset in held if asset.loaned},
        booking=Booking(reading.booking),
        counted=total(asset.counted for asset in held),
    )
