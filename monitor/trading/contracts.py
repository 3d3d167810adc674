"""An account's trades in contracts as they are stored, beside what its positions made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

from finance.closed_positions import Positions, match_positions
from finance.contract_trades import ContractTrade
from finance.decimals import total
from finance.trades import Exit
from monitor.ledger.store.closed_positions import load_closed_positions
from monitor.performance.store.contracts import (
    OpenBefore,
    has_contracts,
    load_incomplete_contracts,
    load_open_before,
)
from monitor.trading.store.contracts import add_contract_hours, load_made
from monitor.trading.trades import AccountTrades
from sql.rows import Db


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionsMade:
    """What an account's positions made, hour by hour of the explanations: by trades in contracts, and beside them."""

    made: Decimal  # the part `positions` of the explanations
    realised: Decimal  # by trades, before fees and funding
    unrealised: Decimal  # by what is open in them
    unmatched: int  # fills that are of no trade: of what was open before the first one that is known
    open_before: Sequence[
        OpenBefore
    ]  # when the history began, and in no trade: what they made until they were closed is in the rest
    incomplete: Sequence[str]  # contracts of which fills are still to be read, or are in no trade

    @property
    def rest(self) -> Decimal:
        """What of it is in no trade: rounding, fills that nobody knows, other derivatives."""
        return total([self.made, -self.realised, -self.unrealised])


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTrades(PositionsMade):
    """Trades in contracts in the order in which they were opened, and what all positions made."""

    trades: Sequence[ContractTrade]
    exits: Mapping[str, Sequence[Exit]]
    positions: Positions  # of closed trades, as the exchange keeps account of them


def load_positions_made(db: Db, account_id: int, until: datetime) -> PositionsMade | None:
    """What they made in hours up to `until`, however many trades there are; None where there never were any contracts."""
    if not has_contracts(db, account_id):
        return None
    sums = add_contract_hours(db, account_id, until)
    return PositionsMade(
        made=load_made(db, account_id, until),
        realised=sums.realised,
        unrealised=sums.unrealised,
        unmatched=sums.unmatched,
        open_before=load_open_before(db, account_id),
        incomplete=load_incomplete_contracts(db, account_id),
    )


def load_contract_trades(db: Db, account_id: int, found: AccountTrades, until: datetime) -> ContractTrades | None:
    """Those of `found`, an account's trades in hours up to `until`; None where there never were any contracts."""
    made = load_positions_made(db, account_id, until)
    if made is None:
        return None
    trades = [one for one in found.trades if isinstance(one, ContractTrade)]
    return ContractTrades(
        trades=trades,
        exits={one.id: found.exits[one.id] for one in trades},
        positions=match_positions(trades, load_closed_positions(db, account_id, until)),
        **{one.name: getattr(made, one.name) for one in fields(made)},
    )
