"""History computed again: after a benchmark was added, a flow was corrected, or hours were rebuilt."""

from collections.abc import Iterable
from datetime import datetime

from monitor.derivation import derive_history
from monitor.edge import Edge
from monitor.price_rounds import fetch_needed
from monitor.scope import PricesNeeded, Scope
from monitor.store import Db


async def recompute_history(db: Db, edge: Edge, account_ids: Iterable[int], since: datetime) -> None:
    """Units, benchmarks and flow values of `account_ids` from `since` on, each account in a transaction of its own.

    Prices and fills that nobody has looked up yet are fetched. Raises ExchangeError when they can't be, and MonitorError when a
    benchmark's asset has no price at a time that needs one.
    """
    ticker = None
    for account_id in account_ids:
        scope = Scope(account_id=account_id, exchange=edge.exchange, fetched={})
        while missing := _try(db, scope, since):
            ticker = ticker or await edge.market.fetch_ticker()
            await fetch_needed(edge, ticker, scope, missing)


def _try(db: Db, scope: Scope, since: datetime) -> PricesNeeded | None:
    try:
        with db.transaction():
            derive_history(db, scope, since=since)
    except PricesNeeded as needed:
        return needed
    return None
