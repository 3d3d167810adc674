"""Writing what needs prices of past minutes or fills: the transaction says which, they are fetched, it starts again.

No transaction is open while the exchange is being asked.
"""

import logging
from collections.abc import Callable, Collection
from typing import TypeVar

from finance.records import ContractFill
from monitor.accounts.client import ExchangeClient
from monitor.database import Db
from monitor.errors import ExchangeError
from monitor.exchanges.http.limits import reading_deadline
from monitor.exchanges.public import Ticker
from monitor.market.first_trades import find_first_trade
from monitor.market.past_prices import find_minute_prices
from monitor.market.scope import FillsKey, PricesNeeded, Scope

MOST_ROUNDS = 13
MOST_CONTRACTS = 20  # whose fills are asked for at once
LOG = logging.getLogger(__name__)
T = TypeVar("T")


async def write_priced(db: Db, client: ExchangeClient, ticker: Ticker, scope: Scope, write: Callable[[], T]) -> T:
    """Do `write` in one transaction, again with the prices it asks for by PricesNeeded; returns what it returns.

    Raises ExchangeError when they can't be fetched, and whatever `write` raises.
    """
    for _ in range(MOST_ROUNDS):
        try:
            with db.transaction():
                return write()
        except PricesNeeded as needed:
            missing = needed
        await _fetch(db, client, ticker, scope, missing)
    raise AssertionError(
        "it is asked at most ten times: prices of sales, of transfers, new and past, learnt ones, and three times fills "
        "and prices"
    )


async def fetch_needed(db: Db, client: ExchangeClient, ticker: Ticker, scope: Scope, needed: PricesNeeded) -> None:
    """Fetch what a derivation lacks into its `scope`. Raises ExchangeError when prices can't be fetched."""
    scope.fetched.update(await find_minute_prices(db, client, ticker, needed.keys))
    scope.fills.update(await fetch_fills(client, needed.fills))
    for key in needed.first_trades:
        scope.first_trades[key] = await find_first_trade(client.market, ticker, key)


async def fetch_fills(client: ExchangeClient, keys: Collection[FillsKey]) -> dict[FillsKey, tuple[ContractFill, ...]]:
    """The fills that `keys` name; none of those that can't be read now. Raises nothing for that."""
    found: dict[FillsKey, tuple[ContractFill, ...]] = dict.fromkeys(keys, ())
    for key in sorted(keys, key=lambda key: (key[0], key[1].since, key[1].symbol))[-MOST_CONTRACTS:]:
        account_id, query = key
        account = client.find_account(account_id)
        try:
            found[key] = await account.fetch_contract_fills(query) if account else ()
        except ExchangeError as failure:
            LOG.warning("How large a position in %s was at a flow stays unknown: %s", query.symbol, failure)
    return found


async def _fetch(db: Db, client: ExchangeClient, ticker: Ticker, scope: Scope, needed: PricesNeeded) -> None:
    try:
        async with reading_deadline(client.deadline_seconds):  # what waits for the budget that all share has not failed
            await fetch_needed(db, client, ticker, scope, needed)
    except TimeoutError:
        raise ExchangeError(
            f"Reading the prices at the times of flows took longer than {client.deadline_seconds} s."
        ) from None
