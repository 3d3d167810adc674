"""The combined row: all accounts as one portfolio, with its own units and benchmark.

Its NAV is the sum of the accounts' plus what is on its way between them; it is unknown as soon as one account's is. An
account that joins or leaves is a flow of its whole NAV, so tracking one more account is never a gain.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from monitor.booking import learn_prices, recompute
from monitor.derivation import EPOCH, derive_history
from monitor.errors import MonitorError
from monitor.flow_values import minute_of
from monitor.precision import exact, total
from monitor.recording import VALUED, Outcome
from monitor.scope import Scope, find_prices
from monitor.store import Db
from monitor.store.changes import pass_on_changes
from monitor.store.events import load_moves_since
from monitor.store.history import (
    ValuedHour,
    load_last_valued,
    load_status,
    load_valued_after,
    record_combined_nav,
    record_hour,
    record_missed,
)
from monitor.store.ledger import load_changes_since
from monitor.store.members import (
    COMBINED,
    Member,
    load_hour_estimate,
    load_hour_members,
    load_hour_moments,
    load_members,
)
from monitor.store.rebuilt import load_combinable, record_rebuilt_whole
from monitor.store.transfers import load_transfers, match_transfers
from monitor.transfers import Transfer, quantities_in_transit

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def record_combined_hour(db: Db, scope: Scope, hour: datetime) -> Outcome:
    """Write the combined `hour` from the accounts' rows. Raises PricesNeeded like an account's own hour."""
    if load_status(db, COMBINED, hour) in VALUED:
        return Outcome(account_id=COMBINED, status="COMPLETE", is_new=False)
    record_missed(db, COMBINED, hour, "the monitor did not run")
    problems, members = load_hour_members(db, hour)
    moments = load_hour_moments(db, hour)
    moments_changed = (load_changes_since(db, hour), load_moves_since(db, hour), refresh_transfers(db, scope))
    moved = [moment for moment in moments_changed if moment]
    changes = moved + [change.at for change in (*learn_prices(db, scope), *recompute(db, COMBINED))]
    if problems or moments is None:
        reason = "; ".join(problems.values())
        record_hour(db, COMBINED, hour, status="PARTIAL", reason=reason)
        if changes:
            derive_history(db, scope, since=min(changes), current_hour=hour)
            pass_on_changes(db, hour)
        return Outcome(account_id=COMBINED, status="PARTIAL", reason=reason)
    taken_at, prices_at = moments
    transfers = load_transfers(db, min(member.taken_at for member in members.values()))
    (in_transit,) = _value_transit(db, scope, transfers, [members.values()])
    nav = total((*(member.nav for member in members.values()), in_transit))
    reason = load_hour_estimate(db, hour)
    record_hour(db, COMBINED, hour, status="COMPLETE", reason=reason, taken_at=taken_at, prices_at=prices_at, nav=nav)
    record_combined_nav(db, hour, nav, in_transit)
    derive_history(db, scope, since=min([taken_at, *changes]), current_hour=hour)
    pass_on_changes(db, hour)
    return Outcome(account_id=COMBINED, status="COMPLETE", reason=reason, nav=nav)


def record_combined_history(db: Db, scope: Scope, first: datetime, last: datetime) -> None:
    """Write the combined rows of rebuilt hours from `first` to `last`, and compute again what follows from them.

    Raises PricesNeeded.
    """
    record_rebuilt_whole(db, load_combinable(db, first, last))
    moved_at = refresh_transfers(db, scope)
    hours = [hour for hour in load_valued_after(db, COMBINED, first - HOUR) if hour.hour <= last]
    if hours:
        _revalue(db, scope, tuple(hours), load_transfers(db, hours[0].taken_at))
        derive_history(db, scope, since=min(moved_at or hours[0].taken_at, hours[0].taken_at) - SECOND)


def refresh_transfers(db: Db, scope: Scope) -> datetime | None:
    """Match transfers between the accounts; returns since when the combined row has changed by that.

    Rows of hours in which something turns out to have been on its way get its value added.
    """
    changed_since = match_transfers(db)
    if changed_since is None:
        return None
    start = load_last_valued(db, COMBINED, taken_until=changed_since)
    hours = load_valued_after(db, COMBINED, start.hour if start else EPOCH)
    if hours:
        _revalue(db, scope, hours, load_transfers(db, changed_since))
    return changed_since


def _revalue(db: Db, scope: Scope, hours: tuple[ValuedHour, ...], transfers: tuple[Transfer, ...]) -> None:
    members = load_members(db, COMBINED, hours[0].hour, hours[-1].hour)
    parts = [members[hour.hour] for hour in hours]
    for hour, part, in_transit in zip(hours, parts, _value_transit(db, scope, transfers, parts), strict=True):
        record_combined_nav(db, hour.hour, total((*(member.nav for member in part), in_transit)), in_transit)


@exact
def _value_transit(
    db: Db, scope: Scope, transfers: Sequence[Transfer], readings: Iterable[Iterable[Member]]
) -> list[Decimal]:
    """What is on its way at each of the members' `readings`. Raises PricesNeeded, once for all of them."""
    moments = [{member.account_id: member.taken_at for member in members} for members in readings]
    underway = [
        [
            (asset, minute_of(max(taken_at.values())), quantity)
            for asset, quantity in quantities_in_transit(transfers, taken_at)
        ]
        for taken_at in moments
    ]
    keys = {(asset, minute) for found in underway for asset, minute, _ in found}
    prices = find_prices(db, scope, keys)
    if unpriced := sorted(f"{asset} at {minute:%Y-%m-%d %H:%M} UTC" for asset, minute in keys - prices.keys()):
        raise MonitorError(f"What is on the way between two accounts has no price: {', '.join(unpriced)}.")
    return [total(quantity * prices[asset, minute].value for asset, minute, quantity in found) for found in underway]
