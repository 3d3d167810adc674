"""Hours that were rebuilt from the exchange's records, the gaps that wait for it, and what is known at their ends."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

from finance.contracts import OpenContract
from finance.flow_values import KnownPrice
from finance.hour_status import LEFT_OPEN, NO_RUN, REBUILT_REASON, VALUED, HourStatus
from finance.valuation import Valuation
from monitor.database import Db, Row
from monitor.ledger.store.standings import load_standings
from monitor.market.past_prices import EARLIER, PriceKey
from monitor.market.store.prices import record_price_parts
from monitor.performance.store.explanations import load_explanations
from monitor.performance.store.history import record_hour
from monitor.recovery.rebuilding import Booking, End
from monitor.snapshots.store.observations import record_positions, record_snapshot

OPENS = "futures_commission"
OF_POSITIONS = [OPENS, "funding_fee", "realised_profit", "liquidation_fee"]
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Hours without a reading between two valued hours."""

    before: datetime
    after: datetime
    hours: tuple[datetime, ...]
    missed: int  # of them: in which the monitor did not run


def load_first_hour(db: Db, account_id: int) -> datetime | None:
    """The account's first hour with a NAV."""
    row = db.execute(
        "select hour from nav_history where account_id = %(account)s and status = any(%(valued)s)"
        " order by hour limit 1",
        {"account": account_id, "valued": VALUED},
    ).fetchone()
    return row["hour"] if row else None


def load_gaps(db: Db, account_id: int, since: datetime, until: datetime) -> list[Gap]:
    """The gaps with hours in [since, until], in time order; one that has not ended yet is none."""
    rows = db.execute(
        "select n.hour, n.status, b.hour as before, a.hour as after from nav_history n"
        " cross join lateral (select max(hour) as hour from nav_history where account_id = n.account_id"
        " and hour < n.hour and status = any(%(valued)s)) b"
        " cross join lateral (select min(hour) as hour from nav_history where account_id = n.account_id"
        " and hour > n.hour and status = any(%(valued)s)) a"
        " where n.account_id = %(account)s and n.hour between %(since)s and %(until)s"
        " and n.status in ('MISSED', 'PARTIAL', 'SUSPECT') and a.hour is not null and b.hour is not null order by n.hour",
        {"account": account_id, "since": since, "until": until, "valued": VALUED},
    ).fetchall()
    return [
        _gap(before, after, list(hours))
        for (before, after), hours in groupby(rows, key=lambda row: (row["before"], row["after"]))
    ]


def _gap(before: datetime, after: datetime, rows: Sequence[Row]) -> Gap:
    missed = sum(row["status"] == HourStatus.MISSED for row in rows)
    return Gap(before=before, after=after, hours=tuple(row["hour"] for row in rows), missed=missed)


def load_ended_gaps(db: Db, account_id: int, since: datetime, until: datetime) -> list[Gap]:
    """The gaps that ended with a valued hour in [since, until], however long they are, in time order."""
    row = db.execute(
        "select min(b.hour) as first from nav_history n cross join lateral (select max(hour) as hour from nav_history"
        " where account_id = n.account_id and hour < n.hour and status = any(%(valued)s)) b"
        " where n.account_id = %(account)s and n.hour between %(since)s and %(until)s and n.status = any(%(valued)s)"
        " and b.hour < n.hour - interval '1 hour'",
        {"account": account_id, "since": since, "until": until, "valued": VALUED},
    ).fetchone()
    if row is None or row["first"] is None:
        return []
    return [gap for gap in load_gaps(db, account_id, row["first"], until) if gap.after >= since]


def load_end(db: Db, account_id: int, hour: datetime) -> End:
    """What is known at a valued hour."""
    standing = load_standings(db, account_id, [hour])[hour]
    explained = load_explanations(db, account_id, hour, hour)
    rows = db.execute(
        "select distinct p.symbol from positions p join nav_history n on n.snapshot_id = p.snapshot_id"
        " where n.account_id = %(account)s and n.hour = %(hour)s and p.quantity <> 0",
        {"account": account_id, "hour": hour},
    )
    return End(
        standing=standing,
        through=explained[0].through if explained else standing.taken_at,
        positions=frozenset(row["symbol"] for row in rows),
    )


def load_bookings(db: Db, account_id: int, since: datetime, until: datetime) -> list[Booking]:
    """What derivative positions brought about in [since, until), in time order."""
    rows = db.execute(
        "select coalesce(raw ->> 'symbol', wallet) as symbol, occurred_at as at, kind = %(opens)s as opens from income"
        " where account_id = %(account)s and kind = any(%(kinds)s)"
        " and occurred_at >= %(since)s and occurred_at < %(until)s order by occurred_at, kind = %(opens)s desc",
        {"account": account_id, "kinds": OF_POSITIONS, "opens": OPENS, "since": since, "until": until},
    )
    return [Booking(**row) for row in rows]


