"""What was seen: snapshots with their holdings, prices, and which wallets an account has. Only ever added to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from finance.contracts import OpenContract
from finance.decimals import ZERO
from finance.flow_values import Basis
from finance.hour_status import HourStatus
from finance.observed import NOT_SAID, Position, Terms
from finance.valuation import Holding, Valuation, sum_quantities
from sql.rows import Db, execute_each, load_dict, load_row, load_rows, load_value, load_values

READING = (
    "s.id as snapshot_id, s.hour, s.taken_at, s.prices_at, s.nav, case s.status when 'SUSPECT' then '' else s.reason end"
    " as reason, s.status = 'SUSPECT' as is_doubted"
)


def record_snapshot(
    db: Db,
    *,
    account_id: int,
    hour: datetime,
    run_id: int | None,
    taken_at: datetime,
    prices_at: datetime | None,
    status: HourStatus,
    reason: str,
    valuation: Valuation,
) -> int:
    """Add a snapshot with its holdings and return its id."""
    snapshot_id: int = load_value(
        db,
        """
        insert into snapshots (account_id, hour, run_id, taken_at, prices_at, status, reason, nav)
        values (%(account)s, %(hour)s, %(run)s, %(taken_at)s, %(prices_at)s, %(status)s, %(reason)s, %(nav)s)
        returning id
        """,
        {
            "account": account_id,
            "hour": hour,
            "run": run_id,
            "taken_at": taken_at,
            "prices_at": prices_at,
            "status": status,
            "reason": reason,
            "nav": None if status is HourStatus.PARTIAL else valuation.nav,
        },
    )
    _record_holdings(db, snapshot_id, tuple(valuation.holdings))
    return snapshot_id


def _record_holdings(db: Db, snapshot_id: int, holdings: Sequence[Holding]) -> None:
    balances = [holding.balance for holding in holdings]
    db.execute(
        """
        insert into holding_sets (
          snapshot_id, wallets, assets, free, locked, owed, unrealised, prices, frozen, withdrawing
        )
        values (
          %(snapshot)s, %(wallets)s, %(assets)s, %(free)s, %(locked)s, %(owed)s, %(unrealised)s, %(prices)s,
          %(frozen)s, %(withdrawing)s
        )
        """,
        {
            "snapshot": snapshot_id,
            "wallets": [holding.wallet for holding in holdings],
            "assets": [holding.asset for holding in holdings],
            "free": [balance.free for balance in balances],
            "locked": [balance.locked for balance in balances],
            "owed": _unless_zero([balance.owed for balance in balances]),
            "unrealised": _unless_zero([balance.unrealised for balance in balances]),
            "prices": [holding.price for holding in holdings],
            "frozen": _unless_zero([balance.frozen for balance in balances]),
            "withdrawing": _unless_zero([balance.withdrawing for balance in balances]),
        },
    )


def _unless_zero(amounts: list[Decimal]) -> list[Decimal]:
    return amounts if any(amounts) else []


def record_positions(db: Db, snapshot_id: int, positions: Iterable[tuple[str, Position | OpenContract]]) -> None:
    """Add the open positions of a snapshot, each with the wallet it is in."""
    execute_each(
        db,
        """
        insert into positions (
          snapshot_id, wallet, symbol, side, quantity, entry_price, mark_price, margin_asset, unrealised, leverage, margin_mode,
          liquidation_price, initial_margin
        )
        values (
          %(snapshot)s, %(wallet)s, %(symbol)s, %(side)s, %(quantity)s, %(entry)s, %(mark)s, %(margin)s,
          %(unrealised)s, %(leverage)s, %(margin_mode)s, %(liquidation_price)s, %(initial_margin)s
        )
        """,
        [
            {
                "snapshot": snapshot_id,
                "wallet": wallet,
                "symbol": position.symbol,
                "side": position.side,
                "quantity": position.quantity,
                "entry": position.entry_price,
                "mark": position.mark_price,
                "margin": position.margin_asset,
                "unrealised": position.unrealised,
                **_terms_row(position.terms if isinstance(position, Position) else NOT_SAID),
            }
            for wallet, position in positions
        ],
    )


def _terms_row(terms: Terms) -> dict[str, object]:
    return {
        "leverage": terms.leverage,
        "margin_mode": terms.margin_mode,
        "liquidation_price": terms.liquidation_price,
        "initial_margin": terms.margin,
    }


class _Holding(NamedTuple):
    asset: str
    quantity: Decimal
    unrealised: Decimal
    price: Decimal | None


def load_basis(db: Db, snapshot_ids: Iterable[int]) -> Basis:
    """Quantities and prices of stored snapshots, added up over their wallets (and accounts).

    What a valued snapshot had no price for counts as nothing.
    """
    held = load_rows(
        db,
        _Holding,
        """
        select asset, free + locked - owed - unrealised as quantity, unrealised, price
        from holdings
        where snapshot_id = any(%(ids)s)
        """,
        {"ids": list(snapshot_ids)},
    )
    return Basis(
        quantities=sum_quantities((holding.asset, holding.quantity) for holding in held),
        profits=sum_quantities((holding.asset, holding.unrealised) for holding in held),
        prices={holding.asset: holding.price or ZERO for holding in held},
    )


def load_assets(db: Db, snapshot_id: int) -> frozenset[str]:
    """What a stored snapshot held."""
    return frozenset(
        load_values(db, "select distinct asset from holdings where snapshot_id = %(id)s", {"id": snapshot_id})
    )


def load_worth_by_wallet(db: Db, snapshot_id: int) -> dict[str, Decimal]:
    """What a stored snapshot's wallets were worth, those that held anything that has a price."""
    return load_dict(
        db,
        """
        select wallet, sum(value)
        from holdings
        where snapshot_id = %(id)s and value is not null
        group by wallet
        """,
        {"id": snapshot_id},
    )


