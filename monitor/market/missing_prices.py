"""Work on figures with the prices and fills of the past that it asks for: these are fetched, and the work starts again.

Work is one transaction, and asks by raising `PricesNeeded` (`monitor.market.known_prices`). So no transaction is open while
the exchange is being asked.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from finance.flow_values import read_mark
from finance.prices import price_asset
from finance.records import ContractFill
from monitor.accounts.client import ExchangeClient
from monitor.database.runs import load_pauses, note_pause
from monitor.errors import ExchangeError
from monitor.exchanges import EXCHANGES
from monitor.exchanges.http.limits import reading_deadline
from monitor.exchanges.public import Ticker
from monitor.market.known_prices import Fetched, Fills, FillsKey, PriceKey, PricesNeeded, PricesWished
from monitor.market.past_prices import fetch_minute_prices, find_first_trade, find_minute_prices
from monitor.market.store.prices import record_minute_prices
from sql.rows import Db

MOST_ROUNDS = 15  # 12 are needed: prices of sales, transfers, new, past, learnt ones, 3 x fills and prices, 2 x minutes
MOST_PRICES = 500  # fetched, and then recorded, at once: what is interrupted goes on from there
MOST_CONTRACTS = 20  # whose fills are asked for at once
LOG = logging.getLogger(__name__)
T = TypeVar("T")
Tickers = dict[str, Ticker]  # by exchange


async def with_prices(db: Db, client: ExchangeClient, ticker: Ticker | None, write: Callable[[Fetched], T]) -> T:
    """What `write` returns, which is done in one transaction, again with everything it asks for by PricesNeeded.

    `ticker` has the prices of now, by which routes are chosen; None: it is fetched if need be. A part that takes longer
    than the account's time limit, waiting for the shared request limits left aside, is given up. Raises ExchangeError
    then, or when prices can't be fetched, and whatever `write` raises.
    """
    (written,) = await with_prices_of_each(db, [(client, write)], ticker)
    return written


async def with_prices_of_each(
    db: Db, parts: Sequence[tuple[ExchangeClient, Callable[[Fetched], T]]], ticker: Ticker | None = None
) -> list[T]:
    """The same of several parts, each with the prices of its own exchange: all of them are one transaction."""
    fetched = [Fetched(exchange=client.exchange) for client, _ in parts]
    tickers: Tickers = {parts[0][0].exchange: ticker} if ticker else {}
    for _ in range(MOST_ROUNDS * len(parts)):
        written: list[T] = []
        try:
            with db.transaction():
                for (_, write), known in zip(parts, fetched, strict=True):
                    written.append(write(known))
                return written
        except PricesNeeded as needed:
            missing = needed
        at = len(written)  # the part that lacks them
        fetched[at] = await _fetch(db, parts[at][0], tickers, fetched[at], missing)
    raise AssertionError(f"after {MOST_ROUNDS} rounds prices are still missing")


async def _fetch(db: Db, client: ExchangeClient, tickers: Tickers, fetched: Fetched, needed: PricesNeeded) -> Fetched:
    try:
        if isinstance(needed, PricesWished):
            await _fetch_wished(db, client, tickers, needed.keys)
            return replace(fetched, wished=fetched.wished.union(needed.keys))
        if client.exchange not in tickers:
            tickers[client.exchange] = await client.market.fetch_ticker()
        return await _fetch_needed(db, client, tickers[client.exchange], fetched, needed)
    except TimeoutError:
        raise ExchangeError(
            f"Reading the prices at the times of flows took longer than {client.deadline_seconds} s."
        ) from None


async def _fetch_wished(db: Db, client: ExchangeClient, tickers: Tickers, keys: Collection[PriceKey]) -> None:
    """Fetch and record those of `keys` that the exchange's own pairs have: a call for each of them and 1,000 minutes."""
    try:
        if client.exchange not in tickers:
            tickers[client.exchange] = await client.market.fetch_ticker()
        prices = tickers[client.exchange].prices
        traded = sorted(key for key in keys if price_asset(key[0], prices))
        for start in range(0, len(traded), MOST_PRICES):
            async with reading_deadline(client.deadline_seconds):
                found = await fetch_minute_prices(client.market, prices, traded[start : start + MOST_PRICES])
            with db.transaction():
                record_minute_prices(db, client.exchange, {key: price for key, price in found.items() if price})
    except (ExchangeError, TimeoutError) as failure:
        note_pause(db, client.exchange, failure)
        LOG.warning("Minutes can't be read, so fees and income count at the closing price of their hour: %s", failure)


async def _fetch_needed(
    db: Db, client: ExchangeClient, ticker: Ticker, fetched: Fetched, needed: PricesNeeded
) -> Fetched:
    keys = sorted(needed.keys, key=lambda key: (_where(client, key), key))
    for name, own in groupby(keys, lambda key: _where(client, key)):
        if name != client.exchange and (pause := load_pauses(db, ticker.at).get(name)):
            raise ExchangeError(str(pause))
        if name in EXCHANGES:
            await _fetch_prices(db, client.at(name), ticker, list(own))
    async with reading_deadline(client.deadline_seconds):
        fills = await fetch_fills(client, needed.fills)
        first_trades = {key: await find_first_trade(client.market, ticker, key) for key in needed.first_trades}
    return fetched.add(keys, fills, first_trades)


def _where(client: ExchangeClient, key: PriceKey) -> str:
    """The exchange that is asked for a price: a contract is marked where it is traded."""
    return read_mark(key[0])[1] or client.exchange


async def _fetch_prices(db: Db, client: ExchangeClient, ticker: Ticker, keys: Sequence[PriceKey]) -> None:
    """Fetch and record what one exchange has of `keys`."""
    for start in range(0, len(keys), MOST_PRICES):
        async with reading_deadline(client.deadline_seconds):
            prices = await find_minute_prices(db, client, ticker, keys[start : start + MOST_PRICES])
        with db.transaction():
            record_minute_prices(db, client.exchange, {key: price for key, price in prices.items() if price})


async def fetch_fills(client: ExchangeClient, keys: Collection[FillsKey]) -> Fills:
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
