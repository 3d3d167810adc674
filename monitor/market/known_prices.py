"""Prices and fills of the past that figures are made of: what is known, and what must be fetched before the work can go on.

Work on figures is one transaction. What the database lacks it asks for, all at once, by raising `PricesNeeded`:
`monitor.market.missing_prices` fetches that and starts the transaction again. Nothing here asks an exchange.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from finance.decimals import ONE
from finance.exposure import Exposure, list_unsized
from finance.flow_values import Basis, ValuationPrice
from finance.ledger_entries import LedgerEntry
from finance.prices import VALUATION_ASSET
from finance.records import ContractFill, ContractQuery
from monitor.accounts.store.portfolios import load_exchanges
from monitor.ledger.store.fills_and_income import record_contract_fills
from monitor.market.store.prices import load_minute_prices
from sql.rows import Db

PriceKey = tuple[str, datetime]  # asset, or contract to be marked, and minute
FirstTradeKey = tuple[str, datetime, datetime]  # asset, and the time within which it must have been
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
