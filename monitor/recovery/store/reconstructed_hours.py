"""Hours that were rebuilt from the exchange's records, the gaps that wait for it, and what is known at their ends."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from finance.contracts import OpenContract
from finance.flow_values import ValuationPrice
from finance.hour_status import LEFT_OPEN, NO_RUN, RECONSTRUCTED_REASON, HourStatus
from finance.valuation import Valuation
from monitor.ledger.store.contracts_due import IS_KNOWN, OF_FILLS
from monitor.ledger.store.standings import load_standings
from monitor.market.known_prices import PriceKey
from monitor.market.past_prices import EARLIER
from monitor.market.store.prices import record_price_parts
from monitor.performance.store.explanations import load_explanations
from monitor.performance.store.history import record_hour
from monitor.recovery.reconstruction import Booking, End
from monitor.snapshots.store.observations import record_positions, record_snapshot
from sql.rows import Db, execute_each, load_rows, load_values

OF_POSITIONS = ["futures_commission", "funding_fee", "realised_profit", "liquidation_fee"]


def load_end(db: Db, account_id: int, hour: datetime) -> End:
    """What is known at a valued hour."""
    standing = load_standings(db, account_id, [hour])[hour]
    explanations = load_explanations(db, account_id, hour, hour)
    symbols = load_values(
        db,
        """
        select distinct p.symbol
        from positions p
        join nav_history n on n.snapshot_id = p.snapshot_id
        where n.account_id = %(account)s and n.hour = %(hour)s and p.quantity <> 0
        """,
        {"account": account_id, "hour": hour},
    )
    return End(
        standing=standing,
        through=explanations[0].through if explanations else standing.taken_at,
        positions=frozenset(symbols),
    )


def load_bookings(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[Booking, ...]:
    """What derivative positions brought about in [since, until), in time order."""
    return load_rows(
        db,
        Booking,
        """
        select coalesce(raw ->> 'symbol', wallet) as symbol, occurred_at as at
        from income
        where account_id = %(account)s
          and kind = any(%(kinds)s)
          and occurred_at >= %(since)s
          and occurred_at < %(until)s
        order by occurred_at
        """,
        {"account": account_id, "kinds": OF_POSITIONS, "since": since, "until": until},
    )


def load_unmatched(db: Db, account_id: int, since: datetime, until: datetime) -> frozenset[str]:
    """The contracts of which a commission or a profit in [since, until) is of no fill that is known."""
    return frozenset(
        load_values(
            db,
            f"""
            select distinct b.symbol
            from contract_bookings b
            where b.account_id = %(account)s
              and b.occurred_at >= %(since)s
              and b.occurred_at < %(until)s
              and b.kind = any(%(kinds)s)
              and not (b.is_of_fill and {IS_KNOWN})
            """,
            {"account": account_id, "kinds": list(OF_FILLS), "since": since, "until": until},
        )
    )


def load_always_read(db: Db, account_id: int) -> frozenset[str]:
    """The histories that were read and never missing."""
    return frozenset(
        load_values(
            db,
            """
            select kind
            from flow_cursors c
            where account_id = %(account)s
              and not exists (select from account_wallets w where w.account_id = c.account_id and w.wallet = c.kind)
            """,
            {"account": account_id},
        )
    )


def load_hour_prices(db: Db, exchange: str, keys: Iterable[PriceKey]) -> dict[PriceKey, ValuationPrice]:
    """Those of the prices at full hours that are stored."""
    wanted = list(keys)
    return dict(
        load_rows(
            db,
            _read_price,
            """
            select p.asset, p.at, p.price, p.route
            from ticker_prices p
            join unnest(%(assets)s::text[], %(hours)s::timestamptz[]) as w (asset, at) using (asset, at)
            where p.exchange = %(exchange)s
            """,
            {"exchange": exchange, "assets": [asset for asset, _ in wanted], "hours": [hour for _, hour in wanted]},
        )
    )


def _read_price(*, asset: str, at: datetime, price: Decimal, route: str) -> tuple[PriceKey, ValuationPrice]:
    return (asset, at), ValuationPrice(value=price, route=route, stale=route.endswith(EARLIER))


def record_hour_prices(db: Db, exchange: str, prices: Mapping[PriceKey, ValuationPrice]) -> None:
    """Add prices at full hours: what a run at that very moment would have read."""
    rows = [(asset, hour, price.value, price.route) for (asset, hour), price in prices.items()]
    record_price_parts(db, exchange, rows)


def record_reconstructed_hour(
    db: Db, account_id: int, hour: datetime, valuation: Valuation, contracts: Iterable[OpenContract]
) -> None:
    """Write an hour as it stood at its full hour, with what was open; one that has a NAV stays as it is."""
    reason = "; ".join((RECONSTRUCTED_REASON, *valuation.estimates))
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
    execute_each(
        db,
        """
        insert into nav_history (account_id, hour, status, reason)
        values (%(account)s, %(hour)s, 'MISSED', %(no_run)s || %(reason)s)
        on conflict (account_id, hour) do update
        set reason = split_part(nav_history.reason, %(left_open)s, 1) || %(reason)s
        where nav_history.nav is null
        """,
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


class Held(NamedTuple):
    """What was held of an asset in a wallet."""

    asset: str
    quantity: Decimal
    price: Decimal | None


def load_reconstructed_holdings(db: Db, account_id: int, hour: datetime) -> tuple[Held, ...]:
    """What a rebuilt hour says that the account held; nothing for any other hour."""
    return load_rows(
        db,
        Held,
        """
        select h.asset, h.free + h.locked - h.owed as quantity, h.price
        from nav_history n
        join holdings h on h.snapshot_id = n.snapshot_id
        where n.account_id = %(account)s and n.hour = %(hour)s and n.status = %(reconstructed)s
        """,
        {"account": account_id, "hour": hour, "reconstructed": HourStatus.RECONSTRUCTED},
    )


def load_held_elsewhere(db: Db, account_id: int, wallets: Iterable[str]) -> frozenset[str]:
    """The assets that any reading of the account found in another wallet than `wallets`."""
    return frozenset(
        load_values(
            db,
            """
            select distinct h.asset
            from snapshots s
            join holdings h on h.snapshot_id = s.id
            where s.account_id = %(account)s and s.status <> %(reconstructed)s and not h.wallet = any(%(wallets)s)
            """,
            {"account": account_id, "reconstructed": HourStatus.RECONSTRUCTED, "wallets": list(wallets)},
        )
    )
