"""Looking for the fills that an account's unexplained hours lack, and explaining those hours again with what was found.

Never in the way of the hour itself: it is recorded before, and a search that fails is made again by the next run.
"""

from decimal import Decimal

from finance.attribution.explanation import State
from finance.attribution.hour import LATE
from monitor.accounts.client import AccountRun
from monitor.errors import ExchangeError
from monitor.ledger.store.events import load_earliest_move
from monitor.ledger.store.fills_and_income import record_fills
from monitor.market.known_prices import Fetched
from monitor.market.missing_prices import with_prices
from monitor.performance.derivation import derive_history
from monitor.performance.store.explanations import load_explanations
from monitor.recovery.fills import FillSearchResult, find_fills, plan_search
from monitor.recovery.store.fill_sources import load_gaps, record_sources

WARNED_SHARE = Decimal("0.005")  # of NAV


async def find_missing_fills(run: AccountRun, most_calls: int, *, warns: bool) -> int:
    """Explain the account's hours with fills that are not known yet; returns the calls used. Raises no ExchangeError.

    Without an unexplained quantity nothing is asked, except once a day for the pairs that the account trades. `warns`:
    what the hour lacks all the same is logged, as it is the first time.
    """
    search = plan_search(run, load_gaps(run.db, run.account_id))
    found = await find_fills(run.connect(), search, most_calls)
    failures = list(found.failures.values())
    if found.sources:
        try:
            await with_prices(run.db, run.client, run.ticker, lambda fetched: _record(run, fetched, found))
        except ExchangeError as unpriced:
            failures.append(unpriced)
    for failure in failures:
        run.log("warning", f"Fills could not be read, some changes stay unexplained until they are: {failure}")
        run.note_pause(failure)
    if warns:
        _warn(run)
    return found.calls


def _record(run: AccountRun, fetched: Fetched, found: FillSearchResult) -> None:
    """Store what was found and derive every hour again that it changes; fills before the first hour change nothing."""
    new = record_fills(run.db, run.account_id, found.fills, seen_at=run.now, run_id=run.run_id)
    record_sources(run.db, run.account_id, found.sources)
    since = load_earliest_move(run.db, run.account_id, run.run_id)
    if since and new:
        derive_history(run.db, run.account_id, fetched, since=since - LATE)


def _warn(run: AccountRun) -> None:
    for hour in load_explanations(run.db, run.account_id, run.hour, run.hour):
        largest = min(run.client.unexplained_limit, abs(hour.nav_after) * WARNED_SHARE)
        if hour.state is State.UNEXPLAINED and hour.missing_value > largest:
            run.log("warning", f"{hour.missing_value:,.2f} USDT are unexplained. {hour.cause}")
