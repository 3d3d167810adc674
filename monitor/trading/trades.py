"""An account's trades, out of its hours from the first one on."""

from collections.abc import Sequence
from datetime import datetime

from finance.trade_book import TradeBook
from monitor.ledger.store.standings import load_standings
from monitor.performance.explanations import compute_explanations
from sql.rows import Db


def build_trades(db: Db, account_id: int, hours: Sequence[datetime]) -> TradeBook | None:
    """The book of the account's valued `hours`; None where they are fewer than two, between which nothing lies."""
    if len(hours) < 2:
        return None
    standings = load_standings(db, account_id, hours[:1])
    book = TradeBook(standings[hours[0]])
    for stretch in compute_explanations(db, account_id, hours, None):
        for explained in stretch:
            book.book(explained.changes, explained.through)
    return book
