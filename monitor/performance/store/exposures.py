"""What was open at two readings of an account, and what its trades of derivatives booked in between."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from finance.contracts import OpenContract, Sides
from finance.exposure import LATE, ContractBooking, Exposure, Lump
from finance.observed import WalletReading
from monitor.accounts.store.portfolios import load_exchange
from monitor.exchanges.adapters import load_adapter
from monitor.ledger.store.fills_and_income import load_contract_fills
from sql.rows import Db, load_rows

OPTIONS = "options"  # whose past marks no history reports: all that is open counts as one
OF_TRADES = ["realised_profit", "futures_commission", "liquidation_fee"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The derivatives of one reading."""

    contracts: Sides
    lumps: dict[Lump, Decimal]


class Profit(NamedTuple):
    """Unrealised profit in a wallet, in units of the asset."""

    wallet: str
    asset: str
    unrealised: Decimal


def load_open(db: Db, snapshot_id: int) -> Open:
    """What was open at a stored reading."""
    contracts = load_rows(
        db,
        OpenContract,
        """
        select wallet, symbol, side, quantity, entry_price, mark_price, margin_asset, unrealised
        from positions
        where snapshot_id = %(id)s and wallet <> %(options)s and quantity <> 0
        """,
        {"id": snapshot_id, "options": OPTIONS},
    )
    profits = load_rows(
        db,
        Profit,
        "select wallet, asset, unrealised from holdings where snapshot_id = %(id)s and unrealised <> 0",
        {"id": snapshot_id},
    )
    return _open(contracts, profits)


def read_open(wallets: Iterable[WalletReading]) -> Open:
    """What is open by a reading that is not stored yet."""
    wallets = list(wallets)
    contracts = [
        OpenContract(
            wallet=wallet.wallet,
            symbol=position.symbol,
            side=position.side,
            quantity=position.quantity,
            entry_price=position.entry_price,
            mark_price=position.mark_price,
            margin_asset=position.margin_asset,
            unrealised=position.unrealised,
        )
        for wallet in wallets
        if wallet.wallet != OPTIONS
        for position in wallet.positions
    ]
    profits = [Profit(w.wallet, b.asset, b.unrealised) for w in wallets for b in w.balances if b.unrealised]
    return _open(contracts, profits)


def _open(contracts: Iterable[OpenContract], profits: Iterable[Profit]) -> Open:
    sides = {(contract.symbol, contract.side): contract for contract in contracts}
    listed = {contract.wallet for contract in sides.values()}
    return Open(
        contracts=sides, lumps={(one.wallet, one.asset): one.unrealised for one in profits if one.wallet not in listed}
    )


def load_exposure(db: Db, account_id: int, span: tuple[datetime, datetime], ends: tuple[Open, Open]) -> Exposure:
    """The account's derivatives between readings at both ends of `span`."""
    since, until = span
    bookings = load_rows(
        db,
        ContractBooking,
        """
        select occurred_at as at, wallet, coalesce(raw ->> 'symbol', '') as symbol, asset,
          case kind when 'realised_profit' then amount else 0 end as profit,
          coalesce(raw ->> 'tradeId', '') as trade
        from income
        where account_id = %(account)s
          and kind = any(%(kinds)s)
          and occurred_at >= %(since)s
          and occurred_at < %(until)s
        order by occurred_at, id
        """,
        {"account": account_id, "kinds": OF_TRADES, "since": since, "until": until},
    )
    before, after = ends
    exchange = load_exchange(db, account_id)
    assert exchange  # only an account has an exposure of its own
    return Exposure(
        account_id=account_id,
        exchange=exchange,
        since=since,
        until=until,
        before=before.contracts,
        after=after.contracts,
        sizes=load_adapter(exchange).inverse_sizes,
        lumps_before=before.lumps,
        lumps_after=after.lumps,
        bookings=bookings,
        fills=load_contract_fills(db, account_id, since, until + LATE),
    )
