"""Explanations with their gains, trades and fees, of an account or of a portfolio: derived from what is stored, and computed
again. The same for one hour or for all of them."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from finance.attribution.explanation import Explanation
from finance.portfolios import is_portfolio
from monitor.market.known_prices import Fetched
from monitor.performance.explanations import explain_account
from monitor.performance.minutes import MinutesAsked
from monitor.performance.store.explanations import load_explanations, record_explanations
from monitor.performance.together import explain_portfolio
from monitor.performance.trades import HourlyTrades
from sql.rows import Db


def derive_explanations(db: Db, account_id: int, hours: Sequence[datetime], fetched: Fetched | None = None) -> None:
    """Explain each of the valued `hours`, in order, by what happened since the one before; the first is the start.

    With them trades and fees, which are made of the same changes. Raises PricesWished for minutes that are not stored
    and that nobody has asked for yet; without `fetched` nothing is asked for.
    """
    minutes = MinutesAsked(fetched)
    before = next(iter(load_explanations(db, account_id, hours[0], hours[0])), None)
    trades = HourlyTrades(db, account_id, hours[0], before)
    for stretch in compute_explanations(db, account_id, hours, before, minutes):
        if not minutes.lacking:  # else all of it is done again
            record_explanations(db, account_id, stretch)
            trades.go_on(stretch)
    minutes.ask()


def compute_explanations(
    db: Db,
    account_id: int,
    hours: Sequence[datetime],
    hour_before: Explanation | None,
    minutes: MinutesAsked | None = None,
) -> Iterator[list[Explanation]]:
    """What `derive_explanations` records, a stretch of hours at a time; nothing is written. `hour_before` explains the
    first of `hours`, if anything does; `minutes` notes which prices are lacking."""
    if is_portfolio(account_id):
        return explain_portfolio(db, account_id, hours, hour_before)
    return explain_account(db, account_id, hours, hour_before, minutes)
