"""An account's trades in contracts as they are stored, beside what its positions made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from finance.closed_positions import Positions, match_positions
from finance.contract_trades import ContractTrade
from finance.decimals import total
from finance.moments import EPOCH
from finance.trades import Exit
from monitor.ledger.store.closed_positions import load_closed_positions
from monitor.performance.store.contracts import (
    OpenBefore,
    has_contracts,
    load_incomplete_contracts,
    load_open_before,
)
from monitor.performance.store.trades import load_contract_hours
from monitor.trading.store.contracts import load_made
from monitor.trading.trades import AccountTrades
from sql.rows import Db


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTrades:
    """Trades in contracts in the order in which they were opened, and what positions made, hour by hour of the explanations."""

    trades: Sequence[ContractTrade]
    exits: Mapping[str, Sequence[Exit]]
    made: Decimal  # the part `positions` of the explanations
    realised: Decimal  # by trades, before fees and funding
    unrealised: Decimal  # by what is open in them
    unmatched: int  # fills that are of no trade: of what was open before the first one that is known
    open_before: Sequence[
        OpenBefore
    ]  # when the history began, and in no trade: what they made until they were closed is in the rest
    positions: Positions  # of closed trades, as the exchange keeps account of them
    incomplete: Sequence[str]  # contracts of which fills are still to be read, or are in no trade

    @property
    def rest(self) -> Decimal:
        """What of it is in no trade: rounding, fills that nobody knows, other derivatives."""
        return total([self.made, -self.realised, -self.unrealised])


def load_contract_trades(db: Db, account_id: int, found: AccountTrades, until: datetime) -> ContractTrades | None:
    """Those of `found`, an account's trades in hours up to `until`; None where there never were any contracts."""
    if not has_contracts(db, account_id):
        return None
    hours = load_contract_hours(db, account_id, EPOCH, until).values()
    trades = [one for one in found.trades if isinstance(one, ContractTrade)]
    return ContractTrades(
        trades=trades,
        exits={one.id: found.exits[one.id] for one in trades},
        made=load_made(db, account_id, until),
        realised=total(one.realised for one in hours),
        unrealised=total(one.unrealised_change for one in hours),
        unmatched=sum(one.unmatched for one in hours),
        open_before=load_open_before(db, account_id),
        positions=match_positions(trades, load_closed_positions(db, account_id, until)),
        incomplete=load_incomplete_contracts(db, account_id),
    )