def load_always_read(db: Db, account_id: int) -> frozenset[str]:
    """The histories that were read and never missing."""
    rows = db.execute(
        "select kind from flow_cursors c where account_id = %(account)s and not exists (select from account_wallets w"
        " where w.account_id = c.account_id and w.wallet = c.kind)",
        {"account": account_id},
    )
    return frozenset(row["kind"] for row in rows)


def load_hour_prices(db: Db, exchange: str, keys: Iterable[PriceKey]) -> dict[PriceKey, KnownPrice]:
    """Those of the prices at full hours that are stored."""
    wanted = list(keys)
    rows = db.execute(
        "select p.asset, p.at, p.price, p.route from ticker_prices p"
        " join unnest(%(assets)s::text[], %(hours)s::timestamptz[]) as w (asset, at) using (asset, at)"
        " where p.exchange = %(exchange)s",
        {"exchange": exchange, "assets": [asset for asset, _ in wanted], "hours": [hour for _, hour in wanted]},
    )
    return {
        (row["asset"], row["at"]): KnownPrice(
            value=row["price"], route=row["route"], stale=row["route"].endswith(EARLIER)
        )
        for row in rows
    }


def record_hour_prices(db: Db, exchange: str, prices: Mapping[PriceKey, KnownPrice]) -> None:
    """Add prices at full hours: what a run at that very moment would have read."""
    rows = [(asset, hour, price.value, price.route) for (asset, hour), price in prices.items()]
    record_price_parts(db, exchange, rows)


def record_rebuilt_hour(
    db: Db, account_id: int, hour: datetime, valuation: Valuation, contracts: Iterable[OpenContract]
) -> None:
    """Write an hour as it stood at its full hour, with what was open; one that has a NAV stays as it is."""
    reason = "; ".join((REBUILT_REASON, *valuation.estimates))
    snapshot_id = record_snapshot(
        db,
        account_id=account_id,
        hour=hour,
        run_id=None,
        taken_at=hour,
        prices_at=hour,
        status=HourStatus.RECONSTRUCTED,
        reason=reason,
        valuation=valuation,
    )
    record_positions(db, snapshot_id, [(contract.wallet, contract) for contract in contracts])
    record_hour(
        db,
        account_id,
        hour,
        status=HourStatus.RECONSTRUCTED,
        reason=reason,
        snapshot_id=snapshot_id,
        taken_at=hour,
        prices_at=hour,
        nav=valuation.nav,
    )


def record_left_open(db: Db, account_id: int, reasons: Mapping[datetime, str]) -> None:
    """Say of hours without a NAV why they could not be rebuilt either; those without a row get one."""
    db.cursor().executemany(
        "insert into nav_history (account_id, hour, status, reason)"
        " values (%(account)s, %(hour)s, 'MISSED', %(no_run)s || %(reason)s)"
        " on conflict (account_id, hour) do update"
        " set reason = split_part(nav_history.reason, %(left_open)s, 1) || %(reason)s"
        " where nav_history.nav is null",
        [
            {
                "account": account_id,
                "hour": hour,
                "reason": LEFT_OPEN + reason,
                "left_open": LEFT_OPEN,
                "no_run": NO_RUN,
            }
            for hour, reason in reasons.items()
        ],
    )


def load_rebuilt_holdings(db: Db, account_id: int, hour: datetime) -> list[tuple[str, Decimal, Decimal | None]]:
    """Asset, quantity and price of what a rebuilt hour says that the account held; nothing for any other hour."""
    rows = db.execute(
        "select h.asset, h.free + h.locked - h.owed as quantity, h.price from nav_history n"
        " join holdings h on h.snapshot_id = n.snapshot_id"
        " where n.account_id = %(account)s and n.hour = %(hour)s and n.status = %(rebuilt)s",
        {"account": account_id, "hour": hour, "rebuilt": HourStatus.RECONSTRUCTED},
    )
    return [(row["asset"], row["quantity"], row["price"]) for row in rows]


def load_held_elsewhere(db: Db, account_id: int, wallets: Iterable[str]) -> frozenset[str]:
    """The assets that any reading of the account found in another wallet than `wallets`."""
    rows = db.execute(
        "select distinct h.asset from snapshots s join holdings h on h.snapshot_id = s.id"
        " where s.account_id = %(account)s and s.status <> %(rebuilt)s and not h.wallet = any(%(wallets)s)",
        {"account": account_id, "rebuilt": HourStatus.RECONSTRUCTED, "wallets": list(wallets)},
    )
    return frozenset(row["asset"] for row in rows)
