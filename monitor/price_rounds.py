"""Writing what needs prices of past minutes: the transaction says which, they are fetched, and it starts again.

No transaction is open while the exchange is being asked.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from monitor.derivation import PriceKey, PricesNeeded, Scope
from monitor.edge import Edge
from monitor.errors import ExchangeError
from monitor.exchanges.public import Ticker
from monitor.minute_prices import fetch_minute_prices
from monitor.store import Db

MOST_ROUNDS = 7
T = TypeVar("T")


async def write_priced(db: Db, edge: Edge, ticker: Ticker, scope: Scope, write: Callable[[], T]) -> T:
    """Do `write` in one transaction, again with the prices it asks for by PricesNeeded; returns what it returns.

    Raises ExchangeError when they can't be fetched, and whatever `write` raises.
    """
    for _ in range(MOST_ROUNDS):
        try:
            with db.transaction():
                return write()
        except PricesNeeded as needed:
            missing = needed.keys
        await _fetch(edge, ticker, scope, missing)
    raise AssertionError(
        "prices are asked for at most six times: of sales, of transfers, new and past, learnt ones, flows, hours"
    )


async def _fetch(edge: Edge, ticker: Ticker, scope: Scope, keys: set[PriceKey]) -> None:
    try:
        async with asyncio.timeout(edge.deadline_seconds):
            scope.fetched.update(await fetch_minute_prices(edge.market, ticker.prices, keys))
    except TimeoutError:
        raise ExchangeError(
            f"Reading the prices at the times of flows took longer than {edge.deadline_seconds} s."
        ) from None
