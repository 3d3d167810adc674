"""Prices and fills of the past that a piece of work needs: what is stored, and what must be fetched first.

Work on figures is one transaction. What the database lacks it asks for, all at once, by raising `PricesNeeded`;
`with_prices` then fetches that and starts the transaction again. So none is open while the exchange is being asked.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from finance.decimals import ONE
from finance.exposure import Exposure, list_unsized
from finance.flow_values import Basis, ValuationPrice, read_mark
from finance.ledger_entries import LedgerEntry
from finance.prices import VALUATION_ASSET, price_asset
from finance.records import ContractFill, ContractQuery
from monitor.accounts.client import ExchangeClient
from monitor.accounts.store.portfolios import load_exchanges
from monitor.database.runs import load_pauses, note_pause
from monitor.errors import ExchangeError
from monitor.exchanges import EXCHANGES
from monitor.exchanges.http.limits import reading_deadline
from monitor.exchanges.public import Ticker
from monitor.ledger.store.fills_and_income import record_contract_fills
from monitor.market.past_prices import (
    FirstTradeKey,
    PriceKey,
    fetch_minute_prices,
    find_first_trade,
    find_minute_prices,
)
from monitor.market.store.prices import load_minute_prices, record_minute_prices
from sql.rows import Db

MOST_ROUNDS = 15  # 12 are needed: prices of sales, transfers, new, past, learnt ones, 3 x fills and prices, 2 x minutes
MOST_PRICES = 500  # fetched, and then recorded, at once: what is interrupted goes on from there
MOST_CONTRACTS = 20  # whose fills are asked for at once
LOG = logging.getLogger(__name__)
T = TypeVar("T")
Tickers = dict[str, Ticker]  # by exchange
ValuationPrices = dict[PriceKey, ValuationPrice]
FillsKey = tuple[int, ContractQuery]  # whose, and which
Fills = Mapping[FillsKey, tuple[ContractFill, ...]]


class PricesNeeded(Exception):
    """Prices of past minutes, fills, and first trades that must be fetched before the work can go on."""

    def __init__(
        self,
        keys: Collection[PriceKey] = (),
        fills: Collection[FillsKey] = (),
        first_trades: Collection[FirstTradeKey] = (),
    ) -> None:
        super().__init__(f"{len(keys)} minute prices, fills of {len(fills)} contracts")
        self.keys = keys
        self.fills = fills
        self.first_trades = first_trades


class PricesWished(PricesNeeded):
    """Prices of past minutes without which the work can be done, once they have been asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What was fetched of an exchange for the work that is being done; begins with nothing."""

    exchange: str
    others: tuple[str, ...] = ()  # of a portfolio: whose prices count where they are known, the first first
    asked: frozenset[PriceKey] = frozenset()  # what exists of these is stored; the others have no price
    wished: frozenset[PriceKey] = frozenset()  # the same, of the exchange's own pairs
    fills: Fills = field(default_factory=dict)  # none: they are not known
    first_trades: Mapping[FirstTradeKey, datetime | None] = field(default_factory=dict)  # None: nobody knows

    @property
    def exchanges(self) -> tuple[str, ...]:
        """Whose prices count, the first first."""
        return self.others or (self.exchange,)

    def of_portfolio(self, db: Db) -> "Fetched":
        """The same for a portfolio: each price is the first exchange's that has it, of those with accounts."""
        return replace(self, others=load_exchanges(db))

    def add(
        self,
        asked: Iterable[PriceKey],
        fills: Fills,
        first_trades: Mapping[FirstTradeKey, datetime | None] | None = None,
    ) -> "Fetched":
        """The same and more."""
        return replace(
            self,
            asked=self.asked | frozenset(asked),
            fills={**self.fills, **fills},
            first_trades={**self.first_trades, **(first_trades or {})},
        )


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


def find_prices(db: Db, fetched: Fetched, keys: Collection[PriceKey]) -> ValuationPrices:
    """Those of the minute prices `keys` that exist. Raises PricesNeeded for those nobody has looked up yet."""
    found = load_minute_prices(db, fetched.exchanges, keys)
    found |= {(a, m): ValuationPrice(value=ONE, route=VALUATION_ASSET) for a, m in keys if a == VALUATION_ASSET}
    if unasked := set(keys) - found.keys() - fetched.asked:
        raise PricesNeeded(unasked)
    return found


def find_fills(db: Db, fetched: Fetched, bases: Iterable[tuple[Basis, Iterable[LedgerEntry]]]) -> Fills:
    """The fills that show how large positions were at flows, where nothing else does, as far as the exchange has them.

    Raises PricesNeeded for those nobody has asked for yet.
    """
    wanted = {
        (exposure.account_id, query)
        for basis, entries in bases
        for exposure in basis.exposures
        for entry in entries
        for query in list_unsized(exposure, entry.second)
    }
    unasked = wanted - fetched.fills.keys()
    if unasked:
        raise PricesNeeded(fills=unasked)
    found = {key: fetched.fills[key] for key in wanted}
    for (account_id, _), fills in found.items():
        record_contract_fills(db, account_id, fills)
    return found


def with_fills(basis: Basis, found: Fills) -> Basis:
    """`basis`, whose exposures know the fills that were `found` for them as well."""
    return replace(basis, exposures=tuple(add_fills(exposure, found) for exposure in basis.exposures))


def add_fills(exposure: Exposure, found: Fills) -> Exposure:
    """The same, knowing the fills that were `found` for it as well."""
    span = (exposure.account_id, exposure.since)
    fresh = [fill for (account_id, q), fills in found.items() if (account_id, q.since) == span for fill in fills]
    known = {(fill.symbol, fill.exchange_id): fill for fill in (*exposure.fills, *fresh)}
    return replace(exposure, fills=tuple(sorted(known.values(), key=lambda fill: fill.occurred_at)))
