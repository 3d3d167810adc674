"""Explanations with their gains, trades and fees, of an account or of a portfolio: derived from what is stored, and computed
again. The same for one hour or for all of them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from finance.attribution.explanation import Explanation
from finance.moments import EPOCH
from finance.portfolios import is_portfolio
from monitor.market.known_prices import Fetched
from monitor.performance.explanations import ExplainedHour, explain_account
from monitor.performance.minutes import MinutesAsked
from monitor.performance.store.explanations import load_explanations, record_explanations
from monitor.performance.store.recorded_trades import BookedHour, record_trades
from monitor.performance.store.trades import take_back_trades
from monitor.performance.together import explain_portfolio
from monitor.performance.trades import HourlyBooks
from sql.rows import Db


def derive_explanations(db: Db, account_id: int, hours: Sequence[datetime], fetched: Fetched | None = None) -> None:
    """Explain each of the valued `hours`, in order, by what happened since the one before; the first is the start.

    With them gains, trades and fees, which are made of the same changes. Raises PricesWished for minutes that are not
    stored and that nobody has asked for yet; without `fetched` nothing is asked for.
    """
    minutes = MinutesAsked(fetched)
    before = next(iter(load_explanations(db, account_id, hours[0], hours[0])), None)
    books = HourlyBooks(db, account_id, hours[0], before)
    take_back_trades(db, account_id, hours[0] if before and books.is_known else EPOCH)
    for stretch in compute_explanations(db, account_id, hours, before, minutes):
        if not minutes.lacking:  # else all of it is done again
            _record(db, account_id, books, stretch)
    minutes.ask()


def _record(db: Db, account_id: int, books: HourlyBooks, stretch: Sequence[ExplainedHour]) -> None:
    """Book the hours while the server writes what they did to trades, and write their explanations."""
    explained: list[Explanation] = []

    def note(hours: Iterable[BookedHour]) -> Iterator[BookedHour]:
        for one in hours:
            explained.append(one.explained)
            yield one

    hours = books.prepare(stretch)
    record_trades(db, account_id, [one.id for one in books.open], note(hours))
    record_explanations(db, account_id, explained)


def compute_explanations(
    db: Db,
    account_id: int,
    hours: Sequence[datetime],
    hour_before: Explanation | None = None,
    minutes: MinutesAsked | None = None,
) -> Iterator[list[ExplainedHour]]:
    """The explanations of all `hours` but the first, a stretch at a time, without gains; nothing is written. `hour_before`
    explains the first of `hours`, if anything does; `minutes` notes which prices are lacking."""
    if is_portfolio(account_id):
        return explain_portfolio(db, account_id, hours)
    return explain_account(db, account_id, hours, hour_before, minutes)
