"""The combined row: all accounts as one portfolio, with its own units and benchmark.

Its NAV is the sum of the accounts'; it is unknown as soon as one account's is. An account that joins or leaves is a
flow of its whole NAV, so tracking one more account is never a gain.
"""

from datetime import datetime

from monitor.derivation import Scope, derive_history
from monitor.precision import total
from monitor.recording import VALUED, Outcome
from monitor.store import Db
from monitor.store.history import load_status, record_hour, record_missed
from monitor.store.ledger import load_changes_since
from monitor.store.members import COMBINED, load_hour_members, load_hour_moments


def record_combined_hour(db: Db, scope: Scope, hour: datetime) -> Outcome:
    """Write the combined `hour` from the accounts' rows. Raises PricesNeeded like an account's own hour."""
    if load_status(db, COMBINED, hour) in VALUED:
        return Outcome(account_id=COMBINED, status="COMPLETE", is_new=False)
    record_missed(db, COMBINED, hour, "the monitor did not run")
    problems, members = load_hour_members(db, hour)
    moments = load_hour_moments(db, hour)
    changed_since = load_changes_since(db, hour)
    if problems or moments is None:
        reason = "; ".join(problems.values())
        record_hour(db, COMBINED, hour, status="PARTIAL", reason=reason)
        if changed_since:
            derive_history(db, scope, since=changed_since, current_hour=hour)
        return Outcome(account_id=COMBINED, status="PARTIAL", reason=reason)
    taken_at, prices_at = moments
    nav = total(member.nav for member in members.values())
    record_hour(db, COMBINED, hour, status="COMPLETE", reason="", taken_at=taken_at, prices_at=prices_at, nav=nav)
    derive_history(db, scope, since=min(taken_at, changed_since or taken_at), current_hour=hour)
    return Outcome(account_id=COMBINED, status="COMPLETE", nav=nav)
