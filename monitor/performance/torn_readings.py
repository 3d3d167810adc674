"""Whether something was on its way between two wallets while they were read, so that it counts twice or not at all.

What goes through a hub is seen by reading the hubs twice (`monitor.snapshots.snapshot`). What goes from one other wallet
straight to another, as from futures to margin, is seen by what the reading before held: one of the two has changed, and
the other has not. No call is made to find that out; where it is so, the account is read once more.
"""

from collections.abc import Mapping
from decimal import Decimal

from finance.decimals import ZERO, exact, total
from finance.observed import COUNTED
from finance.plausibility import is_torn
from finance.valuation import sum_quantities
from monitor.performance.intervals import AccountState, load_state, measure_unexplained
from monitor.snapshots.snapshot import TRADING
from monitor.snapshots.store.observations import StoredReading, load_quantities_by_wallet
from monitor.snapshots.valued_reading import ValuedReading
from sql.rows import Db

Quantities = Mapping[str, Mapping[str, Decimal]]  # by wallet and asset


def may_be_torn(db: Db, account_id: int, last: StoredReading, reading: ValuedReading, state: AccountState) -> bool:
    """Whether a wallet of `reading` changed since the `last` one as if it had been read before or after a move to or from
    another, which was not."""
    before, found = load_quantities_by_wallet(db, last.snapshot_id), _list_found(reading)
    changes = _find_changes(before, found, state.basis.prices)
    suspects = [wallet for wallet in changes if wallet not in TRADING and not wallet.startswith(COUNTED)]
    if not any(value for wallet in suspects for value in changes[wallet]):
        return False
    earlier = load_state(db, last.snapshot_id, last.taken_at)
    unexplained = measure_unexplained(db, account_id, earlier, state)
    changed = total(value for values in changes.values() for value in values)
    return is_torn(changes, suspects, total([changed, -unexplained]), state.basis.worth)


def _list_found(reading: ValuedReading) -> Quantities:
    holdings = reading.valuation.holdings
    return {
        wallet: sum_quantities(
            (h.asset, h.balance.quantity - h.balance.unrealised) for h in holdings if h.wallet == wallet
        )
        for wallet in {h.wallet for h in holdings}
    }


@exact
def _find_changes(before: Quantities, found: Quantities, prices: Mapping[str, Decimal]) -> dict[str, list[Decimal]]:
    """What each wallet has more (+) or less (-) of each asset, in the valuation asset."""
    nothing: Mapping[str, Decimal] = {}
    return {
        wallet: [
            (found.get(wallet, nothing).get(asset, ZERO) - before.get(wallet, nothing).get(asset, ZERO))
            * prices.get(asset, ZERO)
            for asset in sorted({*before.get(wallet, nothing), *found.get(wallet, nothing)})
        ]
        for wallet in sorted({*before, *found})
    }
