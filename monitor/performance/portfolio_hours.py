"""A portfolio's rows: several accounts as one, with units and benchmarks of its own.

Its NAV is the sum of its members' plus what is on its way between them; it is unknown as soon as one account's is. An
account that joins or leaves is a flow of its whole NAV, so tracking one more account is never a gain.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from finance.decimals import total
from finance.hour_status import VALUED, HourStatus, Outcome
from finance.moments import EPOCH, SECOND
from monitor.ledger.store.transfers import load_transfers, match_transfers
from monitor.market.known_prices import Fetched
from monitor.performance.derivation import derive_history
from monitor.performance.store.changes import (
    forget_recomputation,
    load_reasons,
    load_recomputation,
    record_changed_hours,
)
from monitor.performance.store.history import (
    Figures,
    load_shown,
    load_status,
    record_hour,
    record_missed,
    record_portfolio_navs,
)
from monitor.performance.store.members import load_hour_members, load_members
from monitor.performance.store.portfolio_hours import (
    load_combinable,
    load_hour_estimate,
    load_hour_moments,
    record_reconstructed_portfolio_hour,
)
from monitor.performance.store.together import lacks_trades
from monitor.performance.store.valued_hours import load_last_valued, load_valued_after
from monitor.performance.transit import value_transit
from sql.rows import Db

MATCHED = "what was on its way between two accounts is known now"
CAME_BACK = "an account was rebuilt for these hours and is part of them now"
UNSPECIFIED = "more became known of what its accounts did"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioRun:
    """The moment and the run under which changes of hours that were already shown are recorded."""

    at: datetime
    run_id: int | None = None
    current_hour: datetime | None = None  # the run's own hour: nobody has seen it yet


def record_portfolio_hour(db: Db, number: int, fetched: Fetched, hour: datetime, run: PortfolioRun) -> Outcome | None:
    """Write a portfolio's `hour` from its members' rows; None where no account is part of it then.

    Raises PricesNeeded like an account's own hour.
    """
    if load_status(db, number, hour) in VALUED:
        update_portfolio(db, number, fetched, run)
        return Outcome(account_id=number, status=HourStatus.COMPLETE, is_new=False)
    problems, members = load_hour_members(db, number, hour)
    if not problems and not members:
        update_portfolio(db, number, fetched, run)
        return None
    record_missed(db, number, hour)
    moments = load_hour_moments(db, number, hour)
    if problems or moments is None:
        reason = "; ".join(problems.values())
        record_hour(db, number, hour, status=HourStatus.PARTIAL, reason=reason)
        update_portfolio(db, number, fetched, run)
        return Outcome(account_id=number, status=HourStatus.PARTIAL, reason=reason)
    taken_at, prices_at = moments
    nav = total(member.nav for member in members.values())
    reason = load_hour_estimate(db, number, hour)
    record_hour(
        db, number, hour, status=HourStatus.COMPLETE, reason=reason, taken_at=taken_at, prices_at=prices_at, nav=nav
    )
    update_portfolio(db, number, fetched, run, since=taken_at)
    return Outcome(account_id=number, status=HourStatus.COMPLETE, reason=reason)


def record_portfolio_history(
    db: Db, number: int, fetched: Fetched, run: PortfolioRun, first: datetime, last: datetime
) -> None:
    """Write a portfolio's rows of rebuilt hours from `first` to `last`, and compute again what follows from them.

    Raises PricesNeeded.
    """
    hours = load_combinable(db, number, first, last)
    record_reconstructed_portfolio_hour(db, number, hours)
    update_portfolio(db, number, fetched, run, since=min(hours) - SECOND if hours else None)


def update_portfolio(
    db: Db, number: int, fetched: Fetched, run: PortfolioRun, *, since: datetime | None = None
) -> None:
    """Compute a portfolio's rows again from `since` on, from what is marked and from transfers that are matched now.

    Records why hours that were shown before have changed. Raises PricesNeeded.
    """
    marked, matched_since = load_recomputation(db, number), match_transfers(db, number)
    whole = EPOCH if lacks_trades(db, number) else None
    moments = [moment for moment in (since, marked and marked.since, matched_since, whole) if moment]
    if not moments:
        return
    first = min(moments)
    shown = load_shown(db, number, first, run.current_hour)
    _revalue(db, number, fetched, first)
    derive_history(db, number, fetched, since=first, current_hour=run.current_hour)
    forget_recomputation(db, number)
    figures = load_shown(db, number, first, run.current_hour)
    changed = [hour for hour in shown if shown[hour] != figures[hour]]
    reasons = (load_reasons(db, number, marked.changes_before) or [marked.reason]) if marked else []
    reasons += [MATCHED] if matched_since else []
    reasons += [CAME_BACK] if any(_held(shown[hour]) != _held(figures[hour]) for hour in changed) else []
    reason = "; ".join(filter(None, reasons)) or UNSPECIFIED
    record_changed_hours(db, number, changed, reason=reason, at=run.at, run_id=run.run_id)


def _held(figures: Figures) -> Decimal:
    """What the accounts held together, from what `load_shown` returns of an hour."""
    return total((figures.nav, -figures.in_transit))


def _revalue(db: Db, number: int, fetched: Fetched, since: datetime) -> None:
    """Set the NAVs of hours read after `since`: the sum of the members' and of what was on its way between them."""
    start = load_last_valued(db, number, taken_until=since)
    hours = load_valued_after(db, number, start.hour if start else EPOCH)
    if not hours:
        return
    members = load_members(db, number, hours[0].hour, hours[-1].hour)
    parts = [members[hour.hour] for hour in hours]
    transfers = load_transfers(db, number, min(member.taken_at for member in parts[0]))
    moments = [{member.account_id: member.taken_at for member in part} for part in parts]
    underway = value_transit(db, fetched.of_portfolio(db), transfers, moments)
    in_transit = [total(held.worth for held in found) for found in underway]
    navs = {
        hour.hour: (total((*(member.nav for member in part), on_its_way)), on_its_way)
        for hour, part, on_its_way in zip(hours, parts, in_transit, strict=True)
    }
    record_portfolio_navs(db, number, navs)