def load_quantities_by_wallet(db: Db, snapshot_id: int) -> dict[str, dict[str, Decimal]]:
    """What a stored snapshot's wallets held of each asset, without the profit of open positions."""
    held = load_rows(
        db,
        _WalletHolding,
        """
        select wallet, asset, free + locked - owed - unrealised as quantity
        from holdings
        where snapshot_id = %(id)s
        """,
        {"id": snapshot_id},
    )
    return {
        wallet: sum_quantities((one.asset, one.quantity) for one in held if one.wallet == wallet)
        for wallet in {one.wallet for one in held}
    }


class _WalletHolding(NamedTuple):
    wallet: str
    asset: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReading:
    """A stored snapshot that read everything, and the hour it was made for."""

    snapshot_id: int
    hour: datetime
    taken_at: datetime
    prices_at: datetime | None
    nav: Decimal
    reason: str
    is_doubted: bool


def load_last_reading(db: Db, account_id: int, before: datetime) -> StoredReading | None:
    """The account's last reading of an hour earlier than `before`; one of the same hour confirms nothing."""
    return load_row(
        db,
        StoredReading,
        f"""
        select {READING}
        from snapshots s
        where account_id = %(id)s and status <> 'PARTIAL' and hour < %(before)s
        order by hour desc, id desc
        limit 1
        """,
        {"id": account_id, "before": before},
    )


def load_open_readings(db: Db, account_id: int, hour: datetime) -> tuple[StoredReading, ...]:
    """Readings of the hours without a NAV since the last one before `hour` that has one, newest first."""
    return load_rows(
        db,
        StoredReading,
        f"""
        select {READING}
        from nav_history n
        join snapshots s on s.id = n.snapshot_id
        where n.account_id = %(id)s
          and n.hour < %(hour)s
          and n.nav is null
          and s.nav is not null
          and n.hour > (
            select coalesce(max(v.hour), '-infinity')
            from nav_history v
            where v.account_id = %(id)s and v.hour < %(hour)s and v.nav is not null
          )
        order by n.hour desc
        """,
        {"id": account_id, "hour": hour},
    )
